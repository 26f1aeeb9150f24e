/** Events of the log for the preview, oldest first. */
import { and, desc, gt, ne } from "drizzle-orm";
import { FILTERED_TYPE_ID } from "../events/event.ts";
import { events } from "../events/schema.ts";
import { database } from "../platform/database.ts";

export type LogRow = typeof events.$inferSelect;

const isInLog = ne(events.type, FILTERED_TYPE_ID);

/** The events after a seq. */
export async function eventsAfter(d1: D1Database, seq: number, limit: number): Promise<LogRow[]> {
  return await database(d1)
    .select()
    .from(events)
    .where(and(gt(events.seq, seq), isInLog))
    .orderBy(events.seq)
    .limit(limit);
}

/** The last events. */
export async function latestEvents(d1: D1Database, limit: number): Promise<LogRow[]> {
  const latest = await database(d1).select().from(events).where(isInLog).orderBy(desc(events.seq)).limit(limit);
  return latest.reverse();
}
