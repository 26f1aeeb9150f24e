/** What happened to a message, as bits. */
import { EVENT_TYPES } from "../events/event.ts";
import { isAnonymous } from "../tokens/id-form.ts";
import { isPseudonym } from "../tokens/pseudonym.ts";

/** The bits of `message_stats.flags`. */
export const MESSAGE_FLAGS = {
  sent: 1,
  delivered: 2,
  hardBounced: 4,
  softBounced: 8,
  unsubscribed: 16,
  openedByPerson: 32,
  openedByBot: 64,
  clickedByPerson: 128,
  clickedByBot: 256,
  /** Of an anonymous copy, which is only opened and clicked: the message that was sent is counted under its person. */
  anonymous: 512,
  /** Its latest Soft Bounced happened after its latest Delivered. */
  softBouncedLast: 1_024,
  /** Unsubscribed by a complaint. */
  complained: 2_048,
  /** It has only events that reports do not count, and is in no report. */
  uncounted: 4_096,
  /** Hard bounced because of its sender or what it says. */
  blocked: 8_192,
} as const;

/** Those of a message without any event that counts. */
export function uncountedFlags(person: string): number {
  return MESSAGE_FLAGS.uncounted | (isAnonymous(person) ? MESSAGE_FLAGS.anonymous : 0);
}

/** Whether privacy/ has renamed a message: it was erased, or is old. */
export function isRenamed(person: string): boolean {
  return isPseudonym(person) && !isAnonymous(person);
}

/** Bits that hold every flag. */
export const FLAG_BITS = 32 - Math.clz32(Math.max(...Object.values(MESSAGE_FLAGS)));

/** The flag that an event of each type sets. An Opened or a Clicked sets one by who made it; others are not counted. */
export const FLAG_OF_TYPE: ReadonlyMap<number, number> = new Map([
  [EVENT_TYPES.sent.id, MESSAGE_FLAGS.sent],
  [EVENT_TYPES.delivered.id, MESSAGE_FLAGS.delivered],
  [EVENT_TYPES.hardBounced.id, MESSAGE_FLAGS.hardBounced],
  [EVENT_TYPES.softBounced.id, MESSAGE_FLAGS.softBounced],
  [EVENT_TYPES.unsubscribed.id, MESSAGE_FLAGS.unsubscribed],
]);

/** What an Unsubscribed sets. */
export const OPT_OUT_FLAGS = MESSAGE_FLAGS.unsubscribed | MESSAGE_FLAGS.complained;
