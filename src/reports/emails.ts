/** Email performance: the counts of each email's messages, or of each campaign's. */

import { messageStats, names } from "../events/schema.ts";
import { sql } from "../platform/sql.ts";
import { type CountRow, countColumns, countsOf, type MessageCounts } from "./counts.ts";
import { filterCondition, type ReportFilter } from "./filter.ts";

export interface EmailCounts extends MessageCounts {
  /** The id of the email, or of the campaign. */
  readonly id: string;
  readonly name: string | null;
}

type EmailRow = CountRow & Pick<EmailCounts, "id" | "name">;

/** One row for each email, or for each campaign. */
export type ReportGrouping = "email" | "campaign";

/**
 * The groups whose ids follow `after`, in their order, at most `limit`.
 * @param nowMs decides which messages are still pending
 * @throws D1's error
 */
export async function emailCounts(
  d1: D1Database,
  filter: ReportFilter,
  group: ReportGrouping,
  after: string,
  limit: number,
  nowMs: number,
): Promise<readonly EmailCounts[]> {
  const query = sql`SELECT counts.*,
  (SELECT ${names.name} FROM ${names} WHERE ${names.kind} = ${group} AND ${names.id} = counts.id) AS name
FROM (SELECT ${messageStats[group]} AS id, ${countColumns(filter.bots, nowMs)}
  FROM ${messageStats} WHERE ${filterCondition(filter)} AND ${messageStats[group]} > ${after}
  GROUP BY ${messageStats[group]} ORDER BY ${messageStats[group]} LIMIT ${limit}) AS counts`;
  const { results } = await query.prepare(d1).all<EmailRow>();
  return results.map(({ id, name, ...counts }) => ({ id, name, ...countsOf(counts) }));
}
