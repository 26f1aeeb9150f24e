/** How endpoints are: whether they fail or lag, and which event is the oldest that one was not posted. */
import { recordedBehind } from "../archive/index.ts";
import { events } from "../events/schema.ts";
import { endOfLog } from "../feed/index.ts";
import { MINUTE_MS } from "../platform/durations.ts";
import { rawSql, sql } from "../platform/sql.ts";
import { withDeadline } from "../platform/timeout.ts";
import type { EndpointProgress } from "./endpoint.ts";
import { type EndpointRow, endpointObject } from "./endpoints.ts";

/** An endpoint fails, or lags behind the log, once it does for so long. */
const LATE_MS = 5 * MINUTE_MS;
const CALL_DEADLINE_MS = 1_500;

export const ENDPOINT_STATUSES = ["ok", "failing", "lagging", "disabled", "unknown"] as const;

export interface EndpointStatus {
  readonly row: EndpointRow;
  /** "unknown": its object is out of reach. */
  readonly status: (typeof ENDPOINT_STATUSES)[number];
  /** Undefined: unknown. */
  readonly progress: EndpointProgress | undefined;
  /** When the oldest event was recorded that it was not posted; undefined: there is none, or it is unknown. */
  readonly oldestUnpostedAtMs: number | undefined;
}

/** The statuses of endpoints, and the last seq of the log. Rejects with D1's error. */
export async function endpointStatuses(env: Env, rows: readonly EndpointRow[]) {
  const { DB } = env;
  const calls = rows.map(({ id }) =>
    withDeadline(endpointObject(env, id).progress(), CALL_DEADLINE_MS, "the endpoint").catch(() => undefined),
  );
  const [progresses, end] = await Promise.all([Promise.all(calls), endOfLog(DB)]);
  const firsts = await firstRecorded(
    DB,
    progresses.flatMap((progress) => (progress === undefined || progress.seq >= end ? [] : [progress.seq])),
  );
  const statuses = rows.map((row, index) => {
    const progress = progresses[index];
    return statusOf(row, progress, progress && firsts.get(progress.seq), Date.now());
  });
  return { statuses, end };
}

/** By seq, when the first event behind it was recorded; of an archived one, when the first of its segment was. */
async function firstRecorded(d1: D1Database, seqs: readonly number[]): Promise<ReadonlyMap<number, number>> {
  if (seqs.length === 0) return new Map();
  const inD1 = sql`(SELECT ${events.recordedAt} FROM ${events}
    WHERE ${events.seq} > value ORDER BY ${events.seq} LIMIT 1)`;
  const query = sql`SELECT value AS seq, coalesce(${recordedBehind(rawSql("value"))}, ${inD1}) AS recordedAt
    FROM json_each(${JSON.stringify(seqs)})`;
  const { results } = await query.prepare(d1).all<{ seq: number; recordedAt: number | null }>();
  return new Map(results.flatMap(({ seq, recordedAt }) => (recordedAt === null ? [] : [[seq, recordedAt]])));
}

/** @param behindAtMs when the first event behind its cursor was recorded */
function statusOf(
  row: EndpointRow,
  progress: EndpointProgress | undefined,
  behindAtMs: number | undefined,
  nowMs: number,
): EndpointStatus {
  if (progress === undefined) {
    return { row, progress, status: row.disabledAt === null ? "unknown" : "disabled", oldestUnpostedAtMs: undefined };
  }
  const { failingSinceMs = nowMs, refusedAtMs, retryingAtMs } = progress;
  // What it waits at is the first behind its cursor that its filter passes.
  const times = [refusedAtMs ?? behindAtMs, retryingAtMs].filter((time) => time !== undefined);
  const oldestUnpostedAtMs = times.length === 0 ? undefined : Math.min(...times);
  const isLate = (sinceMs: number | undefined) => sinceMs !== undefined && nowMs - sinceMs >= LATE_MS;
  const lagging = isLate(oldestUnpostedAtMs) ? "lagging" : "ok";
  const enabled = isLate(failingSinceMs) ? "failing" : lagging;
  return { row, progress, oldestUnpostedAtMs, status: row.disabledAt === null ? enabled : "disabled" };
}
