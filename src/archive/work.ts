/** The archive's work of each minute: it rewrites what is due, deletes what is too old, moves what is old enough. */
import { recalled, segments } from "../events/archive-schema.ts";
import { retention } from "../events/privacy-schema.ts";
import { NOW_MS } from "../events/recorded.ts";
import { aggregated, events, suppressions } from "../events/schema.ts";
import { DAY_MS } from "../platform/durations.ts";
import { logger } from "../platform/logger.ts";
import { assign, everyColumn, runBatch, sql } from "../platform/sql.ts";
import { withDeadline } from "../platform/timeout.ts";
import { nextEdition } from "./edition.ts";
import type { StatementsForLeaving } from "./messages/leaving.ts";
import { moveMessages } from "./messages/move.ts";
import { dueMessageFiles } from "./messages/rewrite.ts";
import { sweepMessageFiles } from "./messages/sweep.ts";
import { keepReserve } from "./reserve.ts";
import { dueSegments } from "./rewrite.ts";
import { rewriteDue } from "./rewrite-due.ts";
import { PREFIX, parsedKey, segmentKey } from "./segment-key.ts";
import { isNotedSegment, type LogStores, MIN_AGE_MS, type Segment } from "./segments.ts";
import { hasKeptType } from "./staying.ts";
import { deleteUnneeded, WHOLE_WALK } from "./sweep.ts";
import { R2_DEADLINE_MS } from "./verified.ts";
import { writeSegment } from "./write.ts";

const GB = 1_000_000_000;

/** When events are archived. */
export interface ArchiveRule {
  /** After so many days; undefined: never. */
  readonly afterDays: number | undefined;
  /** When D1 has more GB, those that are two days old are, too. */
  readonly aboveGb: number;
  /** Then messages to which nothing has happened for so many days are archived, too. */
  readonly messageDays: number;
}

/** What was done, and whether time was up before all was. */
export interface ArchiveWork {
  readonly written: readonly Segment[];
  /** How many segments were. */
  readonly rewritten: number;
  readonly isMore: boolean;
}

/**
 * Rewrites segments that are due, in half of the time where events are to be moved, too, and moves events that are old
 * enough, until `untilMs`. A segment that cannot be rewritten holds nothing else up.
 * @param beforeMs events that were recorded before are old enough; undefined: none is
 * @throws the errors of D1 and R2
 */
export async function workOnArchive(
  stores: LogStores,
  beforeMs: number | undefined,
  untilMs: number,
): Promise<ArchiveWork> {
  const nowMs = Date.now();
  if (beforeMs !== undefined) await keepReserve(stores.DB);
  const rewriteUntilMs = beforeMs === undefined ? untilMs : (nowMs + untilMs) / 2;
  const rewritten = await rewriteDue(stores.DB, dueSegments(stores, nowMs), rewriteUntilMs);
  const written: Segment[] = [];
  while (beforeMs !== undefined && Date.now() < untilMs) {
    const segment = await writeSegment(stores, beforeMs);
    if (segment === undefined) return { written, rewritten, isMore: false };
    if (segment === false) logger.warn("events changed while they were archived; they are archived later");
    if (segment === false) break;
    written.push(segment);
  }
  return { written, rewritten, isMore: beforeMs !== undefined || Date.now() >= untilMs };
}

/**
 * Rewrites message files that are due, in half of the time, and moves messages to which nothing has happened for long,
 * until `untilMs`.
 * Returns how many messages were moved.
 * @param deletionsWith what else D1 has of messages that move, and is deleted with them
 * @throws the errors of D1 and R2
 */
export async function workOnMessages(
  stores: LogStores,
  rule: ArchiveRule,
  untilMs: number,
  deletionsWith: StatementsForLeaving,
): Promise<number> {
  const nowMs = Date.now();
  const rewriteUntilMs = rule.afterDays === undefined ? untilMs : (nowMs + untilMs) / 2;
  await rewriteDue(stores.DB, dueMessageFiles(stores, nowMs, deletionsWith), rewriteUntilMs);
  if (rule.afterDays === undefined) return 0;
  const clock = await archiveClock(stores.DB);
  return await moveMessages(stores, clock.nowMs - rule.messageDays * DAY_MS, untilMs, deletionsWith);
}

/** Events that were recorded before this time are to be archived; undefined: none is. Throws D1's error. */
export async function archivedBefore(d1: D1Database, { afterDays, aboveGb }: ArchiveRule): Promise<number | undefined> {
  if (afterDays === undefined) return undefined;
  const { nowMs, bytes } = await archiveClock(d1);
  return bytes > aboveGb * GB ? nowMs - MIN_AGE_MS : daysBefore(nowMs, afterDays);
}

