/** Message tokens in addresses, which servers write in lower case and cut at 64 characters. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressForm } from "../../src/tokens/address-form.ts";
import { signToken } from "../../src/tokens/sign.ts";
import { verifyToken } from "../../src/tokens/verify.ts";
import { runs } from "../fuzz.ts";
import { signables } from "./arbitrary.ts";
import { KEYS, keysOf, SECRETS } from "./keyring.ts";

const BASE32 = "abcdefghijklmnopqrstuvwxyz234567";
const CLAIMS = { email: "104200", person: "12345678", campaign: "88012", send: "0123456789abcdef" };
const FORM = addressForm(signToken(KEYS, "message", CLAIMS));

const messages = signables.filter((each) => each.use === "message");

describe("a message token in an address", () => {
  it("is of lower-case letters and digits, and verifies in any case, whatever a server puts behind it", () => {
    fc.assert(
      fc.property(messages, ({ use, claims }) => {
        const form = addressForm(signToken(KEYS, use, claims));
        expect(form).toMatch(/^[a-z2-7]+$/);
        for (const text of [form, form.toUpperCase(), `${form}=marie=example.com`, `${form}@mail.example.com`])
          expect(verifyToken(KEYS, "message", text)).toEqual({ ok: true, value: claims });
      }),
      runs(500),
    );
  });

  it("fits into a local part with integer ids and a random send", () => {
    expect(`bounces+${FORM}`.length).toBeLessThan(64);
  });

  it("is refused with any one character changed, missing or added", () => {
    const changed = [...FORM].flatMap((was, at) =>
      [...BASE32].filter((each) => each !== was).map((each) => FORM.slice(0, at) + each + FORM.slice(at + 1)),
    );
    const texts = [...changed, FORM.slice(0, -1), FORM.slice(1), ...[...BASE32].map((each) => FORM + each)];
    expect(texts.filter((text) => verifyToken(KEYS, "message", text).ok)).toEqual([]);
  });

  it("is of no other use, and of no other key", () => {
    for (const use of ["open", "click", "unsubscribe"] as const) expect(verifyToken(KEYS, use, FORM).ok).toBe(false);
    expect(verifyToken(keysOf(`1:${SECRETS.a},2:${SECRETS.c}`), "message", FORM).ok).toBe(false);
  });

  it.each(["", "a", "a".repeat(24), "a".repeat(255), "7".repeat(100_000)])("is none in %#", (text) => {
    expect(verifyToken(KEYS, "message", text).ok).toBe(false);
  });
});
