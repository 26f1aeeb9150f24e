/**
 * What is to be erased next: who it is, the next of their events and messages, and where else they are named. An
 * erasure works on one person at a time. The index of `message_stats` by person leads to the seqs of their events; what
 * statistics have not aggregated is scanned.
 */
import { FLOOR } from "../archive/index.ts";
import { NO_ID } from "../events/event.ts";
import { addressesOf, fromFormerHolders } from "../events/holders.ts";
import { erasures } from "../events/privacy-schema.ts";
import type { NamedRow } from "../events/row.ts";
import { storedRow } from "../events/row-sql.ts";
import { aggregated, events, links, messageStats, otherAddresses, people, suppressions } from "../events/schema.ts";
import { DAY_MS } from "../platform/durations.ts";
import { assign, columnName, isOneOf, readBatch, type Sql, sql } from "../platform/sql.ts";
import { seqsOf } from "../reports/index.ts";
import { addressSubject, isRemovalOf, personSubject } from "../suppressions/index.ts";
import type { Message } from "../tokens/claims.ts";
import { newPseudonym } from "./pseudonym.ts";

const EVENTS_AT_A_TIME = 300;
const MESSAGES_AT_A_TIME = 100;
/** Statistics that have failed for so long hold erasures up no longer. */
const MAX_WAIT_MS = DAY_MS;

const AGGREGATED = sql`(SELECT ${aggregated.seq} FROM ${aggregated})`;

/** An erasure. As long as `batch`, `aggregated` and `archived` are the same, what was found of it is, too. */
export interface Erasure extends Pick<typeof erasures.$inferSelect, "id" | "address" | "batch"> {
  /** Who is worked on; null while nobody is, and at the end of an address's erasure. */
  readonly person: string | null;
  /** Null where the person stays: then only the address leaves their events. */
  readonly pseudonym: string | null;
  /** The person's events are done up to this seq. */
  readonly seq: number;
  /** Whether events are erased before they are aggregated. */
  readonly isOverdue: 0 | 1;
  /** The seq up to which the log is aggregated. */
  readonly aggregated: number;
  /** How often the archive has changed. */
  readonly archived: number;
  /** The last seq of the archive; 0 without one. */
  readonly floor: number;
}

/** An event, with the URL of its link in reports and whether nobody else had that very URL. */
export interface FoundEvent extends NamedRow {
  readonly seq: number;
  readonly url: string | null;
  readonly isOwnUrl: 0 | 1;
}

export interface Found {
  /** The next events of the person. */
  readonly events: readonly FoundEvent[];
  /** The seq up to which these are all. */
  readonly to: number;
  /** Their messages, once these events are the last; none of a person who stays. */
  readonly messages: readonly Message[];
  /** Removals from the suppressions that name their addresses and nobody; at the end all of the erased address. */
  readonly removals: readonly FoundEvent[];
  /** Whether events of theirs are not aggregated. */
  readonly isWaiting: boolean;
  /** The subjects under which suppressions may name them. */
  readonly subjects: readonly string[];
}

/**
 * The erasure that waits longest; undefined when there is none.
 * @param except the ids of those that cannot go on
 */
export async function nextErasure(
  d1: D1Database,
  nowMs: number,
  except: readonly string[],
): Promise<Erasure | undefined> {
  const { id, address, person, pseudonym, requestedAt, batch, seq, doneAt } = erasures;
  const query = sql`SELECT ${id}, ${address}, ${person}, ${pseudonym}, ${batch}, ${seq},
  ${requestedAt} <= ${nowMs - MAX_WAIT_MS} AS isOverdue, ${AGGREGATED} AS aggregated,
  (SELECT ${aggregated.archived} FROM ${aggregated}) AS archived, ${FLOOR} AS floor
FROM ${erasures} WHERE ${doneAt} IS NULL AND NOT ${isOneOf(id, except)} ORDER BY ${requestedAt}, ${id} LIMIT 1`;
  return (await query.prepare(d1).first<Erasure>()) ?? undefined;
}

/** The next who has or had an address. Whoever has another one in `people` stays. */
export function nextPerson({ address }: Erasure): Sql {
  const { person } = people;
  const other = otherAddresses.person;
  return sql`SELECT * FROM (
  SELECT ${person} AS person, 0 AS stays FROM ${people} WHERE ${people.address} = ${address} ORDER BY ${person} LIMIT 1)
UNION ALL SELECT * FROM (
  SELECT ${other}, ${person} IS NOT NULL ${fromFormerHolders(address)} ORDER BY ${other} LIMIT 1)
LIMIT 1`;
}

/**
 * Begins with the next person of an address's erasure. Returns false when nobody is left.
 * @throws D1's error
 */
export async function takeNextPerson(d1: D1Database, erasure: Erasure): Promise<boolean> {
  const pseudonym = sql`iif(next.stays, NULL, ${newPseudonym("erased")})`;
  const { meta } = await sql`UPDATE ${erasures} SET ${assign(erasures, { person: sql`next.person`, pseudonym })}
FROM (${nextPerson(erasure)}) AS next WHERE ${erasures.id} = ${erasure.id} AND ${erasures.person} IS NULL`
    .prepare(d1)
    .run();
  return meta.changes > 0;
}

