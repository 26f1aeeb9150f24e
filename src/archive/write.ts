/**
 * Moves the oldest events of D1 into segments. Guarantees that each event is in D1 or in a noted segment, at every
 * moment, whatever fails: the object is written, read back and compared before one transaction deletes the rows and
 * notes it, and the transaction changes nothing when the rows are not those that were read. Whatever dies before it
 * leaves an object that nobody reads, until the sweep.
 */
import { recalled, segments } from "../events/archive-schema.ts";
import { EVENT_TYPES } from "../events/event.ts";
import { aggregated, events } from "../events/schema.ts";
import { DAY_MS } from "../platform/durations.ts";
import { columnNames, type Sql, sql } from "../platform/sql.ts";
import { COLUMN, type SegmentRow } from "./segment-file.ts";
import { segmentKey } from "./segment-key.ts";
import { FLOOR, type LogStores, type Segment } from "./segments.ts";
import { hasKeptType, IS_LEAVING } from "./staying.ts";
import { changesInPlace, isAsRead, isWithin, MAX_SEGMENT_CHARS, type ReadState, storedRows } from "./stored-rows.ts";
import { changeArchive } from "./transaction.ts";
import { deleteObject, writeVerified } from "./verified.ts";

/** A segment is read whole, and decoded group by group: its object has a few megabytes. */
export const ROWS_PER_SEGMENT = 50_000;

/**
 * Writes the next segment.
 * @param beforeMs events that were recorded later stay, and clicks that happened later
 * @returns undefined when nothing is left to archive; false when the rows have changed meanwhile
 * @throws the errors of D1 and R2
 */
export async function writeSegment(
  stores: LogStores,
  beforeMs: number,
  size = ROWS_PER_SEGMENT,
): Promise<Segment | false | undefined> {
  const { DB, ARCHIVE } = stores;
  const changes = await changesInPlace(DB);
  const rows = await nextRows(DB, beforeMs, size);
  const [first, last] = [rows[0], rows.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const stretch = { first: first[COLUMN.seq], last: last[COLUMN.seq], day: dayOf(first[COLUMN.recordedAt]) };
  const named = { ...stretch, fileToken: crypto.randomUUID(), version: 1, token: crypto.randomUUID() };
  const read = { changes, rows };
  const key = segmentKey(named);
  const segment: Segment = {
    ...named,
    ...(await writeVerified(ARCHIVE, key, rows)),
    ...timesOf(rows),
    recordedFrom: first[COLUMN.recordedAt],
    recordedTo: last[COLUMN.recordedAt],
    restoredTo: null,
  };
  if (await changeArchive(DB, isMovable(segment, read), (isOurs) => moveStatements(segment, isOurs))) return segment;
  await deleteObject(ARCHIVE, key);
  return false;
}

const MAY_MOVE = sql`${events.seq} <= (SELECT ${aggregated.seq} FROM ${aggregated})
AND ${events.seq} < (SELECT max(${events.seq}) FROM ${events})`;

/** When the first event behind the floor that may move was recorded, `at`; and its seq. No row: there is none. */
export const FIRST_MOVABLE = sql`SELECT ${events.recordedAt} AS at, ${events.seq} AS seq FROM ${events}
WHERE ${events.seq} > ${FLOOR} AND ${MAY_MOVE} ORDER BY ${events.seq} LIMIT 1`;

/**
 * The events behind the floor that may move: of one UTC day, before the first click that happened too late, and never
 * the last of the log.
 */
async function nextRows(d1: D1Database, beforeMs: number, size: number): Promise<readonly SegmentRow[]> {
  const start = await FIRST_MOVABLE.prepare(d1).first<{ at: number; seq: number }>();
  if (start === null || start.at >= beforeMs) return [];
  const dayEndMs = (Math.floor(start.at / DAY_MS) + 1) * DAY_MS;
  const condition = sql`${MAY_MOVE} AND ${events.recordedAt} < ${Math.min(dayEndMs, beforeMs)}`;
  const rows = await storedRows(d1, condition, start.seq - 1, { limit: size, maxChars: MAX_SEGMENT_CHARS });
  const end = rows.findIndex((row) => isYoungClick(row, beforeMs));
  return end === -1 ? rows : rows.slice(0, end);
}

/**
 * Whether a click may come again without being looked for in the archive: D1's clock was behind when it was recorded.
 * One that is ahead of the Worker's clock holds nothing up.
 */
function isYoungClick(row: SegmentRow, beforeMs: number): boolean {
  const atMs = row[COLUMN.at];
  return row[COLUMN.type] === EVENT_TYPES.clicked.id && atMs >= beforeMs && atMs <= Date.now();
}

/** The earliest and latest time of events. */
export function timesOf(rows: readonly SegmentRow[]): Pick<Segment, "earliest" | "latest"> {
  const times = rows.map((row) => row[COLUMN.at]);
  return {
    earliest: times.reduce((one, other) => Math.min(one, other)),
    latest: times.reduce((one, other) => Math.max(one, other)),
  };
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** Rows are deleted first: in a full D1 that makes room for the others, mostly (reserve.ts). */
function moveStatements(segment: Segment, isOurs: Sql): Sql[] {
  const isInStretch = isWithin(segment);
  return [
    sql`DELETE FROM ${events} WHERE ${isInStretch} AND ${IS_LEAVING} AND ${isOurs}`,
    // Those that stay though not for their type.
    sql`INSERT INTO ${recalled} (${columnNames(recalled.seq, recalled.usedAt)}) SELECT ${events.seq}, 0 FROM ${events}
WHERE ${isInStretch} AND NOT ${hasKeptType(sql`${events.type}`)} AND ${isOurs}`,
    insertSegment(segment, isOurs),
  ];
}

/** Whether the rows of a segment that is to be written are those that were read, behind the floor. */
function isMovable(segment: Pick<Segment, "first" | "last">, read: ReadState): Sql {
  return sql`${isAsRead(isWithin(segment), read)} AND ${FLOOR} < ${segment.first}`;
}

function insertSegment(segment: Segment, condition: Sql): Sql {
  const { first, last, fileToken, version, token, day, etag, ...facts } = segments;
  const { rows, bytes, earliest, latest, recordedFrom, recordedTo } = facts;
  const named = columnNames(first, last, fileToken, version, token, day, etag);
  const columns = sql`${named}, ${columnNames(rows, bytes, earliest, latest, recordedFrom, recordedTo)}`;
  return sql`INSERT INTO ${segments} (${columns}) SELECT ${segment.first}, ${segment.last}, ${segment.fileToken},
${segment.version}, ${segment.token}, ${segment.day}, ${segment.etag}, ${segment.rows},
${segment.bytes}, ${segment.earliest}, ${segment.latest}, ${segment.recordedFrom}, ${segment.recordedTo}
WHERE ${condition}`;
}
