/**
 * Objects of segments, written and read back. Each has a name of its own, with a random part, so that nobody writes
 * over one that is noted: neither one of two who write at once, nor D1 that was restored to an earlier time.
 */
import { DAY_MS } from "../platform/durations.ts";
import { logger } from "../platform/logger.ts";
import { withDeadline } from "../platform/timeout.ts";
import { openFile, ROWS_PER_GROUP, rowCount, yieldThread } from "./parquet.ts";
import { decodeRows, encodeSegment, type SegmentRow } from "./segment-file.ts";
import type { Segment } from "./segments.ts";

/** The facts of a written object. */
export type WrittenObject = Pick<Segment, "etag" | "rows" | "bytes">;

const CONTENT_TYPE = "application/vnd.apache.parquet";
/** The time limit of one call. */
export const R2_DEADLINE_MS = 30_000;

/** Objects that no segment names are deleted when they are so old: one may be about to be noted. */
export const ORPHAN_AGE_MS = DAY_MS;

/**
 * Writes rows under a name that nobody else has, reads the object back and compares each row.
 * @throws R2's error; an error when R2 has other rows than were written
 */
export async function writeVerified(
  bucket: R2Bucket,
  key: string,
  rows: readonly SegmentRow[],
): Promise<WrittenObject> {
  const file = await encodeSegment(rows);
  const { etag, readBack } = await putAndReadBack(bucket, key, file);
  await requireRows(readBack, rows, key);
  return { etag, rows: rows.length, bytes: file.byteLength };
}

/**
 * Writes an object under a name that nobody else has, and reads it back.
 * @throws R2's error; an error when R2 has another object
 */
export async function putAndReadBack(
  bucket: R2Bucket,
  key: string,
  file: Uint8Array,
): Promise<{ readonly etag: string; readonly readBack: ArrayBuffer }> {
  const put = bucket.put(key, file, { httpMetadata: { contentType: CONTENT_TYPE } });
  const { etag } = await withDeadline(put, R2_DEADLINE_MS, "R2");
  const object = await withDeadline(bucket.get(key), R2_DEADLINE_MS, "R2");
  if (object === null || object.etag !== etag) throw new Error(`R2 does not have ${key} as it was written`);
  return { etag, readBack: await withDeadline(object.arrayBuffer(), R2_DEADLINE_MS, "R2") };
}

/** Deletes an object that D1 does not note, or not any more. What fails is left to the sweep. */
export async function deleteObject(bucket: R2Bucket, key: string): Promise<void> {
  try {
    await withDeadline(bucket.delete(key), R2_DEADLINE_MS, "R2");
  } catch (error) {
    logger.warn("an old object of the archive stays until the sweep", { key, error });
  }
}

async function requireRows(bytes: ArrayBuffer, rows: readonly SegmentRow[], key: string): Promise<void> {
  const file = openFile(bytes);
  if (rowCount(file) !== rows.length) throw new Error(`${key} has ${rowCount(file)} events of ${rows.length}`);
  for (let from = 0; from < rows.length; from += ROWS_PER_GROUP) {
    const to = Math.min(from + ROWS_PER_GROUP, rows.length);
    const group = await decodeRows(file, from, to);
    const isSame = JSON.stringify(group) === JSON.stringify(rows.slice(from, to));
    if (!isSame) throw new Error(`${key} has other events than were written`);
    await yieldThread();
  }
}
