/**
 * One send, named; and the ids of its outcomes in the log, so that the same outcome told twice is one row. Ids have no
 * slash in them (`parseId`), so that no two sends spell the same text; a hash would be shorter, and cost more than the
 * rest of an outcome.
 */
import { sha256Hex } from "../platform/sha256.ts";
import type { Message } from "../tokens/claims.ts";

/** A message as it was sent once. Without `send`, all sendings of the message are one. */
export interface Send extends Message {
  readonly send?: string | undefined;
}

/** The key of a send: "<email>/<person>/<campaign>/<send>". */
export function sendKey({ email, person, campaign, send = "" }: Send): string {
  return `${email}/${person}/${campaign}/${send}`;
}

export const sentId = (key: string): string => `sent/${key}`;
export const deliveredId = (key: string): string => `delivered/${key}`;
export const hardBouncedId = (key: string): string => `hard/${key}`;
/** `occurrence` is what its source calls this bounce, of any length. */
export const softBouncedId = (key: string, occurrence: string): string =>
  `soft/${key}/${sha256Hex(occurrence).slice(0, 32)}`;
/** The id of the Unsubscribed that a complaint is logged as. */
export const complainedId = (key: string): string => `complaint/${key}`;
