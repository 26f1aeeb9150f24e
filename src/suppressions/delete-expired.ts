/** Deletes blocks that have ended. */
import { suppressions } from "../events/schema.ts";
import { joined, sql } from "../platform/sql.ts";
import { LIFT_KEPT_MS } from "./lifts.ts";

const ROWS_AT_A_TIME = 500;

/**
 * Deletes some of the suppressions that ended longer ago than a report of their bounce would be believed. Lists of what
 * is in force do not have them.
 * @throws D1's error
 */
export async function deleteExpired(d1: D1Database, nowMs: number): Promise<void> {
  const { subject, reason, source, until } = suppressions;
  const key = joined([subject, reason, source].map((column) => sql`${column}`));
  const ended = sql`SELECT ${key} FROM ${suppressions} WHERE ${until} < ${nowMs - LIFT_KEPT_MS}
  ORDER BY ${until} LIMIT ${ROWS_AT_A_TIME}`;
  await sql`DELETE FROM ${suppressions} WHERE (${key}) IN (${ended})`.prepare(d1).run();
}
