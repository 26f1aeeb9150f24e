/** What the bits of a message mean to reports. */
import { EVENT_TYPES } from "../events/event.ts";
import { MESSAGE_FLAGS } from "../events/message-flags.ts";
import { isAnonymous } from "../tokens/id-form.ts";
import { isPseudonym } from "../tokens/pseudonym.ts";

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
