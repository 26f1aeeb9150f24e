/**
 * Aggregates the log into the statistics of each message, which reports read, and detects bots that only show beside
 * a message's other events. Guarantees that each event is aggregated exactly once, however many aggregate at the same
 * time and whatever fails: a batch writes everything, detected bots included, in one transaction, which changes
 * nothing when another batch went first, or when a detected event has left its seq. Gives up statistics that are
 * always up to date: whoever reads them aggregates the rest of the log first.
 *
 * Events that are not aggregated yet stay in the log as they are: erasure and retention leave them alone, unless
 * statistics have failed for long. A batch that has read what an erasure then changes is dropped.
 */
import { type LogStores, recallFiled } from "../archive/index.ts";
import type { BotPolicy } from "../bots/bot.ts";
import { batchWhere, isWritten } from "../events/batch.ts";
import { aggregated, events, links, messageStats, SEQS_PER_RANGE, seqRanges } from "../events/schema.ts";
import { noteChanges, writeOpenRows } from "../ingest/open-rows.ts";
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
import { type Detected, detectBots, type Messages, textOf } from "./detect-bots.ts";
import { additionsOf, nextRows, type StatisticsRow, timeAfterRetraction } from "./event-rows.ts";
import { insertEarlierSeqs, shortenLists } from "./event-seqs.ts";
import { type ChangedMessage, mailingStatements } from "./mailings.ts";
import { MessageAggregator, type MessageState } from "./message-stats.ts";
import type { Addition } from "./opened.ts";
import { reclassifyStatements } from "./reclassify.ts";

/** Few enough for a Worker's memory and for D1's statements. */
const EVENTS_PER_BATCH = 10_000;

/** A URL that more people have clicked cannot lead to one person. */
const MAX_FIRST_CLICKS = 8;

const POSITION = sql`SELECT ${aggregated.seq}, ${aggregated.rewrites}, ${aggregated.archived} FROM ${aggregated}`;
const START: Position = { seq: 0, rewrites: 0, archived: 0 };
const REMAINING_SEQS = sql`SELECT (SELECT max(${events.seq}) FROM ${events}) - ${aggregated.seq} AS remaining
FROM ${aggregated}`;

/** How far the log was aggregated when a batch was read, and how often erasures and the archive had changed it. */
type Position = Pick<typeof aggregated.$inferSelect, "seq" | "rewrites" | "archived">;

/**
 * Aggregates the log until nothing is left, or until `untilMs` (ms since 1970 UTC). Returns how many seqs of the log
 * are left.
 * @throws the error of D1 or R2; the batches before it stay
 */
export async function aggregateLog(stores: LogStores, policy: BotPolicy, untilMs: number): Promise<number> {
  while (await aggregateBatch(stores, policy)) {
    if (Date.now() < untilMs) continue;
    return Math.max(0, (await REMAINING_SEQS.prepare(stores.DB).first<number>("remaining")) ?? 0);
  }
  return 0;
}

/** Aggregates the next events. Returns false when no event can be left. */
async function aggregateBatch(stores: LogStores, policy: BotPolicy): Promise<boolean> {
  const { DB: d1 } = stores;
  const [rows, [from = START]] = await readBatch<[StatisticsRow, Position]>(d1, [nextRows(EVENTS_PER_BATCH), POSITION]);
  const to = rows.at(-1)?.seq;
  if (to === undefined) return false;
  const additions = rows.flatMap(additionsOf);
  const retracted = new Set(rows.filter(({ remaining }) => remaining !== null).map(textOf));
  const messages = await messagesOf(stores, additions, retracted, from.seq);
  for (const { message, addTo } of additions) {
    const aggregator = messages.get(textOf(message));
    if (aggregator !== undefined) addTo(aggregator);
  }
  const detected = await detectBots(stores, messages, policy, from.seq);
  const earlier = await shortenLists(d1, messages.values(), from.seq);
  const changed = [...messages.values()].flatMap((aggregator) => {
    const state = aggregator.changed;
    return state === undefined ? [] : [{ state, before: aggregator.before }];
  });
  const written = { changed, earlier };
  const isAsRead = sql`${isAt(from)} AND ${areAsRead(detected)}`;
  const statements = (isOurs: Sql) => batchStatements({ after: from.seq, to }, written, detected, policy, isOurs);
  const results = await runBatch(d1, batchWhere(isAsRead, statements, { seq: to }));
  const isDetected = detected.clicks.length + detected.opened.length > 0;
  // Another batch that went first may have read less of the log.
  return !isWritten(results) || isDetected || rows.length === EVENTS_PER_BATCH;
}

