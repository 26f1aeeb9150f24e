/** The CSV file of `waxseal suppressions import`: its rows, and what is wrong with those that are none. */
import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { parse } from "csv-parse/sync";
import { CommandError, errorMessage, usageError } from "./command-error.ts";

export interface SuppressionFile {
  readonly entries: readonly SuppressionRow[];
  readonly wrong: readonly WrongRow[];
}

interface SuppressionRow {
  /** Where it ends in the file. */
  readonly line: number;
  /** Its cells by the names that /v1/suppressions has for them. Other columns and empty cells are left out. */
  readonly entry: Readonly<Record<string, string>>;
}

export interface WrongRow {
  readonly line: number;
  readonly why: string;
}

const RECIPIENT_COLUMNS = ["address", "person"] as const;

/** Columns by the names that files give them. */
const COLUMNS: ReadonlyMap<string, string> = new Map([
  ...[...RECIPIENT_COLUMNS, "reason", "cause", "who", "at", "until"].map((name) => [name, name] as const),
  ["email", "address"],
]);

/**
 * Reads a CSV file whose first row names the columns. Commas, semicolons or tabs separate its cells.
 * @param path "-" is standard input
 * @throws {CommandError} for a file that cannot be read as a whole: nothing of it is to be added
 */
export async function readSuppressionFile(path: string): Promise<SuppressionFile> {
  const [header, ...rows] = rowsOf(textOf(await bytesOf(path)));
  const columns = columnsOf(header?.cells ?? []);
  const entries: SuppressionRow[] = [];
  const wrong: WrongRow[] = [];
  for (const { line, cells } of rows) {
    if (cells.length <= columns.length) entries.push({ line, entry: entryOf(columns, cells) });
    else wrong.push({ line, why: `has ${cells.length} cells, and the first row ${columns.length}` });
  }
  return { entries, wrong };
}

async function bytesOf(path: string): Promise<Buffer> {
  if (path === "-") return await buffer(process.stdin);
  try {
    return await readFile(path);
  } catch (error) {
    throw new CommandError(`${path} cannot be read: ${errorMessage(error)}.`, "Give the path of a CSV file.", 2);
  }
}

/** UTF-8; or UTF-16 with its mark, which spreadsheets write as "Unicode text". Other letters would be lost. */
function textOf(bytes: Buffer): string {
  const [first = 0, second = 0] = bytes;
  const mark = first * 256 + second;
  const encoding = mark === 0xfffe ? "utf-16le" : mark === 0xfeff ? "utf-16be" : "utf-8";
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw usageError(
      "The file is not in UTF-8: its letters would be read as others.",
      'Save it anew as "CSV UTF-8", or by: iconv -f WINDOWS-1252 -t UTF-8.',
    );
  }
}

interface ParsedRow {
  /** Where it ends in the file. */
  readonly line: number;
  readonly cells: readonly string[];
}

function rowsOf(csv: string): readonly ParsedRow[] {
  const [header = ""] = csv.trimStart().split(/\r?\n|\r/, 1);
  const delimiter = ["\t", ";"].find((each) => header.includes(each)) ?? ",";
  const rows: ParsedRow[] = [];
  const lenient = { relax_column_count: true, relax_quotes: true, record_delimiter: ["\r\n", "\n", "\r"] };
  try {
    parse(csv, {
      ...{ delimiter, skip_empty_lines: true, trim: true, ...lenient },
      on_record(cells, { lines }) {
        rows.push({ line: lines, cells });
        return null;
      },
    });
  } catch (error) {
    throw usageError(`This is no CSV file: ${errorMessage(error)}`, "Quote cells that hold the separator or a quote.");
  }
  return rows;
}

/** The name of each column; undefined: it is left out. */
function columnsOf(header: readonly string[]): readonly (string | undefined)[] {
  const columns = header.map((name) => COLUMNS.get(name.toLowerCase()));
  const known = columns.filter((name) => name !== undefined);
  if (!RECIPIENT_COLUMNS.some((name) => known.includes(name)))
    throw usageError("No column is called address or person.", "The first line names the columns.");
  const twice = known.find((name, nth) => known.indexOf(name) !== nth);
  if (twice !== undefined)
    throw usageError(
      `Two columns are taken for the ${twice}: ${header.filter((_, nth) => columns[nth] === twice).join(", ")}.`,
      "Leave out one of them, or name it otherwise.",
    );
  return columns;
}

function entryOf(columns: readonly (string | undefined)[], cells: readonly string[]): Record<string, string> {
  const named = columns.map((name, nth) => [name, cells[nth] ?? ""] as const);
  return Object.fromEntries(named.filter(([name, cell]) => name !== undefined && cell !== ""));
}
