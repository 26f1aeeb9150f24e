import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normalAddress } from "../../src/events/address.ts";
import { runs } from "../fuzz.ts";

describe("an address in its normal form", () => {
  it.each([
    ["kunde@bücher.example", "kunde@xn--bcher-kva.example"],
    ["Kunde@BÜCHER.example", "kunde@xn--bcher-kva.example"],
    ["kunde@bu\u0308cher.example", "kunde@xn--bcher-kva.example"],
    ["kunde@XN--BCHER-KVA.example", "kunde@xn--bcher-kva.example"],
    ["kunde@straße.example", "kunde@xn--strae-oqa.example"],
    ["kunde@ｅxample.com", "kunde@example.com"],
    ["kunde@bücher。example", "kunde@xn--bcher-kva.example"],
    ["用户@例子.广告", "用户@xn--fsqu00a.xn--4rr70v"],
    ["Ju\u0308rgen@example.com", "jürgen@example.com"],
    [" Marie@Example.COM ", "marie@example.com"],
    ["a@example.com.", "a@example.com"],
    ["a@Bücher.example.", "a@xn--bcher-kva.example"],
    ["a@bücher。example。", "a@xn--bcher-kva.example"],
  ])("%s is %s", (address, normal) => {
    expect(normalAddress(address)).toBe(normal);
  });

  it.each([
    "marie@1.2",
    "marie@[192.0.2.1]",
    "marie@a..b",
    "marie@a..",
    "marie@.",
    "a.",
    "marie@a_b.example",
    "marie@%41.example",
    "marie",
    "a@b@c.example",
    "marie@bü cher.example",
    "marie@ü/x",
    "",
    "@",
  ])("stays as it is where IDNA has nothing to say: %s", (address) => {
    expect(normalAddress(address)).toBe(address);
  });

  it("is the same when it is made again", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (name, domain) => {
        const normal = normalAddress(`${name}@${domain}`);
        expect(normalAddress(normal)).toBe(normal);
      }),
      runs(8_000),
    );
  });
});
