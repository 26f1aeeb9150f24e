/**
 * Lifting suppressions, with who did it and why in the log. What bounced or was decided before counts no more,
 * whenever that is reported.
 */
import { normalAddress } from "../events/address.ts";
import { EVENT_TYPES, NO_ID } from "../events/event.ts";
import { RECORDED_NOW } from "../events/recorded.ts";
import { events, people, suppressions } from "../events/schema.ts";
import { DAY_MS } from "../platform/durations.ts";
import { retryOnce } from "../platform/errors.ts";
import { sha256Hex } from "../platform/sha256.ts";
import { assign, columnNames, rawSql, runBatch, type Sql, sql } from "../platform/sql.ts";
import { BY_ADDRESS, LATEST } from "./addresses.ts";
import { storeLift } from "./lifts.ts";
import { reportedDecision } from "./reported-decisions.ts";
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
      (${columnNames(events.recordedAt, events.id, type, at, email, events.person, campaign, send, detail)})
    SELECT ${RECORDED_NOW}, ${id}, ${EVENT_TYPES.suppressionRemoved.id}, ${atMs}, coalesce(${email}, ${NO_ID}),
      coalesce(${events.person}, ${person}, ${NO_ID}), coalesce(${campaign}, ${NO_ID}), ${send},
      json_object('who', ${who}, 'why', ${why}, 'reason', ${reason},
        'address', iif(${suppressions.subject} LIKE 'address:%', substr(${suppressions.subject}, 9), NULL))
    FROM ${suppressions} LEFT JOIN ${events} ON ${events.uniqueId} = ${suppressions.event}
    WHERE ${isTheirs} ORDER BY ${events.id} IS NULL, ${suppressions.subject} LIMIT 1
    ON CONFLICT DO NOTHING`;
  const lifted = sql`SELECT DISTINCT ${suppressions.subject}, ${suppressions.reason}
    FROM ${suppressions} WHERE ${isTheirs}`;
  const remove = sql`DELETE FROM ${suppressions} WHERE ${isTheirs} AND ${LATEST} <= ${atMs}`;
  const keepNewer = sql`UPDATE ${suppressions} SET ${assign(suppressions, { since: LATEST })} WHERE ${isTheirs}`;
  const remember = storeLift(lifted, { atMs, person: null });
  const results = await retryOnce(() => runBatch(d1, [log, ...remember, remove, keepNewer, isLogged]));
  return (results.at(-1)?.results.length ?? 0) > 0;
}

/**
 * Lifts an opt-out of a person or an address: what only follows somebody else's, what belongs to an address alone, and
 * what its owners have decided, as if each of them had subscribed again now, with who lifted it and why. What
 * others with the address have decided themselves stays. Answers as `removeBounced` does.
 * @returns whether there was one
 * @throws D1's error when it may not be committed; repeating it is harmless
 */
export async function removeOptOut(d1: D1Database, removal: Removal): Promise<boolean> {
  const { atMs, who, why } = removal;
  const { person, address } = namesOf(removal);
  const { id, isLogged } = removalEvent(removal, [person, address, who, why, "unsubscribed"]);
  await retryOnce(() => runBatch(d1, removeUnowned(removal, id)));
  for (const [nth, decided] of (await decidedBy(d1, person, address)).entries()) {
    const message = { email: NO_ID, person: decided, campaign: NO_ID };
    const event = { type: "subscribed", by: "sender", id: `${id}/${nth}`, atMs, message, who, why } as const;
    await retryOnce(() => d1.batch(reportedDecision(d1, event)));
  }
  return (await retryOnce(() => isLogged.prepare(d1).first())) !== null;
}

/** The statements that remove opt-outs that no known person has decided, and log it if there are any. */
function removeUnowned(removal: Removal, eventId: string): Sql[] {
  const { atMs, who, why } = removal;
  const { person, address } = namesOf(removal);
  const { subject, reason, cause, owner } = suppressions;
  const theirAddress = addressOf(person, address);
  const hash = address === null ? null : hashedSubject(addressSubject(address));
  const names = sql`('address:' || ${theirAddress}, ${hash})`;
  // That of an address alone, or of somebody who is erased; and what follows it.
  const isNobodys = sql`coalesce(${owner} LIKE 'sha256:%', true)`;
  const isAddress = sql`(${owner} IN ${names} OR (${subject} IN ${names} AND ${isNobodys}))`;
  const isFollowing = sql`(${cause} = ${BY_ADDRESS} AND ${subject} IN (
      SELECT 'person:' || ${person} UNION ALL SELECT 'address:' || ${theirAddress}
      UNION ALL SELECT 'person:' || ${people.person} FROM ${people} WHERE ${people.address} = ${theirAddress}))`;
  const isUnowned = sql`${reason} = 'unsubscribed' AND (${isAddress} OR ${isFollowing})`;
  const { email, campaign, detail, type, at } = events;
  // Not the event that it follows: that is somebody else's.
  const log = sql`INSERT INTO ${events}
      (${columnNames(events.recordedAt, events.id, type, at, email, events.person, campaign, detail)})
    SELECT ${RECORDED_NOW}, ${eventId}, ${EVENT_TYPES.suppressionRemoved.id}, ${atMs}, ${NO_ID},
      coalesce(${person}, ${NO_ID}), ${NO_ID},
      json_object('who', ${who}, 'why', ${why}, 'reason', 'unsubscribed', 'address', ${theirAddress})
    WHERE EXISTS (SELECT 1 FROM ${suppressions} WHERE ${isUnowned})
    ON CONFLICT DO NOTHING`;
  const lifted = sql`SELECT DISTINCT ${subject}, ${reason} FROM ${suppressions}
    WHERE ${reason} = 'unsubscribed' AND ${isAddress}`;
  const remove = sql`DELETE FROM ${suppressions} WHERE ${isUnowned}`;
  return [log, ...storeLift(lifted, { atMs, person: null }), remove];
}

/** The persons whose opt-outs are left: the one that is named, or those who have opted out from the address. */
async function decidedBy(d1: D1Database, person: string | null, address: string | null): Promise<string[]> {
  const { subject, reason, owner } = suppressions;
  const isOptOut = sql`SELECT 1 FROM ${suppressions} WHERE ${reason} = 'unsubscribed' AND ${subject} IN`;
  const theirs = sql`('person:' || ${person}, ${hashedSubject(personSubject(person ?? ""))},
    'address:' || ${addressOf(person, null)})`;
  const theAddress = addressSubject(address ?? "");
  const query =
    person === null
      ? sql`SELECT DISTINCT substr(${owner}, ${personSubject("").length + 1}) AS person FROM ${suppressions}
          WHERE ${reason} = 'unsubscribed' AND ${subject} = ${theAddress} AND ${owner} LIKE 'person:%'`
      : sql`SELECT ${person} AS person WHERE EXISTS (${isOptOut} ${theirs})`;
  const { results } = await retryOnce(() => query.prepare(d1).all<{ person: string }>());
  return results.map((row) => row.person);
}

/** SQLite takes a partial index only where its very condition is in the statement. */
const REMOVED = rawSql(String(EVENT_TYPES.suppressionRemoved.id));

/**
 * Whether an event is the removal of an address, by the index `events_removals`. `person` is `NO_ID` unless the person
 * of the send is known that bounced, or a person was named.
 * @param addresses for an IN: a list or a SELECT
 */
export function isRemovalOf(addresses: Sql): Sql {
  return sql`${events.type} = ${REMOVED} AND ${events.detail}->>'address' IN (${addresses})`;
}

/** The person and the address that are named, null for what is not. */
function namesOf({ recipient: { person, address } }: Removal) {
  return { person: person ?? null, address: address === undefined ? null : normalAddress(address) };
}

/** The address that is named, else that of the person. */
function addressOf(person: string | null, address: string | null): Sql {
  return sql`coalesce(${address}, (SELECT ${people.address} FROM ${people} WHERE ${people.person} = ${person}))`;
}

/** The same request within this time is a repetition. */
const REPEATED_MS = DAY_MS;

/** The id of a removal's event, and a query of whether the same removal is logged: ids of the same begin alike. */
function removalEvent({ id, atMs }: Removal, asked: readonly (string | null)[]) {
  const same = `removed/${sha256Hex(JSON.stringify(asked)).slice(0, 32)}`;
  const isLogged = sql`SELECT 1 FROM ${events}
    WHERE ${events.uniqueId} > ${`${same}/`} AND ${events.uniqueId} < ${`${same}0`}
    AND ${events.at} > ${atMs - REPEATED_MS} LIMIT 1`;
  return { id: `${same}/${id}`, isLogged };
}
