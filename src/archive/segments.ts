/** What D1 knows of the archive: its segments and its end. */
import { segments } from "../events/archive-schema.ts";
import { DAY_MS, HOUR_MS } from "../platform/durations.ts";
import { retryOnce } from "../platform/errors.ts";
import { everyColumn, rawSql, type Sql, sql } from "../platform/sql.ts";

export type Segment = typeof segments.$inferSelect;

/** What no other object of the archive has; the etag, because a copy of the object in parts has another one. */
const IDENTITY = ["first", "token", "etag"] as const;
type SegmentIdentity = { readonly [Name in (typeof IDENTITY)[number]]: Segment[Name] | Sql };

/** Whether a row of `segments` notes this very object, for a WHERE clause. */
export function isNotedSegment({ first, token, etag }: SegmentIdentity): Sql {
  return sql`(${segments.first} = ${first} AND ${segments.token} = ${token} AND ${segments.etag} = ${etag})`;
}

/** The identity of a segment in `value`, a JSON object. */
export const IDENTITY_IN_VALUE: SegmentIdentity = {
  first: rawSql("value->>'first'"),
  token: rawSql("value->>'token'"),
  etag: rawSql("value->>'etag'"),
};

/** Whether both are of one object. */
export function isSameObject(one: Segment, other: Segment): boolean {
  return IDENTITY.every((name) => one[name] === other[name]);
}

/** Where events are: behind the floor in D1, up to it in segments. */
export type LogStores = Pick<Env, "DB" | "ARCHIVE">;

/**
 * Events that were recorded so long ago are the first that may be archived: retries, which find a send's address by its
 * Sent, are over.
 */
export const MIN_AGE_MS = 2 * DAY_MS;

/** The last seq of the archive, for an expression; 0 without one. */
export const FLOOR = sql`coalesce((
  SELECT ${segments.last} FROM ${segments} ORDER BY ${segments.first} DESC LIMIT 1), 0)`;

/** The first seq of the first segment with an event that happened at `ms` or later, for an expression; or NULL. */
export function firstSeqSince(ms: number): Sql {
  // By the index: without the plus SQLite reads the segments from the first one on.
  return sql`(SELECT min(+${segments.first}) FROM ${segments} WHERE ${segments.latest} >= ${ms})`;
}

/** The first seq of the archive, for an expression; NULL without one. */
export const ARCHIVE_START = sql`(SELECT min(${segments.first}) FROM ${segments})`;

/**
 * When the first archived event behind a seq was recorded, at the latest, for an expression: when the first of its
 * segment was. NULL when there is none.
 */
export function recordedBehind(seq: Sql): Sql {
  return sql`(SELECT ${segments.recordedFrom} FROM ${segments}
  WHERE ${endsBehind(seq)} ORDER BY ${segments.first} LIMIT 1)`;
}

/** Whether a segment ends behind a seq; those that begin long before it are not read. */
function endsBehind(seq: Sql | number): Sql {
  return sql`(${segments.last} > ${seq} AND ${segments.first} >= coalesce((
  SELECT max(${segments.first}) FROM ${segments} WHERE ${segments.first} <= ${seq}), 0))`;
}

/** Whether a seq is among those of the archive: an event may have it there, or has had it, and has moved on. */
export function mayBeInArchive(seq: Sql): Sql {
  return sql`(${seq} <= ${FLOOR} AND ${seq} >= ${ARCHIVE_START})`;
}

/** The last seq of the archive; 0 without one. Throws D1's error. */
export async function archiveEnd(d1: D1Database): Promise<number> {
  return (await retryOnce(() => sql`SELECT ${FLOOR} AS floor`.prepare(d1).first<number>("floor"))) ?? 0;
}

/** The segment that holds the first archived event behind `after`; undefined: there is none. */
export async function segmentAfter(d1: D1Database, after: number): Promise<Segment | undefined> {
  const query = sql`SELECT ${everyColumn(segments)} FROM ${segments}
WHERE ${endsBehind(after)} ORDER BY ${segments.first} LIMIT 1`;
  return (await query.prepare(d1).first<Segment>()) ?? undefined;
}

/** The last segment that begins before this seq; undefined: there is none. */
export async function segmentBefore(d1: D1Database, before: number): Promise<Segment | undefined> {
  const query = sql`SELECT ${everyColumn(segments)} FROM ${segments}
WHERE ${segments.first} < ${before} ORDER BY ${segments.first} DESC LIMIT 1`;
  return (await query.prepare(d1).first<Segment>()) ?? undefined;
}

/** The segments of these seqs, in order; of seqs behind the floor none. */
export async function segmentsWithSeqs(d1: D1Database, seqs: readonly number[]): Promise<readonly Segment[]> {
  if (seqs.length === 0) return [];
  const query = sql`SELECT DISTINCT ${everyColumn(segments)} FROM json_each(${JSON.stringify(seqs)})
CROSS JOIN ${segments} ON ${segments.first} = (SELECT max(${segments.first}) FROM ${segments}
  WHERE ${segments.first} <= value) AND ${segments.last} >= value ORDER BY ${segments.first}`;
  return (await query.prepare(d1).all<Segment>()).results;
}

/**
 * Whether all of these segments are as they were read.
 * @param floor the last seq of the archive then, if none may have been written since
 */
export async function areUnchanged(d1: D1Database, read: readonly Segment[], floor?: number): Promise<boolean> {
  const known = JSON.stringify(read.map(({ first, token, etag }) => ({ first, token, etag })));
  const query = sql`SELECT (SELECT count(*) FROM json_each(${known}) CROSS JOIN ${segments}
  ON ${isNotedSegment(IDENTITY_IN_VALUE)}) AS count,
${FLOOR} AS floor`;
  const found = await query.prepare(d1).first<{ readonly count: number; readonly floor: number }>();
  return found?.count === read.length && (floor === undefined || found.floor === floor);
}

/** Segments among whose events there may be some that happened in the hours of these times. */
export async function segmentsAround(d1: D1Database, timesMs: readonly number[]): Promise<readonly Segment[]> {
  const hours = [...new Set(timesMs.map((ms) => Math.floor(ms / HOUR_MS) * HOUR_MS))];
  const query = sql`SELECT ${everyColumn(segments)} FROM ${segments}
WHERE ${segments.latest} >= ${Math.min(...hours)} AND EXISTS (SELECT 1 FROM json_each(${JSON.stringify(hours)})
  WHERE ${segments.latest} >= value AND ${segments.earliest} < value + ${HOUR_MS}) ORDER BY +${segments.first}`;
  return (await query.prepare(d1).all<Segment>()).results;
}