/** Whether an event of theirs is not aggregated. */
export function isWaitingSql({ person }: Erasure): Sql {
  return sql`EXISTS (SELECT 1 FROM ${events} WHERE ${events.seq} > ${AGGREGATED} AND ${events.person} = ${person})`;
}

/** The seqs of the person's events after `seq`. */
export function seqsAfter({ person }: Erasure, seq: number): Sql {
  return sql`SELECT seq FROM ${seqsOf(sql`${messageStats.person} = ${person}`)} WHERE seq > ${seq}
UNION SELECT ${events.seq} FROM ${events}
WHERE ${events.seq} > max(${AGGREGATED}, ${seq}) AND ${events.person} = ${person}`;
}

/** The seqs of the events that are next. */
export function nextSeqs(erasure: Erasure): Sql {
  return sql`${seqsAfter(erasure, erasure.seq)} ORDER BY seq LIMIT ${EVENTS_AT_A_TIME}`;
}

/** Themselves, their addresses, and addresses that their opt-outs suppress; at the end the erased address. */
export function subjectsOf({ person, address }: Erasure): Sql {
  if (person === null) return sql`SELECT ${addressSubject(address ?? "")} AS subject`;
  const own = personSubject(person);
  const theirs = addressesOf((holder) => sql`${holder} = ${person}`);
  return sql`SELECT ${own} AS subject
UNION SELECT 'address:' || theirs.address FROM (${theirs}) AS theirs
UNION SELECT ${suppressions.subject} FROM ${suppressions}
  WHERE ${suppressions.owner} = ${own} AND ${suppressions.subject} LIKE 'address:%'`;
}

/** The seqs of the first clicks on the links that the next events have clicked. */
export function firstClicksOf(erasure: Erasure): Sql {
  return sql`SELECT clicked.value AS seq FROM (${nextSeqs(erasure)}) AS listed
CROSS JOIN ${events} ON ${events.seq} = listed.seq AND ${events.person} = ${erasure.person}
CROSS JOIN ${links} ON (${links.email}, ${links.id}) = (${events.email}, ${events.linkId})
CROSS JOIN json_each(${links.firstClicks}) AS clicked`;
}

/** The removals of `Found`. */
export function removalsOf(erasure: Erasure): Sql {
  const { person, pseudonym } = erasure;
  const addresses = sql`SELECT substr(subject, ${addressSubject("").length + 1}) FROM (${subjectsOf(erasure)})
  WHERE subject LIKE 'address:%'`;
  const isTheirs = person === null ? sql`true` : sql`${events.person} = ${NO_ID} AND ${pseudonym} IS NOT NULL`;
  return sql`SELECT ${events.seq}, ${storedRow({})}, NULL AS url, 0 AS isOwnUrl FROM ${events}
WHERE ${isRemovalOf(addresses)} AND ${isTheirs} LIMIT ${EVENTS_AT_A_TIME}`;
}

function eventsOf(erasure: Erasure): Sql {
  const { person } = erasure;
  const isOfOther = sql`EXISTS (SELECT 1 FROM json_each(${links.firstClicks}) AS clicked
  CROSS JOIN ${events} AS other ON other.${columnName(events.seq)} = clicked.value
  WHERE other.${columnName(events.person)} <> ${person} AND other.${columnName(events.person)} NOT LIKE '~erased-%')`;
  return sql`SELECT listed.seq AS listed, ${events.seq}, ${storedRow({})}, ${links.url},
  ${links.firstClicks} IS NOT NULL AND NOT ${isOfOther} AS isOwnUrl
FROM (${nextSeqs(erasure)}) AS listed
LEFT JOIN ${events} ON ${events.seq} = listed.seq AND ${events.person} = ${person}
LEFT JOIN ${links} ON (${links.email}, ${links.id}) = (${events.email}, ${events.linkId}) ORDER BY listed.seq`;
}

/**
 * What is to be done next, read in one transaction.
 * @throws D1's error
 */
export async function findNext(d1: D1Database, erasure: Erasure): Promise<Found> {
  const { person, pseudonym, seq } = erasure;
  const messages = sql`SELECT ${messageStats.email}, ${messageStats.campaign}, ${messageStats.person}
FROM ${messageStats} WHERE ${messageStats.person} = ${person} AND ${pseudonym} IS NOT NULL LIMIT ${MESSAGES_AT_A_TIME}`;
  type Rows = [FoundEvent & { listed: number }, Message, FoundEvent, { waits: 0 | 1 }, { subject: string }];
  const [listed, ofPerson, removals, [waiting], subjects] = await readBatch<Rows>(d1, [
    eventsOf(erasure),
    messages,
    removalsOf(erasure),
    sql`SELECT ${isWaitingSql(erasure)} AND ${pseudonym} IS NOT NULL AS waits`,
    subjectsOf(erasure),
  ]);
  return {
    events: listed.filter((event) => event.seq !== null),
    to: listed.at(-1)?.listed ?? seq,
    messages: listed.length < EVENTS_AT_A_TIME ? ofPerson : [],
    removals,
    isWaiting: waiting?.waits === 1,
    subjects: subjects.map(({ subject }) => subject),
  };
}
