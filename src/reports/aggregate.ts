/**
 * Aggregates the log into the statistics of each message, which reports read, and detects bots that only show beside
 * a message's other events. Guarantees that each event is aggregated exactly once, however many aggregate at the same
 * time and whatever fails: a batch writes everything, detected bots included, in one transaction, which changes
 * nothing when another batch went first, or when a detected event has left its seq. Gives up statistics that are
 * always up to date: who reads them aggregates the rest of the log first.
 *
 * Events that are not aggregated yet stay in the log as they are: erasure and retention leave them alone, unless
 * statistics have failed for long. A batch that has read what an erasure then changes is dropped.
 */

import type { Column } from "drizzle-orm";
import type { BotPolicy } from "../bots/bot.ts";
import { EVENT_TYPES, FILTERED_TYPE_ID } from "../events/event.ts";
import { aggregated, blocks, events, links, messageStats, SEQS_PER_BLOCK } from "../events/schema.ts";
import { deliveredId, SOFT_BOUNCED } from "../events/send-key.ts";
import { writeOpenRows } from "../ingest/open-rows.ts";
import { jsonArrays } from "../platform/json-arrays.ts";
import {
  assign,
  assignExcluded,
  columnName,
  columnNames,
  everyColumn,
  excluded,
  rawSql,
  readBatch,
  runBatch,
  type Sql,
  sql,
} from "../platform/sql.ts";
import type { Message } from "../tokens/claims.ts";
import { type Detected, detectBots, type Messages, textOf } from "./detect-bots.ts";
import { insertEarlierSeqs, shortenLists } from "./event-seqs.ts";
import { MESSAGE_FLAGS } from "./message-flags.ts";
import { type CountedEvent, MessageAggregator, type MessageState } from "./message-stats.ts";
import { type Addition, additionsOfOpened } from "./opened.ts";
import { reclassifyStatements } from "./reclassify.ts";

/** Few enough for a Worker's memory and for D1's statements. */
const EVENTS_PER_BATCH = 10_000;

/** A link that more people clicked is nobody's own. */
const MAX_FIRST_CLICKS = 8;

const IS_OPENED = sql`${events.type} = ${EVENT_TYPES.opened.id}`;
const IS_RETRACTED = sql`(${events.type} = ${FILTERED_TYPE_ID} AND ${events.detail}->>'retracted')`;
/** The flags of the Unsubscribed that the message of an event has in the log, by the index `events_decisions`. */
const REMAINING = sql`(
  SELECT max(${MESSAGE_FLAGS.unsubscribed})
    + max(iif(${ofOther(events.detail)}->>'cause' = 'complaint', ${MESSAGE_FLAGS.complained}, 0))
  FROM ${events} AS other
  WHERE ${ofOther(events.type)} IN (0, 9, 100001) AND ${ofOther(events.type)} = ${EVENT_TYPES.unsubscribed.id}
  AND ${ofOther(events.person)} = ${events.person} AND ${ofOther(events.email)} = ${events.email}
  AND ${ofOther(events.campaign)} = ${events.campaign})`;
/**
 * Of an event that was reported with several times: the others, and the latest Delivered and Soft Bounced that the
 * message has in the log, as JSON.
 */
const REPEATED = sql`CASE WHEN ${events.type} IN (${EVENT_TYPES.sent.id}, ${EVENT_TYPES.delivered.id},
    ${EVENT_TYPES.softBounced.id}) AND ${events.detail}->>'otherTimes' IS NOT NULL
  THEN json_object('otherTimes', json(${events.detail}->'otherTimes'),
    'delivered', ${latestOf(deliveredId(""))}, 'softBounced', ${latestOf(SOFT_BOUNCED)}) END`;
const NEXT_EVENTS = sql`SELECT ${events.seq}, ${events.type}, ${events.at}, ${events.email}, ${events.campaign},
${events.person}, ${events.linkId} AS linkId, iif(${events.isBot}, coalesce(${events.botPattern}, ''), NULL) AS pattern,
iif(${IS_OPENED}, ${events.id}, NULL) AS openedId, iif(${IS_OPENED}, ${events.detail}, NULL) AS detail,
iif(${events.type} = ${EVENT_TYPES.unsubscribed.id}, ${events.detail}->>'cause' IS 'complaint', 0) AS isComplaint,
iif(${events.type} = ${EVENT_TYPES.sent.id}, ${events.detail}->>'implied' IS NOT NULL, 0) AS isImplied,
iif(${IS_RETRACTED}, coalesce(${REMAINING}, 0), NULL) AS remaining, ${REPEATED} AS repeated
FROM ${events} WHERE ${events.seq} > (SELECT ${aggregated.seq} FROM ${aggregated})
ORDER BY ${events.seq} LIMIT ${EVENTS_PER_BATCH}`;

/** A column of the rows that stand as `other`. */
function ofOther(column: Column): Sql {
  return sql`other.${columnName(column)}`;
}

