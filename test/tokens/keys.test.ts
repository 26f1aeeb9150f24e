import { describe, expect, it } from "vitest";
import { refused } from "../../src/platform/result.ts";
import { hasDevelopmentKey, makeTokenKey, parseTokenKeys, rotateTokenKeys } from "../../src/tokens/keys.ts";
import { signToken } from "../../src/tokens/sign.ts";
import { verifyToken } from "../../src/tokens/verify.ts";
import { keysOf, MESSAGE, SECRETS } from "./keyring.ts";
import { base64url } from "./reference.ts";

const { a, b } = SECRETS;

describe("TOKEN_KEYS", () => {
  it("lists keys, the signing one first", () => {
    const keys = keysOf(` 2:${b} , 1:dev:${a}\n`);
    expect(keys.all.map(({ id, development }) => ({ id, development }))).toEqual([
      { id: 2, development: false },
      { id: 1, development: true },
    ]);
  });

  it.each([
    [undefined, "there is no key"],
    ["", "there is no key"],
    [" \n", "there is no key"],
    ["x", "entry 1 is not ID:SECRET or ID:dev:SECRET"],
    [a, "entry 1 is not ID:SECRET or ID:dev:SECRET"],
    [`1:prod:${a}`, "entry 1 is not ID:SECRET or ID:dev:SECRET"],
    [`01:${a}`, "entry 1 is not ID:SECRET or ID:dev:SECRET"],
    [`-1:${a}`, "entry 1 is not ID:SECRET or ID:dev:SECRET"],
    [`0:${a}`, "entry 1 is not ID:SECRET or ID:dev:SECRET"],
    [`1:${a},`, "entry 2 is not ID:SECRET or ID:dev:SECRET"],
    [`1:${a};2:${b}`, "entry 1 is not ID:SECRET or ID:dev:SECRET"],
    [`1:${a},256:${b}`, "entry 2 has an id outside 1 to 255"],
    [`1:${a},99999999999999999999:${b}`, "entry 2 has an id outside 1 to 255"],
    [`2:${a},1:${b},2:${b}`, "entry 3 has the id of an entry before it"],
    ["1:", "entry 1 has a secret that is not 32 bytes in base64url"],
    [`1:${a.slice(1)}`, "entry 1 has a secret that is not 32 bytes in base64url"],
    [`1:${a}A`, "entry 1 has a secret that is not 32 bytes in base64url"],
    [`1:${a}=`, "entry 1 has a secret that is not 32 bytes in base64url"],
    [`1:${a.slice(1)}+`, "entry 1 has a secret that is not 32 bytes in base64url"],
    [`1:${a.slice(0, -1)}9`, "entry 1 has a secret that is not 32 bytes in base64url"],
  ])("%j is rejected: %s", (text, reason) => {
    expect(parseTokenKeys(text)).toEqual({ ok: false, reason });
  });

  it.each([
    ["zeros", new Uint8Array(32)],
    ["bytes that count", Uint8Array.from({ length: 32 }, (_, index) => index)],
    ["bytes that count down by sevens", Uint8Array.from({ length: 32 }, (_, index) => -7 * index)],
    ["16 bytes, twice", Uint8Array.from({ length: 32 }, (_, index) => (index % 16) ** 3 * 57)],
    ["a passphrase", new TextEncoder().encode("Correct horse, battery & staple!")],
    ["hexadecimal digits", new TextEncoder().encode("9f86d081884c7d659a2feaa0c55ad015")],
    ["words for base64url", "correct-horse-battery-staple-correct-horses"],
    ["words in capitals and small letters", "ThequickbrownfoxJumpsoverthelazydogAndsleeQ"],
  ])("a secret of %s can be guessed, and is for development only", (_, secret) => {
    const text = typeof secret === "string" ? secret : base64url([...secret]);
    const reason =
      "entry 1 has a secret that can be guessed: it is text, repeats or counts; `npx waxseal keys new` makes one";
    expect(parseTokenKeys(`1:${text}`)).toEqual({ ok: false, reason });
    expect(parseTokenKeys(`1:dev:${text}`).ok).toBe(true);
  });

  it("shows no secret when it is printed, serialised or rejected", () => {
    const keys = keysOf(`1:${a}`);
    const shown = [JSON.stringify(keys), ...Object.values(keys.all[0]).map(String)].join();
    expect(shown).toBe('{"all":[{"id":1,"development":false}]},1,false');
    expect(JSON.stringify(parseTokenKeys(`1:${a}x,2:${b}`))).not.toContain(a.slice(0, 8));
  });

  it("finds a development key, even one that only verifies", () => {
    expect(hasDevelopmentKey(keysOf(`1:${a}`))).toBe(false);
    expect(hasDevelopmentKey(keysOf(`2:${b},1:dev:${a}`))).toBe(true);
  });
});

