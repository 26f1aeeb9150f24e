/** A table for the terminal, without colours. Guarantees that no cell holds a control character. */
import Table from "cli-table3";
import { printable } from "./printable.ts";

export function tableText(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const table = new Table({ head: [...head], style: { head: [], border: [] } });
  table.push(...rows.map((row) => row.map(printable)));
  return table.toString();
}
