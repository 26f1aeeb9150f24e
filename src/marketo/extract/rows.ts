/**
 * The log, read for an extract. Guarantees each row between two places once, in the order of recording; in queries small enough that
 * D1, one thread, has time for others in between.
 */
import { SEQS_PER_BLOCK } from "../../events/schema.ts";
import type { ActivityRow } from "../activity.ts";
import { ACTIVITY_COLUMNS, ACTIVITY_TABLES, type ActivityValues, activityRow } from "../activity-page.ts";
import type { ExportRequest } from "./job.ts";

const SEQS_PER_QUERY = 2_000;

/** Both ends of a stretch of the log: behind the first place, up to the last. */
export interface Stretch {
  readonly after: number;
  readonly to: number;
}

/** The highest place of the log; 0 without any. */
export async function topOf(d1: D1Database): Promise<number> {
  return (await d1.prepare("SELECT max(seq) AS top FROM events").first<number>("top")) ?? 0;
}

const MORE = `SELECT max(seq) AS top, max(seq) > ?1 + ${SEQS_PER_QUERY} OR EXISTS (
  SELECT 1 FROM events
  WHERE seq > ?1 AND seq <= ?1 + ${SEQS_PER_QUERY} AND at >= ?2 AND at < ?3 AND type IN (SELECT value FROM json_each(?4))
) AS more FROM events`;

/**
 * The highest place of the log, when rows of an extract may be behind `after`; undefined when there are none in this very moment, so
 * that none of those that were to be read can have got away to a later place.
 */
export async function topWithMore(
  d1: D1Database,
  { fromMs, untilMs, types }: Pick<ExportRequest, "fromMs" | "untilMs" | "types">,
  after: number,
): Promise<number | undefined> {
  const query = d1.prepare(MORE).bind(after, fromMs, untilMs, JSON.stringify(types));
  const front = await query.first<{ top: number | null; more: number | null }>();
  return front?.more === 1 ? (front.top ?? undefined) : undefined;
}

const AGGREGATED = `SELECT (SELECT seq FROM aggregated) AS aggregated,
(SELECT json_group_array(block) FROM (SELECT block FROM blocks WHERE latest >= ?1 AND earliest < ?2 ORDER BY block)) AS blocks`;

/**
 * Where in the log behind `after` up to `top` rows of a time may be, each stretch short enough for one query: what is folded and of
 * other times is left out.
 */
export async function stretches(
  d1: D1Database,
  { fromMs, untilMs }: Pick<ExportRequest, "fromMs" | "untilMs">,
  after: number,
  top: number,
): Promise<Stretch[]> {
  const known = await d1
    .prepare(AGGREGATED)
    .bind(fromMs, untilMs)
    .first<{ aggregated: number; blocks: string }>();
  const aggregated = known?.aggregated ?? 0;
  const blocks = JSON.parse(known?.blocks ?? "[]") as number[];
  const wide = blocks.map((block) => ({
    after: block * SEQS_PER_BLOCK - 1,
    to: Math.min((block + 1) * SEQS_PER_BLOCK - 1, aggregated),
  }));
  return [...wide, { after: aggregated, to: top }]
    .map((stretch) => ({ after: Math.max(stretch.after, after), to: Math.min(stretch.to, top) }))
    .flatMap(cut);
}

function cut({ after, to }: Stretch): Stretch[] {
  const short: Stretch[] = [];
  for (let from = after; from < to; from += SEQS_PER_QUERY)
    short.push({ after: from, to: Math.min(from + SEQS_PER_QUERY, to) });
  return short;
}

const ROWS = `SELECT ${ACTIVITY_COLUMNS} FROM ${ACTIVITY_TABLES}
WHERE seq > ?1 AND seq <= ?2 AND at >= ?3 AND at < ?4 AND type IN (SELECT value FROM json_each(?5))
ORDER BY seq`;

export async function rowsIn(
  d1: D1Database,
  { after, to }: Stretch,
  { fromMs, untilMs, types }: ExportRequest,
): Promise<readonly ActivityRow[]> {
  const query = d1.prepare(ROWS).bind(after, to, fromMs, untilMs, JSON.stringify(types));
  return (await query.raw<ActivityValues>()).map(activityRow);
}
