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

const TOKEN = /[",]|\r\n|[^",\r]+|\r/g;

/**
 * A document of `csvText` with other cells below its headers.
 * @param change returns the cells of a row, as many as it is given
 */
export function mapCsvRows(
  csv: string,
  change: (cells: readonly string[], headers: readonly string[]) => readonly string[],
): string {
  const [headers = [], ...rows] = csvRows(csv.replace(UTF8_BOM, ""));
  const changed = rows.map((cells) =>
    change(cells, headers).map((cell, index) => (cell === cells[index] ? cell : withoutFormula(cell))),
  );
  const lines = [headers, ...changed].map((cells) => delimitedLine(cells, ","));
  return UTF8_BOM + lines.map((line) => line + ROW_END).join("");
}

/** The cells of each line that ends. */
function csvRows(csv: string): string[][] {
  const rows: string[][] = [];
  let cells = [""];
  let isQuoted = false;
  let before = "";
  for (const [token] of csv.matchAll(TOKEN)) {
    let text = token;
    if (token === '"') {
      // Two of them in a quoted cell are one.
      text = !isQuoted && before === '"' ? token : "";
      isQuoted = !isQuoted;
    }
    before = token;
    if (isQuoted || (token !== "," && token !== ROW_END)) cells.push((cells.pop() ?? "") + text);
    else if (token === ",") cells.push("");
    else {
      rows.push(cells);
      cells = [""];
    }
  }
  return rows;
}

function cellText(cell: string | number | null): string {
  return typeof cell === "string" ? withoutFormula(cell) : String(cell ?? "");
}

/**
 * Where a cell begins for some spreadsheet: those of other countries split lines at semicolons, and read quotes behind
 * one as those of a cell. A URL with such a place gets an apostrophe, too: a server's reply may look like one.
 */
const FORMULA = /(?<=(?:^|[;\t\r\n])"*)[=+\-@＝＋－＠]/g;

/**
 * The text with an apostrophe in front of what a spreadsheet would evaluate as a formula (OWASP, "CSV Injection"):
 * full-width signs too, which Excel takes for signs where it writes East Asian languages.
 */
export function withoutFormula(text: string): string {
  const defused = text.replace(FORMULA, "'$&");
  return /^[\t\r\n]/.test(text) ? `'${defused}` : defused;
}

function quoted(cell: string, delimiter: Delimiter): string {
  return cell.includes(delimiter) || /["\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
