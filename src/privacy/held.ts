/**
 * How much is held about people: what an export lists and an erasure takes, counted by kind. Reads as much as there is
 * of them, which is bounded: of an address, a hundred people are counted, and their messages up to a number.
 */
import { type ArchivedRows, END_OF_LOG, type LogStores, readWithSeqs, withArchived } from "../archive/index.ts";
import { EVENT_TYPES, NO_ID } from "../events/event.ts";
import { addressesOf, fromFormerHolders } from "../events/holders.ts";
import {
  events,
  lifts,
  messageStats,
  otherAddresses,
  people,
  softBouncedSends,
  suppressions,
} from "../events/schema.ts";
import { sendKey } from "../events/send-key.ts";
import { ok, type Result, refused } from "../platform/result.ts";
import { isOneOf, readBatch, type Sql, sql } from "../platform/sql.ts";
import { IS_COUNTED, seqsOf } from "../reports/index.ts";
import { addressSubject, hashedSubject, isRemovalOf, personSubject } from "../suppressions/index.ts";
import type { ErasureSubject } from "./subject.ts";

/** So many people who share an address are counted. */
const MAX_PEOPLE = 100;
/** People with more messages are not counted. */
export const MAX_COUNTED_MESSAGES = 20_000;

export interface HeldPeople {
  /** Who is erased, the first hundred. */
  readonly people: readonly string[];
  readonly isMore: boolean;
  /** Who had the address and has another one: they stay, without it. A hundred at most. */
  readonly staying: readonly string[];
}

export interface HeldCounts {
  readonly addresses: readonly string[];
  readonly messages: number;
  /** By the id of their type. */
  readonly events: ReadonlyMap<number, number>;
  readonly retries: number;
  readonly suppressions: number;
  readonly lifts: number;
}

interface PersonRow {
  readonly person: string;
}

/** Who is meant. Throws D1's error. */
export async function heldPeople(d1: D1Database, subject: ErasureSubject): Promise<HeldPeople> {
  if ("person" in subject) return { people: [subject.person], isMore: false, staying: [] };
  const { address } = subject;
  const other = otherAddresses.person;
  const had = fromFormerHolders(address);
  const [erased, staying] = await readBatch<[PersonRow, PersonRow]>(d1, [
    sql`SELECT ${people.person} AS person FROM ${people} WHERE ${people.address} = ${address}
UNION SELECT ${other} ${had} AND ${people.person} IS NULL ORDER BY person LIMIT ${MAX_PEOPLE + 1}`,
    sql`SELECT ${other} AS person ${had} AND ${people.person} IS NOT NULL ORDER BY ${other} LIMIT ${MAX_PEOPLE}`,
  ]);
  return {
    people: erased.slice(0, MAX_PEOPLE).map(({ person }) => person),
    isMore: erased.length > MAX_PEOPLE,
    staying: staying.map(({ person }) => person),
  };
}

/** How many messages they have, uncounted ones too; one more than `MAX_COUNTED_MESSAGES` at most. Throws D1's error. */
export async function countOfMessages(d1: D1Database, persons: readonly string[]): Promise<number> {
  const count = sql`SELECT count(*) AS messages FROM (
SELECT 1 FROM ${messageStats} WHERE ${isOneOf(messageStats.person, persons)} LIMIT ${MAX_COUNTED_MESSAGES + 1})`;
  return (await count.prepare(d1).first<number>("messages")) ?? 0;
}

interface AddressRow {
  readonly address: string;
}

interface SendRow {
  readonly email: string;
  readonly person: string;
  readonly campaign: string;
  readonly send: string | null;
}

/**
 * What is held about these people, all of whose events are aggregated. Refused when more of them are archived than are
 * read at once. Throws the errors of D1 and R2.
 */