/** Rows of the statistics: messages', and as JSON those of lists that outgrow them. */
interface WrittenRows {
  readonly changed: readonly ChangedMessage[];
  readonly earlier: readonly string[];
}

/** Whether no other batch, no erasure and no change of the archive went first. */
function isAt({ seq, rewrites, archived }: Position): Sql {
  return sql`${aggregated.seq} = ${seq} AND ${aggregated.rewrites} = ${rewrites}
AND ${aggregated.archived} = ${archived}`;
}

/** Whether detected events have their seqs still, and Openeds their details. */
function areAsRead({ clicks, opened }: Detected): Sql {
  const read = [
    ...clicks.map(({ click }) => JSON.stringify({ seq: click.seq })),
    ...opened.map(({ before: { seq, detail } }) => JSON.stringify({ seq, isOpened: 1, detail })),
  ];
  return jsonArrays(read).reduce(
    (text, rows) => sql`${text} AND NOT EXISTS (
  SELECT 1 FROM json_each(${rows}) LEFT JOIN ${events} ON ${events.seq} = value->>'seq'
  WHERE ${events.seq} IS NULL OR (value->>'isOpened' AND ${events.detail} IS NOT value->>'detail'))`,
    sql`true`,
  );
}

/** Statements that write the events behind the seq `after`, up to `to`. */
function batchStatements(
  { after, to }: { readonly after: number; readonly to: number },
  { changed, earlier }: WrittenRows,
  { clicks, opened }: Detected,
  policy: BotPolicy,
  isOurs: Sql,
): Sql[] {
  const { number, earliest, latest } = seqRanges;
  const isRead = sql`${events.seq} > ${after} AND ${events.seq} <= ${to}`;
  return [
    ...jsonArrays(changed.map(({ state }) => JSON.stringify(state))).map((array) => saveStates(array, isOurs)),
    ...jsonArrays(earlier).map((array) => insertEarlierSeqs(array, isOurs)),
    ...mailingStatements(changed, isOurs),
    saveLinks(isRead, isOurs),
    // D1 binds numbers as floating-point, whose division has a fraction.
    sql`INSERT INTO ${seqRanges} (${columnNames(number, earliest, latest)})
SELECT ${events.seq} / ${rawSql(String(SEQS_PER_RANGE))} AS number, min(${events.at}), max(${events.at}) FROM ${events}
WHERE ${isRead} AND ${isOurs} GROUP BY number
ON CONFLICT (${columnName(number)}) DO UPDATE SET ${assign(seqRanges, {
      earliest: sql`min(${earliest}, ${excluded(earliest)})`,
      latest: sql`max(${latest}, ${excluded(latest)})`,
    })}`,
    ...reclassifyStatements(clicks, policy, isOurs),
    ...writeOpenRows(opened, isOurs),
    ...noteChanges(opened, isOurs),
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

/**
 * The messages of these additions, as they were before them.
 * @param retracted by `textOf`, those of which an Unsubscribed was retracted: their time may have been that one's
 * @param from the seq up to which the log was aggregated before
 */
async function messagesOf(
  stores: LogStores,
  additions: readonly Addition[],
  retracted: ReadonlySet<string>,
  from: number,
): Promise<Messages> {
  const messages = new Map(additions.map(({ message }) => [textOf(message), new MessageAggregator(message)]));
  const readStates = async (some: readonly MessageAggregator[]) => {
    for (const state of await statesOf(stores.DB, some)) {
      const since = retracted.has(textOf(state)) ? await timeAfterRetraction(stores, state, from) : undefined;
      messages.set(textOf(state), new MessageAggregator(state, state, since));
    }
  };
  await readStates([...messages.values()]);
  const missing = [...messages.values()].filter(({ before }) => before === undefined);
  const mayBeBack = await recallFiled(
    stores,
    missing.map(({ message }) => message),
  );
  if (mayBeBack) await readStates(missing);
  return messages;
}

async function statesOf(d1: D1Database, messages: readonly MessageAggregator[]): Promise<readonly MessageState[]> {
  const states: MessageState[] = [];
  for (const keys of jsonArrays(messages.map(({ message }) => JSON.stringify(message)))) {
    const query = sql`SELECT ${everyColumn(messageStats)}
FROM json_each(${keys}) AS message
CROSS JOIN ${messageStats} ON ${messageStats.email} = message.value->>'email'
AND ${messageStats.campaign} = message.value->>'campaign' AND ${messageStats.person} = message.value->>'person'`;
    states.push(...(await query.prepare(d1).all<MessageState>()).results);
  }
  return states;
}
