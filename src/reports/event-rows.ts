/** The rows of the log as statistics read them, and what each adds to the statistics of messages. */
import type { Column } from "drizzle-orm";
import { type LogStores, recallFiled, recallListed } from "../archive/index.ts";
import { CATEGORY } from "../events/bounce.ts";
import { DECISION_TYPE_IDS, EVENT_TYPES, FILTERED_TYPE_ID, NO_ID, REPLACES } from "../events/event.ts";
import { MESSAGE_FLAGS } from "../events/message-flags.ts";
import { retention } from "../events/privacy-schema.ts";
import { AUTOMATED_OPEN } from "../events/row.ts";
import { aggregated, events, messageStats } from "../events/schema.ts";
import { deliveredId, SOFT_BOUNCED } from "../events/send-key.ts";
import { columnName, rawSql, type Sql, sql } from "../platform/sql.ts";
import type { Message } from "../tokens/claims.ts";
import type { CountedEvent } from "./counted.ts";
import { seqsOf } from "./event-seqs.ts";
import { MessageAggregator } from "./message-stats.ts";
import { type Addition, additionsOfOpened } from "./opened.ts";

const IS_OPENED = sql`${events.type} = ${EVENT_TYPES.opened.id}`;
/** An Unsubscribed, or one that took its place: the others that are retracted leave nothing in statistics. */
const IS_RETRACTED = sql`((${events.type} = ${FILTERED_TYPE_ID}
    AND ${events.detail}->>'retracted' = ${EVENT_TYPES.unsubscribed.id})
  OR (${events.type} = ${EVENT_TYPES.unsubscribed.id} AND ${events.detail}->>${REPLACES}))`;
/** The flags of the other Unsubscribed that the message of an event has in the log, by the index `events_decisions`. */
const REMAINING = sql`(
  SELECT max(${MESSAGE_FLAGS.unsubscribed})
    + max(iif(${ofOther(events.detail)}->>'cause' = 'complaint', ${MESSAGE_FLAGS.complained}, 0))
  FROM ${events} AS other
  WHERE ${ofOther(events.type)} IN (${rawSql(DECISION_TYPE_IDS.join(", "))})
  AND ${ofOther(events.type)} = ${EVENT_TYPES.unsubscribed.id}
  AND ${ofOther(events.person)} = ${events.person} AND ${ofOther(events.email)} = ${events.email}
  AND ${ofOther(events.campaign)} = ${events.campaign} AND ${ofOther(events.seq)} <> ${events.seq})`;
/**
 * The other times of an event that was reported with several, and the latest Delivered and Soft Bounced that the
 * message has in the log, as JSON.
 */
const REPEATED = sql`CASE WHEN ${events.type} IN (${EVENT_TYPES.sent.id}, ${EVENT_TYPES.delivered.id},
    ${EVENT_TYPES.softBounced.id}) AND ${events.detail}->>'otherTimes' IS NOT NULL
  THEN json_object('otherTimes', json(${events.detail}->'otherTimes'),
    'delivered', ${latestOf(deliveredId(""))}, 'softBounced', ${latestOf(SOFT_BOUNCED)}) END`;
const IS_AUTOMATED = sql`(${events.type} = ${FILTERED_TYPE_ID} AND ${events.detail}->>${AUTOMATED_OPEN} IS NOT NULL)`;
const SELECT_ROW = sql`SELECT ${events.seq}, ${events.type}, ${events.at}, ${events.email}, ${events.campaign},
${events.person}, ${events.linkId} AS linkId, iif(${events.isBot}, coalesce(${events.botPattern}, ''), NULL) AS pattern,
iif(${IS_OPENED}, ${events.id}, NULL) AS openedId, iif(${IS_OPENED}, ${events.detail}, NULL) AS detail,
iif(${events.type} = ${EVENT_TYPES.unsubscribed.id}, ${events.detail}->>'cause' IS 'complaint', 0) AS isComplaint,
iif(${events.type} = ${EVENT_TYPES.hardBounced.id}, ${events.detail}->>'category' IS ${CATEGORY.blocked}, 0)
  AS isBlocked,
iif(${events.type} = ${EVENT_TYPES.sent.id}, ${events.detail}->>'implied' IS NOT NULL, 0) AS isImplied,
iif(${IS_RETRACTED}, coalesce(${REMAINING}, 0), NULL) AS remaining, ${REPEATED} AS repeated,
${IS_AUTOMATED} AS isAutomated,
iif(${events.type} = ${EVENT_TYPES.clicked.id} OR ${IS_AUTOMATED}, ${events.userAgent}, NULL) AS agent`;

/** A column of the rows that the query calls `other`. */
function ofOther(column: Column): Sql {
  return sql`other.${columnName(column)}`;
}

