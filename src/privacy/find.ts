/**
 * What D1 holds of the people who are being erased, found by index: their messages by person, those messages' events by
 * seq, and the rest by person or address. The log itself is read only behind the statistics, in bounded windows.
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
import { rawSql, readBatch, type Sql, sql } from "../platform/sql.ts";
import { seqsOf } from "../reports/index.ts";
import type { Message } from "../tokens/claims.ts";

const PEOPLE_AT_A_TIME = 100;
const LISTS_AT_A_TIME = 50;
const EVENTS_AT_A_TIME = 300;
/** Events behind the statistics that are read at a time. */
export const WINDOW = 5_000;
/** Statistics that have failed for so long hold erasures up no longer. */
const MAX_WAIT_MS = 86_400_000;

/** The erasure that is worked on. While `batch` and `aggregated` are the same, what was found of it is, too. */
export interface Erasure {
  readonly id: string;
  readonly address: string | null;
  readonly requestedAt: number;
  readonly batch: string | null;
  /** The seq up to which the log is aggregated. */
  readonly aggregated: number;
  /** The seq up to which it is searched: that of statistics, or a later one while they fail. */
  readonly searched: number;
  readonly lastSeq: number;
}

/** A person who is being erased. */
export interface ErasedPerson {
  readonly person: string;
  readonly pseudonym: string;
}

/** A message of theirs with its list of seqs; or, `last` being set, with one of earlier ones. */
export interface ListToErase extends Message, ErasedPerson {
  readonly last: number | null;
  readonly seqs: string;
}

export interface EventOf extends Message {
  readonly seq: number;
}

/** An event that is not aggregated; without a pseudonym only the address that it names is being erased. */
export interface UnaggregatedEvent extends EventOf {
  readonly pseudonym: string | null;
}

export interface Found {
  readonly people: readonly ErasedPerson[];
  /** People who have the address that is being erased, and are not being erased themselves. */
  readonly toAdd: readonly { readonly person: string }[];
  readonly lists: readonly ListToErase[];
  /** Other people's events that name the address. */
  readonly addressed: readonly EventOf[];
  /** One of the events that are not aggregated yet, or searched, and concern them. */
  readonly waiting: readonly { readonly seq: number }[];
  readonly subjects: readonly { readonly subject: string }[];
}

/** The erasure that waits longest; undefined when there is none. */
export async function nextErasure(d1: D1Database): Promise<Erasure | undefined> {
  const { id, address, requestedAt, batch, seq, doneAt } = erasures;
  const query = sql`SELECT ${id}, ${address}, ${requestedAt} AS requestedAt, ${batch}, ${aggregated.seq} AS aggregated,
  max(${aggregated.seq}, coalesce(${seq}, 0)) AS searched,
  coalesce((SELECT max(${events.seq}) FROM ${events}), 0) AS lastSeq
FROM ${erasures} CROSS JOIN ${aggregated} WHERE ${doneAt} IS NULL ORDER BY ${requestedAt}, ${id} LIMIT 1`;
  return (await query.prepare(d1).first<Erasure>()) ?? undefined;
}

/** Whether events of it are erased before they are aggregated. */
export function isOverdue({ requestedAt }: Erasure, nowMs: number): boolean {
  return requestedAt <= nowMs - MAX_WAIT_MS;
}

const EVENT_OF = sql`${events.seq}, ${events.email}, ${events.campaign}, ${events.person}`;

const namesIn = ({ id }: Erasure): Sql =>
  sql`(SELECT ${erasing.person} AS person FROM ${erasing} WHERE ${erasing.erasure} = ${id})`;

/** Whether an event names the address that is being erased. Reads `detail` only when there is one. */
function isAddressed({ address }: Erasure): Sql {
  if (address === null) return sql`false`;
  const types = rawSql(ADDRESSED_TYPE_IDS.join(", "));
  return sql`(${events.type} IN (${types}) AND ${events.detail}->>'address' = ${address})`;
}

/** Whether an event that nobody has searched yet concerns the erasure. */
export function isWaiting(erasure: Erasure): Sql {
  return sql`${events.seq} > ${erasure.searched}
AND (${events.person} IN ${namesIn(erasure)} OR ${isAddressed(erasure)})`;
}

/** Who has the address, in `people`, or nowhere but among the addresses that events name. */
export function peopleToAdd(erasure: Erasure): Sql {
  const { address } = erasure;
  return sql`SELECT holders.person AS person FROM (
  SELECT ${people.person} AS person FROM ${people} WHERE ${people.address} = ${address}
  UNION SELECT ${otherAddresses.person} FROM ${otherAddresses} WHERE ${otherAddresses.address} = ${address}
    AND NOT EXISTS (SELECT 1 FROM ${people} WHERE ${people.person} = ${otherAddresses.person})) AS holders
WHERE holders.person NOT IN ${namesIn(erasure)} LIMIT ${PEOPLE_AT_A_TIME}`;
}

