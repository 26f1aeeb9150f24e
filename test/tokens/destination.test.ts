import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { refused } from "../../src/platform/result.ts";
import { locationOf, MAX_DESTINATION_BYTES, parseDestination } from "../../src/tokens/destination.ts";
import { runs } from "../fuzz.ts";
import { destinations } from "./arbitrary.ts";

describe("a destination", () => {
  it("is an http or https URL, in whatever case", () => {
    for (const url of ["http://a", "HTTPS://A.example", 'https://例え.jp/ü?q=a b"<>&amp;%zz', "https://"])
      expect(parseDestination(url).ok).toBe(true);
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
    expect(parseDestination(url)).toEqual(refused("not_web"));
  });

  it("holds no character that a header cannot carry", () => {
    for (const code of [...Array(32).keys(), 127])
      expect(parseDestination(`https://a/${String.fromCharCode(code)}b`)).toEqual(refused("control_character"));
  });

  it("holds no lone surrogate", () => {
    for (const url of ["https://a/\ud800", "https://a/\udc00b", "https://a/\udc00\ud800"])
      expect(parseDestination(url)).toEqual(refused("lone_surrogate"));
    expect(parseDestination("https://a/\ud83e\udda6").ok).toBe(true);
  });

  it("is at most as long as a token holds, counted in UTF-8", () => {
    const room = MAX_DESTINATION_BYTES - "https://a/".length;
    expect(parseDestination(`https://a/${"p".repeat(room)}`).ok).toBe(true);
    expect(parseDestination(`https://a/${"p".repeat(room + 1)}`)).toEqual(refused("too_long"));
    expect(parseDestination(`https://a/${"é".repeat(room / 2)}`).ok).toBe(true);
    expect(parseDestination(`https://a/${"é".repeat(room / 2)}p`)).toEqual(refused("too_long"));
    expect(parseDestination(`https://a/${"p".repeat(5_000_000)}`)).toEqual(refused("too_long"));
  });

  it("survives UTF-8 and a Location header", () => {
    fc.assert(
      fc.property(destinations, (url) => {
        expect(parseDestination(url)).toEqual({ ok: true, value: url });
        expect(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(new TextEncoder().encode(url))).toBe(
          url,
        );
        expect(() => new Headers({ location: encodeURI(url) })).not.toThrow();
      }),
      runs(1_000),
    );
  });
});

describe("the Location of a destination", () => {
  it("is the destination itself where that has only characters of a URI", () => {
    for (const url of [
      "https://example.com/a%2Fb?c=%E9&d=[1]",
      "HTTPS://Shop.Example:443/A/../B/?",
      "http://shop.example",
      "https://[2001:db8::1]/-._~:/?#[]@!$&'()*+,;=%zz",
    ])
      expect(locationOf(url)).toBe(url);
  });

  it.each([
    ["https://example.com/straße", "https://example.com/stra%C3%9Fe"],
    ["https://bücher.example/", "https://xn--bcher-kva.example/"],
    ["https://example.com/a b.pdf?c=d e", "https://example.com/a%20b.pdf?c=d%20e"],
    ["https://example.com/?q=日本&x=1#ä", "https://example.com/?q=%E6%97%A5%E6%9C%AC&x=1#%C3%A4"],
    ["https://example.com/🦭?q=%E9&r=é", "https://example.com/%F0%9F%A6%AD?q=%E9&r=%C3%A9"],
    ['https://example.com/"<>', "https://example.com/%22%3C%3E"],
  ])("is the serialisation of the URL standard for any other: %s", (url, location) => {
    expect(locationOf(url)).toBe(location);
  });

  it("is ASCII for every destination that a token can hold, and leads where a browser would go", () => {
    fc.assert(
      fc.property(destinations, (url) => {
        const location = locationOf(url);
        expect(location).toMatch(/^[!-~]*$/);
        if (URL.canParse(url)) expect(new URL(location).href).toBe(new URL(url).href);
      }),
      runs(1_000),
    );
  });
});
