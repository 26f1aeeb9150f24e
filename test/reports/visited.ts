/** Rows of the log of one message, by when it was opened and clicked, and what the log has of it. */
import { env } from "cloudflare:workers";
import { MESSAGE_FLAGS } from "../../src/events/message-flags.ts";
import { events } from "../../src/events/schema.ts";
import { decodedRow, everyColumn, sql } from "../../src/platform/sql.ts";
import { readStaleMailings } from "../../src/reports/index.ts";
import type { Row } from "../marketo/marketo.ts";

export const AT = Date.UTC(2026, 10, 20, 9);
export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;

export const delivered = (atMs = AT): Row => ({ type: 7, at: atMs });
export const opened = (atMs: number, more: Row = {}): Row => ({
  id: "o0123456789abcdef0123456789abcdef",
  type: 10,
  at: atMs,
  user_agent: `of ${atMs}`,
  ...more,
});
export const clicked = (atMs: number, link = "l1", more: Row = {}): Row => ({
  type: 11,
  at: atMs,
  link_id: link,
  link: `https://a.example/${link}`,
  ...more,
});

/** The rows of the log after a seq, in its order. */
export async function eventsAfter(seq: number): Promise<readonly (typeof events.$inferSelect)[]> {
  const query = sql`SELECT ${everyColumn(events)} FROM ${events} WHERE ${events.seq} > ${seq} ORDER BY ${events.seq}`;
  const { results } = await query.prepare(env.DB).all();
  return results.map((row) => decodedRow(events, row));
}

export async function log() {
  const all = await eventsAfter(0);
  return all.map(({ seq, id, type, at, isBot, botPattern, userAgent, detail }) => {
    return { seq, id, type, at, isBot, botPattern, userAgent, detail };
  });
}

/** Emails of campaigns whose times are not those of their first and last message that was sent to a person. */
export async function wrongMailings() {
  await readStaleMailings(env.DB, Number.POSITIVE_INFINITY);
  const isSent = `flags & ${MESSAGE_FLAGS.anonymous | MESSAGE_FLAGS.uncounted} = 0`;
  const query = `SELECT email, campaign, min(since) FILTER (WHERE ${isSent}) AS first_at,
      max(since) FILTER (WHERE ${isSent}) AS last_at, 0 AS is_stale
    FROM message_stats WHERE email <> '' GROUP BY email, campaign EXCEPT SELECT * FROM mailings`;
  return (await env.DB.prepare(query).all()).results;
}

/** Events that the list of the message that they name does not hold, or twice. */
export async function notListed() {
  const query = `SELECT seq FROM events WHERE 1 <> (SELECT count(*) FROM message_stats AS m, json_each(m.seqs)
    WHERE (m.email, m.campaign, m.person) = (events.email, events.campaign, events.person) AND value = seq)`;
  return (await env.DB.prepare(query).all()).results;
}
