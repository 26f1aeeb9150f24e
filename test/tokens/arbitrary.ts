/** Arbitrary claims that a sender may sign, for property tests. */
import fc from "fast-check";
import type { Link, Message, TokenClaims } from "../../src/tokens/claims.ts";

const letters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-"];
const hexDigits = [..."0123456789abcdef"];

export const integerIds = fc.oneof(fc.maxSafeNat(), fc.nat(300), fc.nat(70_000)).map(String);

export const ids = fc.oneof(
  integerIds,
  fc.maxSafeInteger().map(String),
  fc.uuid(),
  fc.uuid().map((uuid) => uuid.toUpperCase()),
  fc.string({ unit: fc.constantFrom(...hexDigits), minLength: 1, maxLength: 64 }),
  fc.string({ unit: fc.constantFrom(...hexDigits), minLength: 13, maxLength: 15 }).map((id) => `anon-${id}`),
  fc.string({ unit: fc.constantFrom(...letters), minLength: 1, maxLength: 64 }),
  fc.bigInt({ min: 0n, max: 10n ** 63n }).map(String),
);

const isNoControl = (character: string) => character >= " " && character !== "\u007f";

export const destinations = fc
  .tuple(fc.constantFrom("http://", "https://", "HTTPS://"), fc.string({ unit: "binary", maxLength: 300 }))
  .map(([scheme, rest]) => scheme + [...rest].filter(isNoControl).join(""));

export const links: fc.Arbitrary<Link> = fc.record({ id: ids, url: destinations });

export const messages: fc.Arbitrary<Message> = fc.record({ email: ids, person: ids, campaign: ids });

/** A use with claims that belong to it. */
export type Signable = {
  readonly [U in keyof TokenClaims]: { readonly use: U; readonly claims: TokenClaims[U] };
}[keyof TokenClaims];

export const signables: fc.Arbitrary<Signable> = fc.oneof(
  messages.map((claims) => ({ use: "open" as const, claims })),
  fc.tuple(messages, links).map(([message, link]) => ({ use: "click" as const, claims: { ...message, link } })),
  messages.map((claims) => ({ use: "unsubscribe" as const, claims })),
  messages.map((claims) => ({ use: "optout" as const, claims })),
  fc.tuple(messages, ids).map(([message, send]) => ({ use: "message" as const, claims: { ...message, send } })),
);
