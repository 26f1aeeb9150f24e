/** Reads the events of some messages, by the lists of their seqs: nothing of the rest of the log. */
import { events } from "../events/schema.ts";
import { type Sql, sql } from "../platform/sql.ts";
import { seqsOf } from "./event-seqs.ts";

/** Events of the log. */
export interface EventSelection {
  /** A subquery with a row for each of them; cheap where LIMIT ends it. */
  readonly rows: Sql;
  /** Whether a row of `events` is one of them, for a WHERE clause. */
  readonly isSelected: Sql;
}

/** The events of the messages that a condition on `message_stats` selects. */
export function eventsOfMessages(messages: Sql): EventSelection {
  const rows = seqsOf(messages);
  // SQLite sorts the seqs of an IN, so that those beside each other are read without another search.
  return { rows, isSelected: sql`${events.seq} IN ${rows}` };
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
  const count = sql`SELECT count(*) AS rows FROM (SELECT 1 FROM ${rows} LIMIT ${max + 1})`;
  if (((await count.prepare(d1).first<number>("rows")) ?? 0) > max) return undefined;
  return (await query.prepare(d1).all<Row>()).results;
}
