/**
 * Unsubscribing and subscribing again: the event and the suppression in one D1 transaction, so that neither is ever
 * there without the other. Once per person until they subscribe again: a repeated submit changes nothing.
 *
 * Here is what the page does: its decisions are sorted by their commits and not by their times, because clocks differ:
 * whoever was answered that they are unsubscribed is. What others report is in reported-decisions.ts.
 *
 * Statements of a transaction rely on each other's order: docs/design/suppressions.md, "The order of statements".
 */
import {
  EVENT_TYPES,
  FILTERED_TYPE_ID,
  REPLACES,
  type RequestedSubscribed,
  type RequestedUnsubscribed,
  type Unsubscribed,
} from "../events/event.ts";
import { holdersOf } from "../events/holders.ts";
import { namedRow, rowOf } from "../events/row.ts";
import { EVENT_COLUMNS, jsonRow } from "../events/row-sql.ts";
import { events, otherAddresses, people, suppressions } from "../events/schema.ts";
import { sendKey } from "../events/send-key.ts";
import { HOUR_MS } from "../platform/durations.ts";
import { retryOnce } from "../platform/errors.ts";
import { assign, columnName, columnNames, excluded, runBatch, type Sql, sql } from "../platform/sql.ts";
import { BY_ADDRESS, deciders, LATEST } from "./addresses.ts";
import { type Decision, giveNextEffect, nextOptOut, nextUnsubscribed, retractNext } from "./decisions.ts";
import { storeLift } from "./lifts.ts";
import { addressSubject, hashedSubject, OWN, personSubject, SAME_SUPPRESSION } from "./subject.ts";

const { subject, reason, source, since, cause, event: suppressingEvent, owner } = suppressions;

/** When the commit is tried twice, a Subscribed between the tries must stay. */
function pageUnsubscription(event: RequestedUnsubscribed): Sql[] {
  const isNew = sql`NOT ${isLogged(event)}`;
  // What is reported may be ahead of the clock.
  const comesFirst = sql`${excluded(since)} < ${since} AND ${cause} NOT IN ('form', 'one_click')`;
  const isErasedOptOut = sql`EXISTS (SELECT 1 FROM ${suppressions}
    WHERE ${subject} = ${hashedSubject(personSubject(event.message.person))} AND ${reason} = 'unsubscribed')`;
  return [
    suppress(event, null, { counts: isNew, comesFirst, comesLast: COMES_LAST }),
    ...logStatements(event, suppressesPerson(event)),
    noteWithoutEffect(event, sql`NOT ${isErasedOptOut}`),
    ...updateLaterDecisions(event),
  ];
}

/** Logs what had no effect, which something earlier that is reported later may give it. */
function noteWithoutEffect(event: Decision, condition: Sql = sql`true`): Sql {
  return sql`INSERT INTO ${events} (${EVENT_COLUMNS})
    SELECT ${jsonRow({ type: sql`decided.type` })} FROM json_each(${rowsOf(event)})
    CROSS JOIN (SELECT ${FILTERED_TYPE_ID} AS type) AS decided
    WHERE NOT ${isLogged(event)} AND ${condition} ON CONFLICT DO NOTHING`;
}

/** Whether a time is later than the latest of what suppresses a subject, for `SuppressWhen`. */
export const COMES_LAST = sql`${excluded(since)} > ${LATEST}`;

interface SuppressWhen {
  readonly counts: Sql;
  /** Before what suppresses the subject already; or after. */
  readonly comesFirst: Sql;
  readonly comesLast: Sql;
}

/** Somebody who unsubscribed and was erased keeps the suppression under their hash. */
export function suppress(
  event: Unsubscribed,
  address: string | null,
  { counts, comesFirst, comesLast }: SuppressWhen,
): Sql {
  const { id, atMs, message } = event;
  const own = personSubject(message.person);
  const addressHash = address === null ? null : hashedSubject(addressSubject(address));
  const isFirst = sql`(${cause} = ${BY_ADDRESS} OR (${comesFirst}))`;
  return sql`INSERT INTO ${suppressions} (${columnNames(subject, reason, since, cause, suppressingEvent, owner)})
    SELECT named.subject, 'unsubscribed', ${atMs}, ${event.cause}, ${id}, ${own}
    FROM (
      SELECT ${own} AS subject, ${hashedSubject(own)} AS hash
      UNION SELECT (${subjectOfTheirAddress(message.person)}), NULL
      UNION SELECT 'address:' || ${otherAddresses.address}, NULL FROM ${otherAddresses}
        WHERE ${otherAddresses.person} = ${message.person}
      UNION SELECT 'address:' || ${address}, ${addressHash}
    ) AS named
    WHERE named.subject IS NOT NULL AND ${counts}
    AND NOT EXISTS (SELECT 1 FROM ${suppressions}
      WHERE ${subject} = named.hash AND ${reason} = 'unsubscribed' AND ${source} = ${OWN})
    ON CONFLICT (${SAME_SUPPRESSION}) DO UPDATE SET ${assign(suppressions, {
      since: sql`iif(${isFirst}, ${excluded(since)}, ${since})`,
      cause: sql`iif(${isFirst}, ${excluded(cause)}, ${cause})`,
      event: sql`iif(${isFirst}, ${excluded(suppressingEvent)}, ${suppressingEvent})`,
      owner: sql`iif(${isFirst}, ${excluded(owner)}, ${owner})`,
      lastAt: sql`max(${LATEST}, ${excluded(since)})`,
    })} WHERE ${isFirst} OR ${comesLast}`;
}

