import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeBase64url, encodeBase64url } from "../../src/tokens/base64url.ts";
import { runs } from "../fuzz.ts";
import { base64url } from "./reference.ts";

describe("base64url", () => {
  function decoded(text: string, room = 400): number[] | undefined {
    const out = new Uint8Array(room);
    const length = decodeBase64url(text, out);
    return length === undefined ? undefined : [...out.subarray(0, length)];
  }

  it("encodes bytes as btoa does, except alphabet and padding", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(encodeBase64url(bytes)).toBe(base64url([...bytes]));
      }),
      runs(2_000),
    );
  });

  it("encodes the front of longer bytes as if nothing followed it", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), fc.nat(60), (bytes, length) => {
        const front = Math.min(length, bytes.length);
        expect(encodeBase64url(bytes, front)).toBe(base64url([...bytes.subarray(0, front)]));
      }),
      runs(2_000),
    );
  });

  it("encodes the longest destination, and short bytes again afterwards", () => {
    const bytes = new Uint8Array(16_663).map((_, i) => i * 7);
    expect(encodeBase64url(bytes)).toBe(base64url([...bytes]));
    expect(encodeBase64url(Uint8Array.of(255))).toBe("_w");
  });

  it("decodes what it encoded, whatever other characters follow", () => {
    const foreign = fc.string({ unit: "binary" }).filter((text) => !/^[A-Za-z0-9_-]/.test(text));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), foreign, (bytes, junk) => {
        expect(decoded(base64url([...bytes]) + junk)).toEqual([...bytes]);
      }),
      runs(500),
    );
  });

  it("decodes canonical text only: whatever it decodes, it would encode the same", () => {
    const alphabet = fc.constantFrom(..."ABCQgwxyz0189-_");
    fc.assert(
      fc.property(fc.string({ unit: alphabet, maxLength: 12 }), (text) => {
        const bytes = decoded(text);
        if (bytes !== undefined) expect(base64url(bytes)).toBe(text);
      }),
      runs(5_000),
    );
    expect(decoded("AB")).toBeUndefined();
    expect(decoded("AAB")).toBeUndefined();
    expect(decoded("A")).toBeUndefined();
    expect(decoded("AAAAA")).toBeUndefined();
  });

  it("fills the output exactly and rejects bytes that do not fit", () => {
    for (let length = 0; length < 20; length++) {
      const text = base64url(Array<number>(length).fill(0));
      expect(decoded(text, length)).toHaveLength(length);
      if (length > 0) expect(decoded(text, length - 1)).toBeUndefined();
    }
  });
});
