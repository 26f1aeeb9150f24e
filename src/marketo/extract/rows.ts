/**
 * The log, read for an extract. Guarantees each row between two seqs once, in the order of recording; in queries
 * short enough that D1, one thread, serves others in between.
 */
import { aggregated, blocks, events, SEQS_PER_BLOCK } from "../../events/schema.ts";
import { isOneOf, type Sql, sql } from "../../platform/sql.ts";
import type { ActivityRow } from "../activity.ts";
import { SELECT_ACTIVITY, SELECT_HIGHEST_SEQ } from "../activity-page.ts";
import type { ExtractRequest } from "./job.ts";

const SEQS_PER_QUERY = 2_000;

type Period = Pick<ExtractRequest, "fromMs" | "untilMs">;
type RowFilter = Pick<ExtractRequest, "fromMs" | "untilMs" | "types">;

/** A range of the log: seqs greater than `after`, up to `to`. */
export interface SeqRange {
  readonly after: number;
  readonly to: number;
}

/** The highest seq of the log; 0 when it is empty. */
export async function highestSeq(d1: D1Database): Promise<number> {
  return (await SELECT_HIGHEST_SEQ.prepare(d1).first<number>("seq")) ?? 0;
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
 * The ranges after `after` up to `to` that may hold rows of a period, each short enough for one query. Leaves out
 * aggregated blocks of other times.
 */
export async function seqRanges(
  d1: D1Database,
  { fromMs, untilMs }: Period,
  { after, to }: SeqRange,
): Promise<SeqRange[]> {
  const query = sql`SELECT (SELECT ${aggregated.seq} FROM ${aggregated}) AS aggregatedSeq,
    (SELECT json_group_array(block) FROM (
      SELECT ${blocks.block} FROM ${blocks}
      WHERE ${blocks.latest} >= ${fromMs} AND ${blocks.earliest} < ${untilMs} ORDER BY ${blocks.block}
    )) AS blocks`;
  const found = await query.prepare(d1).first<{ aggregatedSeq: number; blocks: string }>();
  const aggregatedSeq = found?.aggregatedSeq ?? 0;
  const matching = JSON.parse(found?.blocks ?? "[]") as number[];
  const ranges = matching.map((block) => ({
    after: block * SEQS_PER_BLOCK - 1,
    to: Math.min((block + 1) * SEQS_PER_BLOCK - 1, aggregatedSeq),
  }));
  return [...ranges, { after: aggregatedSeq, to }]
    .map((range) => ({ after: Math.max(range.after, after), to: Math.min(range.to, to) }))
    .flatMap(split);
}

function split({ after, to }: SeqRange): SeqRange[] {
  const short: SeqRange[] = [];
  for (let from = after; from < to; from += SEQS_PER_QUERY)
    short.push({ after: from, to: Math.min(from + SEQS_PER_QUERY, to) });
  return short;
}

export async function readRows(d1: D1Database, range: SeqRange, filter: RowFilter): Promise<readonly ActivityRow[]> {
  const query = sql`${SELECT_ACTIVITY} WHERE ${isWanted(range, filter)} ORDER BY ${events.seq}`;
  return (await query.prepare(d1).all<ActivityRow>()).results;
}

function isWanted({ after, to }: SeqRange, { fromMs, untilMs, types }: RowFilter): Sql {
  return sql`${events.seq} > ${after} AND ${events.seq} <= ${to}
    AND ${events.at} >= ${fromMs} AND ${events.at} < ${untilMs} AND ${isOneOf(events.type, types)}`;
}
