/**
 * Lifting suppressions, with who did it and why in the log. What bounced or was decided before counts no more,
 * whenever that is reported.
 */
import { normalAddress } from "../events/address.ts";
import { EVENT_TYPES } from "../events/event.ts";
import { events, people, suppressions } from "../events/schema.ts";
import { retryOnce } from "../platform/errors.ts";
import { sha256Hex } from "../platform/sha256.ts";
import { assign, columnName, columnNames, runBatch, type Sql, sql } from "../platform/sql.ts";
import { BY_ADDRESS, LATEST } from "./addresses.ts";
import { rememberLift } from "./lifts.ts";
import { addressSubject, hashedSubject, personSubject } from "./subject.ts";
import type { PersonOrAddress } from "./suppressions.ts";

export interface Removal {
  /** Unique for ever: the end of the event's id. */
  readonly id: string;
  readonly atMs: number;
  readonly recipient: PersonOrAddress;
  /** Who removes it and why, for readers of the log. */
  readonly who: string;
  readonly why: string;
}

/**
 * Removes a recipient's suppression as invalid or blocked, and logs it, in one transaction. An unsubscription stays.
 * Whoever asks for the same again within a day, because no answer arrived, gets the same answer.
 * @returns whether there was one
 * @throws D1's error when it may not be committed
 */
export async function removeBounced(
  d1: D1Database,
  removal: Removal,
  reason: "invalid" | "blocked" = "invalid",
): Promise<boolean> {
  const { atMs, who, why } = removal;
  const { person, address } = namesOf(removal);
  const hash = hashedSubject(address === null ? personSubject(person ?? "") : addressSubject(address));
  const theirAddress = addressOf(person, address);
  // Invalid is the address, once there is one; blocked is both.
  const subjects =
    reason === "invalid"
      ? sql`(coalesce('address:' || ${theirAddress}, 'person:' || ${person}), ${hash})`
      : sql`('address:' || ${theirAddress}, 'person:' || ${person}, ${hash})`;
  const isTheirs = sql`${suppressions.reason} = ${reason} AND ${suppressions.since} <= ${atMs}
    AND coalesce(${suppressions.until} > ${atMs}, true) AND ${suppressions.subject} IN ${subjects}`;

  const { id, isLogged } = removalEvent(removal, [
    person,
    address,
    who,
    why,
    ...(reason === "invalid" ? [] : [reason]),
  ]);
  const { email, campaign, send, detail, type, at } = events;
  // The event belongs to the send that bounced; to no known one when the bounce has left the log.
  const log = sql`INSERT INTO ${events}
      (${columnNames(events.id, type, at, email, events.person, campaign, send, detail)})
    SELECT ${id}, ${EVENT_TYPES.suppressionRemoved.id}, ${atMs}, coalesce(${email}, 'unknown'),
      coalesce(${events.person}, ${person}, 'unknown'), coalesce(${campaign}, 'unknown'), ${send},
      json_object('who', ${who}, 'why', ${why}, 'reason', ${reason},
        'address', iif(${suppressions.subject} LIKE 'address:%', substr(${suppressions.subject}, 9), NULL))
    FROM ${suppressions} LEFT JOIN ${events} ON ${events.id} = ${suppressions.event}
    WHERE ${isTheirs} ORDER BY ${events.id} IS NULL, ${suppressions.subject} LIMIT 1
    ON CONFLICT (${columnName(events.id)}) DO NOTHING`;
  const lifted = sql`SELECT DISTINCT ${suppressions.subject}, ${suppressions.reason}
    FROM ${suppressions} WHERE ${isTheirs}`;
  const remove = sql`DELETE FROM ${suppressions} WHERE ${isTheirs} AND ${LATEST} <= ${atMs}`;
  const keepNewer = sql`UPDATE ${suppressions} SET ${assign(suppressions, { since: LATEST })} WHERE ${isTheirs}`;
  const remember = rememberLift(lifted, { atMs, person: null });
  const results = await retryOnce(() => runBatch(d1, [log, ...remember, remove, keepNewer, isLogged]));
  return (results.at(-1)?.results.length ?? 0) > 0;
}

/**
 * Removes an opt-out that only follows an address that somebody else has unsubscribed: the person's, that of their
 * address, and those of others who have it. Nobody's own, so that no late report can be older than it. Logs it, in one
 * transaction, and answers as `removeBounced` does.
 * @returns whether there was one
 * @throws D1's error when it may not be committed
 */
export async function removeFollowing(d1: D1Database, removal: Removal): Promise<boolean> {
  const { atMs, who, why } = removal;
  const { person, address } = namesOf(removal);
  const theirAddress = addressOf(person, address);
  const isFollowing = sql`${suppressions.reason} = 'unsubscribed' AND ${suppressions.cause} = ${BY_ADDRESS}
    AND ${suppressions.subject} IN (
      SELECT 'person:' || ${person} UNION ALL SELECT 'address:' || ${theirAddress}
      UNION ALL SELECT 'person:' || ${people.person} FROM ${people} WHERE ${people.address} = ${theirAddress})`;
  const { id, isLogged } = removalEvent(removal, [person, address, who, why, "unsubscribed"]);
  const { email, campaign, detail, type, at } = events;
  // Not the event that it follows: that is somebody else's.
  const log = sql`INSERT INTO ${events} (${columnNames(events.id, type, at, email, events.person, campaign, detail)})
    SELECT ${id}, ${EVENT_TYPES.suppressionRemoved.id}, ${atMs}, 'unknown', coalesce(${person}, 'unknown'), 'unknown',
      json_object('who', ${who}, 'why', ${why}, 'reason', 'unsubscribed', 'address', ${theirAddress})
    WHERE EXISTS (SELECT 1 FROM ${suppressions} WHERE ${isFollowing})
    ON CONFLICT (${columnName(events.id)}) DO NOTHING`;
  const remove = sql`DELETE FROM ${suppressions} WHERE ${isFollowing}`;
  const results = await retryOnce(() => runBatch(d1, [log, remove, isLogged]));
  return (results.at(-1)?.results.length ?? 0) > 0;
}

export const removeOptOut = removeFollowing;

/** The person and the address that are named, null for what is not. */
function namesOf({ recipient: { person, address } }: Removal) {
  return { person: person ?? null, address: address === undefined ? null : normalAddress(address) };
}

/** The address that is named, else that of the person. */
function addressOf(person: string | null, address: string | null): Sql {
  return sql`coalesce(${address}, (SELECT ${people.address} FROM ${people} WHERE ${people.person} = ${person}))`;
}

/** For so long the same request is one that is repeated. */
const REPEATED_MS = 24 * 60 * 60 * 1000;

/** The id of a removal's event, and a query of whether one is logged of those who ask the same: their ids begin so. */
function removalEvent({ id, atMs }: Removal, asked: readonly (string | null)[]) {
  const same = `removed/${sha256Hex(JSON.stringify(asked)).slice(0, 32)}`;
  const isLogged = sql`SELECT 1 FROM ${events} WHERE ${events.id} > ${`${same}/`} AND ${events.id} < ${`${same}0`}
    AND ${events.at} > ${atMs - REPEATED_MS} LIMIT 1`;
  return { id: `${same}/${id}`, isLogged };
}