/** When the latest of the message's outcomes with such ids happened, which begin with the message (send-key.ts). */
function latestOf(prefix: string): Sql {
  const ofMessage = sql`${prefix} || ${events.email} || '/' || ${events.person} || '/' || ${events.campaign}`;
  return sql`(SELECT max(${ofOther(events.at)}) FROM ${events} AS other
    WHERE ${ofOther(events.uniqueId)} > ${ofMessage} || '/' AND ${ofOther(events.uniqueId)} < ${ofMessage} || '0')`;
}

/** The next rows that are not aggregated yet, `limit` at most. */
export function nextRows(limit: number): Sql {
  return sql`${SELECT_ROW} FROM ${events} WHERE ${events.seq} > (SELECT ${aggregated.seq} FROM ${aggregated})
ORDER BY ${events.seq} LIMIT ${limit}`;
}

export interface StatisticsRow extends CountedEvent, Message {
  /** The id of an Opened; null for other types, and so is `detail`. */
  readonly openedId: string | null;
  readonly detail: string | null;
  /** JSON of `RepeatedReport`; null for most. */
  readonly repeated: string | null;
  /** Whether it is a load of a provider's own pixel by a bot. */
  readonly isAutomated: 0 | 1;
}

/** An event that was reported with several times, in ms since 1970 UTC. */
interface RepeatedReport {
  /** Besides that of its row. */
  readonly otherTimes: readonly number[];
  /** The latest in the log; null without any. */
  readonly delivered: number | null;
  readonly softBounced: number | null;
}

/** What a row adds: first to the list of the message that it names, then to what counts. Of nobody's event nothing. */
export function additionsOf(row: StatisticsRow): readonly Addition[] {
  if (row.person === NO_ID) return [];
  return [{ message: row, addTo: (aggregator) => aggregator.list(row) }, ...countedAdditionsOf(row)];
}

function countedAdditionsOf(row: StatisticsRow): readonly Addition[] {
  const { type, at, linkId, pattern, openedId, isAutomated, agent } = row;
  if (isAutomated === 1) return [{ message: row, addTo: (aggregator) => aggregator.addAutomatedOpen(at, agent ?? "") }];
  if (openedId !== null) {
    const isBot = pattern === null ? 0 : 1;
    return additionsOfOpened({ ...row, id: openedId, userAgent: null, isBot, botPattern: pattern });
  }
  if (row.repeated !== null) return [{ message: row, addTo: (aggregator) => addRepeated(aggregator, row) }];
  if (type !== EVENT_TYPES.clicked.id) return [{ message: row, addTo: (aggregator) => aggregator.add(row) }];
  if (linkId === null) return [];
  return [{ message: row, addTo: (aggregator) => aggregator.addClick({ ...row, linkId }) }];
}

/** All its times show when the message may have been delivered, and one what became of it. */
function addRepeated(aggregator: MessageAggregator, row: StatisticsRow): void {
  const { otherTimes, delivered, softBounced }: RepeatedReport = JSON.parse(row.repeated ?? "{}");
  for (const at of [row.at, ...otherTimes]) aggregator.add({ ...row, at });
  aggregator.clearOutcomes();
  if (delivered !== null) aggregator.addOutcome(MESSAGE_FLAGS.delivered, delivered);
  if (softBounced !== null) aggregator.addOutcome(MESSAGE_FLAGS.softBounced, softBounced);
}

/**
 * The time of a message by the rows up to `seq` that are in the log: an Unsubscribed that was retracted has left its
 * time behind. Undefined where that cannot have been the message's time: a Sent decided it, or an event that retention
 * may have deleted since, and so one that was earlier than any in the log.
 * @throws the errors of D1 and R2
 */
export async function timeAfterRetraction(
  stores: LogStores,
  message: Message & Pick<typeof messageStats.$inferSelect, "flags" | "since">,
  seq: number,
): Promise<number | undefined> {
  if ((message.flags & MESSAGE_FLAGS.sent) !== 0) return undefined;
  // With OPENS_PER "email" an Opened of another campaign may hold loads of this one.
  const ofPerson = sql`${messageStats.person} = ${message.person} AND ${messageStats.email} = ${message.email}`;
  await recallFiled(stores, [{ email: message.email, person: message.person }]);
  await recallListed(stores, sql`SELECT seq FROM ${seqsOf(ofPerson)}`);
  const isWhole = sql`NOT EXISTS (SELECT 1 FROM ${retention} WHERE ${retention.before} > ${message.since})`;
  const rows = sql`${SELECT_ROW} FROM (SELECT DISTINCT seq FROM ${seqsOf(ofPerson)} WHERE seq <= ${seq}) AS listed
CROSS JOIN ${events} ON ${events.seq} = listed.seq WHERE ${isWhole} ORDER BY ${events.seq}`;
  const { results } = await rows.prepare(stores.DB).all<StatisticsRow>();
  const aggregator = new MessageAggregator(message);
  for (const { message: other, addTo } of results.flatMap(countedAdditionsOf)) {
    if (other.campaign === message.campaign) addTo(aggregator);
  }
  return aggregator.changed?.since;
}
