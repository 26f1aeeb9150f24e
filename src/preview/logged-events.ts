/** Events of the log for the preview, oldest first. */
import { asc, desc, gt } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { events } from "../events/schema.ts";

export type LogRow = typeof events.$inferSelect;

/** The events after a seq. */
export async function eventsAfter(d1: D1Database, seq: number, limit: number): Promise<LogRow[]> {
  return await drizzle(d1).select().from(events).where(gt(events.seq, seq)).orderBy(asc(events.seq)).limit(limit);
}

/** The last events. */
export async function latestEvents(d1: D1Database, limit: number): Promise<LogRow[]> {
  const latest = await drizzle(d1).select().from(events).orderBy(desc(events.seq)).limit(limit);
  return latest.reverse();
}