/** When the latest of the message's outcomes with such ids happened, which begin with the message (send-key.ts). */
function latestOf(prefix: string): Sql {
  const ofMessage = sql`${prefix} || ${events.email} || '/' || ${events.person} || '/' || ${events.campaign}`;
  return sql`(SELECT max(${ofOther(events.at)}) FROM ${events} AS other
    WHERE ${ofOther(events.id)} > ${ofMessage} || '/' AND ${ofOther(events.id)} < ${ofMessage} || '0')`;
}

const POSITION = sql`SELECT ${aggregated.seq}, ${aggregated.rewrites} FROM ${aggregated}`;
const START: Position = { seq: 0, rewrites: 0 };
const REMAINING_SEQS = sql`SELECT (SELECT max(${events.seq}) FROM ${events}) - ${aggregated.seq} AS remaining
FROM ${aggregated}`;

interface EventRow extends CountedEvent, Message {
  /** The id of an Opened; null for other types, and so is `detail`. */
  readonly openedId: string | null;
  readonly detail: string | null;
  /** JSON of `RepeatedReport`; null for most. */
  readonly repeated: string | null;
}

/** An event that was reported with several times, in ms since 1970 UTC. */
interface RepeatedReport {
  /** Besides that of its row. */
  readonly otherTimes: readonly number[];
  /** The latest in the log; null without any. */
  readonly delivered: number | null;
  readonly softBounced: number | null;
}

/** How far the log was aggregated when a batch was read, and how often erasures had changed what is not. */
type Position = Pick<typeof aggregated.$inferSelect, "seq" | "rewrites">;

/**
 * Aggregates the log until nothing is left, or until `untilMs` (ms since 1970 UTC). Returns how many seqs of the log
 * are left.
 * @throws D1's error; the batches before it stay
 */
export async function aggregateLog(d1: D1Database, policy: BotPolicy, untilMs: number): Promise<number> {
  while (await aggregateBatch(d1, policy)) {
    if (Date.now() < untilMs) continue;
    return Math.max(0, (await REMAINING_SEQS.prepare(d1).first<number>("remaining")) ?? 0);
  }
  return 0;
}

/** Aggregates the next events. Returns false when no event can be left. */
async function aggregateBatch(d1: D1Database, policy: BotPolicy): Promise<boolean> {
  const [rows, [from = START]] = await readBatch<[EventRow, Position]>(d1, [NEXT_EVENTS, POSITION]);
  const to = rows.at(-1)?.seq;
  if (to === undefined) return false;
  const additions = rows.flatMap(additionsOf);
  const messages = await messagesOf(d1, additions);
  for (const { message, addTo } of additions) {
    const aggregator = messages.get(textOf(message));
    if (aggregator !== undefined) addTo(aggregator);
  }
  const detected = await detectBots(d1, messages, policy, from.seq);
  const earlier = await shortenLists(d1, messages.values(), from.seq);
  const states = [...messages.values()].flatMap(({ changed }) =>
    changed === undefined ? [] : [JSON.stringify(changed)],
  );
  const results = await runBatch(d1, batchStatements(from, to, { states, earlier }, detected, policy));
  const isWritten = results.at(-1)?.meta.changes === 1;
  const isDetected = detected.clicks.length + detected.opened.length > 0;
  // Another batch that went first may have read less of the log.
  return !isWritten || isDetected || rows.length === EVENTS_PER_BATCH;
}

/** What a row adds: first to the list of the message that it names, then to what counts. */
function additionsOf(row: EventRow): readonly Addition[] {
  return [{ message: row, addTo: (aggregator) => aggregator.list(row) }, ...countedAdditionsOf(row)];
}

