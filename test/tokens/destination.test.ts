import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { destinationFault, MAX_DESTINATION_BYTES } from "../../src/tokens/destination.ts";
import { runs } from "../fuzz.ts";
import { destinations } from "./arbitrary.ts";

describe("a destination", () => {
  it("is an http or https URL, in whatever case", () => {
    for (const url of ["http://a", "HTTPS://A.example", 'https://例え.jp/ü?q=a b"<>&amp;%zz', "https://"])
      expect(destinationFault(url)).toBeUndefined();
  });

  it.each([
    "",
    "mailto:a@example.com",
    "javascript:alert(1)//http://a",
    "//a",
    "/a",
    " https://a",
    "https:a",
    "ftp://a",
  ])("is not %j", (url) => {
    expect(destinationFault(url)).toBe("not_web");
  });

  it("holds no character that a header cannot carry", () => {
    for (const code of [...Array(32).keys(), 127])
      expect(destinationFault(`https://a/${String.fromCharCode(code)}b`)).toBe("control_character");
  });

  it("holds no lone surrogate", () => {
    for (const url of ["https://a/\ud800", "https://a/\udc00b", "https://a/\udc00\ud800"])
      expect(destinationFault(url)).toBe("lone_surrogate");
    expect(destinationFault("https://a/\ud83e\udda6")).toBeUndefined();
  });

  it("is at most as long as a token holds, counted in UTF-8", () => {
    const room = MAX_DESTINATION_BYTES - "https://a/".length;
    expect(destinationFault(`https://a/${"p".repeat(room)}`)).toBeUndefined();
    expect(destinationFault(`https://a/${"p".repeat(room + 1)}`)).toBe("too_long");
    expect(destinationFault(`https://a/${"é".repeat(room / 2)}`)).toBeUndefined();
    expect(destinationFault(`https://a/${"é".repeat(room / 2)}p`)).toBe("too_long");
    expect(destinationFault(`https://a/${"p".repeat(5_000_000)}`)).toBe("too_long");
  });

  it("survives UTF-8 and a Location header", () => {
    fc.assert(
      fc.property(destinations, (url) => {
        expect(destinationFault(url)).toBeUndefined();
        expect(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(new TextEncoder().encode(url))).toBe(
          url,
        );
        expect(() => new Headers({ location: encodeURI(url) })).not.toThrow();
      }),
      { numRuns: runs(1_000) },
    );
  });
});
