import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TokenClaims } from "../../src/tokens/claims.ts";
import { prepareClick, prepareMessage, signToken } from "../../src/tokens/sign.ts";
import { verifyToken } from "../../src/tokens/verify.ts";
import { runs } from "../fuzz.ts";
import { destinations, integerIds, links, messages, type Signable, signables } from "./arbitrary.ts";
import { KEYS, LINK, MESSAGE, SECRETS } from "./keyring.ts";
import { base64url, hexOf, idBytes, signSlowly, unbase64url } from "./reference.ts";

const CLICK: TokenClaims["click"] = { ...MESSAGE, link: LINK };
const KEY = { id: 2, secretHex: hexOf(unbase64url(SECRETS.b)) };

describe("signing", () => {
  it("makes the bytes that the slow reference makes", async () => {
    await fc.assert(
      fc.asyncProperty(signables, async ({ use, claims }) => {
        expect(signToken(KEYS, use, claims)).toBe(base64url(await signSlowly(KEY, use, claims)));
      }),
      runs(1_000),
    );
  });

  it("makes text that a URL, a header and a mail address carry unchanged", () => {
    fc.assert(
      fc.property(signables, ({ use, claims }) => {
        expect(signToken(KEYS, use, claims)).toMatch(/^[A-Za-z0-9_-]+$/);
      }),
      runs(400),
    );
  });

  it("takes an id as an integer or as its text", () => {
    const integers = JSON.parse('{"email":7,"person":8,"campaign":9,"send":10}');
    const texts = { email: "7", person: "8", campaign: "9", send: "10" };
    for (const use of ["open", "unsubscribe", "message"] as const)
      expect(signToken(KEYS, use, integers)).toBe(signToken(KEYS, use, texts));
    expect(prepareMessage(integers)).toEqual(prepareMessage(texts));
  });

  const linkIds = fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: 8, maxLength: 8 });
  const utf8Length = (url: string) => new TextEncoder().encode(url).length;
  const overhead = (claims: TokenClaims["click"]) =>
    signToken(KEYS, "click", claims).length - base64url(Array<number>(utf8Length(claims.link.url)).fill(0)).length;

  it("adds at most 24 bytes and the three ids to a click's destination", () => {
    fc.assert(
      fc.property(messages, linkIds, destinations, (message, id, url) => {
        const bytes = unbase64url(signToken(KEYS, "click", { ...message, link: { id, url } })).length;
        const ids = Object.values(message).flatMap(idBytes).length;
        expect(bytes - utf8Length(url) - ids).toBeLessThanOrEqual(24);
      }),
      runs(1_000),
    );
  });

  it("adds at most 64 characters to the destination's when ids are integers or a pseudonym", () => {
    const short = fc.oneof(integerIds, fc.constant("~anon-00c0ffee00c0fe"));
    const message = fc.record({ email: integerIds, person: short, campaign: integerIds });
    fc.assert(
      fc.property(message, linkIds, destinations, (ids, id, url) => {
        expect(overhead({ ...ids, link: { id, url } })).toBeLessThanOrEqual(64);
      }),
      runs(1_000),
    );
    const largest = String(Number.MAX_SAFE_INTEGER);
    const worst = { email: largest, person: largest, campaign: largest };
    for (let length = 0; length < 300; length++)
      expect(overhead({ ...worst, link: { ...LINK, url: `https://a/${"p".repeat(length)}` } })).toBe(64);
  });

  it("takes the longest destination with the longest ids", () => {
    const longest = "x".repeat(64);
    const claims: TokenClaims["click"] = {
      email: longest,
      person: longest,
      campaign: longest,
      link: { id: longest, url: `https://a/${"p".repeat(16_374)}` },
    };
    expect(verifyToken(KEYS, "click", signToken(KEYS, "click", claims))).toEqual({ ok: true, value: claims });
  });

  it.each([
    ["email", { ...CLICK, email: "" }],
    ["person", { ...CLICK, person: "someone@example.com" }],
    ["campaign", { ...CLICK, campaign: "x".repeat(65) }],
    ["link.id", { ...CLICK, link: { ...LINK, id: "a/b" } }],
  ])("names the claim that is no id: %s", (claim, claims) => {
    expect(() => signToken(KEYS, "click", claims)).toThrow(new RegExp(`^${claim} is no id: `));
  });

  it.each([
    ["link.url does not begin with http:// or https://", "javascript:alert(1)"],
    ["link.url holds a control character", "https://a/\r\nSet-Cookie: a=b"],
    ["link.url holds half a surrogate pair", "https://a/\ud800"],
    ["link.url is longer than 16384 bytes", `https://a/${"p".repeat(16_375)}`],
  ])("says what is wrong with a destination: %s", (message, url) => {
    expect(() => signToken(KEYS, "click", { ...CLICK, link: { ...LINK, url } })).toThrow(new TypeError(message));
    expect(() => prepareClick(KEYS, { ...LINK, url })).toThrow(new TypeError(message));
  });

  it("repeats no claim in its errors, because an address may be in an id's place", () => {
    const claims = { ...MESSAGE, person: "someone@example.com" };
    expect(() => signToken(KEYS, "open", claims)).toThrow(/^(?!.*someone)/);
  });

  it("signs as before after a claim was rejected", () => {
    const token = signToken(KEYS, "open", MESSAGE);
    expect(() => signToken(KEYS, "open", { ...MESSAGE, campaign: "a b" })).toThrow(TypeError);
    expect(signToken(KEYS, "open", MESSAGE)).toBe(token);
  });
});

describe("a prepared link", () => {
  it("makes the token that `signToken` makes, for each recipient", () => {
    fc.assert(
      fc.property(links, fc.array(messages, { minLength: 1, maxLength: 5 }), (link, recipients) => {
        const click = prepareClick(KEYS, link);
        for (const message of recipients)
          expect(click.signToken(prepareMessage(message))).toBe(signToken(KEYS, "click", { ...message, link }));
      }),
      runs(500),
    );
  });

  it("works beside others: links and messages mix in any order", () => {
    fc.assert(
      fc.property(fc.array(links, { minLength: 2, maxLength: 4 }), messages, messages, (all, one, other) => {
        const clicks = all.map((link) => prepareClick(KEYS, link));
        const [first, second] = [prepareMessage(one), prepareMessage(other)];
        const signed = clicks.map((click) => [click.signToken(first), click.signToken(second)]);
        const plain: Signable[][] = all.map((link) =>
          [one, other].map((message) => ({ use: "click" as const, claims: { ...message, link } })),
        );
        expect(signed).toEqual(plain.map((pair) => pair.map(({ use, claims }) => signToken(KEYS, use, claims))));
      }),
      runs(300),
    );
  });

  it("stays the same when the caller's objects change", () => {
    const link = { ...LINK, url: String(LINK.url) };
    const click = prepareClick(KEYS, link);
    const message = prepareMessage(MESSAGE);
    const before = click.signToken(message);
    link.url = "https://elsewhere.example/";
    expect(click.signToken(message)).toBe(before);
  });
});
