/** Signed texts of the API: access tokens and cursors. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
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

describe("a signed text", () => {
  it("verifies to the text that was signed, for its use", () => {
    fc.assert(
      fc.property(ANY_USE, ANY_TEXT, (use, text) => {
        expect(verifyText(ONE, use, signText(ONE, use, text))).toEqual({ ok: true, value: text });
      }),
      runs(400),
    );
  });

  it("verifies for no other use", () => {
    fc.assert(
      fc.property(ANY_USE, ANY_TEXT, (use, text) => {
        const signedText = signText(ONE, use, text);
        const verifying = USES.filter((other) => verifyText(ONE, other, signedText).ok);
        expect(verifying).toEqual([use]);
      }),
      runs(400),
    );
  });

  it("verifies with no other key, and with any of the list", () => {
    fc.assert(
      fc.property(ANY_TEXT, (text) => {
        const signedText = signText(ONE, "access", text);
        expect(verifyText(OTHER, "access", signedText).ok).toBe(false);
        expect(verifyText(BOTH, "access", signedText)).toEqual({ ok: true, value: text });
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
          const signedText = signText(ONE, "page", text);
          const at = seq % signedText.length;
          const changed = ALPHABET[ALPHABET.indexOf(signedText[at] ?? "") ^ (1 << bit)];
          expect(verifyText(ONE, "page", signedText.slice(0, at) + changed + signedText.slice(at + 1)).ok).toBe(false);
          expect(verifyText(ONE, "page", signedText.slice(0, at)).ok).toBe(false);
          expect(verifyText(ONE, "page", signedText + more).ok).toBe(false);
          expect(verifyText(ONE, "page", signedText + signedText).ok).toBe(false);
        },
      ),
      runs(400),
    );
  });

  it("is rejected when it is junk, however long", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 2_000, size: "max" }), (junk) => {
        expect(verifyText(ONE, "access", junk).ok).toBe(false);
      }),
      runs(400),
    );
  });
});
