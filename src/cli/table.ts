/** An empty table for the terminal, without colours. */
import Table from "cli-table3";

export function tableWith(...head: readonly string[]): Table.Table {
  return new Table({ head: [...head], style: { head: [], border: [] } });
}
