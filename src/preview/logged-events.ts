/** Reading the log, by place: an event that came later has a higher one, whenever it happened. */
import type { events } from "../events/schema.ts";

export type LoggedEvent = typeof events.$inferSelect;

/** A row as D1 gives it: SQLite has neither booleans nor JSON values. */
type Row = Omit<LoggedEvent, "isBot" | "detail"> & { readonly isBot: 0 | 1; readonly detail: string | null };

const SELECT = `SELECT seq, id, type, at, email, person, campaign, send, link_id AS linkId, link,
user_agent AS userAgent, is_bot AS isBot, bot_pattern AS botPattern, detail FROM events`;

/** The events behind a place, oldest first. */
export async function eventsAfter(d1: D1Database, seq: number, limit: number): Promise<LoggedEvent[]> {
  const query = d1.prepare(`${SELECT} WHERE seq > ?1 ORDER BY seq LIMIT ?2`).bind(seq, limit);
  return (await query.all<Row>()).results.map(eventOf);
}

/** The last events, oldest first. */
export async function latestEvents(d1: D1Database, limit: number): Promise<LoggedEvent[]> {
  const query = d1.prepare(`${SELECT} ORDER BY seq DESC LIMIT ?1`).bind(limit);
  return (await query.all<Row>()).results.map(eventOf).reverse();
}

function eventOf({ isBot, detail, ...row }: Row): LoggedEvent {
  return { ...row, isBot: isBot === 1, detail: detail === null ? null : JSON.parse(detail) };
}
