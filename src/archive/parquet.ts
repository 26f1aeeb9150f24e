/**
 * Rows as Parquet files, and back: row groups of 10,000, GZIP by the runtime, bloom filters where they are asked for
 * (Apache Parquet, "Bloom Filter"). Times are TIMESTAMP_MILLIS in UTC.
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
import { ByteWriter, type ColumnSource, ParquetWriter } from "hyparquet-writer";

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

export interface ParquetColumn {
  readonly name: string;
  readonly type: keyof typeof PARQUET_TYPES;
  readonly isNullable?: boolean;
  /** Whether it has a bloom filter. */
  readonly isFiltered?: boolean;
  /** Whether its numbers ascend, or nearly so. */
  readonly isAscending?: boolean;
}

/** A value for each column: of a BOOLEAN 0 or 1, of a TIMESTAMP ms since 1970 UTC. */
export type ParquetRow = readonly (string | number | null)[];

export const ROWS_PER_GROUP = 10_000;
/** The size of a page of a column, uncompressed: to read one row, a page of each column is decoded. */
const PAGE_BYTES = 16_384;

const WRITE_GZIP = { GZIP: (bytes: Uint8Array) => new Uint8Array(gzipSync(bytes)) };
const READ_GZIP: Compressors = { GZIP: (bytes) => new Uint8Array(gunzipSync(bytes)) };
const PARSERS = { timestampFromMilliseconds: Number };

/** Lets the requests that wait for the isolate's thread go first. */
export function yieldThread(): Promise<void> {
  // Not the scheduler of Workers: files are read in Node, too.
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/**
 * @param name of the table
 * @returns the file
 */
export async function encodeRows(
  name: string,
  columns: readonly ParquetColumn[],
  rows: readonly ParquetRow[],
): Promise<Uint8Array> {
  const writer = new ByteWriter();
  const schema: SchemaElement[] = [{ name, num_children: columns.length }, ...columns.map(elementOf)];
  const file = new ParquetWriter({ writer, schema, codec: "GZIP", compressors: WRITE_GZIP, createdBy: "waxseal" });
  // A group at a time: the values of all would be in memory twice.
  for (let from = 0; from < rows.length; from += ROWS_PER_GROUP) {
    const columnData = columnsOf(columns, rows.slice(from, from + ROWS_PER_GROUP));
    await file.write({ columnData, rowGroupSize: ROWS_PER_GROUP, pageSize: PAGE_BYTES });
    await yieldThread();
  }
  await file.finish();
  return writer.getBytes();
}

function columnsOf(columns: readonly ParquetColumn[], rows: readonly ParquetRow[]): ColumnSource[] {
  return columns.map(({ name, type, isFiltered, isAscending }, index) => ({
    name,
    data: rows.map((row) => encoded(type, row[index] ?? null)),
    bloomFilter: isFiltered === true,
    ...(isAscending === true ? { encoding: "DELTA_BINARY_PACKED" } : {}),
  }));
}

function elementOf({ name, type, isNullable }: ParquetColumn): SchemaElement {
  return { name, repetition_type: isNullable === true ? "OPTIONAL" : "REQUIRED", ...PARQUET_TYPES[type] };
}

function encoded(type: ParquetColumn["type"], value: string | number | null): unknown {
  if (value === null) return null;
  if (type === "BOOLEAN") return value === 1;
  return type === "INT64" || type === "TIMESTAMP" ? BigInt(value) : value;
}

/** A file in memory, and where its columns are. */
export interface ParquetFile {
  readonly bytes: ArrayBuffer;
  readonly metadata: FileMetaData;
}

/** @throws {Error} when it is no Parquet file */
export function openFile(bytes: ArrayBuffer): ParquetFile {
  return { bytes, metadata: parquetMetadata(bytes) };
}

export function rowCount({ metadata }: ParquetFile): number {
  return Number(metadata.num_rows);
}

/**
 * Rows from the index `from` in the file, before `to`, in the form in which they were written.
 * @throws {Error} when the file is damaged
 */
export async function decodedRows(
  file: ParquetFile,
  columns: readonly ParquetColumn[],
  from: number,
  to: number,
): Promise<readonly ParquetRow[]> {
  const found: unknown[][] = [];
  await parquetRead({
    ...readOptions(file),
    rowStart: from,
    rowEnd: to,
    onComplete: (rows) => {
      found.push(...(rows as unknown[][]));
    },
  });
  return found.map((values) => columns.map(({ type }, index) => decoded(type, values[index] ?? null)));
}

function decoded(type: ParquetColumn["type"], value: unknown): string | number | null {
  const isNumber = type === "INT64" || type === "BOOLEAN";
  return value !== null && isNumber ? Number(value) : (value as string | number | null);
}

/** For hyparquet's reading functions. */
export function readOptions({ bytes, metadata }: ParquetFile) {
  const file: AsyncBuffer = bytes;
  return { file, metadata, compressors: READ_GZIP, parsers: PARSERS, useOffsetIndex: true };
}
