/**
 * Lines of delimited files, quoted as in RFC 4180 §2. Lines end with a line feed alone: readers of Marketo's files
 * split on it. Guarantees that a reader of RFC 4180 gets each value back as it was; gives up the difference between
 * no value and the text "null", as Marketo does.
 */
import { delimitedLine } from "../../platform/csv.ts";

/** Marketo's formats: the delimiter and the Content-Type of each. */
export const FORMATS = {
  CSV: { delimiter: ",", contentType: "text/csv; charset=utf-8" },
  TSV: { delimiter: "\t", contentType: "text/tab-separated-values; charset=utf-8" },
  SSV: { delimiter: ";", contentType: "text/csv; charset=utf-8" },
} as const;

export type Format = keyof typeof FORMATS;

export function isFormat(value: unknown): value is Format {
  return typeof value === "string" && Object.hasOwn(FORMATS, value);
}

/** One line with its end. Null and the empty text become the word "null". */
export function lineOf(values: readonly (string | null)[], format: Format): string {
  const cells = values.map((value) => (value === null || value === "" ? "null" : value));
  return `${delimitedLine(cells, FORMATS[format].delimiter)}\n`;
}
