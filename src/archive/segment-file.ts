/**
 * A segment as a Parquet file: the columns of `events`, with bloom filters on `id` and `person`; `detail` is JSON text.
 */
import { parquetRead } from "hyparquet";
import type { events } from "../events/schema.ts";
import { decodedRows, encodeRows, type ParquetColumn, type ParquetFile, readOptions } from "./parquet.ts";

type EventColumns = (typeof events)["_"]["columns"];

/** The columns of a segment, in order: those of `events` that are stored. */
export const SEGMENT_COLUMNS = [
  { name: "seq", type: "INT64", isAscending: true },
  { name: "id", type: "STRING", isFiltered: true },
  { name: "type", type: "INT32" },
  { name: "at", type: "TIMESTAMP", isAscending: true },
  { name: "recorded_at", type: "TIMESTAMP", isAscending: true },
  { name: "email", type: "STRING" },
  { name: "person", type: "STRING", isFiltered: true },
  { name: "campaign", type: "STRING" },
  { name: "send", type: "STRING", isNullable: true },
  { name: "link_id", type: "STRING", isNullable: true },
  { name: "link", type: "STRING", isNullable: true },
  { name: "user_agent", type: "STRING", isNullable: true },
  { name: "is_bot", type: "BOOLEAN" },
  { name: "bot_pattern", type: "STRING", isNullable: true },
  { name: "detail", type: "STRING", isNullable: true },
] as const satisfies readonly (ParquetColumn & { readonly name: EventColumns[keyof EventColumns]["_"]["name"] })[];

/** AT is a reserved word of DuckDB and BigQuery. */
const FILE_COLUMNS: readonly ParquetColumn[] = SEGMENT_COLUMNS.map((column) => {
  return column.name === "at" ? { ...column, name: "happened_at" } : column;
});

/** A row of `events`: a value for each of `SEGMENT_COLUMNS`, as D1 returns it. */
export type SegmentRow = readonly [
  ...[seq: number, id: string, type: number, at: number, recordedAt: number, email: string, person: string],
  ...[campaign: string, send: Text, linkId: Text, link: Text, userAgent: Text, isBot: number, botPattern: Text],
  ...[detail: Text],
];
type Text = string | null;

/** The indices of some columns in a row. */
export const COLUMN = { seq: 0, id: 1, type: 2, at: 3, recordedAt: 4, email: 5, person: 6, campaign: 7 } as const;

/**
 * @param rows in the order of their seqs
 * @returns the file
 */
export async function encodeSegment(rows: readonly SegmentRow[]): Promise<Uint8Array> {
  return await encodeRows("events", FILE_COLUMNS, rows);
}

/**
 * Rows from the index `from` in the file, before `to`.
 * @throws {Error} when the file is damaged
 */
export async function decodeRows(file: ParquetFile, from: number, to: number): Promise<readonly SegmentRow[]> {
  return (await decodedRows(file, FILE_COLUMNS, from, to)) as unknown as readonly SegmentRow[];
}

/**
 * The values of one column, all of them.
 * @throws {Error} when the file is damaged
 */
export async function decodeSeqs(file: ParquetFile): Promise<readonly number[]> {
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
export async function idsIn(file: ParquetFile, ids: readonly string[]): Promise<readonly string[]> {
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
