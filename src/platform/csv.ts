/** Delimiter-separated values (RFC 4180): fields with a delimiter, a quote or a line's end in them stand in quotes. */

export type Delimiter = "," | "\t" | ";";

/** One line, without its end. */
export function delimitedLine(cells: readonly string[], delimiter: Delimiter): string {
  return cells.map((cell) => quoted(cell, delimiter)).join(delimiter);
}

function quoted(cell: string, delimiter: Delimiter): string {
  return cell.includes(delimiter) || /["\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
