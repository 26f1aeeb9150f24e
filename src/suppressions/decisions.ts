/**
 * What a person decides about their subscription, as the log has it: Unsubscribed and Subscribed by turns, in the order
 * in which they happened, whatever order they are reported in. A decision that changes nothing at its time has no
 * effect: its row is of type 0. A decision that is reported later may give it its effect, or take another's.
 *
 * At the same millisecond a Subscribed comes after an Unsubscribed, which it lifts; of two of a type the ids decide.
 */
import { IS_SUBSCRIBED, IS_UNSUBSCRIBED } from "../events/decision-rows.ts";
import {
  DECISION_TYPE_IDS,
  EVENT_TYPES,
  FILTERED_TYPE_ID,
  type Subscribed,
  type Unsubscribed,
} from "../events/event.ts";
import { EVENT_COLUMNS, storedRow } from "../events/row-sql.ts";
import { events } from "../events/schema.ts";
import { rawSql, type Sql, sql } from "../platform/sql.ts";

export type Decision = Subscribed | Unsubscribed;

const { seq, id, uniqueId, type, at, person, detail } = events;
const UNSUBSCRIBED = sql`${EVENT_TYPES.unsubscribed.id}`;
const SUBSCRIBED = sql`${EVENT_TYPES.subscribed.id}`;
const NO_EFFECT = sql`${FILTERED_TYPE_ID}`;

/** The very condition of the index `events_decisions`, which SQLite uses for no other. */
const IS_INDEXED = sql`${type} IN (${rawSql(DECISION_TYPE_IDS.join(", "))})`;

const UNRETRACTED = sql`json_remove(${detail}, '$.retracted')`;
const AS_SUBSCRIBED = storedRow({ type: SUBSCRIBED, detail: UNRETRACTED });
const AS_UNSUBSCRIBED = storedRow({ type: UNSUBSCRIBED, detail: UNRETRACTED });
const AS_RETRACTED = storedRow({ type: NO_EFFECT, detail: sql`json_set(${detail}, '$.retracted', ${type})` });

const AS_WITHDRAWN = storedRow({
  id: sql`'withdrawn/' || lower(hex(randomblob(16)))`,
  type: NO_EFFECT,
  detail: sql`json_object('retracted', coalesce(${detail}->>'retracted', ${type}), 'of', ${id})`,
});

/** Whether the person had unsubscribed before a decision, by the log. */
export function wasUnsubscribed({ type: ownType, id: own, atMs, message }: Decision): Sql {
  const isBeforeAtOnce =
    ownType === "unsubscribed"
      ? sql`(${type} = ${UNSUBSCRIBED} AND ${id} < ${own})`
      : sql`(${type} = ${UNSUBSCRIBED} OR ${id} < ${own})`;
  const isBefore = sql`(${at} < ${atMs} OR (${at} = ${atMs} AND ${isBeforeAtOnce}))`;
  return sql`coalesce((SELECT ${type} = ${UNSUBSCRIBED} FROM ${events}
    WHERE ${IS_INDEXED} AND ${person} = ${message.person} AND ${type} <> ${NO_EFFECT} AND ${isBefore}
    ORDER BY ${at} DESC, ${type} DESC, ${id} DESC LIMIT 1), 0)`;
}

/** Whether a Subscribed, with effect or without, comes after an Unsubscribed. */
export function isFollowedBySubscribed({ atMs, message }: Unsubscribed): Sql {
  return sql`EXISTS (SELECT 1 FROM ${events}
    WHERE ${IS_INDEXED} AND ${person} = ${message.person} AND ${IS_SUBSCRIBED} AND ${at} >= ${atMs})`;
}

/** The seq of the decision after this one, with effect or without; NULL when there is none. */
function nextSeq({ type: own, id: ownId, atMs, message }: Decision): Sql {
  const isLater = sql`${id} > ${ownId}`;
  const isAfterAtOnce =
    own === "subscribed" ? sql`(${IS_SUBSCRIBED} AND ${isLater})` : sql`(${IS_SUBSCRIBED} OR ${isLater})`;
  return sql`(SELECT ${seq} FROM ${events}
    WHERE ${IS_INDEXED} AND ${person} = ${message.person} AND (${IS_UNSUBSCRIBED} OR ${IS_SUBSCRIBED})
    AND (${at} > ${atMs} OR (${at} = ${atMs} AND ${isAfterAtOnce})) AND ${id} <> ${ownId}
    ORDER BY ${at}, ${IS_SUBSCRIBED}, ${id} LIMIT 1)`;
}

/** The id of the Unsubscribed after this decision that counts; NULL when that is not what comes next. */
export function nextUnsubscribed(decision: Decision): Sql {
  return sql`(SELECT ${id} FROM ${events} WHERE ${seq} = ${nextSeq(decision)} AND ${type} = ${UNSUBSCRIBED})`;
}

/**
 * The id of the first Unsubscribed of some people after a decision, with effect or without; NULL when there is none.
 * @param people a SELECT of persons
 */
