/**
 * Rewrites segments with what D1 has of their events: under the next version, once for all events that were recalled.
 * Guarantees, as writing does, that each event is in D1 or in a noted segment at every moment. The object before it is
 * deleted afterwards, and if that fails by the sweep.
 */
import { recalled, segments } from "../events/archive-schema.ts";
import { aggregated, events } from "../events/schema.ts";
import { assign, everyColumn, type Sql, sql } from "../platform/sql.ts";
import { rowsBehind } from "./objects.ts";
import { RELIED_ON_MS } from "./relied-on.ts";
import type { DueFiles } from "./rewrite-due.ts";
import { COLUMN, type SegmentRow } from "./segment-file.ts";
import { segmentKey } from "./segment-key.ts";
import { areUnchanged, isNotedSegment, type LogStores, type Segment } from "./segments.ts";
import { hasKeptType, IS_LEAVING, isKeptType } from "./staying.ts";
import { changesInPlace, isAsRead, isTrue, isWithin, NO_BOUNDS, type ReadState, storedRows } from "./stored-rows.ts";
import { changeArchive } from "./transaction.ts";
import { deleteObject, writeVerified } from "./verified.ts";
import { timesOf } from "./write.ts";

/** The segments that are due at `nowMs`. */
export function dueSegments(stores: LogStores, nowMs: number): DueFiles<Segment> {
  return {
    next: (after) => segmentToRewrite(stores.DB, nowMs, after),
    position: ({ last }) => last,
    key: segmentKey,
    rewrite: (segment) => rewriteSegment(stores, segment, nowMs),
    isNotedStill: (segment) => areUnchanged(stores.DB, [segment]),
  };
}

/** The first segment that is to be rewritten by now; undefined: there is none. Throws D1's error. */
export async function segmentToRewrite(d1: D1Database, nowMs: number, after: number): Promise<Segment | undefined> {
  // By the index of what is due: what stays is noted as recalled, too, for as long as it is in D1.
  const query = sql`SELECT ${everyColumn(segments)} FROM ${recalled}
CROSS JOIN ${segments} ON ${segments.last} >= ${recalled.seq} AND ${segments.first} = (
  SELECT max(${segments.first}) FROM ${segments} WHERE ${segments.first} <= ${recalled.seq})
WHERE ${recalled.dueAt} <= ${nowMs} AND ${recalled.usedAt} <= ${nowMs - RELIED_ON_MS} AND +${recalled.seq} > ${after}
ORDER BY ${recalled.seq} LIMIT 1`;
  return (await query.prepare(d1).first<Segment>()) ?? undefined;
}

/**
 * @returns false when something has changed meanwhile: the segment is as it was
 * @throws the errors of D1 and R2
 */
export async function rewriteSegment(stores: LogStores, segment: Segment, nowMs: number): Promise<boolean> {
  const { DB, ARCHIVE } = stores;
  const changes = await changesInPlace(DB);
  const stored = await storedRows(DB, isWithin(segment), segment.first - 1, NO_BOUNDS);
  const decided = await recalledIn(DB, segment);
  const archived = await archivedIn(stores, segment);
  const rows = mergedRows(archived, stored, decided);
  const read = { changes, rows: stored };
  const isReplaceable = canReplace(segment, read, decided);
  // Most recalled events have not changed: they leave D1 again, and the object stays.
  const isSame = JSON.stringify(rows) === JSON.stringify(archived);
  if (!isSame && !(await isTrue(DB, isReplaceable))) return false;
  const written = isSame ? segment : await writeNext(ARCHIVE, segment, rows);
  const isReplaced = await changeArchive(DB, isReplaceable, (isOurs) =>
    replaceStatements(segment, written, nowMs - RELIED_ON_MS, isOurs),
  );
  if (isSame) return isReplaced;
  // One that a check has noted stays until it is a day old: D1, restored back until then, has what it notes.
  if (!isReplaced || segment.restoredTo === null)
    await deleteObject(ARCHIVE, segmentKey(isReplaced ? segment : written));
  return isReplaced;
}

