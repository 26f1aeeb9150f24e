/**
 * Makes a full D1 smaller by DELETE alone, because every other statement may need room. Events that a suppression names
 * stay until it can be changed. Aggregated events are deleted first. When no old one of those is left, events that are
 * not aggregated are deleted uncounted, because a full D1 cannot aggregate them.
 */
import { aggregated, events, retries, SEQS_PER_RANGE, seqRanges, suppressions } from "../events/schema.ts";
import { logger } from "../platform/logger.ts";
import { columnName, rawSql, runBatch, type Sql, sql } from "../platform/sql.ts";

/** Rows that are deleted at a time. */
const ROWS_PER_BATCH = 500;
/** The oldest events are at the beginning of the log. */
const EVENTS_READ = 50_000;

/**
 * Deletes some of the oldest retries and events that are older than `keptFromMs`. Returns the last seq of these events,
 * for `retention.deleted_seq`: 0 without any, undefined when nothing was deleted.
 * @throws D1's error
 */
export async function deleteOldest(d1: D1Database, keptFromMs: number): Promise<number | undefined> {
  const isAggregated = sql`oldest.seq <= (SELECT ${aggregated.seq} FROM ${aggregated})`;
  const [retried, counted] = await runBatch<DeletedEvent>(d1, [
    oldestRetries(keptFromMs),
    oldestEvents(keptFromMs, isAggregated),
    EMPTY_RANGES,
  ]);
  const lastSeq = lastSeqOf(counted?.results ?? []);
  if (lastSeq !== undefined || (retried?.meta.changes ?? 0) > 0) return lastSeq ?? 0;
  const uncounted = await oldestEvents(keptFromMs, sql`NOT ${isAggregated}`).prepare(d1).all<DeletedEvent>();
  warnOfUncounted(uncounted.results.length);
  return lastSeqOf(uncounted.results);
}

interface DeletedEvent {
  readonly seq: number;
}

function lastSeqOf(deleted: readonly DeletedEvent[]): number | undefined {
  return deleted.length === 0 ? undefined : Math.max(...deleted.map(({ seq }) => seq));
}

/** Says in the Worker's log that reports lack events. */
export function warnOfUncounted(count: number): void {
  if (count > 0) logger.warn("old events are deleted that statistics have not counted", { events: count });
}

/** Deletes the oldest retries, which have the lowest seqs: a retry gets its seq when it becomes due. */
export function oldestRetries(keptFromMs: number): Sql {
  const { seq, dueAt } = retries;
  return sql`DELETE FROM ${retries}
WHERE ${seq} IN (SELECT ${seq} FROM ${retries} ORDER BY ${seq} LIMIT ${ROWS_PER_BATCH}) AND ${dueAt} < ${keptFromMs}`;
}

/** @param condition on `oldest`, the oldest events: their `seq`, `at` and `id` */
function oldestEvents(keptFromMs: number, condition: Sql): Sql {
  const { seq, at, id } = events;
  return sql`DELETE FROM ${events} WHERE ${seq} IN (
  SELECT oldest.seq FROM (
    SELECT ${seq} AS seq, ${at} AS at, ${id} AS id FROM ${events} ORDER BY ${seq} LIMIT ${EVENTS_READ}) AS oldest
  WHERE oldest.at < ${keptFromMs} AND ${condition}
  AND NOT EXISTS (SELECT 1 FROM ${suppressions} WHERE ${suppressions.event} = oldest.id)
  ORDER BY oldest.seq LIMIT ${ROWS_PER_BATCH}) RETURNING ${columnName(seq)}`;
}

/** Those before the first event. D1 binds numbers as floating-point, whose division has a fraction. */
const EMPTY_RANGES = sql`DELETE FROM ${seqRanges} WHERE ${seqRanges.number} <
(SELECT min(${events.seq}) FROM ${events}) / ${rawSql(String(SEQS_PER_RANGE))}`;
