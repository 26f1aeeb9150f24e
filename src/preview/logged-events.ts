/** Events of the log for the preview, oldest first. */
import { desc, gt } from "drizzle-orm";
import { events } from "../events/schema.ts";
import { database } from "../platform/database.ts";

export type LogRow = typeof events.$inferSelect;

/** The events after a seq. */
export async function eventsAfter(d1: D1Database, seq: number, limit: number): Promise<LogRow[]> {
  return await database(d1).select().from(events).where(gt(events.seq, seq)).orderBy(events.seq).limit(limit);
}

/** The last events. */
export async function latestEvents(d1: D1Database, limit: number): Promise<LogRow[]> {
  const latest = await database(d1).select().from(events).orderBy(desc(events.seq)).limit(limit);
  return latest.reverse();
}
