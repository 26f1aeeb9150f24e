/**
 * Reads what is archived as if it were in D1. Guarantees that a reader who goes from page to page by `seq` meets each
 * event once, while segments are written, rewritten and deleted: an answer counts only when the segments that it came
 * from are still the same afterwards.
 */
import { recalled } from "../events/archive-schema.ts";
import { events } from "../events/schema.ts";
import { jsonArrays } from "../platform/json-arrays.ts";
import { joined, rawSql, type Sql, sql } from "../platform/sql.ts";
import { type ArchivedEvent, archivedEvent } from "./archived-event.ts";
import { rowsBehind, SegmentLost, segmentRows } from "./objects.ts";
import { COLUMN, SEGMENT_COLUMNS, type SegmentRow } from "./segment-file.ts";
import {
  archiveEnd,
  areUnchanged,
  type LogStores,
  type Segment,
  segmentAfter,
  segmentBefore,
  segmentsWithSeqs,
} from "./segments.ts";
import { hasKeptType } from "./staying.ts";
import { rowLength } from "./stored-rows.ts";
import { readUntilSteady } from "./until-steady.ts";

/** Rows of the archive for a statement, and the stretch of the log that they are all of. */
export interface ArchivedRows {
  /** The condition on "seq" for what D1 has of the stretch. Bounds, or a list: nothing else is looked up quickly. */
  readonly stretch: Sql;
  /** The last seq of the stretch. */
  readonly to: number;
  readonly rows: readonly SegmentRow[];
  readonly from: readonly Segment[];
}

/** What a page of the archive reads. */
export interface PageRequest {
  /** The page ends at this seq. Default: nowhere. */
  readonly to?: number;
  /** So many rows that the statement takes are enough. */
  readonly limit: number;
  /** Events that the statement does not take may be left out. Default: none. */
  readonly mayPass?: ((event: ArchivedEvent) => boolean) | undefined;
}

/** A page decodes at most so many rows: some 100 ms. */
const ROWS_READ = 20_000;
/** The most rows of a page. */
const MAX_ROWS = 5_000;
const MAX_CHARS = 4_000_000;

/** How many archived rows are read by their seqs, each perhaps in another row group: some seconds. */
const SEQS_READ = 1_000;
/** Workers have so many connections open at a time; a file has a megabyte or two. */
const FILES_AT_ONCE = 6;
/** The `to` of a stretch that ends with the log. */
export const END_OF_LOG = Number.MAX_SAFE_INTEGER;

/** The end of the last segment that this isolate has read. */
let readUpTo = 0;

/** Whether what is behind `after` is read of the archive first: D1 need not be asked where it ends. */
export function isProbablyArchived(after: number): boolean {
  return after < readUpTo;
}

/** @returns undefined when nothing behind `after` is archived; throws the errors of D1 and R2 */
export async function pageBehind(
  stores: LogStores,
  after: number,
  request: PageRequest,
): Promise<ArchivedRows | undefined> {
  const segment = await segmentAfter(stores.DB, after);
  if (segment === undefined) return undefined;
  readUpTo = Math.max(readUpTo, segment.last);
  const { limit, to = END_OF_LOG, mayPass } = request;
  const found: SegmentRow[] = [];
  const page = (end: number) => {
    const last = Math.min(to, end);
    return { stretch: sql`"seq" > ${after} AND "seq" <= ${last}`, to: last, rows: found, from: [segment] };
  };
  let [read, chars] = [0, 0];
  for await (const rows of rowsBehind(stores.ARCHIVE, segment, after)) {
    for (const row of rows) {
      read++;
      if (row[COLUMN.seq] > to) return page(to);
      if (mayPass !== undefined && !mayPass(archivedEvent(row))) continue;
      found.push(row);
      chars += rowLength(row);
      if (found.length >= Math.min(limit, MAX_ROWS) || chars >= MAX_CHARS) return page(row[COLUMN.seq]);
    }
    const last = rows.at(-1)?.[COLUMN.seq];
    if (read >= ROWS_READ && last !== undefined) return page(last);
  }
  return page(segment.last);
}

/**
 * Runs a query over the archived part of the log behind `after`; undefined when nothing behind it is archived.
 * @param query gets the rows, and runs a statement `withArchived`
 * @throws the errors of D1 and R2
 */
export async function readBehind<Answer>(
  stores: LogStores,
  after: number,
  request: PageRequest,
  query: (rows: ArchivedRows) => Promise<Answer>,
): Promise<Answer | undefined> {
  return await readUntilSteady(stores.DB, async () => {
    const rows = await pageBehind(stores, after, request);
    if (rows === undefined) return { answer: undefined };
    const answer = await query(rows);
    return (await areUnchanged(stores.DB, rows.from)) ? { answer } : undefined;
  });
}

/** A stretch of the archive, read backwards. */
interface BackwardRequest {
  /** It has so many seqs, at most. */
  readonly size: number;
  readonly mayPass: (event: ArchivedEvent) => boolean;
}

/**
 * Runs a query over the archived stretch that ends before the seq `before`; undefined when nothing before it is
 * archived.
 * @param query gets the rows, runs a statement `withArchived`, and gets the seq behind which the stretch begins
 * @throws the errors of D1 and R2
 */
