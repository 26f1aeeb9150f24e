/** One send, named; and the ids of its outcomes in the log, so that the same outcome told twice is one row. */
import { sha256 } from "@noble/hashes/sha2.js";
import type { Message } from "../token/claims.ts";

/** A message as it was sent once. Without `send`, all sendings of the message are one. */
export interface Send extends Message {
  readonly send?: string | undefined;
}

/**
 * The key of a send: the first 128 bits of SHA-256 over its ids, in hexadecimal. Ids have no newline in them, so that no two
 * sends spell the same text.
 */
export function sendKey({ email, person, campaign, send = "" }: Send): string {
  return digest(`${email}\n${person}\n${campaign}\n${send}`);
}

export const sentId = (key: string): string => `s${key}`;
export const deliveredId = (key: string): string => `d${key}`;
export const hardBouncedId = (key: string): string => `h${key}`;
/** `occurrence` is what its source calls this bounce. */
export const softBouncedId = (key: string, occurrence: string): string => `b${key}.${digest(occurrence)}`;
/** The id of the Unsubscribed that a complaint is logged as. */
export const complainedId = (key: string): string => `c${key}`;

function digest(text: string): string {
  let hex = "";
  for (const byte of sha256(new TextEncoder().encode(text)).subarray(0, 16)) {
    hex += byte.toString(16).padStart(2, "0");
  }
  return hex;
}
