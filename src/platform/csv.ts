/** Delimiter-separated values (RFC 4180): fields with a delimiter, a quote or a line break are quoted. */

export type Delimiter = "," | "\t" | ";";

/** One line, without its line break. */
export function delimitedLine(cells: readonly string[], delimiter: Delimiter): string {
  return cells.map((cell) => quoted(cell, delimiter)).join(delimiter);
}

/** Without it Excel reads a CSV in the encoding of its Windows. */
const UTF8_BOM = "\uFEFF";
const ROW_END = "\r\n";

/**
 * A CSV document for spreadsheets: UTF-8 with BOM, lines that end in CRLF, and no text that is evaluated as a formula.
 * null is an empty cell.
 */
export function csvText(rows: readonly (readonly (string | number | null)[])[]): string {
  const lines = rows.map((cells) => delimitedLine(cells.map(cellText), ","));
  return UTF8_BOM + lines.map((line) => line + ROW_END).join("");
}

/** A cell and what ends it. */
const CELL = /("[^"]*(?:""[^"]*)*"|[^",\r\n]*)(,|\r\n)/gy;

/**
 * A document of `csvText` with other cells below its headers.
 * @param change returns the cells of a row, as many as it is given
 */
export function mapCsvRows(
  csv: string,
  change: (cells: readonly string[], headers: readonly string[]) => readonly string[],
): string {
  const lines: string[] = [];
  let headers: readonly string[] | undefined;
  let cells: string[] = [];
  for (const [, written = "", end] of csv.replace(UTF8_BOM, "").matchAll(CELL)) {
    cells.push(written.startsWith('"') ? written.slice(1, -1).replaceAll('""', '"') : written);
    if (end !== ROW_END) continue;
    const changed = headers === undefined ? cells : change(cells, headers);
    const safe = changed.map((cell, index) => (cell === cells[index] ? cell : withoutFormula(cell)));
    lines.push(delimitedLine(safe, ",") + ROW_END);
    headers ??= cells;
    cells = [];
  }
  return UTF8_BOM + lines.join("");
}

function cellText(cell: string | number | null): string {
  return typeof cell === "string" ? withoutFormula(cell) : String(cell ?? "");
}

/**
 * The text with an apostrophe in front if a spreadsheet would evaluate it as a formula (OWASP, "CSV Injection"):
 * full-width signs too, which Excel takes for signs where it writes East Asian languages.
 */
export function withoutFormula(text: string): string {
  return /^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text;
}

function quoted(cell: string, delimiter: Delimiter): string {
  return cell.includes(delimiter) || /["\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