/** Under what suppressions may name them: themselves, their addresses, and addresses that their opt-outs suppress. */
export function subjectsOf(erasure: Erasure): Sql {
  const { person, address } = otherAddresses;
  return sql`SELECT 'person:' || name.person AS subject FROM ${namesIn(erasure)} AS name
UNION SELECT 'address:' || ${people.address} FROM ${namesIn(erasure)} AS name
  CROSS JOIN ${people} ON ${people.person} = name.person
UNION SELECT 'address:' || ${address} FROM ${namesIn(erasure)} AS name
  CROSS JOIN ${otherAddresses} ON ${person} = name.person
UNION SELECT ${suppressions.subject} FROM ${namesIn(erasure)} AS name
  CROSS JOIN ${suppressions} ON ${suppressions.owner} = 'person:' || name.person
  WHERE ${suppressions.subject} LIKE 'address:%'
UNION SELECT 'address:' || ${erasure.address} WHERE ${erasure.address} IS NOT NULL`;
}

/** Of a message with many events first its lists of earlier ones: its row keeps the person until all are done. */
function listsOf({ id }: Erasure): Sql {
  const { email, campaign, person, seqs } = messageStats;
  return sql`SELECT ${email}, ${campaign}, ${person}, ${erasing.pseudonym}, ${earlierSeqs.last},
  coalesce(${earlierSeqs.seqs}, ${seqs}, '[]') AS seqs
FROM ${erasing} CROSS JOIN ${messageStats} ON ${person} = ${erasing.person}
LEFT JOIN ${earlierSeqs} ON (${earlierSeqs.email}, ${earlierSeqs.campaign}, ${earlierSeqs.person}) =
  (${email}, ${campaign}, ${person})
WHERE ${erasing.erasure} = ${id} LIMIT ${LISTS_AT_A_TIME}`;
}

/** Nobody is known to have had the addresses of removals that name 'unknown'. */
function addressedEvents(erasure: Erasure): Sql {
  const { person, address } = otherAddresses;
  const lists = seqsOf(sql`${messageStats.person} IN (
    SELECT ${person} FROM ${otherAddresses} WHERE ${address} = ${erasure.address} UNION ALL SELECT 'unknown')`);
  return sql`SELECT ${EVENT_OF} FROM ${lists} AS listed CROSS JOIN ${events} ON ${events.seq} = listed.seq
WHERE ${isAddressed(erasure)} LIMIT ${erasure.address === null ? 0 : EVENTS_AT_A_TIME}`;
}

/**
 * What is to be done next, read in one transaction.
 * @throws D1's error
 */
export async function findNext(d1: D1Database, erasure: Erasure): Promise<Found> {
  const names = sql`SELECT ${erasing.person}, ${erasing.pseudonym} FROM ${erasing}
WHERE ${erasing.erasure} = ${erasure.id}`;
  // Behind the statistics a window; what has piled up there is read window by window.
  const waits = sql`SELECT ${events.seq} FROM ${events}
WHERE ${isWaiting(erasure)} AND ${events.seq} <= ${erasure.searched + WINDOW} LIMIT 1`;
  type Rows = [ErasedPerson, { person: string }, ListToErase, EventOf, { seq: number }, { subject: string }];
  const [people, toAdd, lists, addressed, waiting, subjects] = await readBatch<Rows>(d1, [
    names,
    peopleToAdd(erasure),
    listsOf(erasure),
    addressedEvents(erasure),
    waits,
    subjectsOf(erasure),
  ]);
  return { people, toAdd, lists: withinBounds(lists), addressed, waiting, subjects };
}

/** As many lists as have EVENTS_AT_A_TIME seqs, and one at least. */
function withinBounds(lists: readonly ListToErase[]): readonly ListToErase[] {
  let seqs = 0;
  return lists.filter((list, index) => {
    seqs += JSON.parse(list.seqs).length;
    return index === 0 || seqs <= EVENTS_AT_A_TIME;
  });
}

/**
 * The events of the next window behind the statistics that concern an erasure, up to the seq `to`.
 * @throws D1's error
 */
export async function findUnaggregated(d1: D1Database, erasure: Erasure) {
  const end = Math.min(erasure.searched + WINDOW, erasure.lastSeq);
  const query = sql`SELECT ${EVENT_OF}, ${erasing.pseudonym}
FROM ${events} LEFT JOIN ${erasing} ON ${erasing.person} = ${events.person} AND ${erasing.erasure} = ${erasure.id}
WHERE ${isWaiting(erasure)} AND ${events.seq} <= ${end} ORDER BY ${events.seq} LIMIT ${EVENTS_AT_A_TIME}`;
  const { results } = await query.prepare(d1).all<UnaggregatedEvent>();
  const to = results.length < EVENTS_AT_A_TIME ? end : (results.at(-1)?.seq ?? end);
  return { events: results, to };
}
