/** Reading the log, by place: an event that came later has a higher one, whenever it happened. */
import { asc, desc, gt } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { events } from "./schema.ts";

export type LoggedEvent = typeof events.$inferSelect;

/** The events behind a place, oldest first. */
export async function eventsAfter(d1: D1Database, place: number, limit: number): Promise<LoggedEvent[]> {
  return await drizzle(d1)
    .select()
    .from(events)
    .where(gt(events.place, place))
    .orderBy(asc(events.place))
    .limit(limit);
}

/** The last events, oldest first. */
export async function latestEvents(d1: D1Database, limit: number): Promise<LoggedEvent[]> {
  const newestFirst = await drizzle(d1).select().from(events).orderBy(desc(events.place)).limit(limit);
  return newestFirst.reverse();
}
