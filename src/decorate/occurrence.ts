/** What a link's id is made of, and back: which of an email's links to one page an id names. */
import { Buffer } from "node:buffer";
import { sha256 } from "../platform/sha256.ts";
import { withoutParameters } from "./query.ts";

const ID_DIGITS = 8;
/** Beyond, it is not looked for: each costs a hash. */
const MAX_OCCURRENCE = 20;

export function occurrenceKey(page: string, occurrence: number): string {
  return `${page}\n${occurrence}`;
}

/** Ids for a key in the order in which they are taken: the first that no other link of the email has is its id. */
export function* idsOf(key: string): Generator<string, never> {
  for (let bytes = sha256(key); ; bytes = sha256(bytes)) {
    const digits = Buffer.from(bytes).toString("hex");
    for (let start = 0; start < digits.length; start += ID_DIGITS) yield digits.slice(start, start + ID_DIGITS);
  }
}

/**
 * Which of the email's links to the page it is, from 1 on; undefined where its id does not tell: a link with a name, or
 * one whose id is the sender's own. A URL may have `utm_` parameters that decoration has added.
 * @example occurrenceOf({ id: "…", url: "https://shop.example/" }) // 2: the second link to it
 */
export function occurrenceOf({ id, url }: { readonly id: string; readonly url: string }): number | undefined {
  const pages = new Set([url, withoutParameters(url, (name) => name.startsWith("utm_"))]);
  for (let occurrence = 1; occurrence <= MAX_OCCURRENCE; occurrence++) {
    for (const page of pages) if (idsOf(occurrenceKey(page, occurrence)).next().value === id) return occurrence;
  }
  return undefined;
}
