/**
 * Compares what D1 notes of the archive with what R2 has. Guarantees that a segment is mended only with an object of
 * its own that was decoded and found whole: when D1 was restored to an earlier time, with the version that replaced the
 * noted one since; when objects were copied, with the same object under another etag.
 */
import { segments } from "../events/archive-schema.ts";
import { everyColumn, sql } from "../platform/sql.ts";
import {
  type CheckBounds,
  type CheckedPage,
  checkBehind,
  decodedObject,
  noteObject,
  objectFault,
} from "./checked-objects.ts";
import type { FileFault } from "./file-lost.ts";
import { noteLost } from "./note-lost.ts";
import { openFile, ROWS_PER_GROUP, rowCount } from "./parquet.ts";
import { COLUMN, decodeRows, idsIn } from "./segment-file.ts";
import { keysOfVersions, parsedKey, segmentKey } from "./segment-key.ts";
import { isNotedSegment, isSameObject, type LogStores, type Segment } from "./segments.ts";
import { successorsOf } from "./successors.ts";

export interface SegmentFinding {
  /** `mended`: D1 now notes the object that is there. */
  readonly finding: FileFault | "mended";
  /** As D1 noted it. */
  readonly segment: Segment;
  /** As D1 notes it now; of what is mended. */
  readonly now?: Segment;
}

const MAX_TRIES = 3;

/** Checks the segments behind a seq, in the order of the log. Throws the errors of D1 and R2. */
export async function checkSegments(
  stores: LogStores,
  after: number,
  bounds: CheckBounds,
): Promise<CheckedPage<Segment, SegmentFinding>> {
  const behind = { table: segments, column: segments.first, after };
  return await checkBehind(stores.DB, behind, bounds, (each) => checkSegment(stores, each, bounds.isDeep));
}

async function checkSegment(stores: LogStores, read: Segment, isDeep: boolean): Promise<SegmentFinding | undefined> {
  let segment = read;
  for (let tries = 1; ; tries++) {
    const fault = await segmentFault(stores.ARCHIVE, segment, isDeep);
    if (fault === undefined) return undefined;
    // It may have been rewritten or deleted since D1 was asked.
    const current = await notedNow(stores.DB, segment.first);
    if (current === undefined) return undefined;
    if (isSameObject(current, segment)) {
      const now = await mend(stores, current);
      if (now === undefined) await noteLost(stores.DB, [segmentKey(segment)]);
      return now === undefined ? { finding: fault, segment } : { finding: "mended", segment, now };
    }
    if (tries === MAX_TRIES) throw new Error("a segment of the archive changes all the time");
    segment = current;
  }
}

async function notedNow(d1: D1Database, first: number): Promise<Segment | undefined> {
  const query = sql`SELECT ${everyColumn(segments)} FROM ${segments} WHERE ${segments.first} = ${first}`;
  return (await query.prepare(d1).first<Segment>()) ?? undefined;
}

/**
 * What is wrong with the object of a segment; undefined: nothing is.
 * @param isDeep whether it is decoded
 * @throws R2's error
 */
export async function segmentFault(
  bucket: R2Bucket,
  segment: Segment,
  isDeep: boolean,
): Promise<FileFault | undefined> {
  if (segment.rows === 0) return undefined;
  const fault = await objectFault(bucket, segmentKey(segment), segment);
  if (fault !== undefined || !isDeep) return fault;
  const facts = await factsOf(bucket, segment);
  return facts?.rows === segment.rows && facts.etag === segment.etag ? undefined : "damaged";
}

/** What a segment's row says of its object. */
type ObjectFacts = Pick<Segment, "etag" | "rows" | "bytes" | "earliest" | "latest">;

/** What a segment's object holds, decoded; undefined when there is none that is whole and has its events. */
async function factsOf(bucket: R2Bucket, segment: Segment): Promise<ObjectFacts | undefined> {
  return await decodedObject(bucket, segmentKey(segment), (bytes, etag) => decodedFacts(bytes, etag, segment));
}

async function decodedFacts(
  bytes: ArrayBuffer,
  etag: string,
  { first, last, version, earliest, latest }: Segment,
): Promise<ObjectFacts | undefined> {
  const file = openFile(bytes);
  const rows = rowCount(file);
  // All of its events were erased.
  if (rows === 0 && version > 1) return { etag, rows, bytes: bytes.byteLength, earliest, latest };
  const facts = { etag, rows, bytes: bytes.byteLength, earliest: Number.POSITIVE_INFINITY, latest: 0 };
  let before = first - 1;
  let begin: number | undefined;
  for (let from = 0; from < rows; from += ROWS_PER_GROUP) {
    const group = await decodeRows(file, from, Math.min(from + ROWS_PER_GROUP, rows));
    for (const row of group) {
      if (row[COLUMN.seq] <= before || row[COLUMN.seq] > last) return undefined;
      before = row[COLUMN.seq];
      begin ??= before;
      facts.earliest = Math.min(facts.earliest, row[COLUMN.at]);
      facts.latest = Math.max(facts.latest, row[COLUMN.at]);
    }
  }
  // By the bloom filters, as who looks for an id does.
  await idsIn(file, [""]);
  const isWhole = version > 1 || (begin === first && before === last);
  return isWhole ? facts : undefined;
}

/** Notes the latest whole object of a segment whose noted one is not there; undefined: there is none. */
async function mend(stores: LogStores, segment: Segment): Promise<Segment | undefined> {
  const successors = await successorsOf(stores.ARCHIVE, keysOfVersions(segment), parsedKey, segment);
  for (const { version, token } of successors) {
    const restoredTo = version > segment.version ? segment.version : segment.restoredTo;
    const named = { ...segment, version, token, restoredTo };
    const facts = await factsOf(stores.ARCHIVE, named);
    const isOurs = version > segment.version || (facts?.rows === segment.rows && facts.etag !== segment.etag);
    if (facts === undefined || !isOurs) continue;
    const now = { version, token, restoredTo, ...facts };
    return (await noteObject(stores.DB, segments, isNotedSegment(segment), now)) ? { ...named, ...facts } : undefined;
  }
  return undefined;
}
