/**
 * Unsubscribing and subscribing again: the event and the suppression in one D1 transaction, so that neither is ever there
 * without the other. Once per person until they subscribe again: a repeated submit changes nothing.
 */
import type { Subscribed, Unsubscribed } from "../events/event.ts";
import { ROW_COLUMNS, rowOf } from "../events/row.ts";
import { retryOnce } from "../platform/errors.ts";
import { addressSubject, hashedSubject, personSubject } from "./subject.ts";

const COLUMNS = ROW_COLUMNS.join(", ");
const VALUES = ROW_COLUMNS.map((_, index) => `?1->>${index}`).join(", ");

/** ?2 the person. */
const THEIR_ADDRESS = "(SELECT 'address:' || address FROM people WHERE person = ?2)";

/**
 * ?5 the event, ?4 an address that is theirs besides, or null; ?6 and ?7 the hashes of the person's subject and of that address's. The
 * suppression names its event. An event that stands in the log suppresses nobody a second time: a complaint that is told again must
 * not undo that they subscribed again since. Whoever unsubscribed before they were erased stays nameless.
 */
const SUPPRESS = `INSERT INTO suppressions (subject, reason, since, cause, event)
SELECT subject, 'unsubscribed', ?1, ?3, ?5
FROM (SELECT 'person:' || ?2 AS subject, ?6 AS hashed UNION SELECT ${THEIR_ADDRESS}, NULL UNION SELECT 'address:' || ?4, ?7)
WHERE subject IS NOT NULL AND NOT EXISTS (SELECT 1 FROM events WHERE id = ?5)
AND NOT EXISTS (SELECT 1 FROM suppressions WHERE subject = hashed AND reason = 'unsubscribed')
ON CONFLICT DO NOTHING`;

/** Behind SUPPRESS: only the event that the person's suppression names is logged. */
const LOG_UNSUBSCRIBED = `INSERT INTO events (${COLUMNS}) SELECT ${VALUES}
WHERE EXISTS (SELECT 1 FROM suppressions
  WHERE subject = 'person:' || ?2 AND reason = 'unsubscribed' AND event = ?1->>0)
ON CONFLICT (id) DO NOTHING`;

const LOG_SUBSCRIBED = `INSERT INTO events (${COLUMNS}) SELECT ${VALUES}
WHERE EXISTS (SELECT 1 FROM suppressions
  WHERE subject IN ('person:' || ?2, ?3, ${THEIR_ADDRESS}) AND reason = 'unsubscribed')`;

/** Everybody with that address gets mail again, and may unsubscribe again. ?2 the hash of the person's subject. */
const UNSUPPRESS = `DELETE FROM suppressions WHERE reason = 'unsubscribed' AND subject IN (
  SELECT 'person:' || ?1
  UNION ALL SELECT ?2
  UNION ALL SELECT 'address:' || address FROM people WHERE person = ?1
  UNION ALL SELECT 'person:' || other.person FROM people JOIN people AS other ON other.address = people.address WHERE people.person = ?1)`;

/** The statements of one unsubscription, for a transaction. `address`: where they complained from, if known. */
export function unsubscription(
  d1: D1Database,
  event: Unsubscribed,
  address: string | null = null,
): D1PreparedStatement[] {
  const { person } = event.message;
  const hashes = [
    hashedSubject(personSubject(person)),
    address === null ? null : hashedSubject(addressSubject(address)),
  ];
  return [
    d1.prepare(SUPPRESS).bind(event.atMs, person, event.cause, address, event.id, ...hashes),
    d1.prepare(LOG_UNSUBSCRIBED).bind(rowOf(event), person),
  ];
}

/** Resolves when committed; throws D1's error when it is not sure to be. Trying again is harmless. */
export async function unsubscribe(d1: D1Database, event: Unsubscribed): Promise<void> {
  await retryOnce(() => d1.batch(unsubscription(d1, event)));
}

/** Resolves when committed; throws D1's error when it is not sure to be. Trying again is harmless. */
export async function subscribe(d1: D1Database, event: Subscribed): Promise<void> {
  const { person } = event.message;
  const hashed = hashedSubject(personSubject(person));
  await retryOnce(() =>
    d1.batch([
      d1.prepare(LOG_SUBSCRIBED).bind(rowOf(event), person, hashed),
      d1.prepare(UNSUPPRESS).bind(person, hashed),
    ]),
  );
}
