/**
 * A segment as a Parquet file: the columns of `events`, in row groups of 10,000, GZIP, with bloom filters on `id` and
 * `person` (Apache Parquet, "Bloom Filter"). Times are TIMESTAMP_MILLIS in UTC; `detail` is JSON text.
 */
import { gunzipSync, gzipSync } from "node:zlib";
import {
  type AsyncBuffer,
  type Compressors,
  type FileMetaData,
  parquetMetadata,
  parquetRead,
  type SchemaElement,
} from "hyparquet";
import { ByteWriter, type ColumnSource, parquetWrite } from "hyparquet-writer";
import type { events } from "../events/schema.ts";

type EventColumns = (typeof events)["_"]["columns"];

/** The columns of a segment, in order: those of `events` that are stored. */
export const SEGMENT_COLUMNS = [
  ["seq", "INT64"],
  ["id", "STRING"],
  ["type", "INT32"],
  ["at", "TIMESTAMP"],
  ["recorded_at", "TIMESTAMP"],
  ["email", "STRING"],
  ["person", "STRING"],
  ["campaign", "STRING"],
  ["send", "STRING"],
  ["link_id", "STRING"],
  ["link", "STRING"],
  ["user_agent", "STRING"],
  ["is_bot", "BOOLEAN"],
  ["bot_pattern", "STRING"],
  ["detail", "STRING"],
] as const satisfies readonly (readonly [EventColumns[keyof EventColumns]["_"]["name"], keyof typeof PARQUET_TYPES])[];

/** A row of `events`: a value for each of `SEGMENT_COLUMNS`, as D1 returns it. */
export type SegmentRow = readonly [
  ...[seq: number, id: string, type: number, at: number, recordedAt: number, email: string, person: string],
  ...[campaign: string, send: Text, linkId: Text, link: Text, userAgent: Text, isBot: number, botPattern: Text],
  ...[detail: Text],
];
type Text = string | null;

/** The places of some columns in a row. */
export const COLUMN = { seq: 0, id: 1, type: 2, at: 3, recordedAt: 4, email: 5, person: 6, campaign: 7 } as const;

export const ROWS_PER_GROUP = 10_000;
/** Of a column in a row group, uncompressed: to read one row, a page of each column is decoded. */
const PAGE_BYTES = 16_384;

const NULLABLE: ReadonlySet<string> = new Set(["send", "link_id", "link", "user_agent", "bot_pattern", "detail"]);
const FILTERED = new Set(["id", "person"]);
/** Ascending or nearly so. */
const DELTAS = new Set(["seq", "at", "recorded_at"]);

/** Parquet's types. A TIMESTAMP that does not say so is to DuckDB one without a time zone. */
const PARQUET_TYPES = {
  INT64: { type: "INT64" },
  INT32: { type: "INT32" },
  BOOLEAN: { type: "BOOLEAN" },
  STRING: { type: "BYTE_ARRAY", converted_type: "UTF8" },
  TIMESTAMP: {
    type: "INT64",
    converted_type: "TIMESTAMP_MILLIS",
    logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "MILLIS" },
  },
} as const satisfies Record<string, Partial<SchemaElement>>;

const SCHEMA: SchemaElement[] = [
  { name: "events", num_children: SEGMENT_COLUMNS.length },
  ...SEGMENT_COLUMNS.map(
    ([name, type]): SchemaElement => ({
      name: nameInFile(name),
      repetition_type: NULLABLE.has(name) ? "OPTIONAL" : "REQUIRED",
      ...PARQUET_TYPES[type],
    }),
  ),
];

const WRITE_GZIP = { GZIP: (bytes: Uint8Array) => new Uint8Array(gzipSync(bytes)) };
const READ_GZIP: Compressors = { GZIP: (bytes) => new Uint8Array(gunzipSync(bytes)) };
const PARSERS = { timestampFromMilliseconds: Number };

/**
 * @param rows in the order of their seqs
 * @returns the file
 */
export function encodeSegment(rows: readonly SegmentRow[]): Uint8Array {
  const columnData = SEGMENT_COLUMNS.map(([name, type], index): ColumnSource => {
    return {
      name: nameInFile(name),
      data: rows.map((row) => encoded(type, row[index] ?? null)),
      bloomFilter: FILTERED.has(name),
      ...(DELTAS.has(name) ? { encoding: "DELTA_BINARY_PACKED" } : {}),
    };
  });
  const writer = new ByteWriter();
  parquetWrite({
    writer,
    schema: SCHEMA,
    columnData,
    codec: "GZIP",
    compressors: WRITE_GZIP,
    rowGroupSize: ROWS_PER_GROUP,
    pageSize: PAGE_BYTES,
    createdBy: "waxseal",
  });
  return writer.getBytes();
}

/** AT is a reserved word of DuckDB and BigQuery. */
function nameInFile(name: string): string {
  return name === "at" ? "happened_at" : name;
}

function encoded(type: (typeof SEGMENT_COLUMNS)[number][1], value: string | number | null): unknown {
  if (value === null) return null;
  if (type === "BOOLEAN") return value === 1;
  return type === "INT64" || type === "TIMESTAMP" ? BigInt(value) : value;
}

/** A segment's file in memory, and where its columns are. */
export interface SegmentFile {
  readonly bytes: ArrayBuffer;
  readonly metadata: FileMetaData;
}

/** @throws {Error} when it is no Parquet file */
export function openSegment(bytes: ArrayBuffer): SegmentFile {
  return { bytes, metadata: parquetMetadata(bytes) };
}

export function rowCount({ metadata }: SegmentFile): number {
  return Number(metadata.num_rows);
}

/**
 * Rows from the place `from` in the file, before `to`.
 * @throws {Error} when the file is damaged
 */
export async function decodeRows(file: SegmentFile, from: number, to: number): Promise<readonly SegmentRow[]> {
  const found: unknown[][] = [];
  await parquetRead({
    ...readOptions(file),
    rowStart: from,
    rowEnd: to,
    onComplete: (rows) => {
      found.push(...(rows as unknown[][]));
    },
  });
  return found.map(decodedRow);
}

/**
 * The values of one column, all of them.
 * @throws {Error} when the file is damaged
 */
export async function decodeSeqs(file: SegmentFile): Promise<readonly number[]> {
  const seqs: number[] = [];
  await parquetRead({
    ...readOptions(file),
    columns: ["seq"],
    onComplete: (rows) => {
      for (const [seq] of rows as unknown[][]) seqs.push(Number(seq));
    },
  });
  return seqs;
}

/**
 * Which of these ids the file has. Row groups whose bloom filter excludes them are not decoded.
 * @throws {Error} when the file is damaged
 */
export async function idsIn(file: SegmentFile, ids: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  await parquetRead({
    ...readOptions(file),
    columns: ["id"],
    rowFormat: "object",
    filter: { id: { $in: [...ids] } },
    useBloomFilters: true,
    onComplete: (rows) => {
      for (const { id } of rows as { readonly id: string }[]) found.push(id);
    },
  });
  return found;
}

function readOptions({ bytes, metadata }: SegmentFile) {
  const file: AsyncBuffer = bytes;
  return { file, metadata, compressors: READ_GZIP, parsers: PARSERS, useOffsetIndex: true };
}

function decodedRow(values: readonly unknown[]): SegmentRow {
  return SEGMENT_COLUMNS.map(([name, type], index) => {
    const value = values[index] ?? null;
    if (type === "INT64") return Number(value);
    return name === "is_bot" ? Number(value) : value;
  }) as unknown as SegmentRow;
}
