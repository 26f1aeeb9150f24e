/**
 * The log, read for an extract. Guarantees each row between two seqs once, in the order of recording; in queries
 * short enough that D1, one thread, serves others in between.
 */
import { FLOOR, type LogStores, lastSeqBefore, readBehind, withArchived } from "../../archive/index.ts";
import { NOW_MS } from "../../events/recorded.ts";
import { aggregated, events } from "../../events/schema.ts";
import { isStorageFull } from "../../platform/errors.ts";
import { assign, isOneOf, readBatch, type Sql, sql } from "../../platform/sql.ts";
import type { ActivityRow } from "../activity.ts";
import { SELECT_ACTIVITY, SELECT_HIGHEST_SEQ } from "../activity-page.ts";
import type { ExtractRequest } from "./job.ts";

const SEQS_PER_QUERY = 2_000;
/** A period may end so much later by D1's clock: a job begins up to five seconds before, by the object's. */
const MAX_AHEAD_MS = 10_000;

type Period = Pick<ExtractRequest, "fromMs" | "untilMs">;
type RowFilter = Pick<ExtractRequest, "fromMs" | "untilMs" | "types">;

/** A stretch of the log: seqs greater than `after`, up to `to`. */
export interface ExtractStretch {
  readonly after: number;
  readonly to: number;
}

/**
 * Ends a period for good, as far as it has passed: from now on events are recorded at its end or later. So a period
 * that ends with the second that runs is read whole at once.
 * @returns the highest seq of the log; 0 when it is empty
 */
export async function endPeriod(d1: D1Database, { untilMs }: Pick<Period, "untilMs">): Promise<number> {
  const { readUntil } = aggregated;
  const passedMs = sql`min(${untilMs}, ${NOW_MS} + ${MAX_AHEAD_MS})`;
  const query = sql`UPDATE ${aggregated} SET ${assign(aggregated, { readUntil: sql`max(${readUntil}, ${passedMs})` })}
    RETURNING coalesce((SELECT max(${events.seq}) FROM ${events}), 0) AS seq`;
  try {
    return (await query.prepare(d1).first<number>("seq")) ?? 0;
  } catch (error) {
    // Then nothing is recorded either, and a file is better than none.
    if (isStorageFull(error)) return (await SELECT_HIGHEST_SEQ.prepare(d1).first<number>("seq")) ?? 0;
    throw error;
  }
}

/**
 * The highest seq of the log, when rows of an extract may lie after `after`. Undefined when there are none at this
 * moment: so no row that was still to be read can have moved to a later seq.
 */
export async function highestSeqIfMore(d1: D1Database, filter: RowFilter, after: number): Promise<number | undefined> {
  const next = { after, to: after + SEQS_PER_QUERY };
  const query = sql`SELECT max(${events.seq}) AS seq, max(${events.seq}) > ${next.to} OR EXISTS (
      SELECT 1 FROM ${events} WHERE ${isWanted(next, filter)}
    ) AS more FROM ${events}`;
  const highest = await query.prepare(d1).first<{ seq: number | null; more: number | null }>();
  return highest?.more === 1 ? (highest.seq ?? undefined) : undefined;
}

/**
 * The stretches behind `after` up to `to` that hold the rows of a period, each short enough for one query.
 * @throws the errors of D1 and R2
 */
export async function stretchesOfPeriod(
  stores: LogStores,
  { fromMs, untilMs }: Period,
  { after, to }: ExtractStretch,
): Promise<ExtractStretch[]> {
  const first = await lastSeqBefore(stores, fromMs);
  const last = await lastSeqBefore(stores, untilMs);
  return split({ after: Math.max(first, after), to: Math.min(last, to) });
}

function split({ after, to }: ExtractStretch): ExtractStretch[] {
  const short: ExtractStretch[] = [];
  for (let from = after; from < to; from += SEQS_PER_QUERY)
    short.push({ after: from, to: Math.min(from + SEQS_PER_QUERY, to) });
  return short;
}

/** Throws the errors of D1 and R2. */
export async function readRows(
  stores: LogStores,
  stretch: ExtractStretch,
  filter: RowFilter,
): Promise<readonly ActivityRow[]> {
  const { DB } = stores;
  const select = (part: ExtractStretch) =>
    sql`${SELECT_ACTIVITY} WHERE ${isWanted(part, filter)} ORDER BY ${events.seq}`;
  const found: ActivityRow[] = [];
  for (let { after } = stretch; ; ) {
    const rest = { after, to: stretch.to };
    const [rows, [log]] = await readBatch<[ActivityRow, { floor: number }]>(DB, [select(rest), SELECT_FLOOR]);
    if (after >= Math.min(log?.floor ?? 0, stretch.to)) return [...found, ...rows];
    const wish = { limit: SEQS_PER_QUERY, to: stretch.to };
    const page = await readBehind(stores, after, wish, async (archived) => {
      const read = await withArchived(archived, select({ after, to: archived.to }))
        .prepare(DB)
        .all<ActivityRow>();
      return { rows: read.results, to: archived.to };
    });
    found.push(...(page?.rows ?? []));
    after = page?.to ?? log?.floor ?? stretch.to;
  }
}

const SELECT_FLOOR = sql`SELECT ${FLOOR} AS floor`;

function isWanted({ after, to }: ExtractStretch, { fromMs, untilMs, types }: RowFilter): Sql {
  return sql`${events.seq} > ${after} AND ${events.seq} <= ${to}
    AND ${events.recordedAt} >= ${fromMs} AND ${events.recordedAt} < ${untilMs} AND ${isOneOf(events.type, types)}`;
}
