/**
 * Who loads what of one message, and when: the people and the scanners of a simulated mailing. Where no published
 * figure exists, the figure is a guess at what senders see; a mailing of another simulation shows more.
 */
import type { Chance } from "./chance.ts";
import { oldMailVisits, peopleVisits } from "./people.ts";
import { scannerVisits, visitsBeside } from "./scanners.ts";
import { MINUTE, ofKind, type Visit } from "./visit.ts";

export interface Recipient {
  readonly isScanned: boolean;
  /** Apple's mail, whose relay loads every image once and nobody afterwards. */
  readonly isApple: boolean;
}

/** Three of ten behind scanners, half of the others with Apple's mail, hardly any in companies. */
export function recipient(chance: Chance, scannedShare = 0.3): Recipient {
  const isScanned = chance.is(scannedShare);
  return { isScanned, isApple: chance.is(isScanned ? 0.1 : 0.5) };
}

/** Of all messages, so many are read. */
const READ = 0.35;
/** Of those that are sent again, so many are just being read. */
const READ_WHEN_SENT_AGAIN = 0.05;

/** All visits to a message with so many links, delivered at a time, perhaps sent again at another, in no order. */
export function visits(
  chance: Chance,
  { isScanned, isApple }: Recipient,
  deliveredMs: number,
  linkCount: number,
  againMs?: number,
): Visit[] {
  const links = Array.from({ length: linkCount }, (_, link) => link);
  const received = { deliveredMs, links, isApple };
  const people = chance.is(READ) ? peopleVisits(chance, received) : [];
  if (againMs !== undefined && chance.is(READ_WHEN_SENT_AGAIN))
    people.push(...oldMailVisits(chance, againMs, received));
  const all = [...people, ...(isApple ? ofKind("Apple", [loadedByApple(chance, deliveredMs)]) : [])];
  if (!isScanned) return all;
  const readMs = people.length > 0 ? Math.min(...people.map(({ atMs }) => atMs)) : undefined;
  all.push(...scannerVisits(chance, deliveredMs, links, readMs));
  if (againMs !== undefined) all.push(...scannerVisits(chance, againMs, links, undefined));
  return [...all, ...visitsBeside(chance, people, deliveredMs, links)];
}

/** From some seconds to an hour after delivery, whether anybody reads it or not. */
function loadedByApple(chance: Chance, deliveredMs: number) {
  const atMs = deliveredMs + chance.around(3 * MINUTE, 4);
  return { atMs, link: undefined, by: "bot", seen: "Apple" } as const;
}
