/**
 * The end of a search: one transaction that ends the erasures, or nothing at all while D1 holds anything of these people that the search has
 * not come by. What named them goes with it.
 */
import { CONCERNED, THEM } from "./scan.ts";

/** The search has come to ?2; read is at most what came since. */
const NOTHING_LEFT = `NOT EXISTS (SELECT 1 FROM events WHERE events.seq > ?2 AND ${CONCERNED})
AND NOT EXISTS (SELECT 1 FROM people WHERE person IN ${THEM})
AND NOT EXISTS (SELECT 1 FROM erasures JOIN people ON people.address = erasures.address WHERE erasures.seq IS NOT NULL)
AND NOT EXISTS (SELECT 1 FROM erasing JOIN suppressions ON subject = 'person:' || person WHERE person IN ${THEM})`;

const CLAIM = `UPDATE erasures SET batch = ?1 WHERE seq = ?2 AND ${NOTHING_LEFT}`;

const FORGET = `DELETE FROM erasing
WHERE erasure IN (SELECT id FROM erasures WHERE seq IS NOT NULL AND batch = ?1 AND NOT rescan)`;

/** Those that found somebody late wait for the next search. */
const END = `UPDATE erasures SET seq = NULL, batch = NULL, rescan = 0,
  address = iif(rescan, address, NULL), done_at = iif(rescan, NULL, ?2)
WHERE seq IS NOT NULL AND batch = ?1`;

/** False when there is still something of them, or somebody else has ended it. Throws D1's error. */
export async function completeErasure(d1: D1Database, from: number, nowMs: number): Promise<boolean> {
  const batch = crypto.randomUUID();
  const [claimed] = await d1.batch([
    d1.prepare(CLAIM).bind(batch, from),
    d1.prepare(FORGET).bind(batch),
    d1.prepare(END).bind(batch, nowMs),
  ]);
  return (claimed?.meta.changes ?? 0) > 0;
}