function countedAdditionsOf(row: EventRow): readonly Addition[] {
  const { type, linkId, pattern, openedId } = row;
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
function addRepeated(aggregator: MessageAggregator, row: EventRow): void {
  const { otherTimes, delivered, softBounced }: RepeatedReport = JSON.parse(row.repeated ?? "{}");
  for (const at of [row.at, ...otherTimes]) aggregator.add({ ...row, at });
  aggregator.forgetOutcomes();
  if (delivered !== null) aggregator.addOutcome(MESSAGE_FLAGS.delivered, delivered);
  if (softBounced !== null) aggregator.addOutcome(MESSAGE_FLAGS.softBounced, softBounced);
}

/** Rows of the statistics as JSON: messages', and of the lists that outgrow them. */
interface WrittenRows {
  readonly states: readonly string[];
  readonly earlier: readonly string[];
}

/** Statements that write the events after `from`, up to `to`, unless another batch or an erasure went first. */
function batchStatements(
  from: Position,
  to: number,
  { states, earlier }: WrittenRows,
  { clicks, opened }: Detected,
  policy: BotPolicy,
): Sql[] {
  const id = crypto.randomUUID();
  const { block, earliest, latest } = blocks;
  const isOurs = sql`EXISTS (SELECT 1 FROM ${aggregated} WHERE ${aggregated.batch} = ${id})`;
  const isRead = sql`${events.seq} > ${from.seq} AND ${events.seq} <= ${to}`;
  const asRead = [
    ...clicks.map(({ click }) => JSON.stringify({ seq: click.seq })),
    ...opened.map(({ before: { seq, detail } }) => JSON.stringify({ seq, isOpened: 1, detail })),
  ];
  const acquire = jsonArrays(asRead).reduce(
    (text, rows) => sql`${text} AND NOT EXISTS (
  SELECT 1 FROM json_each(${rows}) LEFT JOIN ${events} ON ${events.seq} = value->>'seq'
  WHERE ${events.seq} IS NULL OR (value->>'isOpened' AND ${events.detail} IS NOT value->>'detail'))`,
    sql`UPDATE ${aggregated} SET ${assign(aggregated, { batch: id })}
WHERE ${aggregated.seq} = ${from.seq} AND ${aggregated.rewrites} = ${from.rewrites}`,
  );
  return [
    acquire,
    ...jsonArrays(states).map((array) => saveStates(array, isOurs)),
    ...jsonArrays(earlier).map((array) => insertEarlierSeqs(array, isOurs)),
    saveLinks(isRead, isOurs),
    // D1 binds numbers as floating-point, whose division has a fraction.
    sql`INSERT INTO ${blocks} (${columnNames(block, earliest, latest)})
SELECT ${events.seq} / ${rawSql(String(SEQS_PER_BLOCK))} AS number, min(${events.at}), max(${events.at}) FROM ${events}
WHERE ${isRead} AND ${isOurs} GROUP BY number
ON CONFLICT (${columnName(block)}) DO UPDATE SET ${assign(blocks, {
      earliest: sql`min(${earliest}, ${excluded(earliest)})`,
      latest: sql`max(${latest}, ${excluded(latest)})`,
    })}`,
    ...reclassifyStatements(clicks, policy, isOurs),
    ...writeOpenRows(opened, isOurs),
    sql`UPDATE ${aggregated} SET ${assign(aggregated, { seq: to, batch: null })} WHERE ${aggregated.batch} = ${id}`,
  ];
}

function saveStates(states: string, condition: Sql): Sql {
  const { email, campaign, person, since, flags, outcomeAt, clicks, botClicks, recent, seqs } = messageStats;
  const columns = columnNames(email, campaign, person, since, flags, outcomeAt, clicks, botClicks, recent, seqs);
  return sql`INSERT INTO ${messageStats} (${columns})
SELECT value->>'email', value->>'campaign', value->>'person', value->>'since', value->>'flags', value->>'outcomeAt',
  value->>'clicks', value->>'botClicks', value->>'recent', value->>'seqs' FROM json_each(${states}) WHERE ${condition}
ON CONFLICT (${columnNames(email, campaign, person)})
DO UPDATE SET ${assignExcluded(since, flags, outcomeAt, clicks, botClicks, recent, seqs)}`;
}

/** URLs of links, and the first clicks on them by different people: erasure asks who else had the very URL. */
function saveLinks(isRead: Sql, condition: Sql): Sql {
  const { email, id, url, firstClicks } = links;
  const { seq, person } = events;
  const clicker = sql`(SELECT ${person} FROM ${events} WHERE ${seq} = ${excluded(firstClicks)}->>0)`;
  const isNew = sql`NOT EXISTS (SELECT 1 FROM json_each(${firstClicks}) AS clicked
  CROSS JOIN ${events} ON ${seq} = clicked.value WHERE ${person} = ${clicker})`;
  return sql`INSERT INTO ${links} (${columnNames(email, id, url, firstClicks)})
SELECT ${events.email}, ${events.linkId}, ${events.link}, json_array(${seq}) FROM ${events}
WHERE ${isRead} AND ${events.linkId} IS NOT NULL AND ${events.link} IS NOT NULL AND ${condition} ORDER BY ${seq}
ON CONFLICT (${columnNames(email, id)}) DO UPDATE SET ${assign(links, {
    firstClicks: sql`iif(json_array_length(${firstClicks}) < ${MAX_FIRST_CLICKS},
    json_insert(${firstClicks}, '$[#]', ${excluded(firstClicks)}->0), NULL)`,
  })} WHERE ${firstClicks} IS NOT NULL AND ${url} = ${excluded(url)} AND ${isNew}`;
}

/** The messages of these additions, as they were before them. */
async function messagesOf(d1: D1Database, additions: readonly Addition[]): Promise<Messages> {
  const messages = new Map(additions.map(({ message }) => [textOf(message), new MessageAggregator(message)]));
  for (const keys of jsonArrays([...messages.values()].map(({ message }) => JSON.stringify(message)))) {
    const states = sql`SELECT ${everyColumn(messageStats)}
FROM json_each(${keys}) AS message
CROSS JOIN ${messageStats} ON ${messageStats.email} = message.value->>'email'
AND ${messageStats.campaign} = message.value->>'campaign' AND ${messageStats.person} = message.value->>'person'`;
    const { results } = await states.prepare(d1).all<MessageState>();
    for (const state of results) messages.set(textOf(state), new MessageAggregator(state, state));
  }
  return messages;
}
