/** What the test vectors sign, append and cannot sign. The keys count up, so that nobody takes them for secrets. */
import type { Claims, Key, Use } from "./reference.ts";

export const SIGNING: Key = {
  id: 2,
  secretHex: "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f",
};
export const OLDER: Key = {
  id: 1,
  secretHex: "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
};
export const USES: readonly Use[] = ["open", "click", "unsubscribe", "message", "optout"];

export const MESSAGE: Claims = { email: "1042", person: "3918273", campaign: "88012" };
export const LINK = { id: "9c1f00ab", url: "https://shop.example.com/spring?utm_source=mail&item=48213#top" };
export const CLICK: Claims = { ...MESSAGE, link: LINK };

export const VALID: readonly (readonly [name: string, key: Key, use: Use, claims: Claims])[] = [
  ["an open with integer ids", SIGNING, "open", MESSAGE],
  ["a click", SIGNING, "click", CLICK],
  ["an unsubscribe", SIGNING, "unsubscribe", MESSAGE],
  ["a message", SIGNING, "message", { ...MESSAGE, send: "7" }],
  ["an opt-out", SIGNING, "optout", MESSAGE],
  ["an open by the older key", OLDER, "open", MESSAGE],
  ["a click by the older key", OLDER, "click", CLICK],
  [
    "the smallest and the largest integers",
    SIGNING,
    "open",
    { email: "0", person: "9007199254740991", campaign: "255" },
  ],
  [
    "integers where a byte is added",
    SIGNING,
    "message",
    { email: "256", person: "65535", campaign: "65536", send: "4294967296" },
  ],
  [
    "digits that are no integer below 2^53",
    SIGNING,
    "message",
    { email: "9007199254740992", person: "007", campaign: "0007", send: "-7" },
  ],
  [
    "two digits, as short in either form: the integer",
    SIGNING,
    "open",
    { email: "10", person: "99", campaign: "1000" },
  ],
  [
    "lowercase hexadecimal of even length",
    SIGNING,
    "open",
    { email: "ab", person: "507f1f77bcf86cd799439011", campaign: "00" },
  ],
  ["hexadecimal that goes as ASCII", SIGNING, "open", { email: "abc", person: "AB", campaign: "aB" }],
  [
    "UUIDs, lowercase and not",
    SIGNING,
    "message",
    {
      email: "6f1e8c1a-0b7e-4a55-9d0e-2f6a9f3c5b11",
      person: "6F1E8C1A-0B7E-4A55-9D0E-2F6A9F3C5B11",
      campaign: "00000000-0000-0000-0000-000000000000",
      send: "6f1e8c1a0-b7e-4a55-9d0e-2f6a9f3c5b11",
    },
  ],
  [
    "a pseudonym, and ids that look like one",
    SIGNING,
    "message",
    {
      email: "anon-00c0ffee00c0fe",
      person: "~anon-00c0ffee00c0fe",
      campaign: "erased-00c0ffee00c0fe",
      send: "anon-00c0ffee00c0fe00",
    },
  ],
  ["texts", SIGNING, "message", { email: "spring-2026", person: "crm:lead.77_b", campaign: ".", send: "-" }],
  [
    "the longest ids",
    SIGNING,
    "message",
    { email: "x".repeat(64), person: "a".repeat(64), campaign: "1".repeat(64), send: "1".repeat(63) },
  ],
  ["a short destination", SIGNING, "click", { ...MESSAGE, link: { id: "1", url: "http://a" } }],
  [
    "a destination that is not ASCII, kept byte for byte",
    SIGNING,
    "click",
    {
      ...MESSAGE,
      link: { id: "2", url: "HTTPS://例え.jp/ü?q=a b\"c'<d>&e=%zz&🦭=\ufeff\u0080" },
    },
  ],
  [
    "a URL inside a URL",
    SIGNING,
    "click",
    {
      ...MESSAGE,
      link: { id: "cafe0001", url: "https://a.example/?next=https://b.example/?x=1&y=2#z" },
    },
  ],
  [
    "a destination of 3,000 bytes",
    SIGNING,
    "click",
    { ...MESSAGE, link: { id: "3", url: `https://a.example/${"p".repeat(2982)}` } },
  ],
  ["a click of an anonymous copy", SIGNING, "click", { ...MESSAGE, person: "~anon-ffffffffffffff", link: LINK }],
  [
    "the longest overhead of integer ids: 64 characters",
    SIGNING,
    "click",
    {
      email: "9007199254740991",
      person: "9007199254740991",
      campaign: "9007199254740991",
      link: LINK,
    },
  ],
];

/** Messages that have anonymous copies. */
export const ANONYMOUS: readonly (readonly [name: string, claims: Claims])[] = [
  ["integer ids", MESSAGE],
  ["the same person and email in another campaign", { ...MESSAGE, campaign: "88013" }],
  ["texts", { email: "spring-2026", person: "crm:lead.77_b", campaign: "." }],
  ["a person whose id looks like a pseudonym", { ...MESSAGE, person: "anon-00c0ffee00c0fe" }],
  ["the longest ids", { email: "x".repeat(64), person: "a".repeat(64), campaign: "1".repeat(64) }],
];

export const UNSIGNABLE: readonly { readonly claim: string; readonly use: Use; readonly claims: Claims }[] = [
  { claim: "email", use: "open", claims: { ...MESSAGE, email: "" } },
  { claim: "email", use: "open", claims: { ...MESSAGE, email: "x".repeat(65) } },
  { claim: "person", use: "unsubscribe", claims: { ...MESSAGE, person: "someone@example.com" } },
  { claim: "campaign", use: "open", claims: { ...MESSAGE, campaign: "été" } },
  { claim: "send", use: "message", claims: { ...MESSAGE, send: "a b" } },
  { claim: "link.id", use: "click", claims: { ...MESSAGE, link: { ...LINK, id: "a/b" } } },
  { claim: "link.url", use: "click", claims: { ...MESSAGE, link: { ...LINK, url: "mailto:a@example.com" } } },
  {
    claim: "link.url",
    use: "click",
    claims: { ...MESSAGE, link: { ...LINK, url: "javascript:alert(1)//http://" } },
  },
  { claim: "link.url", use: "click", claims: { ...MESSAGE, link: { ...LINK, url: "/relative" } } },
  { claim: "link.url", use: "click", claims: { ...MESSAGE, link: { ...LINK, url: "https://a.example/\n" } } },
];

export const JUNK = [
  ".gif",
  ")",
  ">",
  ".",
  '"',
  "%22",
  "&quot;",
  "?utm_source=x",
  "/",
  "\u00a0",
  "=",
  "é",
  "\ud83e\udda6",
];