describe("a new key", () => {
  it("is an entry with a secret of its own", () => {
    const made = [1, 2, 255].map((id) => makeTokenKey({ id, development: false }));
    expect(keysOf(made.join()).all.map((key) => key.id)).toEqual([1, 2, 255]);
    expect(new Set(made.map((entry) => entry.split(":")[1])).size).toBe(3);
    expect(hasDevelopmentKey(keysOf(makeTokenKey({ id: 1, development: true })))).toBe(true);
  });

  it("has an id from 1 to 255", () => {
    for (const id of [0, 256, -1, 1.5, Number.NaN])
      expect(() => makeTokenKey({ id, development: false })).toThrow("a key's id is 1 to 255");
  });
});

/** The keys with a new one in front. */
function rotated(text: string, { development = false } = {}): string {
  const keys = rotateTokenKeys(text, { development });
  if (!keys.ok) throw new Error(keys.reason);
  return keys.value;
}

describe("rotation", () => {
  const idsOf = (text: string) => keysOf(text).all.map((key) => key.id);

  it("puts a new key in front and keeps the others as they were", () => {
    const after = rotated(`2:${b},1:${a}`);
    expect(after).toMatch(/^3:[\w-]{43},/);
    expect(after.endsWith(`,2:${b},1:${a}`)).toBe(true);
    expect(rotated(`1:dev:${a}`, { development: true })).toMatch(/^2:dev:/);
  });

  it("takes the next free id, and after 255 begins again at 1", () => {
    expect(idsOf(rotated(`2:${b},3:${a}`))).toEqual([4, 2, 3]);
    expect(idsOf(rotated(`255:${b}`))).toEqual([1, 255]);
    expect(idsOf(rotated(`254:${b},255:${a},1:${a}`))).toEqual([2, 254, 255, 1]);
  });

  it("goes on until all 255 ids are used, and then refuses", () => {
    let text = makeTokenKey({ id: 77, development: false });
    for (let count = 1; count < 255; count++) text = rotated(text);
    expect(new Set(idsOf(text)).size).toBe(255);
    expect(rotateTokenKeys(text, { development: false })).toEqual(
      refused("all 255 key ids are used; take out keys whose emails are forgotten"),
    );
  });

  it("rejects an invalid text, and says which entry is wrong", () => {
    expect(rotateTokenKeys(`1:${a},2:${a}x`, { development: false })).toEqual(
      refused("entry 2 has a secret that is not 32 bytes in base64url"),
    );
  });

  it("verifies old tokens as long as their key is in the list", () => {
    const before = `1:${a}`;
    const token = signToken(keysOf(before), "open", MESSAGE);
    const after = rotated(before);
    expect(verifyToken(keysOf(after), "open", token)).toEqual({ ok: true, value: MESSAGE });
    expect(signToken(keysOf(after), "open", MESSAGE)).not.toBe(token);
    const [newest = ""] = after.split(",");
    expect(verifyToken(keysOf(newest), "open", token)).toEqual({ ok: false, reason: "unknown_key" });
    expect(verifyToken(keysOf(`${newest},1:${b}`), "open", token)).toEqual({ ok: false, reason: "forged" });
  });
});
