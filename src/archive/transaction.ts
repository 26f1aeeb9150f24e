/** The transactions that change what is in the archive: events or messages leave D1, or a file is replaced. */
import { batchWhere, isWritten } from "../events/batch.ts";
import type { Sql } from "../platform/sql.ts";
import { ONE_CHANGE_MORE } from "./edition.ts";
import { runBatchInFull } from "./reserve.ts";

/**
 * Changes the archive in a transaction that changes nothing unless `condition` holds when it begins.
 * @param statements each of them applies only where `isOurs`
 * @returns whether it did
 * @throws D1's error
 */
export async function changeArchive(
  d1: D1Database,
  condition: Sql,
  statements: (isOurs: Sql) => readonly Sql[],
): Promise<boolean> {
  return isWritten(await runBatchInFull(d1, batchWhere(condition, statements, { archived: ONE_CHANGE_MORE })));
}
