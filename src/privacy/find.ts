/**
 * What D1 holds of the people who are being erased, found by index: their messages by person, those messages' events by
 * seq, removals of their addresses by address. The log itself is read only behind the statistics, in bounded windows.
 * For an address the events of others who had it are read as well, one person after the other.
 */
import { NO_ID } from "../events/event.ts";
import { erasing, erasures } from "../events/privacy-schema.ts";
import {
  aggregated,
  earlierSeqs,
  events,
  messageStats,
  otherAddresses,
  people,
  suppressions,
} from "../events/schema.ts";
import { assign, columnName, columnNames, rawSql, readBatch, runBatch, type Sql, sql } from "../platform/sql.ts";
import { seqsOf } from "../reports/index.ts";
import { addressSubject, isRemovalOf } from "../suppressions/index.ts";
import type { Message } from "../tokens/claims.ts";

const PEOPLE_AT_A_TIME = 100;
const LISTS_AT_A_TIME = 50;
const EVENTS_AT_A_TIME = 300;
/** Seqs behind the statistics that are read at a time. */
const WINDOW = 5_000;
/** Statistics that have failed for so long hold erasures up no longer. */
const MAX_WAIT_MS = 86_400_000;

/** An erasure. As long as `batch` and `aggregated` are the same, what was found of it is, too. */
export interface Erasure {
  readonly id: string;
  readonly address: string | null;
  readonly batch: string | null;
  /** Whether events are erased before they are aggregated. */
  readonly isOverdue: 0 | 1;
  /** The seq up to which the log is aggregated. */
  readonly aggregated: number;
  /** The seq up to which it is searched: the same, or a later one while statistics fail. */
  readonly searched: number;
  readonly lastSeq: number;
  /** The seq up to which the events of the next other person who had the address are searched. */
  readonly othersSeq: number;
}

/** An event or a message. */
interface MessageToErase extends Message {
  readonly pseudonym: string;
}

/** An event of somebody else, or of nobody, and the address of it that is erased. */
interface AddressedEvent extends Message {
  readonly seq: number;
  readonly address: string;
}

export interface Found {
  /** Their messages, each with the seqs of its events (`seqs`, JSON); or, where `last` is set, with earlier ones. */
  readonly lists: readonly (MessageToErase & { readonly last: number | null; readonly seqs: string })[];
  /** Events of theirs that are neither aggregated nor searched, up to the seq `to`. */
  readonly waiting: readonly (MessageToErase & { readonly seq: number })[];
  readonly addressed: readonly AddressedEvent[];
  /** Whether some of these events are neither aggregated nor searched, or may come behind `to`. */
  readonly isWaiting: boolean;
  readonly to: number;
  /** The next other person who had the address, and up to which seq `addressed` has their events; null: all. */
  readonly other: { readonly person: string; readonly to: number | null } | undefined;
  /** The subjects under which suppressions may name them. */
  readonly subjects: readonly string[];
}

/** The erasure that waits longest; undefined when there is none. */
export async function nextErasure(d1: D1Database, nowMs: number): Promise<Erasure | undefined> {
  const { id, address, requestedAt, batch, seq, othersSeq, doneAt } = erasures;
  const query = sql`SELECT ${id}, ${address}, ${batch}, ${requestedAt} <= ${nowMs - MAX_WAIT_MS} AS isOverdue,
  ${aggregated.seq} AS aggregated, max(${aggregated.seq}, coalesce(${seq}, 0)) AS searched,
  coalesce((SELECT max(${events.seq}) FROM ${events}), 0) AS lastSeq, coalesce(${othersSeq}, 0) AS othersSeq
FROM ${erasures} CROSS JOIN ${aggregated} WHERE ${doneAt} IS NULL ORDER BY ${requestedAt}, ${id} LIMIT 1`;
  return (await query.prepare(d1).first<Erasure>()) ?? undefined;
}

/** Those who are being erased now. */
export function peopleBeingErased({ id }: Erasure): Sql {
  return sql`(SELECT ${erasing.person} AS person, ${erasing.pseudonym} AS pseudonym
FROM ${erasing} WHERE ${erasing.erasure} = ${id})`;
}

/** Their ids, for an IN. */
export const personsBeingErased = (erasure: Erasure): Sql => sql`(SELECT person FROM ${peopleBeingErased(erasure)})`;

