/**
 * When events were recorded. Guarantees that `recorded_at` never descends with `seq`, whatever D1's clock does, and
 * that nothing is recorded before a time up to which an extract has read: so readers that divide the log by time of
 * recording neither lose an event nor read one twice. Gives up the exact time after the clock has gone back:
 * until it has caught up, events are recorded at the time of the last.
 */
import { type Sql, sql } from "../platform/sql.ts";
import { aggregated, events } from "./schema.ts";

/** The time of D1's clock, ms since 1970 UTC. */
export const NOW_MS = sql`CAST(round(unixepoch('subsec') * 1000) AS INTEGER)`;

/** The `recorded_at` of what a statement writes. */
export const RECORDED_NOW = sql`(SELECT max(${NOW_MS},
  coalesce((SELECT ${events.recordedAt} FROM ${events} ORDER BY ${events.seq} DESC LIMIT 1), 0),
  coalesce((SELECT ${aggregated.readUntil} FROM ${aggregated}), 0)))`;

/**
 * A seq that divides the log, for an expression: events up to it were recorded before `ms`, those behind it at that
 * time or later. It halves the log, some twenty look-ups in a million events, so that no index is needed.
 */
export function seqRecordedBefore(ms: Sql | number): Sql {
  const middle = sql`(low + high + 1) / 2`;
  const isBefore = sql`${events.recordedAt} < ${ms}`;
  return sql`(WITH RECURSIVE halves (low, high) AS (
    SELECT 0, coalesce((SELECT max(${events.seq}) FROM ${events}), 0)
    UNION ALL SELECT iif(${isBefore}, ${events.seq}, low), iif(${isBefore}, high, ${middle} - 1)
    FROM halves CROSS JOIN ${events}
    ON ${events.seq} = (SELECT min(later.seq) FROM ${events} AS later WHERE later.seq >= ${middle}) WHERE low < high)
  SELECT low FROM halves WHERE low = high)`;
}
