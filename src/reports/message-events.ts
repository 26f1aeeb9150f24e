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
 * @param maxEvents how many of these events are read; undefined is returned, and none is read, when they are more
 * @param query made from the condition that chooses the rows of `events`
 * @throws D1's error
 */
export async function readEvents<Row>(
  d1: D1Database,
  { rows, isSelected }: EventSelection,
  maxEvents: number,
  query: (isSelected: Sql) => Sql,
): Promise<readonly Row[] | undefined> {
  const count = sql`SELECT count(*) AS events FROM (SELECT 1 FROM ${rows} LIMIT ${maxEvents + 1})`;
  if (((await count.prepare(d1).first<number>("events")) ?? 0) > maxEvents) return undefined;
  return (await query(isSelected).prepare(d1).all<Row>()).results;
}