/** Writes the next version of a segment. */
async function writeNext(bucket: R2Bucket, segment: Segment, rows: readonly SegmentRow[]): Promise<Segment> {
  const next = { ...segment, version: segment.version + 1, token: crypto.randomUUID(), restoredTo: null };
  // Also without rows: D1, restored to an earlier time, learns by the object that all of its events were erased.
  const object = await writeVerified(bucket, segmentKey(next), rows);
  return { ...next, ...object, ...(rows.length === 0 ? {} : timesOf(rows)) };
}

async function archivedIn(stores: LogStores, segment: Segment): Promise<readonly SegmentRow[]> {
  const rows: SegmentRow[] = [];
  for await (const group of rowsBehind(stores.ARCHIVE, segment, segment.first - 1)) rows.push(...group);
  return rows;
}

async function recalledIn(d1: D1Database, { first, last }: Segment): Promise<ReadonlySet<number>> {
  const query = sql`SELECT ${recalled.seq} FROM ${recalled}
WHERE ${recalled.seq} >= ${first} AND ${recalled.seq} <= ${last}`;
  return new Set((await query.prepare(d1).all<{ seq: number }>()).results.map(({ seq }) => seq));
}

/** What D1 has of the events that it decides about, and what the segment has of the others. */
function mergedRows(
  archived: readonly SegmentRow[],
  stored: readonly SegmentRow[],
  decided: ReadonlySet<number>,
): readonly SegmentRow[] {
  const others = archived.filter((row) => !isKeptType(row[COLUMN.type]) && !decided.has(row[COLUMN.seq]));
  return [...others, ...stored].toSorted((one, other) => one[COLUMN.seq] - other[COLUMN.seq]);
}

/** Whether what a segment is rewritten from is as it was read. */
function canReplace(segment: Segment, read: ReadState, decided: ReadonlySet<number>): Sql {
  const { first, last } = segment;
  const isNoted = sql`EXISTS (SELECT 1 FROM ${segments} WHERE ${isNotedSegment(segment)})`;
  return sql`${isAsRead(isWithin(segment), read)} AND ${isNoted} AND ${decided.size} = (
  SELECT count(*) FROM ${recalled} WHERE ${recalled.seq} >= ${first} AND ${recalled.seq} <= ${last})`;
}

/** @param reliedOnMs recalled events that somebody has relied on since stay in D1 */
function replaceStatements(before: Segment, after: Segment, reliedOnMs: number, isOurs: Sql): Sql[] {
  const { first, last } = before;
  const isInStretch = isWithin(before);
  const isDecided = sql`${recalled.seq} >= ${first} AND ${recalled.seq} <= ${last}`;
  // Statistics read what was recalled for the events that they aggregate.
  const isAggregated = sql`${recalled.usedAt} <= coalesce((SELECT ${events.recordedAt} FROM ${events}
  WHERE ${events.seq} > (SELECT ${aggregated.seq} FROM ${aggregated}) ORDER BY ${events.seq} LIMIT 1)
  - ${RELIED_ON_MS}, ${Number.MAX_SAFE_INTEGER})`;
  const isGoing = sql`${isDecided} AND ${recalled.usedAt} <= ${reliedOnMs} AND ${isAggregated}`;
  const { version, token, etag, rows, bytes, earliest, latest, restoredTo } = after;
  return [
    sql`DELETE FROM ${events} WHERE ${isInStretch} AND ${IS_LEAVING}
AND ${events.seq} IN (SELECT ${recalled.seq} FROM ${recalled} WHERE ${isGoing}) AND ${isOurs}`,
    // Those that stay are still in D1, which goes on deciding about them.
    sql`DELETE FROM ${recalled} WHERE ${isGoing} AND ${isOurs} AND NOT EXISTS (SELECT 1 FROM ${events}
  WHERE ${events.seq} = ${recalled.seq} AND NOT ${hasKeptType(sql`${events.type}`)})`,
    sql`UPDATE ${recalled} SET ${assign(recalled, { dueAt: null })} WHERE ${isGoing} AND ${isOurs}`,
    sql`UPDATE ${segments}
SET ${assign(segments, { version, token, etag, rows, bytes, earliest, latest, restoredTo })}
WHERE ${segments.first} = ${first} AND ${isOurs}`,
  ];
}
