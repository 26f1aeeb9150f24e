import { describe, expect, it } from "vitest";
import { pseudonym } from "../../src/tokens/pseudonym.ts";
import { signToken } from "../../src/tokens/sign.ts";
import { verifyToken } from "../../src/tokens/verify.ts";
import { keysOf } from "./keyring.ts";
import { makeVectors } from "./make-vectors.ts";
import { hexOf, unbase64url } from "./reference.ts";
import vectors from "./vectors.json";

const KEYS = keysOf(vectors.token_keys);

/** The list with the key of that id alone, so that it signs. */
function keyNamed(id: number) {
  return keysOf(vectors.token_keys.split(",").find((entry) => entry.startsWith(`${id}:`)) ?? "");
}

// The JSON's shape is wider than the types: a use and its claims belong together, as the vector itself asserts.
const signVector = signToken as (keys: typeof KEYS, use: string, claims: unknown) => string;
const verifyVector = verifyToken as (keys: typeof KEYS, use: string, text: string) => unknown;

describe("the test vectors", () => {
  it("are what the slow reference makes", async () => {
    expect(vectors).toEqual(await makeVectors());
  });

  it("have the same bytes as text and in hexadecimal", () => {
    for (const { bytes_hex, token } of vectors.valid) expect(hexOf(unbase64url(token))).toBe(bytes_hex);
  });

  it.each(vectors.valid)("sign and verify: $name", ({ key, use, claims, token }) => {
    expect(signVector(keyNamed(key), use, claims)).toBe(token);
    expect(verifyVector(KEYS, use, token)).toEqual({ ok: true, value: claims });
  });

  it.each(vectors.junk)("verify with junk appended: $text", ({ name, use, text }) => {
    const claims = vectors.valid.find((each) => each.name === name)?.claims;
    expect(verifyVector(KEYS, use, text)).toEqual({ ok: true, value: claims });
  });

  it.each(vectors.refused)("reject: $why", ({ use, text, reason }) => {
    expect(verifyVector(KEYS, use, text)).toEqual({ ok: false, reason });
  });

  it.each(vectors.pseudonyms)("have a pseudonym for $name", ({ pseudonym: expected, ...message }) => {
    expect(pseudonym(KEYS, message)).toBe(expected);
  });

  it.each(vectors.unsignable)("cannot be signed for its $claim", ({ claim, use, claims }) => {
    expect(() => signVector(KEYS, use, claims)).toThrow(new RegExp(`^${claim} `));
  });
});
