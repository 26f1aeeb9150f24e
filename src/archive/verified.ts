/** Objects of segments, written and read back. */
import { withDeadline } from "../platform/timeout.ts";
import { decodeRows, encodeSegment, openSegment, ROWS_PER_GROUP, rowCount, type SegmentRow } from "./segment-file.ts";
import type { Segment } from "./segments.ts";

/** The facts of a written object. */
export type WrittenObject = Pick<Segment, "etag" | "rows" | "bytes">;

const R2_DEADLINE_MS = 30_000;

/**
 * Writes rows, reads the object back and compares each row.
 * @param rows one at least
 * @throws R2's error; an error when R2 has other rows than were written
 */
export async function writeVerified(
  bucket: R2Bucket,
  key: string,
  rows: readonly SegmentRow[],
): Promise<WrittenObject> {
  const file = encodeSegment(rows);
  const { etag } = await withDeadline(
    bucket.put(key, file, { httpMetadata: { contentType: "application/vnd.apache.parquet" } }),
    R2_DEADLINE_MS,
    "R2",
  );
  const object = await withDeadline(bucket.get(key), R2_DEADLINE_MS, "R2");
  if (object === null || object.etag !== etag) throw new Error(`R2 does not have ${key} as it was written`);
  await requireRows(await withDeadline(object.arrayBuffer(), R2_DEADLINE_MS, "R2"), rows, key);
  return { etag, rows: rows.length, bytes: file.byteLength };
}

async function requireRows(bytes: ArrayBuffer, rows: readonly SegmentRow[], key: string): Promise<void> {
  const file = openSegment(bytes);
  if (rowCount(file) !== rows.length) throw new Error(`${key} has ${rowCount(file)} events of ${rows.length}`);
  for (let from = 0; from < rows.length; from += ROWS_PER_GROUP) {
    const to = Math.min(from + ROWS_PER_GROUP, rows.length);
    const group = await decodeRows(file, from, to);
    const isSame = JSON.stringify(group) === JSON.stringify(rows.slice(from, to));
    if (!isSame) throw new Error(`${key} has other events than were written`);
  }
}
