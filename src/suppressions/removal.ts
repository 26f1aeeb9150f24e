/**
 * Removing an invalid address from the suppressions, with an event in the log that says who did it and why. What
 * bounced before it suppresses nothing any more, whenever that is reported.
 */
import { normalAddress } from "../events/address.ts";
import { EVENT_TYPES } from "../events/event.ts";
import { events, people, suppressions } from "../events/schema.ts";
import { retryOnce } from "../platform/errors.ts";
import { sha256Hex } from "../platform/sha256.ts";
import { assign, columnNames, runBatch, sql } from "../platform/sql.ts";
import { LATEST } from "./addresses.ts";
import { rememberLift } from "./lifts.ts";
import { addressSubject, hashedSubject, personSubject } from "./subject.ts";
import type { PersonOrAddress } from "./suppressions.ts";

/** For so long the same request is one that is repeated. */
const REPEATED_MS = 24 * 60 * 60 * 1000;

export interface Removal {
  /** Unique for ever: the end of the event's id. */
  readonly id: string;
  readonly atMs: number;
  readonly recipient: PersonOrAddress;
  /** Who removes it and why, for readers of the log. */
  readonly by: string;
  readonly why: string;
}

/**
 * Removes the suppression "invalid" of an address, or of a person's address, and logs it, in one transaction. An
 * unsubscription stays. Whoever asks for the same again within a day, because no answer arrived, gets the same answer.
 * @returns whether there was one
 * @throws D1's error when it may not be committed
 */
export async function removeInvalid(d1: D1Database, removal: Removal): Promise<boolean> {
  const { atMs, by, why } = removal;
  const person = removal.recipient.person ?? null;
  const address = removal.recipient.address === undefined ? null : normalAddress(removal.recipient.address);
  const hash = hashedSubject(address === null ? personSubject(person ?? "") : addressSubject(address));
  const addressOfPerson = sql`SELECT ${people.address} FROM ${people} WHERE ${people.person} = ${person}`;
  const isInvalid = sql`${suppressions.reason} = 'invalid' AND ${suppressions.since} <= ${atMs}
    AND ${suppressions.subject} IN (
      coalesce('address:' || coalesce(${address}, (${addressOfPerson})), 'person:' || ${person}), ${hash})`;

  // The ids of those who ask the same begin the same.
  const same = `removed/${sha256Hex(JSON.stringify([person, address, by, why])).slice(0, 32)}`;
  const id = `${same}/${removal.id}`;
  const { email, campaign, send, detail, type, at } = events;
  // The event belongs to the send that bounced; to no known one when the bounce has left the log.
  const log = sql`INSERT INTO ${events}
      (${columnNames(events.id, type, at, email, events.person, campaign, send, detail)})
    SELECT ${id}, ${EVENT_TYPES.suppressionRemoved.id}, ${atMs}, coalesce(${email}, 'unknown'),
      coalesce(${events.person}, ${person}, 'unknown'), coalesce(${campaign}, 'unknown'), ${send},
      json_object('by', ${by}, 'why', ${why},
        'address', iif(${suppressions.subject} LIKE 'address:%', substr(${suppressions.subject}, 9), NULL))
    FROM ${suppressions} LEFT JOIN ${events} ON ${events.id} = ${suppressions.event}
    WHERE ${isInvalid} ORDER BY ${events.id} IS NULL LIMIT 1
    ON CONFLICT (id) DO NOTHING`;
  const invalid = sql`SELECT ${suppressions.subject}, ${suppressions.reason} FROM ${suppressions} WHERE ${isInvalid}`;
  const remove = sql`DELETE FROM ${suppressions} WHERE ${isInvalid} AND ${LATEST} <= ${atMs}`;
  const keepNewer = sql`UPDATE ${suppressions} SET ${assign(suppressions, { since: LATEST })} WHERE ${isInvalid}`;
  const logged = sql`SELECT 1 FROM ${events}
    WHERE ${events.id} > ${`${same}/`} AND ${events.id} < ${`${same}0`} AND ${at} > ${atMs - REPEATED_MS} LIMIT 1`;
  const remember = rememberLift(invalid, { atMs, person: null });
  const results = await retryOnce(() => runBatch(d1, [log, ...remember, remove, keepNewer, logged]));
  return (results.at(-1)?.results.length ?? 0) > 0;
}
