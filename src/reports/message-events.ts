/** Reads the events of some messages, by the lists of their seqs: nothing of the rest of the log. */
import { events } from "../events/schema.ts";
import { type Sql, sql } from "../platform/sql.ts";
import type { Message } from "../tokens/claims.ts";
import { seqsOfSlice } from "./event-seqs.ts";
import { filterCondition, type ReportFilter } from "./filter.ts";
import { BEFORE_MESSAGES, messagesAfter } from "./messages-after.ts";

/** Events of the log. */
export interface EventSelection {
  /** A subquery with a row for each of them; cheap where LIMIT ends it. */
  readonly rows: Sql;
  /** Whether a row of `events` is one of them, for a WHERE clause. */
  readonly isSelected: Sql;
}

/** Messages whose events one statement reads, and seqs of the log. */
const MESSAGES_A_SLICE = 10_000;
const SEQS_A_SLICE = 100_000;

/**
 * The events of the messages of a filter that a condition on `message_stats` selects, in slices of messages.
 * @throws D1's error
 */
export async function* eventsOfMessages(
  d1: D1Database,
  filter: ReportFilter,
  condition: Sql,
  size = MESSAGES_A_SLICE,
): AsyncGenerator<EventSelection> {
  const wanted = sql`${filterCondition(filter)} AND ${condition}`;
  for (let after: Message | null = BEFORE_MESSAGES; after !== null; ) {
    const read: Sql = messagesAfter(filter, after, wanted);
    const rows = seqsOfSlice(sql`(${read} LIMIT ${size})`);
    const end = sql`SELECT email, campaign, person FROM (${read} LIMIT 1 OFFSET ${size - 1})`.prepare(d1);
    const ending = end.first<Message>();
    // Who reads the slices may stop before this is awaited.
    ending.catch(() => undefined);
    // SQLite sorts the seqs of an IN, so that those beside each other are read without another search.
    yield { rows, isSelected: sql`${events.seq} IN ${rows}` };
    after = await ending;
  }
}

/**
 * The events of the log behind a seq, in slices.
 * @throws D1's error
 */
export async function* eventsBehind(d1: D1Database, seq: number): AsyncGenerator<EventSelection> {
  const last = sql`SELECT coalesce(max(${events.seq}), 0) AS last FROM ${events}`;
  const end = (await last.prepare(d1).first<number>("last")) ?? 0;
  for (let from = seq; from < end; from += SEQS_A_SLICE) {
    const isSelected = sql`${events.seq} > ${from} AND ${events.seq} <= ${from + SEQS_A_SLICE}`;
    yield { rows: sql`(SELECT 1 FROM ${events} WHERE ${isSelected})`, isSelected };
  }
}

/**
 * What the query finds in each slice, one after the other, so that writes get through between them; undefined when the
 * slices have more events than `max`.
 * @param queryOf makes the query of the condition of a slice
 * @throws D1's error
 */
export async function readSlices<Row>(
  d1: D1Database,
  slices: AsyncIterable<EventSelection>,
  max: number,
  queryOf: (isSelected: Sql) => Sql,
): Promise<readonly Row[] | undefined> {
  const found: (readonly Row[])[] = [];
  let left = max;
  for await (const { rows, isSelected } of slices) {
    left -= await countUpTo(d1, rows, left + 1);
    if (left < 0) return undefined;
    found.push((await queryOf(isSelected).prepare(d1).all<Row>()).results);
  }
  return found.flat();
}

async function countUpTo(d1: D1Database, rows: Sql, limit: number): Promise<number> {
  const count = sql`SELECT count(*) AS rows FROM (SELECT 1 FROM ${rows} LIMIT ${limit})`;
  return (await count.prepare(d1).first<number>("rows")) ?? 0;
}

/**
 * What the query finds; undefined, without asking it, when `rows` has more rows than `max`.
 * @throws D1's error
 */
export async function readUnlessMore<Row>(
  d1: D1Database,
  rows: Sql,
  max: number,
  query: Sql,
): Promise<readonly Row[] | undefined> {
  if ((await countUpTo(d1, rows, max + 1)) > max) return undefined;
  return (await query.prepare(d1).all<Row>()).results;
}
