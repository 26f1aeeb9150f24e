/**
 * Unsubscribing and subscribing again: the event and the suppression in one D1 transaction, so that neither is ever
 * there without the other. Once per person until they subscribe again: a repeated submit changes nothing.
 */
import { FILTERED_TYPE_ID, type Subscribed, type Unsubscribed } from "../events/event.ts";
import { namedRow, ROW_COLUMNS, rowOf } from "../events/row.ts";
import { events, people, suppressions } from "../events/schema.ts";
import { sendKey } from "../events/send-key.ts";
import { retryOnce } from "../platform/errors.ts";
import { assign, assignExcluded, columnName, columnNames, rawSql, runBatch, type Sql, sql } from "../platform/sql.ts";
import { BY_ADDRESS } from "./addresses.ts";
import { addressSubject, hashedSubject, personSubject } from "./subject.ts";

const HOUR_MS = 3_600_000;
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
  // What is logged already suppresses nobody again: a complaint reported twice, or a commit tried twice, must not undo
  // that they subscribed again in between. Somebody who unsubscribed and was erased keeps the suppression under their
  // hash.
  const isThis = event.cause === "complaint" ? sql`true` : sql`${events.at} = ${atMs}`;
  const isNew = sql`NOT EXISTS (SELECT 1 FROM ${events} WHERE ${events.id} = ${id} AND ${isThis})`;
  const suppress = sql`INSERT INTO ${suppressions} (${columnNames(subject, reason, since, cause, suppressingEvent)})
    SELECT subject, 'unsubscribed', ${atMs}, ${event.cause}, ${id}
    FROM (
      SELECT 'person:' || ${person} AS subject, ${personHash} AS hash
      UNION SELECT (${subjectOfTheirAddress(person)}), NULL
      UNION SELECT 'address:' || ${address}, ${addressHash}
    )
    WHERE subject IS NOT NULL AND ${isNew}
    AND NOT EXISTS (SELECT 1 FROM ${suppressions} WHERE ${subject} = hash AND ${reason} = 'unsubscribed')
    ON CONFLICT (${columnNames(subject, reason)}) DO UPDATE
    SET ${assignExcluded(since, cause, suppressingEvent)} WHERE ${cause} = ${BY_ADDRESS}`;
  // After `suppress`, because the event is logged only if it is the one that suppressed the person.
  const isOurs = sql`EXISTS (SELECT 1 FROM ${suppressions} WHERE ${subject} = 'person:' || ${person}
    AND ${reason} = 'unsubscribed' AND ${suppressingEvent} = ${id} AND ${since} = ${atMs})`;
  const statements = [suppress, ...logStatements(event, isOurs), ...(event.cause === "complaint" ? [note(event)] : [])];
  return statements.map((statement) => statement.prepare(d1));
}

/** Leaves a row that nobody reads of a complaint that changed nothing, so that it changes nothing later either. */
function note({ id, atMs, message: { email, person, campaign } }: Unsubscribed): Sql {
  const columns = columnNames(events.id, events.type, events.at, events.email, events.person, events.campaign);
  return sql`INSERT INTO ${events} (${columns})
    VALUES (${id}, ${FILTERED_TYPE_ID}, ${atMs}, ${email}, ${person}, ${campaign}) ON CONFLICT (id) DO NOTHING`;
}

/**
 * Resolves when committed. Trying again is harmless.
 * @throws D1's error when it may not be committed
 */
export async function unsubscribe(d1: D1Database, event: Unsubscribed): Promise<void> {
  await retryOnce(() => d1.batch(unsubscription(d1, event)));
}

/**
 * Lifts the person's opt-out: theirs, wherever it followed them, that of their address, and of everybody who has it;
 * they may unsubscribe again. Resolves when committed. Trying again is harmless.
 * @throws D1's error when it may not be committed
 */
export async function subscribe(d1: D1Database, event: Subscribed): Promise<void> {
  const { person } = event.message;
  const hash = hashedSubject(personSubject(person));
  const isTheirs = sql`${reason} = 'unsubscribed' AND (
    ${subject} IN (
      SELECT 'person:' || ${person}
      UNION ALL SELECT ${hash}
      UNION ALL ${subjectOfTheirAddress(person)}
      UNION ALL SELECT 'person:' || other.person
        FROM ${people} JOIN ${people} AS other ON other.address = ${people.address} WHERE ${people.person} = ${person})
    OR ${suppressingEvent} IN (
      SELECT own.${columnName(suppressingEvent)} FROM ${suppressions} AS own
      WHERE own.${columnName(subject)} = 'person:' || ${person} AND own.${columnName(reason)} = 'unsubscribed'
      AND own.${columnName(cause)} <> ${BY_ADDRESS}))`;
  // A commit tried twice must not lift what was opted out of in between.
  const remove = sql`DELETE FROM ${suppressions} WHERE ${isTheirs} AND NOT EXISTS (
    SELECT 1 FROM ${events} AS later JOIN ${events} AS own ON own.id = ${event.id} AND own.at = ${event.atMs}
    WHERE later.id = ${suppressingEvent} AND later.seq > own.seq)`;
  const isSuppressed = sql`EXISTS (SELECT 1 FROM ${suppressions} WHERE ${isTheirs})`;
  await retryOnce(() => runBatch(d1, [...logStatements(event, isSuppressed), remove]));
}

/**
 * Logs an event under a condition, once. One of the same message and type within the hour before is replaced, so that
 * who goes to and fro adds no rows.
 */
function logStatements(event: Subscribed | Unsubscribed, condition: Sql): Sql[] {
  const { id, atMs } = event;
  const isLogged = sql`EXISTS (SELECT 1 FROM ${events} WHERE ${events.id} = ${id} AND ${events.at} = ${atMs})`;
  const isToLog = sql`${condition} AND NOT ${isLogged}`;
  const before = hourlyId(event, atMs - HOUR_MS);
  const isRepeated = sql`EXISTS (
    SELECT 1 FROM ${events} WHERE ${events.id} = ${before} AND ${events.at} > ${atMs - HOUR_MS}) AND ${isToLog}`;
  const rows = JSON.stringify([namedRow(JSON.parse(rowOf(event)))]);
  return [
    sql`UPDATE ${suppressions} SET ${assign(suppressions, { event: id })}
      WHERE ${suppressingEvent} = ${before} AND ${isRepeated}`,
    sql`DELETE FROM ${events} WHERE ${events.id} = ${before} AND ${isRepeated}`,
    sql`INSERT OR REPLACE INTO ${events} (${EVENT_COLUMNS}) SELECT ${EVENT_VALUES} FROM json_each(${rows})
      WHERE ${isToLog}`,
  ];
}

/** The id of a subscription event by form or mail client: one for each message and hour. */
export function hourlyId({ type, message }: Pick<Subscribed | Unsubscribed, "type" | "message">, atMs: number): string {
  return `${type}/${sendKey(message)}${Math.floor(atMs / HOUR_MS)}`;
}

function subjectOfTheirAddress(person: string): Sql {
  return sql`SELECT 'address:' || ${people.address} FROM ${people} WHERE ${people.person} = ${person}`;
}
