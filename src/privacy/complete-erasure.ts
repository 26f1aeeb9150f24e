/**
 * The end of a scan: one transaction that completes the erasures under way and deletes what names their people. It
 * changes nothing while D1 holds anything of these people past the scan position.
 */
import { erasing, erasures, events, people, suppressions } from "../events/schema.ts";
import { runBatch, sql } from "../platform/sql.ts";
import { CONCERNS_ERASED, ERASED_PEOPLE } from "./scan.ts";

/**
 * Completes the erasures if no matching rows remain past the scan position `seq`. Returns false when some do, or when
 * another run has completed them.
 * @throws D1's error
 */
export async function completeErasure(d1: D1Database, seq: number, nowMs: number): Promise<boolean> {
  const batch = crypto.randomUUID();
  // Those with `rescan` wait for the next scan.
  const [claimed] = await runBatch(d1, [
    sql`UPDATE ${erasures} SET batch = ${batch} WHERE seq = ${seq}
AND NOT EXISTS (SELECT 1 FROM ${events} WHERE ${events.seq} > ${seq} AND ${CONCERNS_ERASED})
AND NOT EXISTS (SELECT 1 FROM ${people} WHERE ${people.person} IN ${ERASED_PEOPLE})
AND NOT EXISTS (
  SELECT 1 FROM ${erasures} JOIN ${people} ON ${people.address} = ${erasures.address} WHERE ${erasures.seq} IS NOT NULL)
AND NOT EXISTS (
  SELECT 1 FROM ${erasing} JOIN ${suppressions} ON ${suppressions.subject} = 'person:' || ${erasing.person}
  WHERE ${erasing.person} IN ${ERASED_PEOPLE})`,
    sql`DELETE FROM ${erasing} WHERE ${erasing.erasure} IN (
  SELECT ${erasures.id} FROM ${erasures}
  WHERE ${erasures.seq} IS NOT NULL AND ${erasures.batch} = ${batch} AND NOT ${erasures.rescan})`,
    sql`UPDATE ${erasures} SET seq = NULL, batch = NULL, rescan = 0,
  address = iif(rescan, address, NULL), done_at = iif(rescan, NULL, ${nowMs})
WHERE seq IS NOT NULL AND batch = ${batch}`,
  ]);
  return (claimed?.meta.changes ?? 0) > 0;
}