/** Once `suppress` has run: whether this is what has unsubscribed the person. */
export function suppressesPerson({ id, atMs, message }: Unsubscribed): Sql {
  return sql`EXISTS (SELECT 1 FROM ${suppressions} WHERE ${subject} = ${personSubject(message.person)}
    AND ${reason} = 'unsubscribed' AND ${suppressingEvent} = ${id} AND ${since} = ${atMs})`;
}

/** Gives and takes the effect of later decisions, once an Unsubscribed is logged. */
export function updateLaterDecisions(event: Unsubscribed): Sql[] {
  const { id, atMs } = event;
  const { unsubscribed } = EVENT_TYPES;
  const hasEffect = sql`EXISTS (SELECT 1 FROM ${events} WHERE ${events.uniqueId} = ${id}
    AND ${events.type} = ${unsubscribed.id} AND ${events.seq} = (SELECT max(${events.seq}) FROM ${events}))`;
  return [
    giveNextEffect(event, hasEffect),
    sql`UPDATE ${suppressions} SET ${assign(suppressions, {
      since: sql`min(${since}, ${atMs})`,
      cause: sql`iif(${cause} IN (${BY_ADDRESS}, 'erased'), ${cause}, ${event.cause})`,
      event: id,
    })} WHERE ${suppressingEvent} = ${nextUnsubscribed(event)} AND ${hasEffect}`,
    retractNext(event, hasEffect),
  ];
}

/**
 * Resolves when committed. Trying again is harmless.
 * @throws D1's error when it cannot be committed
 */
export async function unsubscribe(d1: D1Database, event: RequestedUnsubscribed): Promise<void> {
  await retryOnce(() => runBatch(d1, pageUnsubscription(event)));
}

/**
 * Lifts the person's opt-outs that are not newer: their own and that of their address, with the suppressions of other
 * subjects that each has caused. An opt-out that others with that address decided themselves stays. Resolves when
 * committed. Trying again is harmless.
 * @throws D1's error when it may not be committed
 */
export async function subscribe(d1: D1Database, event: RequestedSubscribed): Promise<void> {
  const { atMs, message } = event;
  const { person } = message;
  const isTheirs = isOptOutOf(person);
  const isSuppressed = sql`EXISTS (SELECT 1 FROM ${suppressions} WHERE ${isTheirs} AND ${since} <= ${atMs})`;
  const hasEffect = sql`EXISTS (SELECT 1 FROM ${events}
    WHERE ${events.uniqueId} = ${event.id} AND ${events.at} = ${atMs}
    AND ${events.type} = ${EVENT_TYPES.subscribed.id})`;
  // When the commit is tried twice, an opt-out between the tries must stay.
  const remove = sql`DELETE FROM ${suppressions} WHERE ${isTheirs} AND ${LATEST} <= ${atMs} AND NOT EXISTS (
    SELECT 1 FROM ${events} AS later JOIN ${events} AS own
    ON own.${columnName(events.uniqueId)} = ${event.id} AND own.${columnName(events.at)} = ${atMs}
    WHERE later.${columnName(events.uniqueId)} = ${suppressingEvent}
    AND later.${columnName(events.seq)} > own.${columnName(events.seq)})`;
  await retryOnce(() =>
    runBatch(d1, [
      ...logStatements(event, isSuppressed),
      noteWithoutEffect(event),
      giveNextEffect(event, hasEffect),
      remove,
      keepNewer(event, sql`${isTheirs} AND ${since} <= ${atMs} AND ${LATEST} > ${atMs}`),
      ...storeLift(liftedBy(person), { atMs, person }),
    ]),
  );
}

/** The subjects and reasons that a person's subscribing again lifts, for `storeLift`. */
export function liftedBy(person: string): Sql {
  return sql`SELECT ${personSubject(person)} AS subject, 'unsubscribed' AS reason
    UNION ALL SELECT 'address:' || ${people.address}, 'unsubscribed' FROM ${people} WHERE ${people.person} = ${person}`;
}

/**
 * What is newer than a decision is all that suppresses now, of an address also what others decided who have it. Applies
 * to the suppressions of `condition`. What was added (add.ts) follows no event.
 */
