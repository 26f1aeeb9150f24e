/**
 * Objects of segments, written and read back. Guarantees that no object that is noted is written over: of two who write
 * the same one at once, the second to write gives up.
 */
import { withDeadline } from "../platform/timeout.ts";
import { openFile, ROWS_PER_GROUP, rowCount } from "./parquet.ts";
import { decodeRows, encodeSegment, type SegmentRow } from "./segment-file.ts";
import type { Segment } from "./segments.ts";

/** The facts of a written object. */
export type WrittenObject = Pick<Segment, "etag" | "rows" | "bytes">;

const CONTENT_TYPE = "application/vnd.apache.parquet";
/** Of one call. */
export const R2_DEADLINE_MS = 30_000;

/** Objects that no segment names are deleted when they are so old: one may be about to be noted. */
export const ORPHAN_AGE_MS = 86_400_000;

/**
 * What is named so, under the first version from this one on that has no old object. Such an object may be swept at any
 * moment, and another one that was written under its name meanwhile with it.
 * @throws R2's error
 */
export async function freeVersion<T extends { readonly version: number }>(
  bucket: R2Bucket,
  first: T,
  keyOf: (named: T) => string,
): Promise<T> {
  for (let { version } = first; ; version++) {
    const named = { ...first, version };
    const object = await withDeadline(bucket.head(keyOf(named)), R2_DEADLINE_MS, "R2");
    if (object === null || object.uploaded.getTime() > Date.now() - ORPHAN_AGE_MS / 2) return named;
  }
}

/**
 * Writes rows, reads the object back and compares each row.
 * @param isAsRead asks D1 whether the rows are still those that were read, and not noted yet
 * @returns undefined when they are not, or somebody else has written the object meanwhile
 * @throws R2's error; an error when R2 has other rows than were written
 */
export async function writeVerified(
  bucket: R2Bucket,
  key: string,
  rows: readonly SegmentRow[],
  isAsRead: () => Promise<boolean>,
): Promise<WrittenObject | undefined> {
  const file = encodeSegment(rows);
  const written = await putAndReadBack(bucket, key, file, isAsRead);
  if (written === undefined) return undefined;
  await requireRows(written.readBack, rows, key);
  return { etag: written.etag, rows: rows.length, bytes: file.byteLength };
}

/**
 * Writes an object, unless somebody else does so, and reads it back.
 * @param isAsRead asks D1 whether the object is still to be written, and not noted yet
 * @returns undefined when it is not, or somebody else has written it meanwhile
 * @throws R2's error; an error when R2 has another object
 */
export async function putAndReadBack(
  bucket: R2Bucket,
  key: string,
  file: Uint8Array,
  isAsRead: () => Promise<boolean>,
): Promise<{ readonly etag: string; readonly readBack: ArrayBuffer } | undefined> {
  // In this order: an object that is noted after D1 was asked is not the one that was there before.
  const before = await withDeadline(bucket.head(key), R2_DEADLINE_MS, "R2");
  if (!(await isAsRead())) return undefined;
  const onlyIf = before === null ? new Headers({ "If-None-Match": "*" }) : { etagMatches: before.etag };
  const written = await withDeadline(
    bucket.put(key, file, { httpMetadata: { contentType: CONTENT_TYPE }, onlyIf }),
    R2_DEADLINE_MS,
    "R2",
  );
  if (written === null) return undefined;
  const { etag } = written;
  const object = await withDeadline(bucket.get(key), R2_DEADLINE_MS, "R2");
  if (object === null || object.etag !== etag) throw new Error(`R2 does not have ${key} as it was written`);
  return { etag, readBack: await withDeadline(object.arrayBuffer(), R2_DEADLINE_MS, "R2") };
}

async function requireRows(bytes: ArrayBuffer, rows: readonly SegmentRow[], key: string): Promise<void> {
  const file = openFile(bytes);
  if (rowCount(file) !== rows.length) throw new Error(`${key} has ${rowCount(file)} events of ${rows.length}`);
  for (let from = 0; from < rows.length; from += ROWS_PER_GROUP) {
    const to = Math.min(from + ROWS_PER_GROUP, rows.length);
    const group = await decodeRows(file, from, to);
    const isSame = JSON.stringify(group) === JSON.stringify(rows.slice(from, to));
    if (!isSame) throw new Error(`${key} has other events than were written`);
  }
}
