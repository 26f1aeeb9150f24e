/** Transactions that change nothing unless all is still as it was read. The row of `aggregated` is their lock. */
import { assign, type Sql, sql } from "../platform/sql.ts";
import { aggregated } from "./schema.ts";

/**
 * The statements of a transaction that changes nothing unless `condition` holds when it begins. Whether it did,
 * `isWritten` says.
 * @param statements each of them applies only where `isOurs`
 * @param ended what the transaction notes in `aggregated`
 */
export function batchWhere(
  condition: Sql,
  statements: (isOurs: Sql) => readonly Sql[],
  ended: { readonly seq?: number; readonly archived?: Sql },
): Sql[] {
  const batch = crypto.randomUUID();
  const isOurs = sql`EXISTS (SELECT 1 FROM ${aggregated} WHERE ${aggregated.batch} = ${batch})`;
  return [
    sql`UPDATE ${aggregated} SET ${assign(aggregated, { batch })} WHERE ${condition}`,
    ...statements(isOurs),
    sql`UPDATE ${aggregated} SET ${assign(aggregated, { ...ended, batch: null })} WHERE ${aggregated.batch} = ${batch}`,
  ];
}

/** Whether a transaction has changed what it was to change: its last statement has changed a row. */
export function isWritten(results: readonly D1Result[]): boolean {
  return results.at(-1)?.meta.changes === 1;
}
