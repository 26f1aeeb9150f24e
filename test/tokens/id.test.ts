import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseId } from "../../src/tokens/id.ts";
import { MAX_ID_BYTES, readId, writeId } from "../../src/tokens/id-form.ts";
import { runs } from "../fuzz.ts";
import { ids } from "./arbitrary.ts";
import { hexOf, idBytes } from "./reference.ts";

function written(id: string): number[] {
  const out = new Uint8Array(MAX_ID_BYTES);
  return [...out.subarray(0, writeId(id, out, 0))];
}

describe("an id", () => {
  it("is the same as an integer and as its text", () => {
    expect(parseId(7)).toBe("7");
    expect(parseId("7")).toBe("7");
    expect(parseId(-0)).toBe("0");
    expect(parseId(-7)).toBe("-7");
    expect(parseId(Number.MAX_SAFE_INTEGER)).toBe("9007199254740991");
  });

  it("keeps texts as they are, leading zeros and capitals too", () => {
    for (const id of ["007", "ABC", "a", ".", "spring-2026", "crm:lead.77_b", "x".repeat(64)])
      expect(parseId(id)).toBe(id);
  });

  it("is nothing else", () => {
    const others = [
      "",
      "x".repeat(65),
      "a b",
      "é",
      "a\n",
      "\na",
      "a/b",
      "someone@example.com",
      1.5,
      2 ** 53,
      Number.NaN,
    ];
    for (const value of [...others, Number.POSITIVE_INFINITY, 7n, null, undefined, true, ["7"], { id: 7 }])
      expect(parseId(value)).toBeUndefined();
  });
});

describe("an id in bytes", () => {
  it.each([
    ["0", "0000"],
    ["7", "0007"],
    ["10", "000a"],
    ["255", "00ff"],
    ["256", "010100"],
    ["4294967296", "040100000000"],
    ["9007199254740991", "061fffffffffffff"],
    ["9007199254740992", "479007199254740992"],
    ["007", "c2303037"],
    ["0007", "410007"],
    ["ab", "40ab"],
    ["aB", "c16142"],
    ["6f1e8c1a-0b7e-4a55-9d0e-2f6a9f3c5b11", "8f6f1e8c1a0b7e4a559d0e2f6a9f3c5b11"],
    ["~anon-00c0ffee00c0fe", "8600c0ffee00c0fe"],
    ["anon-c0ffee", "ca616e6f6e2d633066666565"],
  ])("%s is %s", (id, hex) => {
    expect(hexOf(written(id))).toBe(hex);
  });

  it("takes the shortest form, and of two as short the first", () => {
    fc.assert(
      fc.property(ids, (id) => {
        expect(written(id)).toEqual(idBytes(id));
      }),
      runs(5_000),
    );
  });

  it("is read back, and the position is behind it", () => {
    fc.assert(
      fc.property(ids, (id) => {
        const bytes = Uint8Array.from([9, ...written(id), 9]);
        const position = { at: 1 };
        expect(readId(bytes, position, bytes.length)).toBe(id);
        expect(position.at).toBe(bytes.length - 1);
      }),
      runs(5_000),
    );
  });

  it("has one spelling: bytes that are read as an id are those that it is written in", () => {
    const heads = fc
      .nat(255)
      .chain((head) =>
        fc.tuple(fc.constant(head), fc.uint8Array({ minLength: (head & 63) + 1, maxLength: (head & 63) + 1 })),
      );
    fc.assert(
      fc.property(heads, ([head, rest]) => {
        const bytes = Uint8Array.from([head, ...rest]);
        const id = readId(bytes, { at: 0 }, bytes.length);
        if (id !== undefined) expect(written(id)).toEqual([...bytes]);
      }),
      runs(20_000),
    );
  });

  it("is not read past the end", () => {
    for (const id of ["7", "70000", "abcdef", "spring-2026"]) {
      const bytes = Uint8Array.from(written(id));
      for (let end = 0; end < bytes.length; end++) expect(readId(bytes, { at: 0 }, end)).toBeUndefined();
    }
  });
});