export async function heldCounts(
  stores: LogStores,
  persons: readonly string[],
): Promise<Result<HeldCounts, "many_archived">> {
  const listed = sql`SELECT seq FROM ${seqsOf(isOneOf(messageStats.person, persons))}`;
  return await readWithSeqs(stores, listed, async (archived) => {
    if (archived !== undefined && archived.to !== END_OF_LOG) return refused("many_archived");
    return ok(await countsIn(stores.DB, persons, archived));
  });
}

async function countsIn(
  d1: D1Database,
  persons: readonly string[],
  archived: ArchivedRows | undefined,
): Promise<HeldCounts> {
  const isTheirs = isOneOf(events.person, persons);
  const theirs = sql`(SELECT DISTINCT seq FROM ${seqsOf(isOneOf(messageStats.person, persons))}) AS listed
CROSS JOIN ${events} ON ${events.seq} = listed.seq WHERE ${isTheirs}`;
  const known = addressesOf((person) => isOneOf(person, persons));
  const [counted, types, addresses, mailed, removals, sends] = await readBatch<
    [{ messages: number }, { type: number; count: number }, AddressRow, AddressRow, { count: number }, SendRow]
  >(d1, [
    sql`SELECT count(*) AS messages FROM ${messageStats}
WHERE ${isOneOf(messageStats.person, persons)} AND ${IS_COUNTED}`,
    withArchived(
      archived,
      sql`SELECT ${events.type} AS type, count(*) AS count FROM ${theirs} GROUP BY ${events.type}`,
    ),
    known,
    withArchived(
      archived,
      sql`SELECT DISTINCT ${events.detail}->>'address' AS address FROM ${theirs}
AND ${events.detail}->>'address' IS NOT NULL`,
    ),
    // From the addresses on: otherwise SQLite would look through all removals.
    sql`SELECT count(*) AS count FROM (${known}) AS known
CROSS JOIN ${events} ON ${isRemovalOf(sql`known.address`)} AND ${events.person} = ${NO_ID}`,
    sql`SELECT DISTINCT ${events.email}, ${events.person}, ${events.campaign}, ${events.send} FROM ${theirs}
AND ${events.type} = ${EVENT_TYPES.softBounced.id}`,
  ]);
  const all = [...new Set([...addresses, ...mailed].map(({ address }) => address))];
  const counts = new Map(types.map(({ type, count }) => [type, count]));
  const removed = EVENT_TYPES.suppressionRemoved.id;
  const nobodys = removals[0]?.count ?? 0;
  if (nobodys > 0) counts.set(removed, (counts.get(removed) ?? 0) + nobodys);
  const messages = counted[0]?.messages ?? 0;
  return { addresses: all, messages, events: counts, ...(await besideEvents(d1, persons, all, sends, theirs)) };
}

async function besideEvents(
  d1: D1Database,
  persons: readonly string[],
  addresses: readonly string[],
  sends: readonly SendRow[],
  theirs: Sql,
) {
  const names = [...persons.map(personSubject), ...addresses.map(addressSubject)];
  const subjects = [...names, ...names.map(hashedSubject)];
  const keys = sends.map(({ send, ...message }) => sendKey({ ...message, send: send ?? undefined }));
  type Count = { readonly count: number };
  const [suppressed, lifted, scheduled] = await readBatch<[Count, Count, Count]>(d1, [
    sql`SELECT count(*) AS count FROM ${suppressions} WHERE ${isOneOf(suppressions.subject, subjects)}
OR ${suppressions.event} IN (SELECT ${events.id} FROM ${theirs})`,
    sql`SELECT count(*) AS count FROM ${lifts}
WHERE ${isOneOf(lifts.subject, subjects)} OR ${isOneOf(lifts.person, persons)}`,
    sql`SELECT count(*) AS count FROM ${softBouncedSends} WHERE ${isOneOf(softBouncedSends.key, keys)}`,
  ]);
  return {
    suppressions: suppressed[0]?.count ?? 0,
    lifts: lifted[0]?.count ?? 0,
    retries: scheduled[0]?.count ?? 0,
  };
}
