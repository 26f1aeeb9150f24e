/** Invalid tokens, on every path and by every method that takes one: no redirect and no row. */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import type { TokenUse } from "../../src/tokens/claims.ts";
import { makeTokenKey } from "../../src/tokens/keys.ts";
import { signToken } from "../../src/tokens/sign.ts";
import { NOTHING, storedBy } from "../http/stored.ts";
import { keysOf } from "../tokens/keyring.ts";
import { authenticated, base64url, type Claims, type Key, signSlowly, utf8 } from "../tokens/reference.ts";
import { ask, newMessage, token } from "../worker.ts";

const link = { id: "a1b2c3d4", url: "https://shop.example/" };
const message = newMessage();

type Path = "o" | "c" | "u";
const USE_OF = { o: "open", c: "click", u: "unsubscribe" } as const satisfies Record<Path, TokenUse>;
const PATHS: readonly Path[] = ["o", "c", "u"];

const good: Readonly<Record<TokenUse, string>> = {
  open: token("open", message),
  click: token("click", { ...message, link }),
  unsubscribe: token("unsubscribe", message),
  message: token("message", { ...message, send: "s1" }),
  optout: token("optout", message),
};

const METHODS: Readonly<Record<Path, readonly string[]>> = {
  o: ["GET", "HEAD"],
  c: ["GET", "HEAD"],
  u: ["GET", "HEAD", "POST"],
};

/** Requests a path with an invalid token by every method, and expects each to be refused. */
async function expectRefused(path: Path, text: string): Promise<void> {
  for (const method of METHODS[path]) {
    const answer = await ask(`/${path}/${text}`, {
      method,
      ...(method === "POST" ? { body: new URLSearchParams({ "List-Unsubscribe": "One-Click" }) } : {}),
    });
    const what = `${method} /${path}/${text.slice(0, 40)}`;
    expect([what, answer.status]).toEqual([what, path === "o" ? 200 : 404]);
    expect([what, answer.headers.get("Location")]).toEqual([what, null]);
    expect(answer.headers.get("Content-Type")).toMatch(path === "o" ? /^image\/gif$/ : /^text\/html/);
    if (path !== "o" && method !== "HEAD") expect(await answer.text()).not.toContain(message.person);
  }
}

