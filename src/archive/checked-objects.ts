/**
 * What checks of segments and of message files share: pages of rows of D1, each compared with its object in R2, and the
 * note of another object that is whole.
 */
import type { Column, Table } from "drizzle-orm";
import { isWritten } from "../events/batch.ts";
import { logger } from "../platform/logger.ts";
import { assign, everyColumn, runBatch, type Sql, sql } from "../platform/sql.ts";
import { withDeadline } from "../platform/timeout.ts";
import { nextEdition } from "./edition.ts";
import type { FileFault } from "./file-lost.ts";
import { R2_DEADLINE_MS } from "./verified.ts";

/** How a page is checked. */
export interface CheckBounds {
  /** Rows that it has at most. */
  readonly limit: number;
  /** Whether objects are decoded. */
  readonly isDeep: boolean;
  /** One row at least is checked, if there is one. */
  readonly untilMs: number;
}

/** What a page of rows was compared with, in their order. */
export interface CheckedPage<Row, Finding> {
  readonly checked: readonly Row[];
  readonly findings: readonly Finding[];
}

/** Objects that are asked for at once. */
const HEADS = 6;

/**
 * Checks the rows of a table behind the value `after` of a column.
 * @param check resolves to what is wrong; undefined: nothing is
 * @throws D1's error; what `check` throws
 */
export async function checkBehind<T extends Table, Finding>(
  d1: D1Database,
  { table, column, after }: { readonly table: T; readonly column: Column; readonly after: number },
  { limit, isDeep, untilMs }: CheckBounds,
  check: (row: T["$inferSelect"]) => Promise<Finding | undefined>,
): Promise<CheckedPage<T["$inferSelect"], Finding>> {
  const query = sql`SELECT ${everyColumn(table)} FROM ${table} WHERE ${column} > ${after}
ORDER BY ${column} LIMIT ${limit}`;
  const { results } = await query.prepare(d1).all<T["$inferSelect"]>();
  const checked: T["$inferSelect"][] = [];
  const findings: Finding[] = [];
  // One that is decoded takes some megabytes and tenths of a second.
  const atOnce = isDeep ? 1 : HEADS;
  while (checked.length < results.length && (checked.length === 0 || Date.now() < untilMs)) {
    const some = results.slice(checked.length, checked.length + atOnce);
    const found = await Promise.all(some.map(check));
    findings.push(...found.filter((finding) => finding !== undefined));
    checked.push(...some);
  }
  return { checked, findings };
}

/** What is wrong with an object, undecoded; undefined: nothing is. Throws R2's error. */
export async function objectFault(
  bucket: R2Bucket,
  key: string,
  noted: { readonly etag: string; readonly bytes: number },
): Promise<Exclude<FileFault, "damaged"> | undefined> {
  const object = await withDeadline(bucket.head(key), R2_DEADLINE_MS, "R2");
  if (object === null) return "missing";
  return object.etag === noted.etag && object.size === noted.bytes ? undefined : "changed";
}

/**
 * What an object holds; undefined when there is none that can be decoded.
 * @throws R2's error
 */
export async function decodedObject<Content>(
  bucket: R2Bucket,
  key: string,
  decode: (bytes: ArrayBuffer, etag: string) => Promise<Content>,
): Promise<Content | undefined> {
  const object = await withDeadline(bucket.get(key), R2_DEADLINE_MS, "R2");
  if (object === null) return undefined;
  const bytes = await withDeadline(object.arrayBuffer(), R2_DEADLINE_MS, "R2");
  try {
    return await decode(bytes, object.etag);
  } catch (error) {
    logger.warn("an object of the archive cannot be decoded", { key, error });
    return undefined;
  }
}

/**
 * Notes another object in the row that `isAsRead` selects.
 * @returns false when D1 notes something else meanwhile
 * @throws D1's error
 */
export async function noteObject<T extends Table>(
  d1: D1Database,
  table: T,
  isAsRead: Sql,
  now: Parameters<typeof assign<T>>[1],
): Promise<boolean> {
  const results = await runBatch(d1, [
    nextEdition(sql`EXISTS (SELECT 1 FROM ${table} WHERE ${isAsRead})`),
    sql`UPDATE ${table} SET ${assign(table, now)} WHERE ${isAsRead}`,
  ]);
  return isWritten(results);
}