export function nextOptOut({ type: own, id: ownId, atMs }: Decision, people: Sql): Sql {
  const isAfter = own === "subscribed" ? sql`${at} > ${atMs}` : sql`${at} >= ${atMs} AND ${id} <> ${ownId}`;
  return sql`(SELECT ${id} FROM ${events}
    WHERE ${IS_INDEXED} AND ${person} IN (${people}) AND ${IS_UNSUBSCRIBED} AND ${isAfter}
    ORDER BY ${at}, ${id} LIMIT 1)`;
}

/**
 * The next decision, where it is the opposite and had no effect so far, gets its type, at the end of the log: it
 * changes something after this one. Applies where `hasEffect`.
 */
export function giveNextEffect(decision: Decision, hasEffect: Sql): Sql {
  const isUnsubscribing = decision.type === "unsubscribed";
  const [isOpposite, row] = isUnsubscribing ? [IS_SUBSCRIBED, AS_SUBSCRIBED] : [IS_UNSUBSCRIBED, AS_UNSUBSCRIBED];
  return replaceNext(decision, sql`${type} = ${NO_EFFECT} AND ${isOpposite} AND ${hasEffect}`, row);
}

/**
 * The next decision of the same type loses its effect to this one, which came first. It becomes a row of type 0 at the
 * end of the log, `retracted`, so that statistics and readers of the feed take it back. Applies where `hasEffect`.
 */
export function retractNext(decision: Decision, hasEffect: Sql): Sql {
  const sameType = sql`${EVENT_TYPES[decision.type].id}`;
  return replaceNext(decision, sql`${type} = ${sameType} AND ${hasEffect}`, AS_RETRACTED);
}

/**
 * A retracted decision is about to be deleted from the log. A row that says that it was retracted takes its place, for
 * statistics and readers of the feed that have not read the retraction yet.
 */
export function withdrawRetracted({ id: own, atMs }: Unsubscribed): Sql {
  return sql`INSERT INTO ${events} (${EVENT_COLUMNS}) SELECT ${AS_WITHDRAWN} FROM ${events}
    WHERE ${events.uniqueId} = ${own} AND ${at} = ${atMs}
    AND ${type} = ${NO_EFFECT} AND ${detail}->>'retracted' IS NOT NULL`;
}

/**
 * Takes a decision that had an effect out of the log, as if it had never been: the next opt-out gets its effect, or the
 * next Subscribed loses its own. Applies where `isThere`.
 */
export function withdraw(decision: Unsubscribed, isThere: Sql): Sql[] {
  const { id: own } = decision;
  const isOwn = sql`${uniqueId} = ${own} AND ${isThere}`;
  return [
    replaceNext(decision, sql`${type} = ${NO_EFFECT} AND ${IS_UNSUBSCRIBED} AND ${isThere}`, AS_UNSUBSCRIBED),
    replaceNext(decision, sql`${type} = ${SUBSCRIBED} AND ${isThere}`, AS_RETRACTED),
    // So that statistics and readers of the feed take it back. Without a cause it is no decision.
    sql`INSERT INTO ${events} (${EVENT_COLUMNS}) SELECT ${AS_WITHDRAWN} FROM ${events} WHERE ${isOwn}`,
    sql`DELETE FROM ${events} WHERE ${isOwn}`,
  ];
}

function replaceNext(decision: Decision, condition: Sql, row: Sql): Sql {
  return sql`REPLACE INTO ${events} (${EVENT_COLUMNS}) SELECT ${row} FROM ${events}
    WHERE ${seq} = ${nextSeq(decision)} AND ${condition}`;
}

/** Whether a person has subscribed at a time or later, with effect or without. */
export function hasSubscribedSince(who: Sql, since: Sql): Sql {
  return sql`EXISTS (SELECT 1 FROM ${events} WHERE ${IS_INDEXED} AND ${person} = ${who} AND ${IS_SUBSCRIBED}
    AND ${at} >= ${since})`;
}

/**
 * When the latest Unsubscribed of some people happened, with effect or without; NULL when there is none.
 * @param people a SELECT of persons
 * @param except the id of one that does not count
 */
export function latestUnsubscribed(people: Sql, except: string): Sql {
  return sql`(SELECT max(${at}) FROM ${events} WHERE ${IS_INDEXED} AND ${person} IN (${people}) AND ${IS_UNSUBSCRIBED}
    AND ${id} <> ${except})`;
}

/**
 * A Subscribed that comes next after an opt-out that is not in the log gets its effect, at the end of the log.
 * @param optOuts a SELECT of the columns person and at
 */
export function giveNextSubscribedEffect(optOuts: Sql): Sql {
  const next = sql`SELECT ${seq} FROM ${events}
    WHERE ${IS_INDEXED} AND ${person} = added.person AND ${at} >= added.at AND (${IS_UNSUBSCRIBED} OR ${IS_SUBSCRIBED})
    ORDER BY ${at}, ${IS_SUBSCRIBED}, ${id} LIMIT 1`;
  return sql`REPLACE INTO ${events} (${EVENT_COLUMNS}) SELECT ${AS_SUBSCRIBED} FROM ${events}
    WHERE ${seq} IN (SELECT (${next}) FROM (${optOuts}) AS added) AND ${type} = ${NO_EFFECT} AND ${IS_SUBSCRIBED}`;
}
