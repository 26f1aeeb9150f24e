/**
 * Room in D1 for the moment when it is full. What leaves D1 makes room for the note of its segment, but a short stretch
 * frees no whole page of the database, and the note may need one: the archive, which alone makes room, would wait for
 * ever.
 */
import { reserve } from "../events/archive-schema.ts";
import { isStorageFull } from "../platform/errors.ts";
import { columnName, runBatch, type Sql, sql } from "../platform/sql.ts";

/** Eight pages of SQLite. In the SQL of a backup it is twice as long, of the 100 KB that D1 takes. */
const RESERVED_BYTES = 32_768;

/** Runs a transaction; in a full D1 with the reserve's room. Throws D1's error. */
export async function runBatchInFull(d1: D1Database, statements: readonly Sql[]): Promise<D1Result[]> {
  try {
    return await runBatch(d1, statements);
  } catch (error) {
    if (!isStorageFull(error)) throw error;
    return await runBatch(d1, [sql`DELETE FROM ${reserve}`, ...statements]);
  }
}

/** Sets the room aside again, as soon as D1 has it. Throws D1's error. */
export async function keepReserve(d1: D1Database): Promise<void> {
  const query = sql`INSERT INTO ${reserve} (${columnName(reserve.bytes)})
SELECT zeroblob(${RESERVED_BYTES}) WHERE NOT EXISTS (SELECT 1 FROM ${reserve})`;
  try {
    await query.prepare(d1).run();
  } catch (error) {
    if (!isStorageFull(error)) throw error;
  }
}