/** Who has the address in `people`, or nowhere but among other addresses. */
export function peopleToAdd({ address }: Erasure): Sql {
  return sql`SELECT ${people.person} AS person FROM ${people} WHERE ${people.address} = ${address}
UNION SELECT ${otherAddresses.person} FROM ${otherAddresses} WHERE ${otherAddresses.address} = ${address}
  AND NOT EXISTS (SELECT 1 FROM ${people} WHERE ${people.person} = ${otherAddresses.person})
LIMIT ${PEOPLE_AT_A_TIME}`;
}

/**
 * Adds the next people who have the address to those being erased, once those before are, also people of another
 * erasure. Nothing is searched for them yet. Returns whether there were any.
 * @throws D1's error
 */
export async function addPeople(d1: D1Database, erasure: Erasure): Promise<boolean> {
  const isNext = sql`NOT EXISTS ${personsBeingErased(erasure)}`;
  const random = (bytes: number) => sql`hex(randomblob(${rawSql(String(bytes))}))`;
  const uuid = [4, 2, 2, 2, 6].map(random).reduce((all, part) => sql`${all} || '-' || ${part}`);
  const [, added] = await runBatch(d1, [
    sql`UPDATE ${erasures} SET ${assign(erasures, { seq: null })}
WHERE ${erasures.id} = ${erasure.id} AND ${isNext} AND EXISTS (${peopleToAdd(erasure)})`,
    sql`INSERT INTO ${erasing} (${columnNames(erasing.person, erasing.erasure, erasing.pseudonym)})
SELECT person, ${erasure.id}, '~erased-' || lower(${uuid}) FROM (${peopleToAdd(erasure)}) WHERE ${isNext}
ON CONFLICT (${columnName(erasing.person)}) DO UPDATE SET ${columnName(erasing.erasure)} = ${erasure.id}`,
  ]);
  return added !== undefined && added.meta.changes > 0;
}

/** Whether a text has the address that is being erased in it, as it is or as URLs write it. */
export function namesAddress({ address }: Erasure, text: Sql): Sql {
  if (address === null) return sql`false`;
  const inJson = JSON.stringify(address).slice(1, -1);
  const inUrl = encodeURIComponent(address).toLowerCase();
  return sql`(instr(lower(${text}), ${inJson}) > 0 OR instr(lower(${text}), ${inUrl}) > 0)`;
}

const isNaming = (erasure: Erasure): Sql =>
  namesAddress(erasure, sql`coalesce(${events.detail}, '') || coalesce(${events.link}, '')`);

/** Whether an event that is not searched concerns the erasure. */
export function isWaiting(erasure: Erasure): Sql {
  const concerns = sql`(${events.person} IN ${personsBeingErased(erasure)} OR ${isNaming(erasure)})`;
  return sql`${events.seq} > ${erasure.searched} AND ${concerns}`;
}

/** Themselves, their addresses, and addresses that their opt-outs suppress. */
export function subjectsOf(erasure: Erasure): Sql {
  const names = sql`${peopleBeingErased(erasure)} AS name CROSS JOIN`;
  return sql`SELECT 'person:' || person AS subject FROM ${peopleBeingErased(erasure)}
UNION SELECT 'address:' || ${people.address} FROM ${names} ${people} ON ${people.person} = name.person
UNION SELECT 'address:' || ${otherAddresses.address}
  FROM ${names} ${otherAddresses} ON ${otherAddresses.person} = name.person
UNION SELECT ${suppressions.subject} FROM ${names} ${suppressions} ON ${suppressions.owner} = 'person:' || name.person
  WHERE ${suppressions.subject} LIKE 'address:%'
UNION SELECT 'address:' || ${erasure.address} WHERE ${erasure.address} IS NOT NULL`;
}

/** Of a message with many events first its lists of earlier ones: its row keeps the person until all are done. */
function listsOf(erasure: Erasure): Sql {
  const { email, campaign, person, seqs } = messageStats;
  return sql`SELECT ${email}, ${campaign}, ${person}, name.pseudonym, ${earlierSeqs.last},
  coalesce(${earlierSeqs.seqs}, ${seqs}, '[]') AS seqs
FROM ${peopleBeingErased(erasure)} AS name CROSS JOIN ${messageStats} ON ${person} = name.person
LEFT JOIN ${earlierSeqs} ON (${earlierSeqs.email}, ${earlierSeqs.campaign}, ${earlierSeqs.person}) =
  (${email}, ${campaign}, ${person}) LIMIT ${LISTS_AT_A_TIME}`;
}