/** The time by which events are old enough, ms since 1970 UTC, and the size of D1. Throws D1's error. */
export async function archiveClock(d1: D1Database): Promise<{ readonly nowMs: number; readonly bytes: number }> {
  const { meta, results } = await sql`SELECT ${NOW_MS} AS now`.prepare(d1).run<{ now: number }>();
  // D1's clock recorded them, and the Worker's says which clicks may be archived: one of both may be ahead.
  return { nowMs: Math.min(results[0]?.now ?? 0, Date.now()), bytes: meta.size_after ?? 0 };
}

/** The beginning of the UTC day so many days before. */
export function daysBefore(nowMs: number, days: number): number {
  return (Math.floor(nowMs / DAY_MS) - days) * DAY_MS;
}

/**
 * Deletes segments whose events all happened before `keptFromMs`, until `untilMs`.
 * @throws the errors of D1 and R2
 */
export async function deleteOldSegments(
  stores: LogStores,
  keptFromMs: number,
  untilMs = Number.POSITIVE_INFINITY,
): Promise<void> {
  const query = sql`SELECT ${everyColumn(segments)} FROM ${segments}
WHERE ${segments.latest} < ${keptFromMs} ORDER BY ${segments.latest} LIMIT 100`;
  const { results } = await query.prepare(stores.DB).all<Segment>();
  for (const segment of results) {
    const { first, last } = segment;
    const deletedSeq = sql`max(${retention.deletedSeq}, ${last})`;
    const isSame = sql`EXISTS (SELECT 1 FROM ${segments} WHERE ${isNotedSegment(segment)})`;
    await runBatch(stores.DB, [
      sql`UPDATE ${retention} SET ${assign(retention, { deletedSeq })} WHERE ${isSame}`,
      // What D1 has of it goes with it; retention deletes kept events by themselves, and those that suppress somebody.
      sql`DELETE FROM ${events} WHERE ${events.seq} >= ${first} AND ${events.seq} <= ${last} AND ${isSame}
AND NOT ${hasKeptType(sql`${events.type}`)}
AND NOT EXISTS (SELECT 1 FROM ${suppressions} WHERE ${suppressions.event} = ${events.id})`,
      sql`DELETE FROM ${recalled} WHERE ${recalled.seq} >= ${first} AND ${recalled.seq} <= ${last} AND ${isSame}`,
      nextEdition(isSame),
      sql`DELETE FROM ${segments} WHERE ${isNotedSegment(segment)}`,
    ]);
    await withDeadline(stores.ARCHIVE.delete(segmentKey(segment)), R2_DEADLINE_MS, "R2");
    if (Date.now() >= untilMs) return;
  }
}

/**
 * Deletes the objects that nothing needs, until `untilMs`: a large bucket is walked through in many goes. By the clock
 * that is behind: one that is ahead must not take an object that is about to be noted.
 * @throws the errors of D1 and R2
 */
export async function sweepArchive(stores: LogStores, untilMs: number): Promise<void> {
  const { nowMs } = await archiveClock(stores.DB);
  const query = sql`SELECT ${aggregated.sweptTo} AS sweptTo FROM ${aggregated}`;
  const after = (await query.prepare(stores.DB).first<string>("sweptTo")) ?? "";
  const note = async (sweptTo: string) =>
    await sql`UPDATE ${aggregated} SET ${assign(aggregated, { sweptTo })}`.prepare(stores.DB).run();
  const walk = { after, untilMs, note };
  // In the order of their names, so that `after` says for both where to go on.
  await sweepObjects(stores, nowMs, walk);
  if (Date.now() >= untilMs) return;
  await sweepMessageFiles(stores, nowMs, walk);
  if (Date.now() < untilMs) await note("");
}

/**
 * Deletes objects that no segment names, once they are a day old; later versions of a segment stay, because D1 may have
 * been restored to an earlier time.
 * @throws the errors of D1 and R2
 */
export async function sweepObjects({ DB, ARCHIVE }: LogStores, nowMs: number, walk = WHOLE_WALK): Promise<number> {
  return await deleteUnneeded(ARCHIVE, PREFIX, walk, nowMs, (objects) => withoutSegment(DB, objects));
}

async function withoutSegment(d1: D1Database, objects: readonly R2Object[]): Promise<readonly string[]> {
  const named = objects.flatMap(({ key }) => {
    const parsed = parsedKey(key);
    return parsed === undefined ? [] : [{ key, ...parsed }];
  });
  if (named.length === 0) return [];
  const query = sql`SELECT value->>'key' AS key FROM json_each(${JSON.stringify(named)})
LEFT JOIN ${segments} ON ${segments.first} = value->>'first'
WHERE ${segments.first} IS NULL OR ${segments.last} <> value->>'last' OR ${segments.fileToken} <> value->>'fileToken'
OR (${segments.token} <> value->>'token' AND ${segments.version} >= value->>'version')`;
  return (await query.prepare(d1).all<{ key: string }>()).results.map(({ key }) => key);
}
