/** Email performance over time: the counts of the messages sent in each hour, day or week of a time zone. */
import { messageStats } from "../events/schema.ts";
import { sql } from "../platform/sql.ts";
import type { Bucket, Buckets } from "./buckets.ts";
import {
  type CountRow,
  countsOf,
  groupCountColumns,
  groupedByFlags,
  type MessageCounts,
  NO_MESSAGES,
} from "./counts.ts";
import { filterCondition, type ReportFilter } from "./filter.ts";

export type BucketCounts = Bucket & MessageCounts;

/**
 * Every bucket, those without messages, too, in their order.
 * @param filter its period must be that of the buckets
 * @throws D1's error
 */
export async function seriesCounts(
  d1: D1Database,
  filter: ReportFilter,
  { all, numberOf }: Buckets,
  nowMs: number,
): Promise<readonly BucketCounts[]> {
  const query = sql`SELECT number, ${groupCountColumns(filter.bots)}
FROM (${groupedByFlags(numberOf(sql`${messageStats.since}`), filterCondition(filter), nowMs)}) GROUP BY number`;
  const { results } = await query.prepare(d1).all<CountRow & { readonly number: number }>();
  const counted = new Map(results.map(({ number: of, ...counts }) => [of, countsOf(counts)]));
  return all.map((bucket) => ({ ...bucket, ...(counted.get(bucket.number) ?? NO_MESSAGES) }));
}
