/** A row whose person is erased before it is in D1: only columns that statistics need and that identify nobody stay. */
import { ROW_COLUMNS } from "./row.ts";

const KEPT: ReadonlySet<string> = new Set(["type", "at", "email", "campaign", "link_id", "is_bot", "bot_pattern"]);

export const PERSON_COLUMN = ROW_COLUMNS.indexOf("person");

/** `row` has a value for each of `ROW_COLUMNS`. */
export function erasedRow(row: readonly unknown[], pseudonym: string): unknown[] {
  return ROW_COLUMNS.map((column, index) => {
    const value = row[index];
    if (column === "id") return crypto.randomUUID().replaceAll("-", "");
    if (column === "person") return pseudonym;
    if (column === "link") return typeof value === "string" ? value.replace(/[?#].*$/s, "") : null;
    return KEPT.has(column) ? value : null;
  });
}
