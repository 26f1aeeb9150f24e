/** Prints a list: a table for people, an object a line, as it comes, for machines. */
import { printableJson } from "./printable.ts";
import { tableText } from "./table.ts";

/** How the entries of a list are shown. */
export interface ListForm<Entry> {
  readonly head: readonly string[];
  /** A cell for each of `head`. */
  readonly cells: (entry: Entry) => readonly string[];
  /** A sentence for who sees an empty list; goes to stderr. */
  readonly empty: string;
}

/** @param most reads no more entries than that. Default: all */
export async function printList<Entry>(
  entries: AsyncIterable<Entry> | Iterable<Entry>,
  { head, cells, empty }: ListForm<Entry>,
  { json, most = Number.POSITIVE_INFINITY }: { readonly json: boolean; readonly most?: number },
): Promise<void> {
  const rows: (readonly string[])[] = [];
  for await (const entry of entries) {
    if (json) console.log(printableJson(entry));
    rows.push(cells(entry));
    if (rows.length >= most) break;
  }
  if (rows.length === 0) console.error(empty);
  else if (!json) console.log(tableText(head, rows));
}
