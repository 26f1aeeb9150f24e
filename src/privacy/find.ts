/**
 * What D1 holds of the people who are being erased, found by index: their messages by person, those messages' events by
 * seq, the rest by person or address. The log itself is read only behind the statistics, in bounded windows.
 */
import { ADDRESSED_TYPE_IDS } from "../events/event.ts";
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
import { columnName, columnNames, rawSql, readBatch, type Sql, sql } from "../platform/sql.ts";
import { seqsOf } from "../reports/index.ts";
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
}

/** An event or a message; without a pseudonym its person is not erased, but the address that it names. */
export interface MessageToErase extends Message {
  readonly pseudonym: string | null;
}

export interface Found {
  /** Their messages, each with the seqs of its events (`seqs`, JSON); or, where `last` is set, with earlier ones. */
  readonly lists: readonly (MessageToErase & { readonly last: number | null; readonly seqs: string })[];
  /** Other people's events that name the address. */
  readonly addressed: readonly (MessageToErase & { readonly seq: number })[];
  /** Events that concern them and are neither aggregated nor searched, up to the seq `to`. */
  readonly waiting: readonly (MessageToErase & { readonly seq: number })[];
  readonly to: number;
  /** The subjects under which suppressions may name them. */
  readonly subjects: readonly { readonly subject: string }[];
}

/** The erasure that waits longest; undefined when there is none. */
export async function nextErasure(d1: D1Database, nowMs: number): Promise<Erasure | undefined> {
  const { id, address, requestedAt, batch, seq, doneAt } = erasures;
  const query = sql`SELECT ${id}, ${address}, ${batch}, ${requestedAt} <= ${nowMs - MAX_WAIT_MS} AS isOverdue,
  ${aggregated.seq} AS aggregated, max(${aggregated.seq}, coalesce(${seq}, 0)) AS searched,
  coalesce((SELECT max(${events.seq}) FROM ${events}), 0) AS lastSeq
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

/** Adds the next people who have the address, once those before are erased. Nothing is searched for them yet. */
function addPeople(erasure: Erasure): readonly [Sql, Sql] {
  const isNext = sql`NOT EXISTS ${personsBeingErased(erasure)}`;
  const random = (bytes: number) => sql`hex(randomblob(${rawSql(String(bytes))}))`;
  const uuid = [4, 2, 2, 2, 6].map(random).reduce((all, part) => sql`${all} || '-' || ${part}`);
  return [
    sql`UPDATE ${erasures} SET ${columnName(erasures.seq)} = NULL
WHERE ${erasures.id} = ${erasure.id} AND ${isNext} AND EXISTS (${peopleToAdd(erasure)})`,
    sql`INSERT INTO ${erasing} (${columnNames(erasing.person, erasing.erasure, erasing.pseudonym)})
SELECT person, ${erasure.id}, 'erased-' || lower(${uuid}) FROM (${peopleToAdd(erasure)}) WHERE ${isNext}
ON CONFLICT (${columnName(erasing.person)}) DO UPDATE SET ${columnName(erasing.erasure)} = ${erasure.id}`,
  ];
}

/** Whether an event names the address that is being erased. Reads `detail` only when there is one. */
function isAddressed({ address }: Erasure): Sql {
  const types = rawSql(ADDRESSED_TYPE_IDS.join(", "));
  return sql`(${address} IS NOT NULL AND ${events.type} IN (${types}) AND ${events.detail}->>'address' = ${address})`;
}

/** Whether an event that is not searched concerns the erasure. */
export function isWaiting(erasure: Erasure): Sql {
  const concerns = sql`(${events.person} IN ${personsBeingErased(erasure)} OR ${isAddressed(erasure)})`;
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

/** Nobody is known to have had the addresses of removals that name 'unknown'. */
function addressedEvents(erasure: Erasure): Sql {
  const { person, address } = otherAddresses;
  const holders = sql`SELECT ${person} FROM ${otherAddresses} WHERE ${address} = ${erasure.address}
UNION ALL SELECT 'unknown' WHERE ${erasure.address} IS NOT NULL`;
  return sql`SELECT ${EVENT}, NULL AS pseudonym FROM ${seqsOf(sql`${messageStats.person} IN (${holders})`)} AS listed
CROSS JOIN ${events} ON ${events.seq} = listed.seq WHERE ${isAddressed(erasure)} LIMIT ${EVENTS_AT_A_TIME}`;
}

/**
 * What is to be done next, read in one transaction.
 * @throws D1's error
 */
export async function findNext(d1: D1Database, erasure: Erasure): Promise<Found> {
  const end = Math.min(erasure.searched + WINDOW, erasure.lastSeq);
  const waits = sql`SELECT ${EVENT}, name.pseudonym
FROM ${events} LEFT JOIN ${peopleBeingErased(erasure)} AS name ON name.person = ${events.person}
WHERE ${isWaiting(erasure)} AND ${events.seq} <= ${end} ORDER BY ${events.seq} LIMIT ${EVENTS_AT_A_TIME}`;
  type Event = Found["waiting"][number];
  type Rows = [never, never, Found["lists"][number], Event, Event, Found["subjects"][number]];
  const [, , lists, addressed, waiting, subjects] = await readBatch<Rows>(d1, [
    ...addPeople(erasure),
    listsOf(erasure),
    addressedEvents(erasure),
    waits,
    subjectsOf(erasure),
  ]);
  const to = waiting.length < EVENTS_AT_A_TIME ? end : (waiting.at(-1)?.seq ?? end);
  return { lists: withinBounds(lists), addressed, waiting, to, subjects };
}

/** As many lists as have EVENTS_AT_A_TIME seqs, and one at least. */
function withinBounds(lists: Found["lists"]): Found["lists"] {
  let seqs = 0;
  return lists.filter((list, index) => {
    seqs += JSON.parse(list.seqs).length;
    return index === 0 || seqs <= EVENTS_AT_A_TIME;
  });
}
