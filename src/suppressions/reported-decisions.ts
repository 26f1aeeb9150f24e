/**
 * What others report of a person's subscription: complaints, opt-outs at a provider, and what the sender learned by a
 * reply or a call. Each is sorted by its own time among the person's other decisions, so that neither the log nor who
 * is suppressed depends on the order of reports. What is reported again changes nothing.
 *
 * All of it is logged, with an effect or without, so that it is known when it is reported again, and may get an effect
 * when something earlier is reported later.
 *
 * Statements of a transaction rely on each other's order: docs/design/suppressions.md, "The order of statements".
 */
import {
  EVENT_TYPES,
  FILTERED_TYPE_ID,
  type ReportedDecision,
  type ReportedSubscribed,
  type ReportedUnsubscribed,
  type Unsubscribed,
} from "../events/event.ts";
import { addressesOf } from "../events/holders.ts";
import { EVENT_COLUMNS, jsonRow } from "../events/row-sql.ts";
import { events, suppressions } from "../events/schema.ts";
import { assign, excluded, rawSql, type Sql, sql } from "../platform/sql.ts";
import { deciders, LATEST } from "./addresses.ts";
import {
  giveNextEffect,
  isFollowedBySubscribed,
  latestUnsubscribed,
  nextOptOut,
  retractNext,
  wasUnsubscribed,
  withdraw,
  withdrawRetracted,
} from "./decisions.ts";
import { isLifted, storeLift } from "./lifts.ts";
import { hashedSubject, OWN, personSubject } from "./subject.ts";
import {
  COMES_LAST,
  isOptOutOf,
  keepNewer,
  liftedBy,
  rowsOf,
  suppress,
  suppressesPerson,
  updateLaterDecisions,
} from "./subscriptions.ts";

const { subject, reason, source, since, event: suppressingEvent, lastAt, owner } = suppressions;

/**
 * The statements of one reported decision, for a transaction.
 * @param address where they opted out from, if known; trimmed and in lower case
 */
export function reportedDecision(
  d1: D1Database,
  event: ReportedDecision,
  address: string | null = null,
): D1PreparedStatement[] {
  const statements = event.type === "subscribed" ? subscription(event) : unsubscription(event, address);
  return statements.map((statement) => statement.prepare(d1));
}

/** Suppresses nobody again who subscribed again since, at whichever of their addresses. */
function unsubscription(event: ReportedUnsubscribed, address: string | null): Sql[] {
  const { atMs } = event;
  const isNew = sql`NOT ${isKnown(event)}`;
  const isLate = isLiftedSince(event);
  const lifted = (of: Sql) => isLifted(of, sql`'unsubscribed'`, sql`${atMs}`);
  const counts = sql`${isNew} AND NOT ${isLate} AND NOT ${lifted(rawSql("named.subject"))}
    AND NOT ${lifted(rawSql("named.hash"))}`;
  const comesFirst = sql`(${excluded(since)}, ${excluded(suppressingEvent)}) < (${since}, ${suppressingEvent})`;
  const hasEffect = sql`iif(${isLate},
    NOT ${wasUnsubscribed(event)} AND ${isFollowedBySubscribed(event)}, ${suppressesPerson(event)})`;
  return [
    suppress(event, address, { counts, comesFirst, comesLast: COMES_LAST }),
    log(event, hasEffect),
    ...updateLaterDecisions(event),
  ];
}

/**
 * Lifts what the page's subscribing again would have lifted then. Those suppressions name this event until they are
 * deleted, so that one that is reported again lifts nothing.
 */
