/**
 * Files that R2 does not have as D1 notes them. Guarantees that health says so from the first time that somebody who
 * writes or erases misses one until it is back, or is not noted any more.
 */
import { lostFiles } from "../events/archive-schema.ts";
import { jsonArrays } from "../platform/json-arrays.ts";
import { columnNames, runBatch, sql } from "../platform/sql.ts";

/** Notes files as lost, by the names of their objects. Throws D1's error. */
export async function noteLost(d1: D1Database, keys: readonly string[]): Promise<void> {
  const { key, since } = lostFiles;
  const statements = jsonArrays(keys.map((each) => JSON.stringify(each))).map(
    (array) => sql`INSERT INTO ${lostFiles} (${columnNames(key, since)})
SELECT value, ${Date.now()} FROM json_each(${array}) WHERE true ON CONFLICT DO NOTHING`,
  );
  if (statements.length > 0) await runBatch(d1, statements);
}