const EVENT = sql`${events.seq}, ${events.email}, ${events.campaign}, ${events.person}`;

/** Removals of their addresses that name nobody, and all of the address that is being erased. */
export function removalsOf(erasure: Erasure): Sql {
  const theirs = sql`SELECT substr(subject, ${addressSubject("").length + 1}) FROM (${subjectsOf(erasure)})
  WHERE subject LIKE 'address:%'`;
  const removal = sql`SELECT ${EVENT}, ${events.detail}->>'address' AS address FROM ${events}`;
  return sql`${removal} WHERE ${isRemovalOf(theirs)} AND ${events.person} = ${NO_ID}
UNION ALL ${removal} WHERE ${isRemovalOf(sql`${erasure.address}`)} AND ${events.person} > ${NO_ID}
LIMIT ${EVENTS_AT_A_TIME}`;
}

/** The next of those who had the address, have another one now, and stay. */
export function nextOther({ address }: Erasure): Sql {
  return sql`SELECT ${otherAddresses.person} AS person FROM ${otherAddresses}
CROSS JOIN ${people} ON ${people.person} = ${otherAddresses.person}
WHERE ${otherAddresses.address} = ${address} AND ${people.address} <> ${address} LIMIT 1`;
}

/** The next seqs of this other person's lists, with their events, as far as an event has them. */
function eventsOfOther(erasure: Erasure): Sql {
  const listed = seqsOf(sql`${messageStats.person} = (${nextOther(erasure)})`);
  return sql`SELECT listed.seq, ${events.email}, ${events.campaign}, ${events.person}, ${erasure.address} AS address,
  ${isNaming(erasure)} AND ${events.seq} IS NOT NULL AS isNaming
FROM (SELECT DISTINCT seq FROM ${listed} WHERE seq > ${erasure.othersSeq} ORDER BY seq LIMIT ${EVENTS_AT_A_TIME})
  AS listed LEFT JOIN ${events} ON ${events.seq} = listed.seq ORDER BY listed.seq`;
}

/**
 * What is to be done next, read in one transaction.
 * @throws D1's error
 */
export async function findNext(d1: D1Database, erasure: Erasure): Promise<Found> {
  const end = Math.min(erasure.searched + WINDOW, erasure.lastSeq);
  const waits = sql`SELECT ${EVENT}, name.pseudonym, ${erasure.address} AS address
FROM ${events} LEFT JOIN ${peopleBeingErased(erasure)} AS name ON name.person = ${events.person}
WHERE ${isWaiting(erasure)} AND ${events.seq} <= ${end} ORDER BY ${events.seq} LIMIT ${EVENTS_AT_A_TIME}`;
  type Waiting = AddressedEvent & { readonly pseudonym: string | null };
  type OfOther = AddressedEvent & { readonly isNaming: 0 | 1 };
  type Rows = [Found["lists"][number], AddressedEvent, { person: string }, OfOther, Waiting, { subject: string }];
  const [lists, removals, [other], ofOther, waiting, subjects] = await readBatch<Rows>(d1, [
    listsOf(erasure),
    removalsOf(erasure),
    nextOther(erasure),
    eventsOfOther(erasure),
    waits,
    subjectsOf(erasure),
  ]);
  const to = waiting.length < EVENTS_AT_A_TIME ? end : (waiting.at(-1)?.seq ?? end);
  const othersTo = ofOther.length < EVENTS_AT_A_TIME ? null : (ofOther.at(-1)?.seq ?? null);
  return {
    lists: withinBounds(lists),
    waiting: waiting.flatMap(({ pseudonym, ...event }) => (pseudonym === null ? [] : [{ ...event, pseudonym }])),
    addressed: [
      ...removals,
      ...ofOther.filter(({ isNaming }) => isNaming === 1),
      ...waiting.filter(({ pseudonym }) => pseudonym === null),
    ],
    isWaiting: waiting.length > 0 || to < erasure.lastSeq,
    to,
    other: other && { ...other, to: othersTo },
    subjects: subjects.map(({ subject }) => subject),
  };
}

/** As many lists as have EVENTS_AT_A_TIME seqs, and one at least. */
function withinBounds(lists: Found["lists"]): Found["lists"] {
  let seqs = 0;
  return lists.filter((list, index) => {
    seqs += JSON.parse(list.seqs).length;
    return index === 0 || seqs <= EVENTS_AT_A_TIME;
  });
}
