/**
 * Keys of sends, and the ids of their events in the log: an event that is reported again has the same id, and is one
 * row. Ids hold no slash (`parseId`), so that different sends have different keys. A hash would be shorter, but would
 * cost more than the rest of the event.
 */
import { sha256Hex } from "../platform/sha256.ts";
import type { Message } from "../tokens/claims.ts";

/** One send of a message. Without `send`, all sends of the message count as one. */
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
/** In front of the key in the id of each Soft Bounced of a send. */
export const SOFT_BOUNCED = "soft/";
/** @param sourceId the bounce's id at its source, of any length */
export const softBouncedId = (key: string, sourceId: string): string =>
  `${SOFT_BOUNCED}${key}/${sha256Hex(sourceId).slice(0, 32)}`;
/** In front of a retry's id in the id of its event. */
export const RETRY = "retry/";
/** In front of the ids of a message's automated opens; behind it are a slash and the rest. */
export const automatedOpenIds = ({ email, person, campaign }: Message): string =>
  `automated/${email}/${person}/${campaign}`;
/** The id of a load of a provider's own pixel. */
export const automatedOpenId = (message: Message, atMs: number, userAgent: string): string =>
  `${automatedOpenIds(message)}/${sha256Hex(`${atMs}\n${userAgent}`).slice(0, 32)}`;
/** The id of the Unsubscribed that logs a complaint. */
export const complainedId = (key: string): string => `complaint/${key}`;
/**
 * The id of an Unsubscribed or Subscribed that somebody else reports.
 * @param sourceId its id at its source, of any length
 */
export const reportedDecisionId = (type: string, key: string, sourceId: string): string =>
  `${type}/${key}/${sha256Hex(sourceId).slice(0, 32)}`;