function subscription(event: ReportedSubscribed): Sql[] {
  const { id, atMs, message } = event;
  const isLate = isLiftedSince(event);
  const isMarked = sql`${suppressingEvent} = ${id}`;
  const mark = sql`UPDATE ${suppressions} SET ${assign(suppressions, { event: id })}
    WHERE ${isOptOutOf(message.person)} AND ${since} <= ${atMs} AND NOT ${isKnown(event)} AND NOT ${isLate}`;
  const lifts = sql`EXISTS (SELECT 1 FROM ${suppressions} WHERE ${isMarked})`;
  const isLast = sql`EXISTS (SELECT 1 FROM ${events} WHERE ${events.uniqueId} = ${id}
    AND ${events.seq} = (SELECT max(${events.seq}) FROM ${events}))`;
  const hasEffect = sql`(${isLast} AND EXISTS (SELECT 1 FROM ${events} WHERE ${events.uniqueId} = ${id}
    AND ${events.type} = ${EVENT_TYPES.subscribed.id}))`;
  const remembered = sql`SELECT lifted.subject, lifted.reason FROM (${liftedBy(message.person)}) AS lifted
    WHERE ${isLast}`;
  return [
    mark,
    log(event, sql`iif(${isLate}, ${wasUnsubscribed(event)}, ${lifts})`),
    sql`DELETE FROM ${suppressions} WHERE ${isMarked} AND ${LATEST} <= ${atMs}`,
    keepNewer(event, isMarked),
    ...storeLift(remembered, { atMs, person: message.person }),
    giveNextEffect(event, hasEffect),
    retractNext(event, hasEffect),
  ];
}

/**
 * The statements that take a complaint out of the log that is there with a later time than it is reported with now,
 * before it is reported anew. So it does not depend on their order which of several times it has.
 */
export function withdrawnComplaint(d1: D1Database, event: ReportedUnsubscribed, loggedAtMs: number) {
  const { id, message } = event;
  const logged = { ...event, atMs: loggedAtMs };
  const row = sql`SELECT 1 FROM ${events} WHERE ${events.uniqueId} = ${id} AND ${events.at} = ${loggedAtMs}`;
  const isThere = sql`EXISTS (${row} AND ${events.type} = ${EVENT_TYPES.unsubscribed.id})`;
  const isFirst = sql`${suppressingEvent} = ${id} AND EXISTS (${row})`;
  const statements = [
    sql`DELETE FROM ${suppressions} WHERE ${isFirst} AND ${LATEST} <= ${loggedAtMs}
      AND ${nextOptOut(logged, deciders(message.person))} IS NULL`,
    keepNewer(logged, isFirst),
    restoreLatest(logged, sql`EXISTS (${row})`),
    withdrawRetracted(logged),
    ...withdraw(logged, isThere),
    sql`DELETE FROM ${events} WHERE ${events.uniqueId} = ${id} AND ${events.at} = ${loggedAtMs}`,
  ];
  return statements.map((statement) => statement.prepare(d1));
}

/**
 * Where a complaint is the latest of what suppresses a subject, the latest before it is. Otherwise a subscription
 * between the two would lift nothing.
 */
function restoreLatest({ id, atMs, message }: Unsubscribed, isThere: Sql): Sql {
  const { person } = message;
  const own = personSubject(person);
  const addresses = addressesOf((holder) => sql`${holder} = ${person}`);
  const theirs = sql`SELECT ${own} UNION ALL SELECT 'address:' || address FROM (${addresses})`;
  return sql`UPDATE ${suppressions} SET ${assign(suppressions, { lastAt: latestUnsubscribed(deciders(person), id) })}
    WHERE (${owner} IN (${own}, ${hashedSubject(own)}) OR ${subject} IN (${theirs}))
    AND ${reason} = 'unsubscribed' AND ${source} = ${OWN} AND ${lastAt} = ${atMs} AND ${isThere}`;
}

/** Logs a decision once, with its effect or without. */
function log(event: ReportedDecision, hasEffect: Sql): Sql {
  const typeId = EVENT_TYPES[event.type].id;
  return sql`INSERT INTO ${events} (${EVENT_COLUMNS})
    SELECT ${jsonRow({ type: sql`decided.type` })} FROM json_each(${rowsOf(event)}) CROSS JOIN (
      SELECT iif(NOT ${isKnown(event)} AND ${hasEffect}, ${typeId}, ${FILTERED_TYPE_ID}) AS type) AS decided
    WHERE true ON CONFLICT DO NOTHING`;
}

function isKnown({ id }: ReportedDecision): Sql {
  return sql`EXISTS (SELECT 1 FROM ${events} WHERE ${events.uniqueId} = ${id})`;
}

/** Whether the person has subscribed again since. */
function isLiftedSince({ atMs, message }: ReportedDecision): Sql {
  const own = personSubject(message.person);
  const lifted = (of: string) => isLifted(sql`${of}`, sql`'unsubscribed'`, sql`${atMs}`);
  return sql`(${lifted(own)} OR ${lifted(hashedSubject(own))})`;
}