const BITS_OF: Readonly<Record<string, number>> = Object.fromEntries(
  [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"].map((letter, bits) => [letter, bits]),
);
const LETTERS = Object.keys(BITS_OF);

/** The token with one bit of one character changed. */
function flipped(text: string, at: number, bit: number): string {
  const letter = LETTERS[(BITS_OF[text[at] ?? ""] ?? 0) ^ (1 << bit)] ?? "";
  return text.slice(0, at) + letter + text.slice(at + 1);
}

describe.each(PATHS)("/%s", (path) => {
  const signed = good[USE_OF[path]];

  it("accepts a valid token, by every method (so the refusals below have no other cause)", async () => {
    for (const method of METHODS[path]) {
      const answer = await ask(`/${path}/${signed}`, { method });
      expect(answer.status).toBe(path === "c" ? 302 : 200);
    }
  });

  it("refuses a token with a bit of any character flipped, and stores nothing", async () => {
    const stored = await storedBy(async () => {
      for (let at = 0; at < signed.length; at++) await expectRefused(path, flipped(signed, at, at % 6));
    });
    expect(stored).toEqual(NOTHING);
  });

  it("refuses a token that is cut anywhere, and stores nothing", async () => {
    const stored = await storedBy(async () => {
      // Without one or two of - and _ at its end it is taken (encoded-tokens.test.ts).
      for (let length = 0; length < signed.length - 2; length += 3) await expectRefused(path, signed.slice(0, length));
      await expectRefused(path, signed.slice(0, -5));
      await expectRefused(path, signed.slice(1));
    });
    expect(stored).toEqual(NOTHING);
  });

  it("refuses a token of another use, and stores nothing", async () => {
    // An opt-out token unsubscribes, too.
    const taken: readonly string[] = path === "u" ? ["unsubscribe", "optout"] : [USE_OF[path]];
    const others = Object.entries(good).filter(([use]) => !taken.includes(use));
    const stored = await storedBy(async () => {
      for (const [, other] of others) await expectRefused(path, other);
    });
    expect(stored).toEqual(NOTHING);
  });

  it("refuses a token of a foreign key, whether its id is known or not, and stores nothing", async () => {
    const stored = await storedBy(async () => {
      for (const id of [1, 2, 3, 255]) {
        const theirs = keysOf(makeTokenKey({ id, development: true }));
        const claims = { open: message, click: { ...message, link }, unsubscribe: message };
        const use = USE_OF[path];
        const text = use === "click" ? signToken(theirs, use, claims.click) : signToken(theirs, use, claims[use]);
        await expectRefused(path, text);
      }
    });
    expect(stored).toEqual(NOTHING);
  });

  it("refuses a token padded to the limits, beyond them and to 60,000 characters, and stores nothing", async () => {
    const stored = await storedBy(async () => {
      for (const length of [16_384, 22_218, 24_576, 24_577, 60_000])
        await expectRefused(path, signed + "A".repeat(length - signed.length));
    });
    expect(stored).toEqual(NOTHING);
  });

  it("refuses text that is no token, and stores nothing", async () => {
    const texts = [
      "",
      "/",
      "//",
      "x",
      "%00",
      "%2F",
      "%",
      "%zz",
      "..%2F",
      "null",
      "[object Object]",
      "é",
      "💌",
      "=",
      "====",
      "+/+/",
    ];
    const stored = await storedBy(async () => {
      for (const text of texts) await expectRefused(path, text);
    });
    expect(stored).toEqual(NOTHING);
  });
});

describe("a token that faulty software signed with our key", () => {
  const [signing = ""] = (env.TOKEN_KEYS ?? "").split(",");
  const [id = "", , secret = ""] = signing.split(":");
  const key: Key = {
    id: Number(id),
    secretHex: [...atob(secret.replaceAll("-", "+").replaceAll("_", "/"))]
      .map((byte) => byte.charCodeAt(0).toString(16).padStart(2, "0"))
      .join(""),
  };
  const claims = (url: string): Claims => ({ ...message, link: { id: "x1", url } });

  it("is accepted when its claims are valid (so the refusals below have no other cause)", async () => {
    const text = base64url(await signSlowly(key, "click", claims("https://shop.example/")));
    expect((await ask(`/c/${text}`)).headers.get("Location")).toBe("https://shop.example/");
  });

  it.each([
    ["a line break and a header", "https://shop.example/\r\nSet-Cookie: a=b"],
    ["a line feed", "https://shop.example/\nx"],
    ["a carriage return", "https://shop.example/\rx"],
    ["a NUL", "https://shop.example/\0"],
    ["a tab", "https://shop.example/\tx"],
    ["a DEL", "https://shop.example/\x7f"],
    ["script", "javascript:alert(1)"],
    ["data", "data:text/html,x"],
    ["a path of this Worker", "/u/x"],
    ["another origin without a scheme", "//evil.example/"],
    ["nothing", ""],
  ])("to %s is refused, and nothing is stored", async (_what, url) => {
    const text = base64url(await signSlowly(key, "click", claims(url)));
    expect(await storedBy(() => expectRefused("c", text))).toEqual(NOTHING);
    expect(() => token("click", { ...message, link: { id: "x1", url } })).toThrow(/link\.url/);
  });

  it("with invalid UTF-8 or invalid ids is refused, and nothing is stored", async () => {
    const whole = await signSlowly(key, "click", claims("https://shop.example/"));
    const bytes = whole.slice(0, -16);
    const at = bytes.length - 1 - (bytes.at(-1) ?? 0);
    const broken = [
      bytes.toSpliced(at, 0, 0xff),
      bytes.toSpliced(at, 0, 0xed, 0xa0, 0x80),
      bytes.toSpliced(-1, 1, 0),
      bytes.toSpliced(-1, 1, 255),
      [...bytes, 1],
      bytes.slice(0, 3),
      [...bytes.slice(0, 2), ...utf8("https://shop.example/")],
    ];
    const stored = await storedBy(async () => {
      for (const each of broken) await expectRefused("c", base64url(await authenticated(key, "click", each)));
    });
    expect(stored).toEqual(NOTHING);
  });
});
