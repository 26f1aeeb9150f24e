/** Where a mail carries its message token. */
import { decodeWords } from "postal-mime";
import { MESSAGE_HEADER } from "../decorate/headers.ts";

/** In lower case, as headers are compared. */
export const TOKEN_HEADER = MESSAGE_HEADER.toLowerCase();

/** Longer than a token, its white space and what RFC 2047 puts around its words. */
const MAX_VALUE_CHARS = 2_000;

/** The token in the value of its header as it came back: perhaps folded in the middle, or encoded (RFC 2047). */
export function headerToken(value: string): string {
  return decodeWords(value.slice(0, MAX_VALUE_CHARS)).replace(/\s+/g, "");
}

/**
 * The part between the last "+" and the "@" of an address (VERP): "bounces+<token>@mail.example.com". `verifyToken`
 * takes it as servers return it, in any case.
 */
export function verpToken(address: string | undefined): string | undefined {
  return /\+([^+@<>\s]+)@/.exec(address ?? "")?.[1];
}

/** Every token of such an address in a text, at most eight. */
export function tokensOfAddress(text: string): readonly string[] {
  return [...text.matchAll(/\+([\w-]{24,200})(?:=[^\s<>@]{1,200})?@/g)].slice(0, 8).flatMap(([, token]) => token ?? []);
}
