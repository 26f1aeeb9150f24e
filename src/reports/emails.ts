/** Email performance: the counts of each email's messages, or of each campaign's. */
import { DAY_TOTAL, DAY_TOTALS } from "../archive/index.ts";
import { mailings } from "../events/mailing-schema.ts";
import { storedName } from "../events/names.ts";
import { messageStats } from "../events/schema.ts";
import { isOneOf, rawSql, type Sql, sql } from "../platform/sql.ts";
import { type CountRow, countColumns, countsOf, type MessageCounts, SUMMED_COUNTS, totalColumns } from "./counts.ts";
import { emailsOf, filterCondition, IS_SENT, type ReportFilter } from "./filter.ts";
import type { Rank } from "./rank.ts";

export interface EmailCounts extends MessageCounts {
  /** The id of the email, or of the campaign. */
  readonly id: string;
  readonly name: string | null;
  /** When the first and the last of its messages were sent; null when all are pseudonyms' copies. */
  readonly firstSentAtMs: number | null;
  readonly lastSentAtMs: number | null;
}

type EmailRow = CountRow & Pick<EmailCounts, "id" | "name" | "firstSentAtMs" | "lastSentAtMs">;

/** One row for each email, or for each campaign. */
export type ReportGrouping = "email" | "campaign";

export const EMAIL_ORDERS = ["id", "sent_at", "sent", "opened", "clicked", "unsubscribed"] as const;
export type EmailOrder = (typeof EMAIL_ORDERS)[number];

export interface EmailList {
  readonly by: ReportGrouping;
  /** By id from the lowest; otherwise the latest, the most sent or the highest rate comes first. */
  readonly order?: EmailOrder;
  /** The last row of the page before. */
  readonly after?: Rank | undefined;
  readonly limit: number;
  /** Only these emails, or campaigns. */
  readonly ids?: readonly string[] | undefined;
}

/**
 * The groups after `after`, at most `limit`.
 * @param nowMs decides which messages are still pending
 * @throws D1's error
 */
export async function emailCounts(
  d1: D1Database,
  filter: ReportFilter,
  { by, order = "id", after, limit, ids }: EmailList,
  nowMs: number,
): Promise<readonly EmailCounts[]> {
  const id = messageStats[by];
  const isAfter = after === undefined ? sql`true` : sql`(-"rank", id) > (${-(after.counts[0] ?? 0)}, ${after.key})`;
  // By id the primary key leads to the page, and what is before it is not counted.
  const isFollowing = order === "id" && after !== undefined ? sql`${id} > ${after.key}` : sql`true`;
  const isCounted = sql`${filterCondition(filter)} AND ${isFollowing} AND ${isAmong(by, ids)}`;
  const query = sql`SELECT page.*,
  ${storedName(by, sql`page.id`)} AS name
FROM (SELECT *, ${RANKS[order].ofColumns} AS "rank" FROM (
    SELECT id, ${SUMMED_COUNTS}, min(firstSentAtMs) AS firstSentAtMs, max(lastSentAtMs) AS lastSentAtMs FROM (
      SELECT ${id} AS id, ${countColumns(filter.bots, nowMs)},
        min(${messageStats.since}) FILTER (WHERE ${IS_SENT}) AS firstSentAtMs,
        max(${messageStats.since}) FILTER (WHERE ${IS_SENT}) AS lastSentAtMs
      FROM ${messageStats} WHERE ${isCounted} GROUP BY ${id}
      UNION ALL SELECT ${id} AS id, ${totalColumns(filter.bots, nowMs)},
        min(${DAY_TOTAL.firstAt}) FILTER (WHERE ${IS_SENT}),
        max(${DAY_TOTAL.lastAt}) FILTER (WHERE ${IS_SENT})
      FROM ${DAY_TOTALS} WHERE ${isCounted} GROUP BY ${id})
    GROUP BY id)
  WHERE ${isAfter} ORDER BY "rank" DESC, id LIMIT ${limit}) AS page`;
  const { results } = await query.prepare(d1).all<EmailRow>();
  return results.map(({ id: of, name, firstSentAtMs, lastSentAtMs, ...counts }) => ({
    id: of,
    name,
    firstSentAtMs,
    lastSentAtMs,
    ...countsOf(counts),
  }));
}

function isAmong(by: ReportGrouping, ids: readonly string[] | undefined): Sql {
  if (ids === undefined) return sql`true`;
  const isOne = isOneOf(messageStats[by], ids);
  if (by === "email") return isOne;
  // The primary key begins with the email.
  return sql`${isOne} AND ${messageStats.email} IN ${emailsOf(isOneOf(mailings.campaign, ids))}`;
}

/** Where a row is in the order; what has no rate comes last. */
export function rankOfEmail(order: EmailOrder, row: EmailCounts): Rank {
  return { counts: [RANKS[order].ofRow(row)], key: row.id };
}

interface RankBy {
  readonly ofRow: (row: EmailCounts) => number;
  /** The same, of the columns of `emailCounts`. */
  readonly ofColumns: Sql;
}

const rate = (count: "opened" | "clicked" | "unsubscribed"): RankBy => ({
  ofRow: ({ delivered, ...row }) => (delivered === 0 ? -1 : row[count] / delivered),
  ofColumns: sql`coalesce(1.0 * ${rawSql(count)} / nullif(sent - hardBounced - softBounced - noOutcome, 0), -1)`,
});

const RANKS: Readonly<Record<EmailOrder, RankBy>> = {
  id: { ofRow: () => 0, ofColumns: sql`0` },
  sent_at: { ofRow: ({ lastSentAtMs }) => lastSentAtMs ?? 0, ofColumns: sql`coalesce(lastSentAtMs, 0)` },
  sent: { ofRow: ({ sent }) => sent, ofColumns: sql`sent` },
  opened: rate("opened"),
  clicked: rate("clicked"),
  unsubscribed: rate("unsubscribed"),
};

/**
 * How many messages of each group were sent in each of `parts` equal parts of the filter's period.
 * @throws D1's error
 */
export async function sentInParts(
  d1: D1Database,
  filter: ReportFilter & { readonly sinceMs: number; readonly untilMs: number },
  by: ReportGrouping,
  ids: readonly string[],
  parts: number,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const { sinceMs, untilMs } = filter;
  const [from, length, count] = [sinceMs, untilMs - sinceMs, parts].map((value) => rawSql(String(value)));
  if (from === undefined || length === undefined || count === undefined) throw new TypeError("There is no period.");
  const part = sql`(${messageStats.since} - ${from}) * ${count} / ${length}`;
  const id = messageStats[by];
  const isCounted = sql`${filterCondition(filter)} AND ${IS_SENT} AND ${isOneOf(id, ids)}`;
  const query = sql`SELECT id, part, sum(sent) AS sent FROM (
  SELECT ${id} AS id, ${part} AS part, count(*) AS sent FROM ${messageStats} WHERE ${isCounted} GROUP BY 1, 2
  UNION ALL SELECT ${id} AS id, ${part} AS part, messages FROM ${DAY_TOTALS} WHERE ${isCounted})
GROUP BY 1, 2`;
  const { results } = await query
    .prepare(d1)
    .all<{ readonly id: string; readonly part: number; readonly sent: number }>();
  const counted = new Map(results.map((row) => [`${row.part} ${row.id}`, row.sent]));
  const partsOf = (group: string) => Array.from({ length: parts }, (_, index) => counted.get(`${index} ${group}`) ?? 0);
  return new Map(ids.map((group) => [group, partsOf(group)]));
}
