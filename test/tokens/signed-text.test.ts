/** Signed texts of the API, access tokens and cursors, and encrypted ones, references to messages. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decryptText, encryptText } from "../../src/tokens/encrypted-text.ts";
import { signText, verifyText } from "../../src/tokens/signed-text.ts";
import { runs } from "../fuzz.ts";
import { keysOf, SECRETS } from "./keyring.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const USES = ["access", "page", "extracts", "open", "anonymous"];
const ANY_USE = fc.constantFrom(...USES);
/** Of at most 300 bytes. */
const ANY_TEXT = fc.oneof(
  fc.string({ unit: "binary", maxLength: 75 }),
  fc.string({ unit: "binary-ascii", maxLength: 300, size: "max" }),
  fc.string({ unit: fc.constantFrom("\ufeff", "\0", " ", "a"), maxLength: 100 }),
);

const ONE = keysOf(`1:${SECRETS.a}`);
const OTHER = keysOf(`2:${SECRETS.b}`);
const BOTH = keysOf(`2:${SECRETS.b},1:${SECRETS.a}`);

describe.each([
  ["a signed text", signText, verifyText],
  ["an encrypted text", encryptText, decryptText],
])("%s", (_what, make, read) => {
  it("is read as the text that it was made of, for its use", () => {
    fc.assert(
      fc.property(ANY_USE, ANY_TEXT, (use, text) => {
        expect(read(ONE, use, make(ONE, use, text))).toEqual({ ok: true, value: text });
      }),
      runs(400),
    );
  });

  it("is read for no other use", () => {
    fc.assert(
      fc.property(ANY_USE, ANY_TEXT, (use, text) => {
        const made = make(ONE, use, text);
        const reading = USES.filter((other) => read(ONE, other, made).ok);
        expect(reading).toEqual([use]);
      }),
      runs(400),
    );
  });

  it("is read with no other key, and with any of the list", () => {
    fc.assert(
      fc.property(ANY_TEXT, (text) => {
        const made = make(ONE, "access", text);
        expect(read(OTHER, "access", made).ok).toBe(false);
        expect(read(BOTH, "access", made)).toEqual({ ok: true, value: text });
      }),
      runs(400),
    );
  });

  it("is rejected with a bit changed, cut, or with something behind it", () => {
    fc.assert(
      fc.property(
        ANY_TEXT,
        fc.nat(),
        fc.nat({ max: 5 }),
        fc.constantFrom("A", ".", " ", "=", "AAAA"),
        (text, seq, bit, more) => {
          const made = make(ONE, "page", text);
          const at = seq % made.length;
          const changed = ALPHABET[ALPHABET.indexOf(made[at] ?? "") ^ (1 << bit)];
          expect(read(ONE, "page", made.slice(0, at) + changed + made.slice(at + 1)).ok).toBe(false);
          expect(read(ONE, "page", made.slice(0, at)).ok).toBe(false);
          expect(read(ONE, "page", made + more).ok).toBe(false);
          expect(read(ONE, "page", made + made).ok).toBe(false);
        },
      ),
      runs(400),
    );
  });

  it("is rejected when it is junk, however long", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 2_000, size: "max" }), (junk) => {
        expect(read(ONE, "access", junk).ok).toBe(false);
      }),
      runs(400),
    );
  });
});

it("an encrypted text is the same for the same text, and shows nothing of it", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("a", "b"), minLength: 40, maxLength: 200 }), (text) => {
      const encrypted = encryptText(ONE, "page", text);
      expect(encryptText(ONE, "page", text)).toBe(encrypted);
      // No part of it is that of another text, not even of one that begins alike.
      const [bytes, others] = [encrypted, encryptText(ONE, "page", `${text}a`)].map((each) =>
        Buffer.from(each, "base64url"),
      );
      expect(bytes?.toString("latin1")).not.toContain(text.slice(0, 8));
      expect(others?.subarray(1, 40)).not.toEqual(bytes?.subarray(1, 40));
      expect(others?.subarray(17, 40)).not.toEqual(bytes?.subarray(17, 40));
    }),
    runs(100),
  );
});
