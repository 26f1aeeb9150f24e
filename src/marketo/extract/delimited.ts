/**
 * Lines of a file of values between delimiters, quoted as RFC 4180 §2 has it. Lines end with a line feed alone: readers of Marketo's
 * files split on it. Guarantees that a reader of RFC 4180 gets each value back as it was; gives up the difference between no value and the
 * text "null", as Marketo does.
 */
import { delimitedLine } from "../../platform/csv.ts";

/** What each of Marketo's formats puts between values, and what the file is called on the wire. */
export const FORMATS = {
  CSV: { delimiter: ",", contentType: "text/csv; charset=utf-8" },
  TSV: { delimiter: "\t", contentType: "text/tab-separated-values; charset=utf-8" },
  SSV: { delimiter: ";", contentType: "text/csv; charset=utf-8" },
} as const;

export type Format = keyof typeof FORMATS;

export function isFormat(value: unknown): value is Format {
  return typeof value === "string" && Object.hasOwn(FORMATS, value);
}

/** With its end. Null and the empty text become the word "null". */
export function lineOf(values: readonly (string | null)[], format: Format): string {
  const cells = values.map((value) => (value === null || value === "" ? "null" : value));
  return `${delimitedLine(cells, FORMATS[format].delimiter)}\n`;
}
