import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rotateTokenKeys } from "../../src/tokens/keys.ts";
import { isPseudonym, pseudonym } from "../../src/tokens/pseudonym.ts";
import { runs } from "../fuzz.ts";
import { messages } from "./arbitrary.ts";
import { KEYS, keysOf, MESSAGE, SECRETS } from "./keyring.ts";
import { idBytes, pseudonymSlowly } from "./reference.ts";

/** Messages whose person is not a pseudonym. */
const named = messages.filter(({ person }) => !isPseudonym(person));

describe("a pseudonym", () => {
  it("is the one that the slow reference makes", async () => {
    await fc.assert(
      fc.asyncProperty(named, async (message) => {
        const oldest = {
          id: 1,
          secretHex: "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
        };
        expect(pseudonym(KEYS, message)).toBe(await pseudonymSlowly(oldest, message));
      }),
      runs(400),
    );
  });

  it("is the same in all copies of a message, and another for another message", () => {
    fc.assert(
      fc.property(named, named, (message, other) => {
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
      fc.property(named, (message) => {
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

  it("is recognized by its form", () => {
    expect(isPseudonym("anon-00c0ffee00c0fe")).toBe(true);
    for (const person of [
      "7",
      "anon-",
      "anon-00c0ffee00c0f",
      "anon-00c0ffee00c0fe0",
      "anon-00C0FFEE00C0FE",
      " anon-00c0ffee00c0fe",
      "anon-00c0ffee00c0fe\n",
      "erased-00c0ffee00c0fe",
    ])
      expect(isPseudonym(person)).toBe(false);
  });
});
