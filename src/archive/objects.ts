/**
 * The objects of segments in R2. Guarantees that what is read is the object that D1 notes: by its name, which no other
 * version has, and by its etag. An isolate keeps the last ones in memory.
 */
import QuickLRU from "quick-lru";
import { withDeadline } from "../platform/timeout.ts";
import { type FileLoss, FileLost } from "./file-lost.ts";
import { openFile, type ParquetFile, ROWS_PER_GROUP } from "./parquet.ts";
import { decodeRows, decodeSeqs, idsIn, type SegmentRow } from "./segment-file.ts";
import { segmentKey } from "./segment-key.ts";
import { areUnchanged, type Segment } from "./segments.ts";

/** A file has a few megabytes at most: so many to twice as many, of the 128 MB of an isolate. */
const FILES = 3;
/** A decoded row group has some five megabytes. */
const GROUPS = 2;
const READ_DEADLINE_MS = 10_000;
/** More of one row group take longer one by one than with all of its rows. */
const ROWS_ALONE = 5;

interface OpenedSegment {
  readonly file: ParquetFile;
  /** The seqs of its rows, in order. */
  readonly seqs: readonly number[];
}

// Values, not promises: one request cannot wait for what another one has asked for.
const opened = new QuickLRU<string, OpenedSegment>({ maxSize: FILES });
const groups = new QuickLRU<string, readonly SegmentRow[]>({ maxSize: GROUPS });

/** A segment's object is lost, unless D1 notes another one meanwhile. */
export class SegmentLost extends FileLost {
  /** As D1 noted it. */
  readonly segment: Segment;

  constructor(segment: Segment, loss: Omit<FileLoss, "key">) {
    super({ key: segmentKey(segment), ...loss });
    this.segment = segment;
  }
}

/** Whether D1 notes the object still: others replace and delete objects all the time. Throws D1's error. */
export async function isSegmentLost(d1: D1Database, { segment }: SegmentLost): Promise<boolean> {
  return await areUnchanged(d1, [segment]);
}

/** @throws {SegmentLost}; R2's error */
async function openedSegment(bucket: R2Bucket, segment: Segment): Promise<OpenedSegment> {
  return await keptIn(opened, nameOf(segment), async () => {
    const object = await withDeadline(bucket.get(segmentKey(segment)), READ_DEADLINE_MS, "R2");
    if (object === null) throw new SegmentLost(segment, { fault: "missing" });
    if (object.etag !== segment.etag) throw new SegmentLost(segment, { fault: "changed" });
    const bytes = await withDeadline(object.arrayBuffer(), READ_DEADLINE_MS, "R2");
    return await decodedOrLost(segment, async () => {
      const file = openFile(bytes);
      return { file, seqs: await decodeSeqs(file) };
    });
  });
}

async function decodedOrLost<Value>(segment: Segment, decode: () => Promise<Value>): Promise<Value> {
  try {
    return await decode();
  } catch (error) {
    // So that it is read anew, once it is put back.
    opened.delete(nameOf(segment));
    throw new SegmentLost(segment, { fault: "damaged", cause: error });
  }
}

function nameOf({ etag, ...segment }: Segment): string {
  return `${segmentKey(segment)} ${etag}`;
}

/** A value of the cache, or made for it. */
async function keptIn<Value>(cache: QuickLRU<string, Value>, name: string, make: () => Promise<Value>): Promise<Value> {
  const known = cache.get(name);
  if (known !== undefined) return known;
  const made = await make();
  cache.set(name, made);
  return made;
}

/**
 * Which of these ids the segment has.
 * @throws {SegmentLost}; R2's error
 */
export async function segmentIds(
  bucket: R2Bucket,
  segment: Segment,
  ids: readonly string[],
): Promise<readonly string[]> {
  if (segment.rows === 0 || ids.length === 0) return [];
  const { file } = await openedSegment(bucket, segment);
  return await decodedOrLost(segment, () => idsIn(file, ids));
}

/**
 * Rows behind the seq `after`, in order, group by group.
 * @throws {SegmentLost}; R2's error
 */
export async function* rowsBehind(
  bucket: R2Bucket,
  segment: Segment,
  after: number,
): AsyncGenerator<readonly SegmentRow[]> {
  if (segment.rows === 0) return;
  const { file, seqs } = await openedSegment(bucket, segment);
  const rowsOf = (start: number, end: number) => decodedOrLost(segment, () => decodeRows(file, start, end));
  for (let from = indexBehind(seqs, after); from < seqs.length; ) {
    const group = Math.floor(from / ROWS_PER_GROUP);
    const start = group * ROWS_PER_GROUP;
    const end = Math.min(start + ROWS_PER_GROUP, seqs.length);
    const rows = await keptIn(groups, `${nameOf(segment)} ${group}`, () => rowsOf(start, end));
    yield from === start ? rows : rows.slice(from - start);
    from = end;
  }
}

/**
 * The rows of these seqs, as far as the segment has them.
 * @param seqs in order
 * @throws {SegmentLost}; R2's error
 */
export async function segmentRows(bucket: R2Bucket, segment: Segment, seqs: readonly number[]): Promise<SegmentRow[]> {
  if (segment.rows === 0) return [];
  const { file, seqs: all } = await openedSegment(bucket, segment);
  const rowsOf = (start: number, end: number) => decodedOrLost(segment, () => decodeRows(file, start, end));
  const indices = seqs.map((seq) => indexBehind(all, seq - 1)).filter((at, index) => all[at] === seqs[index]);
  const found: SegmentRow[] = [];
  for (const [group, own] of Map.groupBy(indices, (index) => Math.floor(index / ROWS_PER_GROUP))) {
    const start = group * ROWS_PER_GROUP;
    const end = Math.min(start + ROWS_PER_GROUP, all.length);
    const name = `${nameOf(segment)} ${group}`;
    // A page of each column for every row, or the whole group.
    const isWhole = own.length > ROWS_ALONE || groups.has(name);
    const rows = isWhole ? await keptIn(groups, name, () => rowsOf(start, end)) : undefined;
    for (const index of own) {
      const [row] = rows?.slice(index - start, index - start + 1) ?? (await rowsOf(index, index + 1));
      if (row !== undefined) found.push(row);
    }
  }
  return found;
}

/** The index of the first seq behind `after`, by halving. */
function indexBehind(seqs: readonly number[], after: number): number {
  let [low, high] = [0, seqs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((seqs[middle] ?? 0) > after) high = middle;
    else low = middle + 1;
  }
  return low;
}
