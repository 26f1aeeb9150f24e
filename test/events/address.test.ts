import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normalAddress } from "../../src/events/address.ts";
import { namesAddress } from "../../src/events/named-address.ts";
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

describe("a text names an address", () => {
  const lee = "lee@example.com";
  it.each([
    [lee, "lee@example.com"],
    [lee, "550 5.1.1 <LEE@Example.com>: no such user"],
    [lee, "rfc822;lee@example.com"],
    [lee, "to=lee@example.com&a=1"],
    [lee, "?to=lee%40example.com"],
    [lee, "?go=https%3A%2F%2Fa.example%2F%3Fto%3Dlee%2540example.com"],
    [lee, "%E9 %FF%40x lee%40example.com"],
    [lee, "Write to lee@example.com."],
    [lee, "'lee@example.com' is full"],
    [lee, "...lee@example.com- (lee@example.com)"],
    [lee, "ashlee@example.com, lee@example.com"],
    [lee, "宛先lee@example.comは存在しません"],
    [lee, "lee@example.com。次"],
    [lee, "ｌee@example.com lee@ｅxample.com"],
    [lee, "lee@example.com은 없는 주소"],
    ["jürgen@example.com", "JÜRGEN@example.com"],
    ["jürgen@example.com", "Ju\u0308rgen@example.com"],
    ["jürgen@example.com", "j%C3%BCrgen%40example.com"],
    ["lee@xn--bcher-kva.example", "lee@bücher.example"],
    ["lee@xn--bcher-kva.example", "LEE@BÜCHER.example not known"],
    ["lee@xn--bcher-kva.example", "lee@XN--BCHER-KVA.example"],
    ["lee@xn--bcher-kva.example", "lee@bu\u0308cher.exampleは"],
    ["o'lee@example.com", "<o'lee@example.com>"],
    ["lee+news@example.com", "lee%2Bnews@example.com"],
    ["lee@[192.0.2.1]", "to lee@[192.0.2.1]."],
    ['"lee_x"@example.com', 'to "lee_x"@example.com'],
  ])("%s: %s", (address, text) => {
    expect(namesAddress(text, address)).toBe(true);
  });

  it.each([
    [lee, ""],
    [lee, "@"],
    [lee, "lee at example.com"],
    [lee, "ashlee@example.com"],
    [lee, "ASHLEE@EXAMPLE.COM"],
    [lee, "élee@example.com"],
    [lee, "ash.lee@example.com a-lee@example.com a_lee@example.com a+lee@example.com o'lee@example.com"],
    [lee, "ash%2Elee%40example.com"],
    [lee, "lee@example.com.au"],
    [lee, "lee@example.community"],
    [lee, "lee@sub.example.com"],
    [lee, "lee+news@example.com"],
    [lee, "lee@example.com-mail.example"],
    ["lee@xn--bcher-kva.example", "ashlee@bücher.example"],
    ["rgen@example.com", "jürgen@example.com"],
  ])("not %s: %s", (address, text) => {
    expect(namesAddress(text, address)).toBe(false);
  });
});
