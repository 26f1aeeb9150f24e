/** Reads the events of some messages, by the lists of their seqs: nothing of the rest of the log. */
import { events } from "../events/schema.ts";
import { readBatch, type Sql, sql } from "../platform/sql.ts";
import { seqsOf } from "./event-seqs.ts";

/**
 * @param messages a condition on `message_stats`
 * @param maxEvents how many of their events are read; undefined is returned when they are more
 * @param select the query, made from what stands behind its FROM: the events
 * @throws D1's error
 */
export async function readMessageEvents<Row>(
  d1: D1Database,
  messages: Sql,
  maxEvents: number,
  select: (from: Sql) => Sql,
): Promise<readonly Row[] | undefined> {
  return await readListedEvents(d1, seqsOf(messages), maxEvents, select);
}

/**
 * The same of events whose seqs are given.
 * @param seqs a subquery with the column `seq`
 */
export async function readListedEvents<Row>(
  d1: D1Database,
  seqs: Sql,
  maxEvents: number,
  select: (from: Sql) => Sql,
): Promise<readonly Row[] | undefined> {
  const listed = sql`(SELECT seq FROM ${seqs} LIMIT ${maxEvents + 1})`;
  const [rows, [read]] = await readBatch<[Row, { readonly events: number }]>(d1, [
    select(sql`${listed} AS listed CROSS JOIN ${events} ON ${events.seq} = listed.seq`),
    sql`SELECT count(*) AS events FROM ${listed}`,
  ]);
  return (read?.events ?? 0) > maxEvents ? undefined : rows;
}
