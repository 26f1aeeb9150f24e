/**
 * Unsubscribing and subscribing again: the event and the suppression in one D1 transaction, so that neither is ever
 * there without the other. Once per person until they subscribe again: a repeated submit changes nothing.
 */
import type { Subscribed, Unsubscribed } from "../events/event.ts";
import { namedRow, ROW_COLUMNS, rowOf } from "../events/row.ts";
import { events, people, suppressions } from "../events/schema.ts";
import { retryOnce } from "../platform/errors.ts";
import { columnNames, rawSql, runBatch, type Sql, sql } from "../platform/sql.ts";
import { addressSubject, hashedSubject, personSubject } from "./subject.ts";

const EVENT_COLUMNS = rawSql(ROW_COLUMNS.join(", "));
const EVENT_VALUES = rawSql(ROW_COLUMNS.map((column) => `value->>'${column}'`).join(", "));
const { subject, reason, since, cause, event: suppressingEvent } = suppressions;

/** The statements of one unsubscription, for a transaction. `address`: where they complained from, if known. */
export function unsubscription(
  d1: D1Database,
  event: Unsubscribed,
  address: string | null = null,
): D1PreparedStatement[] {
  const { id, atMs } = event;
  const { person } = event.message;
  const personHash = hashedSubject(personSubject(person));
  const addressHash = address === null ? null : hashedSubject(addressSubject(address));
  // An event that is logged already suppresses nobody again: a complaint reported twice must not undo that they
  // subscribed again in between. Somebody who unsubscribed and was erased keeps the suppression under their hash.
  const suppress = sql`INSERT INTO ${suppressions} (${columnNames(subject, reason, since, cause, suppressingEvent)})
    SELECT subject, 'unsubscribed', ${atMs}, ${event.cause}, ${id}
    FROM (
      SELECT 'person:' || ${person} AS subject, ${personHash} AS hash
      UNION SELECT (${subjectOfTheirAddress(person)}), NULL
      UNION SELECT 'address:' || ${address}, ${addressHash}
    )
    WHERE subject IS NOT NULL AND NOT EXISTS (SELECT 1 FROM ${events} WHERE ${events.id} = ${id})
    AND NOT EXISTS (SELECT 1 FROM ${suppressions} WHERE ${subject} = hash AND ${reason} = 'unsubscribed')
    ON CONFLICT DO NOTHING`;
  // After `suppress`, because the event is logged only if it is the one that suppressed the person.
  const log = sql`${insertEvent(event)}
    WHERE EXISTS (
      SELECT 1 FROM ${suppressions}
      WHERE ${subject} = 'person:' || ${person} AND ${reason} = 'unsubscribed' AND ${suppressingEvent} = ${id})
    ON CONFLICT (id) DO NOTHING`;
  return [suppress.prepare(d1), log.prepare(d1)];
}

/**
 * Resolves when committed. Trying again is harmless.
 * @throws D1's error when it may not be committed
 */
export async function unsubscribe(d1: D1Database, event: Unsubscribed): Promise<void> {
  await retryOnce(() => d1.batch(unsubscription(d1, event)));
}

/**
 * Lifts the unsubscription of everybody with the person's address; they may unsubscribe again. Resolves when
 * committed. Trying again is harmless.
 * @throws D1's error when it may not be committed
 */
export async function subscribe(d1: D1Database, event: Subscribed): Promise<void> {
  const { person } = event.message;
  const hash = hashedSubject(personSubject(person));
  const log = sql`${insertEvent(event)}
    WHERE EXISTS (
      SELECT 1 FROM ${suppressions}
      WHERE ${subject} IN ('person:' || ${person}, ${hash}, (${subjectOfTheirAddress(person)}))
      AND ${reason} = 'unsubscribed')`;
  const remove = sql`DELETE FROM ${suppressions} WHERE ${reason} = 'unsubscribed' AND ${subject} IN (
    SELECT 'person:' || ${person}
    UNION ALL SELECT ${hash}
    UNION ALL ${subjectOfTheirAddress(person)}
    UNION ALL SELECT 'person:' || other.person
      FROM ${people} JOIN ${people} AS other ON other.address = ${people.address} WHERE ${people.person} = ${person})`;
  await retryOnce(() => runBatch(d1, [log, remove]));
}

function insertEvent(event: Subscribed | Unsubscribed): Sql {
  const rows = JSON.stringify([namedRow(JSON.parse(rowOf(event)))]);
  return sql`INSERT INTO ${events} (${EVENT_COLUMNS}) SELECT ${EVENT_VALUES} FROM json_each(${rows})`;
}

function subjectOfTheirAddress(person: string): Sql {
  return sql`SELECT 'address:' || ${people.address} FROM ${people} WHERE ${people.person} = ${person}`;
}
