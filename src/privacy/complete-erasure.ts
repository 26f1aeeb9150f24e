/**
 * The end of a scan: one transaction that completes the erasures under way and deletes what names their people. It
 * changes nothing while D1 holds anything of these people past the scan position.
 */
import { erasing, erasures } from "../events/privacy-schema.ts";
import { events, people } from "../events/schema.ts";
import { assign, sql } from "../platform/sql.ts";
import { inErasureTransaction } from "./erase-batch.ts";
import { CONCERNS_ERASED, ERASED_PEOPLE, IS_UNDER_WAY, isHeld } from "./scan.ts";

/**
 * Completes the erasures if no matching rows remain past the scan position `seq`. Returns false when some do, or when
 * another run has completed them.
 * @throws D1's error
 */
export async function completeErasure(d1: D1Database, seq: number, nowMs: number): Promise<boolean> {
  const nothingRemains = sql`${erasures.seq} = ${seq}
AND NOT EXISTS (SELECT 1 FROM ${events} WHERE ${events.seq} > ${seq} AND ${CONCERNS_ERASED})
AND NOT EXISTS (SELECT 1 FROM ${people} WHERE ${people.person} IN ${ERASED_PEOPLE})
AND NOT EXISTS (
  SELECT 1 FROM ${erasures} JOIN ${people} ON ${people.address} = ${erasures.address} WHERE ${IS_UNDER_WAY})
AND NOT EXISTS (
  SELECT 1 FROM ${erasing} WHERE ${erasing.person} IN ${ERASED_PEOPLE} AND ${isHeld(sql`${erasing.person}`)})`;
  const { rescan, address } = erasures;
  // Those with `rescan` wait for the next scan.
  return await inErasureTransaction(d1, nothingRemains, (isOurs) => [
    sql`DELETE FROM ${erasing} WHERE ${erasing.erasure} IN (
  SELECT ${erasures.id} FROM ${erasures} WHERE ${IS_UNDER_WAY} AND NOT ${rescan}) AND ${isOurs}`,
    sql`UPDATE ${erasures} SET ${assign(erasures, {
      seq: null,
      batch: null,
      rescan: 0,
      address: sql`iif(${rescan}, ${address}, NULL)`,
      doneAt: sql`iif(${rescan}, NULL, ${nowMs})`,
    })} WHERE ${IS_UNDER_WAY} AND ${isOurs}`,
  ]);
}
