/** Rows of `events` as D1 has them, in the form of a segment. */
import { NOW_MS } from "../events/recorded.ts";
import { aggregated, events } from "../events/schema.ts";
import { assign, rawSql, type Sql, sql } from "../platform/sql.ts";
import { SEGMENT_COLUMNS, type SegmentRow } from "./segment-file.ts";
import { MIN_AGE_MS, type Segment } from "./segments.ts";

const COLUMNS = rawSql(SEGMENT_COLUMNS.map(({ name }) => `"${name}"`).join(", "));
/** Rows that one query answers: mostly some hundred kilobytes, with the longest links 16 MB. */
const ROWS_PER_QUERY = 1_000;
/** So many characters are the last page: a segment is held in memory several times while it is written. */
export const MAX_SEGMENT_CHARS = 24_000_000;

/** How many rows are read. */
export interface RowBounds {
  readonly limit: number;
  /** The most characters of their texts. */
  readonly maxChars: number;
}

export const NO_BOUNDS: RowBounds = { limit: Number.MAX_SAFE_INTEGER, maxChars: Number.MAX_SAFE_INTEGER };

/** How many characters a row has, about. */
export function rowLength(row: SegmentRow): number {
  return row.reduce<number>((sum, value) => sum + (typeof value === "string" ? value.length : 8), 0);
}

/**
 * The rows that a condition selects, in order, a query for each 1,000.
 * @param start the seq behind which they begin
 * @param bounds the last page may pass `maxChars`
 * @throws D1's error
 */
export async function storedRows(
  d1: D1Database,
  condition: Sql,
  start: number,
  { limit, maxChars }: RowBounds,
): Promise<readonly SegmentRow[]> {
  const rows: SegmentRow[] = [];
  let chars = 0;
  for (let after = start; rows.length < limit && chars < maxChars; ) {
    const size = Math.min(ROWS_PER_QUERY, limit - rows.length);
    const query = sql`SELECT ${COLUMNS} FROM ${events} WHERE ${events.seq} > ${after} AND ${condition}
ORDER BY ${events.seq} LIMIT ${size}`;
    const page = await query.prepare(d1).raw<[...SegmentRow]>();
    rows.push(...page);
    chars += page.reduce((sum, row) => sum + rowLength(row), 0);
    after = page.at(-1)?.[0] ?? after;
    if (page.length < size) break;
  }
  return rows;
}

/** What the log must still be when rows that were read of it are deleted. */
export interface ReadState {
  /** How often rows had been changed in place, before they were read. */
  readonly changes: number;
  readonly rows: readonly SegmentRow[];
}

/** @throws D1's error */
export async function changesInPlace(d1: D1Database): Promise<number> {
  return (await sql`SELECT ${aggregated.changes} FROM ${aggregated}`.prepare(d1).first<number>("changes")) ?? 0;
}

/**
 * The statement that notes that rows were changed under their seqs, where `condition` holds and one of them is old
 * enough for the archive, or nearly.
 * @param seqs a JSON array
 */
export function noteChangeOf(seqs: string, condition: Sql): Sql {
  return sql`UPDATE ${aggregated} SET ${assign(aggregated, { changes: sql`${aggregated.changes} + 1` })}
WHERE ${condition} AND EXISTS (SELECT 1 FROM json_each(${seqs}) CROSS JOIN ${events} ON ${events.seq} = value
  WHERE ${events.recordedAt} < ${NOW_MS} - ${MIN_AGE_MS / 2})`;
}

/** Whether a stretch of the log has these very rows: none has moved, or was changed in place since. */
export function isAsRead(isInStretch: Sql, { changes, rows }: ReadState): Sql {
  const sum = rows.reduce((all, [seq]) => all + seq, 0);
  return sql`(SELECT ${aggregated.changes} FROM ${aggregated}) = ${changes}
AND (SELECT count(*) FROM ${events} WHERE ${isInStretch}) = ${rows.length}
AND coalesce((SELECT sum(${events.seq}) FROM ${events} WHERE ${isInStretch}), 0) = ${sum}`;
}

/** Whether a row of `events` is of a segment's stretch. */
export function isWithin({ first, last }: Pick<Segment, "first" | "last">): Sql {
  return sql`${events.seq} >= ${first} AND ${events.seq} <= ${last}`;
}

/** Whether a condition holds in D1. Throws D1's error. */
export async function isTrue(d1: D1Database, condition: Sql): Promise<boolean> {
  return (await sql`SELECT (${condition}) AS answer`.prepare(d1).first<number>("answer")) === 1;
}
