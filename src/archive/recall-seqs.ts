/**
 * Copies archived events back into D1 by their seqs. Guarantees that from then on D1 decides about them: it has each
 * under its seq, as it is, or not at all. Recalling twice is harmless.
 */
import { recalled, segments } from "../events/archive-schema.ts";
import { events } from "../events/schema.ts";
import { retryOnce } from "../platform/errors.ts";
import { jsonArrays } from "../platform/json-arrays.ts";
import { logger } from "../platform/logger.ts";
import {
  assign,
  columnName,
  columnNames,
  excluded,
  isOneOf,
  joined,
  rawSql,
  runBatch,
  type Sql,
  sql,
} from "../platform/sql.ts";
import { noteLost } from "./note-lost.ts";
import type { SegmentLost } from "./objects.ts";
import { archivedRows } from "./read.ts";
import { RELIED_ON_MS, REWRITE_AFTER_MS } from "./relied-on.ts";
import { COLUMN, SEGMENT_COLUMNS, type SegmentRow } from "./segment-file.ts";
import {
  archiveEnd,
  areUnchanged,
  FLOOR,
  IDENTITY_IN_VALUE,
  isNotedSegment,
  type LogStores,
  type Segment,
} from "./segments.ts";
import { isKeptType, mayStayWithMessage } from "./staying.ts";

const MAX_TRIES = 5;
const RECALLED_AT_A_TIME = 300;

/** Whether an archived event is to be recalled: `floor` is the archive's end. */
export function isToRecall(seq: Sql): Sql {
  const isInD1 = sql`EXISTS (SELECT 1 FROM ${events} WHERE ${events.seq} = ${seq})`;
  const isReliedOn = sql`${recalled.usedAt} > ${Date.now() - RELIED_ON_MS / 2}`;
  return sql`floor > 0 AND ${seq} <= floor
AND NOT coalesce((SELECT ${isReliedOn} FROM ${recalled} WHERE ${recalled.seq} = ${seq}), ${isInD1})`;
}

/**
 * Recalls the archived events of some seqs, whose segments are rewritten soon.
 * @param listed selects the column `seq`
 * @throws the errors of D1 and R2
 */
export async function recallToErase(stores: LogStores, listed: Sql): Promise<void> {
  await recallSelected(stores, listed, { dueAtMs: Date.now(), isErasing: true, whenLost: "throw" });
}

/**
 * Recalls the archived events of some seqs.
 * @param listed selects the column `seq`
 * @param whenLost "throw": without those of a file that is lost the caller would be wrong
 * @throws the errors of D1 and R2; {FileLost}
 */
export async function recallListed(
  stores: LogStores,
  listed: Sql,
  whenLost: Purpose["whenLost"] = "go on",
): Promise<void> {
  await recallSelected(stores, listed, { ...later(), whenLost });
}

/** Recalls the archived events of these seqs. Throws the errors of D1 and R2. */
export async function recallEvents(stores: LogStores, seqs: readonly number[]): Promise<void> {
  for (const array of jsonArrays(seqs.map(String)))
    await recallListed(stores, sql`SELECT value AS seq FROM json_each(${array})`);
}

/**
 * Recalls, of the archived events of some seqs, those that may stay in D1 as long as their message does.
 * @param listed selects the column `seq`
 * @param dueAtMs when their segments are to be rewritten at the latest
 * @throws the errors of D1 and R2
 */
export async function recallStaying(stores: LogStores, listed: Sql, dueAtMs: number): Promise<void> {
  await recallSelected(stores, listed, {
    dueAtMs,
    isErasing: false,
    whenLost: "go on",
    isRecalled: mayStayWithMessage,
  });
}

/** What is recalled, and what becomes of its segments. */
interface Purpose {
  /** Whether events of a type are recalled. Default: all that leave D1. */
  readonly isRecalled?: (type: number) => boolean;
  /** When they are to be rewritten at the latest. */
  readonly dueAtMs: number;
  /** Whether kept events that D1 has no more are to leave them, too: nobody reads those, but they name people. */
  readonly isErasing: boolean;
  /** Whoever writes goes on without the events of a file that is lost, as if retention had deleted them. */
  readonly whenLost: "throw" | "go on";
}

const later = (): Purpose => ({ dueAtMs: Date.now() + REWRITE_AFTER_MS, isErasing: false, whenLost: "go on" });

async function recallSelected(stores: LogStores, listed: Sql, purpose: Purpose): Promise<void> {
  // Without an archive the lists need not be read.
  if ((await archiveEnd(stores.DB)) === 0) return;
  const query = sql`SELECT DISTINCT listed.seq FROM (SELECT ${FLOOR} AS floor) CROSS JOIN (${listed}) AS listed
WHERE ${isToRecall(rawSql("listed.seq"))} ORDER BY listed.seq`;
  const { results } = await retryOnce(() => query.prepare(stores.DB).all<{ seq: number }>());
  await recallSeqs(
    stores,
    results.map(({ seq }) => seq),
    purpose,
  );
}

/**
 * Recalls the events of these seqs, as far as they are archived.
 * @param seqs in order
 * @throws the errors of D1 and R2
 */
export async function recallSeqs(
  stores: LogStores,
  seqs: readonly number[],
  purpose: Purpose = later(),
): Promise<void> {
  for (let from = 0; from < seqs.length; from += RECALLED_AT_A_TIME)
    await recallSome(stores, seqs.slice(from, from + RECALLED_AT_A_TIME), purpose);
}

