/** Rows that are inserted together, and what makes each of them unique in the log. */

export interface RowGroup {
  /** The inside of a JSON array: `[…],[…]`. */
  readonly rows: string;
  /**
   * "each": every row by its id. "first": the first row by its id, the others by following it; such a group is
   * inserted as a whole or not at all.
   */
  readonly unique: "each" | "first";
}

/** @param rows as `rowOf` writes them */
export function groupOf(rows: readonly string[]): RowGroup {
  return { rows: rows.join(","), unique: "each" };
}

/**
 * A group of clicks. The first gets the group's id as its own; the others get that id with their number behind it, and
 * so no entry in the unique index (`events.unique_id`), which costs a written row.
 * @param rows as `rowOf` writes them, with the id ""
 * @param id unique for ever, without a slash
 */
export function clickGroupOf(rows: readonly string[], id: string): RowGroup {
  const numbered = rows.map((row, index) => withId(row, index === 0 ? id : `${id}/${index}`));
  return { rows: numbered.join(","), unique: "first" };
}

const EMPTY_ID = '""';

function withId(row: string, id: string): string {
  return `["${id}"${row.slice(`[${EMPTY_ID}`.length)}`;
}
