import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseId } from "../../src/tokens/id.ts";
import { rotateTokenKeys } from "../../src/tokens/keys.ts";
import { isPseudonym, pseudonym } from "../../src/tokens/pseudonym.ts";
import { signToken } from "../../src/tokens/sign.ts";
import { verifyToken } from "../../src/tokens/verify.ts";
import { runs } from "../fuzz.ts";
import { ids, messages } from "./arbitrary.ts";
import { KEYS, keysOf, MESSAGE, SECRETS } from "./keyring.ts";
import { hexOf, idBytes, pseudonymSlowly, unbase64url } from "./reference.ts";

describe("a pseudonym", () => {
  it("is the one that the slow reference makes", async () => {
    await fc.assert(
      fc.asyncProperty(messages, async (message) => {
        const oldest = { id: 1, secretHex: hexOf(unbase64url(SECRETS.a)) };
        expect(pseudonym(KEYS, message)).toBe(await pseudonymSlowly(oldest, message));
      }),
      runs(400),
    );
  });

  it("is the same in all copies of a message, and another for another message", () => {
    fc.assert(
      fc.property(messages, messages, (message, other) => {
        const isSame = JSON.stringify(Object.entries(message).sort()) === JSON.stringify(Object.entries(other).sort());
        expect(pseudonym(KEYS, { ...message })).toBe(pseudonym(KEYS, message));
        expect(pseudonym(KEYS, message) === pseudonym(KEYS, other)).toBe(isSame);
      }),
      runs(400),
    );
    // Ids that are the same text when joined without a separator.
    const all = ["1", "11", "111"].flatMap((email) =>
      ["1", "11", "111"].map((person) => pseudonym(KEYS, { email, person, campaign: "11" })),
    );
    expect(new Set(all).size).toBe(9);
  });

  it("stays when keys rotate: it depends on the oldest alone", () => {
    const before = `1:${SECRETS.a}`;
    let keys = before;
    for (let times = 0; times < 3; times++) {
      const rotated = rotateTokenKeys(keys, { development: false });
      if (!rotated.ok) throw new Error(rotated.reason);
      keys = rotated.value;
      expect(pseudonym(keysOf(keys), MESSAGE)).toBe(pseudonym(keysOf(before), MESSAGE));
    }
    expect(pseudonym(keysOf(`1:${SECRETS.b}`), MESSAGE)).not.toBe(pseudonym(keysOf(before), MESSAGE));
  });

  it("is an id of eight bytes in a token, and does not contain the person", () => {
    fc.assert(
      fc.property(messages, (message) => {
        const anonymous = pseudonym(KEYS, message);
        expect(isPseudonym(anonymous)).toBe(true);
        expect(idBytes(anonymous)).toHaveLength(8);
        expect(message.person.length < 6 || !anonymous.includes(message.person)).toBe(true);
      }),
      runs(400),
    );
  });

  it("is itself, for a pseudonym", () => {
    fc.assert(
      fc.property(messages, (message) => {
        const person = pseudonym(KEYS, message);
        expect(pseudonym(KEYS, { ...message, person })).toBe(person);
      }),
      runs(400),
    );
  });

  it("is no id, so that a sender can have none like it", () => {
    fc.assert(
      fc.property(messages, ids, (message, id) => {
        expect(parseId(pseudonym(KEYS, message))).toBeUndefined();
        expect(isPseudonym(id)).toBe(false);
        expect(() => signToken(KEYS, "open", { ...message, email: pseudonym(KEYS, message) })).toThrow("email");
      }),
      runs(100),
    );
    const person = "anon-00c0ffee00c0fe";
    expect(pseudonym(KEYS, { ...MESSAGE, person })).not.toBe(person);
    const own = signToken(KEYS, "open", { ...MESSAGE, person });
    expect(verifyToken(KEYS, "open", own)).toMatchObject({ value: { person } });
  });
});