async function recallSome(stores: LogStores, seqs: readonly number[], purpose: Purpose): Promise<void> {
  const { dueAtMs, isErasing, isRecalled = () => true } = purpose;
  for (let tries = 1; tries <= MAX_TRIES; tries++) {
    const lost: SegmentLost[] = [];
    const noted = await relyOnNoted(stores.DB, seqs, dueAtMs);
    const others = seqs.filter((seq) => !noted.has(seq));
    const { from, rows } = await archivedRows(stores, others, (each) => lost.push(each));
    if (!(await areLost(stores.DB, lost))) continue;
    if (lost.length > 0) await passOver(stores.DB, lost, purpose);
    const leaving = rows.filter((row) => !isKeptType(row[COLUMN.type]) && isRecalled(row[COLUMN.type]));
    const kept = rows.filter((row) => isErasing && isKeptType(row[COLUMN.type])).map((row) => row[COLUMN.seq]);
    if (leaving.length + kept.length === 0) return;
    const segmentOf = new Map(leaving.map((row) => [row, from.find(({ last }) => row[COLUMN.seq] <= last)]));
    const noteKept = rewriteSoon(JSON.stringify(kept), sql`true`);
    await runBatch(stores.DB, [...recallStatements(segmentOf, dueAtMs), noteKept]);
    if (await areUnchanged(stores.DB, from)) return;
  }
  throw new Error("segments of the archive change all the time");
}

/**
 * Notes that somebody relies on those of some events that D1 decides about: R2 need not be read for them.
 * @returns their seqs
 */
async function relyOnNoted(d1: D1Database, seqs: readonly number[], dueAtMs: number): Promise<ReadonlySet<number>> {
  const dueAt = sql`min(coalesce(${recalled.dueAt}, ${dueAtMs}), ${dueAtMs})`;
  const query = sql`UPDATE ${recalled} SET ${assign(recalled, { usedAt: Date.now(), dueAt })}
WHERE ${isOneOf(recalled.seq, seqs)} RETURNING ${recalled.seq}`;
  const { results } = await retryOnce(() => query.prepare(d1).all<{ seq: number }>());
  return new Set(results.map(({ seq }) => seq));
}

/** Whether D1 notes all of these objects still: others replace and delete objects all the time. */
async function areLost(d1: D1Database, lost: readonly SegmentLost[]): Promise<boolean> {
  if (lost.length === 0) return true;
  return await areUnchanged(
    d1,
    lost.map(({ segment }) => segment),
  );
}

/** Notes segments as lost. Throws {FileLost} where the purpose says so. */
async function passOver(d1: D1Database, lost: readonly SegmentLost[], { whenLost }: Purpose): Promise<void> {
  const keys = lost.map(({ key }) => key);
  await noteLost(d1, keys);
  const [error] = lost;
  if (whenLost === "throw" && error !== undefined) throw error;
  logger.error("events cannot be recalled: their files are lost", { lost: keys });
}

const COLUMNS = rawSql(SEGMENT_COLUMNS.map(({ name }) => `"${name}"`).join(", "));
const VALUES = joined(SEGMENT_COLUMNS.map((_, index) => rawSql(`value->'row'->>${index}`)));

/**
 * The statement that has the segments of events rewritten soon, because D1 has them without what they held, where
 * `condition` holds.
 * @param seqs a JSON array
 */
export function rewriteSoon(seqs: string, condition: Sql): Sql {
  const nowMs = Date.now();
  return sql`INSERT INTO ${recalled} (${columnNames(recalled.seq, recalled.usedAt, recalled.dueAt)})
SELECT value, ${nowMs}, ${nowMs} FROM json_each(${seqs}) WHERE ${condition} AND value <= (
  SELECT ${segments.last} FROM ${segments} WHERE ${segments.first} <= value
  ORDER BY ${segments.first} DESC LIMIT 1)
ON CONFLICT (${columnName(recalled.seq)}) DO UPDATE SET ${assign(recalled, { usedAt: nowMs, dueAt: nowMs })}`;
}

/** Statements that copy rows into D1 and note them, where their segments are as they were read. */
function recallStatements(segmentOf: ReadonlyMap<SegmentRow, Segment | undefined>, dueAtMs: number): Sql[] {
  const entries = [...segmentOf].map(([row, segment]) =>
    JSON.stringify({ first: segment?.first, token: segment?.token, etag: segment?.etag, row }),
  );
  const seq = rawSql(`value->'row'->>${COLUMN.seq}`);
  const isUnchanged = sql`EXISTS (SELECT 1 FROM ${segments} WHERE ${isNotedSegment(IDENTITY_IN_VALUE)})`;
  const isNew = sql`${isUnchanged} AND NOT EXISTS (SELECT 1 FROM ${recalled} WHERE ${recalled.seq} = ${seq})`;
  const arrays = jsonArrays(entries);
  return [
    // An id that is in the log again belongs to the later event.
    ...arrays.map(
      (array) => sql`INSERT OR IGNORE INTO ${events} (${COLUMNS}) SELECT ${VALUES}
FROM json_each(${array}) WHERE ${isNew}`,
    ),
    ...arrays.map(
      (array) => sql`INSERT INTO ${recalled} (${columnNames(recalled.seq, recalled.usedAt, recalled.dueAt)})
SELECT ${seq}, ${Date.now()}, ${dueAtMs} FROM json_each(${array}) WHERE ${isUnchanged}
ON CONFLICT (${columnName(recalled.seq)}) DO UPDATE SET ${assign(recalled, {
        usedAt: excluded(recalled.usedAt),
        dueAt: sql`min(coalesce(${recalled.dueAt}, ${excluded(recalled.dueAt)}), ${excluded(recalled.dueAt)})`,
      })}`,
    ),
  ];
}
