/**
 * Messages in the archive (archive/): their rows have left `message_stats`, and D1 has counts of them by email,
 * campaign, UTC day and flags, and by link. Reports that count messages add those to what they count in
 * `message_stats`. Reports of single messages leave archived ones out, and say how many they are.
 */
import { DAY_TOTAL, DAY_TOTALS, LINK_TOTAL, LINK_TOTALS } from "../archive/index.ts";
import { type Sql, sql } from "../platform/sql.ts";
import { filterCondition, type ReportFilter } from "./filter.ts";

/** Archived clicks on a link. */
export interface LinkTotal {
  /** "" for all links but honeypots together. */
  readonly link: string;
  readonly clicks: number;
  readonly botClicks: number;
  /** Messages from which a person clicked, and those from which only bots did. */
  readonly people: number;
  readonly botPeople: number;
}

/** A query for the `LinkTotal` of each link of the messages. */
export function archivedLinkClicks(filter: ReportFilter): Sql {
  const { link, clicks, botClicks, people, botPeople } = LINK_TOTAL;
  return sql`SELECT ${link} AS link, sum(${clicks}) AS clicks,
  sum(${botClicks}) AS botClicks, sum(${people}) AS people,
  sum(${botPeople}) AS botPeople
FROM ${LINK_TOTALS} WHERE ${filterCondition(filter)} GROUP BY ${link}`;
}

/**
 * How many messages of a filter are archived. Read after what leaves them out, so that a message that is archived
 * meanwhile is not missing in both.
 * @throws D1's error
 */
export async function archivedMessages(d1: D1Database, filter: ReportFilter): Promise<number> {
  const query = sql`SELECT coalesce(sum(${DAY_TOTAL.messages}), 0) AS messages
FROM ${DAY_TOTALS} WHERE ${filterCondition(filter)}`;
  return (await query.prepare(d1).first<number>("messages")) ?? 0;
}

/**
 * Whether a message of a filter may be archived, also where its period is shorter than the day that its total is of.
 * @throws D1's error
 */
export async function hasArchived(d1: D1Database, { sinceMs, untilMs, ...messages }: ReportFilter): Promise<boolean> {
  const isAfter = sinceMs === undefined ? sql`true` : sql`${DAY_TOTAL.lastAt} >= ${sinceMs}`;
  const isBefore = untilMs === undefined ? sql`true` : sql`${DAY_TOTAL.firstAt} < ${untilMs}`;
  const isTheirs = sql`${filterCondition(messages)} AND ${isAfter} AND ${isBefore}`;
  const query = sql`SELECT 1 FROM ${DAY_TOTALS} WHERE ${isTheirs} LIMIT 1`;
  return (await query.prepare(d1).first()) !== null;
}