export async function readBefore<Answer>(
  stores: LogStores,
  before: number,
  { size, mayPass }: BackwardRequest,
  query: (rows: ArchivedRows, after: number) => Promise<Answer>,
): Promise<Answer | undefined> {
  return await readUntilSteady(stores.DB, async () => {
    const segment = await segmentBefore(stores.DB, before);
    if (segment === undefined) return { answer: undefined };
    const after = Math.max(segment.first, before - size) - 1;
    const to = before - 1;
    const rows: SegmentRow[] = [];
    for await (const group of rowsBehind(stores.ARCHIVE, segment, after)) {
      rows.push(...group.filter((row) => row[COLUMN.seq] <= to && mayPass(archivedEvent(row))));
      if ((group.at(-1)?.[COLUMN.seq] ?? 0) >= to) break;
    }
    const stretch = sql`"seq" > ${after} AND "seq" <= ${to}`;
    const answer = await query({ stretch, to, rows, from: [segment] }, after);
    return (await areUnchanged(stores.DB, [segment])) ? { answer } : undefined;
  });
}

/**
 * Runs a query over the log in which the archived events of some seqs are, too: at most 1,000 of them, after which the
 * stretch of the rows ends.
 * @param seqs selects the column `seq`
 * @param query gets the rows, and runs a statement `withArchived`, in which the log has these seqs alone; undefined
 * when none of them is archived
 * @throws the errors of D1 and R2
 */
export async function readWithSeqs<Answer>(
  stores: LogStores,
  seqs: Sql,
  query: (rows: ArchivedRows | undefined) => Promise<Answer>,
): Promise<Answer> {
  return await readUntilSteady(stores.DB, async () => {
    const floor = await archiveEnd(stores.DB);
    const rows = await rowsOfSeqs(stores, await archivedSeqs(stores.DB, seqs, floor), seqs);
    const answer = await query(rows);
    // What has been archived meanwhile may be missing.
    return (await areUnchanged(stores.DB, rows?.from ?? [], floor)) ? { answer } : undefined;
  });
}

async function archivedSeqs(d1: D1Database, seqs: Sql, floor: number): Promise<readonly number[]> {
  // Without an archive the lists need not be read.
  if (floor === 0) return [];
  const query = sql`SELECT DISTINCT seq FROM (${seqs}) AS listed WHERE seq <= ${floor} ORDER BY seq LIMIT ${SEQS_READ}`;
  return (await query.prepare(d1).all<{ seq: number }>()).results.map(({ seq }) => seq);
}

async function rowsOfSeqs(
  stores: LogStores,
  archived: readonly number[],
  seqs: Sql,
): Promise<ArchivedRows | undefined> {
  if (archived.length === 0) return undefined;
  const to = archived.length < SEQS_READ ? END_OF_LOG : (archived.at(-1) ?? END_OF_LOG);
  const stretch = sql`"seq" IN (SELECT listed.seq FROM (${seqs}) AS listed WHERE listed.seq <= ${to})`;
  return { stretch, to, ...(await archivedRows(stores, archived)) };
}

/**
 * The rows that segments have of these seqs, whatever D1 says of them.
 * @param seqs in order
 * @param whenLost gets each segment whose object is lost; without it that is an error
 * @throws {SegmentLost}; the errors of D1 and R2
 */
export async function archivedRows(
  stores: LogStores,
  seqs: readonly number[],
  whenLost: (lost: SegmentLost) => void = (lost) => {
    throw lost;
  },
) {
  const from = await segmentsWithSeqs(stores.DB, seqs);
  const rows: SegmentRow[] = [];
  const rowsOf = async (segment: Segment) => {
    const { first, last } = segment;
    const own = seqs.filter((seq) => seq >= first && seq <= last);
    try {
      return await segmentRows(stores.ARCHIVE, segment, own);
    } catch (error) {
      if (!(error instanceof SegmentLost)) throw error;
      whenLost(error);
      return [];
    }
  };
  for (let begin = 0; begin < from.length; begin += FILES_AT_ONCE)
    rows.push(...(await Promise.all(from.slice(begin, begin + FILES_AT_ONCE).map(rowsOf))).flat());
  return { from, rows };
}

const COLUMNS = rawSql(["unique_id", ...SEGMENT_COLUMNS.map(({ name }) => name)].map((name) => `"${name}"`).join(", "));
const VALUES = joined([
  rawSql(`value->>${COLUMN.id}`),
  ...SEGMENT_COLUMNS.map((_, index) => rawSql(`value->>${index}`)),
]);
/** The table itself, also where `events` is the name of archived rows. */
export const TABLE = rawSql('main."events"');

/**
 * The query, in which `events` has these rows and those that D1 has of the stretch. About events that stay in D1 and
 * about recalled ones D1 decides.
 * @param archived undefined: nothing is archived, and the query stays as it is
 */
export function withArchived(archived: Pick<ArchivedRows, "rows" | "stretch"> | undefined, query: Sql): Sql {
  if (archived === undefined) return query;
  const { rows, stretch } = archived;
  const seq = rawSql(`(value->>${COLUMN.seq})`);
  const arrays = jsonArrays(rows.map((row) => JSON.stringify(row)));
  // VALUES, because D1 takes only five terms of a UNION.
  const texts = joined((arrays.length === 0 ? ["[]"] : arrays).map((array) => sql`(${array})`));
  // As JSONB, once: `->>` on text parses it again for each column.
  return sql`WITH archived_texts (rows) AS (VALUES ${texts}),
archived_rows AS MATERIALIZED (
  SELECT jsonb(each.value) AS value FROM archived_texts CROSS JOIN json_each(archived_texts.rows) AS each),
${events} (${COLUMNS}) AS (
  SELECT ${VALUES} FROM archived_rows WHERE NOT ${hasKeptType(rawSql(`value->>${COLUMN.type}`))}
  AND NOT EXISTS (SELECT 1 FROM ${recalled} WHERE ${recalled.seq} = ${seq})
  UNION ALL SELECT ${COLUMNS} FROM ${TABLE} WHERE ${stretch}) ${query}`;
}
