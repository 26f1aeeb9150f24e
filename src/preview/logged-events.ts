/** Events of the log for the preview, oldest first. */
import { FILTERED_TYPE_ID } from "../events/event.ts";
import { events } from "../events/schema.ts";
import { decodedRow, everyColumn, type Sql, sql } from "../platform/sql.ts";

export type LogRow = typeof events.$inferSelect;

/** The events after a seq. */
export async function eventsAfter(d1: D1Database, seq: number, limit: number): Promise<LogRow[]> {
  return await logRows(d1, sql`${events.seq} > ${seq} ORDER BY ${events.seq} LIMIT ${limit}`);
}

/** The last events. */
export async function latestEvents(d1: D1Database, limit: number): Promise<LogRow[]> {
  const latest = await logRows(d1, sql`true ORDER BY ${events.seq} DESC LIMIT ${limit}`);
  return latest.reverse();
}

async function logRows(d1: D1Database, where: Sql): Promise<LogRow[]> {
  const { results } = await sql`SELECT ${everyColumn(events)} FROM ${events}
    WHERE ${events.type} <> ${FILTERED_TYPE_ID} AND ${where}`
    .prepare(d1)
    .all();
  return results.map((row) => decodedRow(events, row));
}
