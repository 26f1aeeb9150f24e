/**
 * Which archived events stay in D1, too. Those of some types stay for ever, and D1 decides about them by their type.
 * Others stay as long as something looks them up in D1: each has a row of `recalled`, and leaves when its segment is
 * rewritten.
 */
import { recalled } from "../events/archive-schema.ts";
import { IS_SUBSCRIBED, IS_UNSUBSCRIBED } from "../events/decision-rows.ts";
import { EVENT_TYPES, type EventType, FILTERED_TYPE_ID } from "../events/event.ts";
import { MESSAGE_FLAGS } from "../events/message-flags.ts";
import { events, links, messageStats, suppressions } from "../events/schema.ts";
import { assign, rawSql, type Sql, sql } from "../platform/sql.ts";

/**
 * - "for ever": they are looked up by person or address;
 * - "with its message": reports of bounces read those of the messages in D1; and statistics look, when somebody clicks
 *   a link, whether the person is among the first who did: of clicks only these stay.
 */
const STAYS: Readonly<Record<EventType, "for ever" | "with its message" | "no">> = {
  sent: "no",
  delivered: "no",
  hardBounced: "with its message",
  unsubscribed: "for ever",
  opened: "no",
  clicked: "with its message",
  softBounced: "with its message",
  subscribed: "for ever",
  suppressionRemoved: "for ever",
  retry: "no",
};

function typesThatStay(how: "for ever" | "with its message"): readonly number[] {
  return Object.entries(EVENT_TYPES).flatMap(([type, { id }]) => (STAYS[type as EventType] === how ? [id] : []));
}

const KEPT_TYPES = typesThatStay("for ever");
const KEPT_LIST = rawSql(KEPT_TYPES.join(", "));
const TYPES_WITH_MESSAGE = typesThatStay("with its message");
const IS_WITH_MESSAGE = sql`${events.type} IN (${rawSql(TYPES_WITH_MESSAGE.join(", "))})`;

/** Whether events of a type stay in D1 for ever. */
export function isKeptType(type: number): boolean {
  return KEPT_TYPES.includes(type);
}

/** The same of a row's type. */
export function hasKeptType(type: Sql): Sql {
  return sql`${type} IN (${KEPT_LIST})`;
}

const HAS_MESSAGE = sql`EXISTS (SELECT 1 FROM ${messageStats} WHERE ${messageStats.email} = ${events.email}
  AND ${messageStats.campaign} = ${events.campaign} AND ${messageStats.person} = ${events.person})`;
/** Removing the suppression names the send that bounced. A block is over long before the message leaves D1. */
const IS_SUPPRESSING = sql`EXISTS (SELECT 1 FROM ${suppressions}
  WHERE ${suppressions.event} = ${events.id} AND ${suppressions.reason} <> 'blocked')`;
const IS_CLICK = sql`${events.type} = ${EVENT_TYPES.clicked.id}`;
const IS_FIRST_CLICK = sql`EXISTS (
  SELECT 1 FROM ${links} CROSS JOIN json_each(${links.firstClicks}) AS clicked
  WHERE ${links.email} = ${events.email} AND ${links.id} = ${events.linkId} AND clicked.value = ${events.seq})`;

/** Whether a row of `events` leaves D1 when it is archived. */
export const IS_LEAVING = sql`(NOT ${hasKeptType(sql`${events.type}`)}
  AND NOT (${IS_WITH_MESSAGE} AND (NOT ${IS_CLICK} OR ${IS_FIRST_CLICK}) AND (${HAS_MESSAGE} OR ${IS_SUPPRESSING}))
  AND NOT (${events.type} = ${FILTERED_TYPE_ID} AND (${IS_UNSUBSCRIBED} OR ${IS_SUBSCRIBED})))`;

/**
 * The statement by which what has stayed with messages leaves D1, once their segments are rewritten.
 * @param listed a JSON array of the seqs of their events
 */
export function leaveWithMessages(listed: string, dueAtMs: number, condition: Sql): Sql {
  return sql`UPDATE ${recalled} SET ${assign(recalled, { dueAt: dueAtMs })}
WHERE ${recalled.seq} IN (SELECT value FROM json_each(${listed})) AND ${recalled.dueAt} IS NULL AND ${condition}
AND EXISTS (SELECT 1 FROM ${events} WHERE ${events.seq} = ${recalled.seq} AND ${IS_WITH_MESSAGE})`;
}

/** Whether an event of a type may stay in D1 with its message. */
export function mayStayWithMessage(type: number): boolean {
  return TYPES_WITH_MESSAGE.includes(type);
}

const { hardBounced, softBounced, clickedByPerson, clickedByBot } = MESSAGE_FLAGS;

/**
 * Selects as `seq` the seqs of the events that stay in D1 with messages, and of others.
 * @param rows a JSON array of objects: `email` and `flags` of a message, and the `seq` of an event
 */
export function seqsStayingWith(rows: string): Sql {
  const hasBounced = sql`value->>'flags' & ${rawSql(String(hardBounced | softBounced))}`;
  const hasClicked = sql`value->>'flags' & ${rawSql(String(clickedByPerson | clickedByBot))}`;
  const isFirstClick = sql`EXISTS (SELECT 1 FROM ${links} CROSS JOIN json_each(${links.firstClicks}) AS clicked
  WHERE ${links.email} = named.value->>'email' AND clicked.value = named.value->>'seq')`;
  return sql`SELECT value->>'seq' AS seq FROM json_each(${rows}) AS named
WHERE ${hasBounced} OR (${hasClicked} AND ${isFirstClick})`;
}
