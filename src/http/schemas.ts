/** Schemas that requests of several capabilities share. */
import * as v from "valibot";
import { parseId } from "../tokens/id.ts";

/** An object with these fields and no others. valibot's `strictObject` alone takes an array for one. */
export function fields<Entries extends v.ObjectEntries>(entries: Entries) {
  const isNoArray = (value: unknown) => !Array.isArray(value);
  return v.pipe(v.unknown(), v.check(isNoArray, "must be an object"), v.strictObject(entries));
}

/** The id of an email, person or campaign: an integer, or 1 to 64 characters of A-Z a-z 0-9 . _ : - */
export const Id = v.pipe(
  v.custom<string | number>(
    (value) => parseId(value) !== undefined,
    "must be an integer, or 1 to 64 characters of A-Z a-z 0-9 . _ : -",
  ),
  v.transform(String),
);

/** One line of text. No control characters, and no half of a surrogate pair, which D1 would change. */
export const Line = v.pipe(
  v.string(),
  v.regex(/^[^\p{Cc}\p{Cs}]*$/u, "must be one line of text, without control characters"),
);

/** "something@something" without control characters; the mail server checks the rest. */
const ADDRESS = /^[^\s@\p{Cc}\p{Cs}]+@[^\s@\p{Cc}\p{Cs}]+$/u;
/** RFC 5321 §4.5.3.1. */
const MAX_ADDRESS_LENGTH = 254;

export function isAddress(value: unknown): value is string {
  return typeof value === "string" && value.length <= MAX_ADDRESS_LENGTH && ADDRESS.test(value);
}

export const Address = v.custom<string>(
  isAddress,
  "must be an address like marie@example.com, of at most 254 characters",
);

/** A query parameter that is an integer from `min` to `max`. */
export const integerParameter = (min: number, max: number, message: string) =>
  v.pipe(
    v.string(),
    v.check((text) => /^\d+$/.test(text) && Number(text) >= min && Number(text) <= max, message),
    v.transform(Number),
  );

/** The query parameter `cursor`: the `next` of the page before; 0, the first page, without it. */
export const Cursor = v.optional(
  integerParameter(0, Number.MAX_SAFE_INTEGER, 'must be a cursor, as "next" gives it'),
  "0",
);