export function keepNewer(event: Decision, condition: Sql): Sql {
  const next = nextOptOut(event, deciders(event.message.person));
  const ofNext = (value: Sql) => sql`(SELECT ${value} FROM ${events} WHERE ${events.uniqueId} = ${next})`;
  const newCause = sql`coalesce(${ofNext(sql`${events.detail}->>'cause'`)}, ${cause})`;
  const isOwn = sql`${source} = ${OWN}`;
  return sql`UPDATE ${suppressions} SET ${assign(suppressions, {
    since: sql`iif(${isOwn}, coalesce(${ofNext(sql`${events.at}`)}, ${LATEST}), ${LATEST})`,
    cause: sql`iif(${isOwn} AND ${cause} NOT IN (${BY_ADDRESS}, 'erased'), ${newCause}, ${cause})`,
    event: sql`iif(${isOwn}, ${next}, NULL)`,
    owner: sql`iif(${isOwn} AND ${subject} LIKE 'address:%',
      coalesce(${ofNext(sql`'person:' || ${events.person}`)}, ${owner}), ${owner})`,
  })} WHERE ${condition}`;
}

/** The opt-outs that a person's subscribing again lifts. */
export function isOptOutOf(person: string): Sql {
  const own = personSubject(person);
  const others = sql`SELECT 'person:' || other.${columnName(people.person)}
    FROM ${people} JOIN ${people} AS other ON other.${columnName(people.address)} = ${people.address}
    WHERE ${people.person} = ${person}`;
  // An address that they had before may be that of somebody who has unsubscribed, too, whenever named with it.
  const holders = holdersOf(sql`substr(${subject}, ${"address:".length + 1})`, (holder) => sql`${holder} <> ${person}`);
  const isOfOther = sql`(${subject} LIKE 'address:%' AND EXISTS (SELECT 1 FROM ${suppressions} AS kept
    WHERE kept.${columnName(subject)} IN (SELECT 'person:' || holder.person FROM (${holders}) AS holder)
    AND kept.${columnName(reason)} = 'unsubscribed' AND kept.${columnName(cause)} <> ${BY_ADDRESS}))`;
  return sql`${reason} = 'unsubscribed' AND (
    ${subject} IN (SELECT ${own} UNION ALL SELECT ${hashedSubject(own)} UNION ALL ${subjectOfTheirAddress(person)})
    OR (${cause} = ${BY_ADDRESS} AND ${subject} IN (${others}))
    OR (${owner} IN (${own}, ${hashedSubject(own)}) AND NOT ${isOfOther}))`;
}

/**
 * Logs an event of the page under a condition, once. One of the same message and type within the hour before is
 * replaced, so that alternating adds no rows; the new one says so, because statistics may have counted the other.
 */
function logStatements(event: Decision, condition: Sql): Sql[] {
  const { id, atMs } = event;
  const isToLog = sql`${condition} AND NOT ${isLogged(event)}`;
  const before = hourlyId(event, atMs - HOUR_MS);
  const isBefore = sql`${events.uniqueId} = ${before} AND ${events.at} > ${atMs - HOUR_MS}`;
  const replaced = sql`EXISTS (SELECT 1 FROM ${events} WHERE ${events.uniqueId} = ${id} OR (${isBefore}))`;
  const marked = sql`json_set(value->>'detail', ${`$.${REPLACES}`}, json('true'))`;
  const hasReplaced = sql`EXISTS (SELECT 1 FROM ${events} WHERE ${events.uniqueId} = ${id} AND ${events.at} = ${atMs}
    AND ${events.type} = ${EVENT_TYPES[event.type].id} AND ${events.detail}->>${REPLACES})`;
  return [
    sql`UPDATE ${suppressions} SET ${assign(suppressions, { event: id })}
      WHERE ${suppressingEvent} = ${before} AND ${isToLog} AND EXISTS (SELECT 1 FROM ${events} WHERE ${isBefore})`,
    sql`INSERT OR REPLACE INTO ${events} (${EVENT_COLUMNS}) SELECT
      ${jsonRow({ detail: sql`iif(${replaced}, ${marked}, value->>'detail')` })}
      FROM json_each(${rowsOf(event)}) WHERE ${isToLog}`,
    sql`DELETE FROM ${events} WHERE ${isBefore} AND ${hasReplaced}`,
  ];
}

function isLogged({ id, atMs }: Decision): Sql {
  return sql`EXISTS (SELECT 1 FROM ${events} WHERE ${events.uniqueId} = ${id} AND ${events.at} = ${atMs})`;
}

export function rowsOf(event: Decision): string {
  return JSON.stringify([namedRow(JSON.parse(rowOf(event)))]);
}

/** The id of a subscription event by form or mail client: one for each message and hour. */
export function hourlyId({ type, message }: Pick<Decision, "type" | "message">, atMs: number): string {
  return `${type}/${sendKey(message)}${Math.floor(atMs / HOUR_MS)}`;
}

function subjectOfTheirAddress(person: string): Sql {
  return sql`SELECT 'address:' || ${people.address} FROM ${people} WHERE ${people.person} = ${person}`;
}
