/**
 * The search for those who are being erased: how far it is, who is still on record, and what the next stretch of the log holds of them.
 * All of it of one moment, read in one transaction.
 */
import { EVENT_TYPE_IDS } from "../events/event.ts";

/** Of the log, read at a time. */
export const SEQS_PER_BATCH = 1_000;
/** Changed at a time. */
export const EVENTS_PER_BATCH = 200;
/** People whose records are taken at a time. */
const PEOPLE_PER_BATCH = 100;

const { sent, delivered, hardBounced, softBounced, reset } = EVENT_TYPE_IDS;
const ADDRESSED = [sent, delivered, hardBounced, softBounced, reset].join(", ");

export const UNDER_WAY = "(SELECT id FROM erasures WHERE seq IS NOT NULL)";
/** The ids of those who are being erased now. */
export const THEM = `(SELECT person FROM erasing WHERE erasure IN ${UNDER_WAY})`;
const THEIR_ADDRESSES = "(SELECT address FROM erasures WHERE seq IS NOT NULL AND address IS NOT NULL)";

/** Of an event: it is theirs, or went to an address that is being erased. Without such an address no detail is read. */
export const CONCERNED = `(events.person IN ${THEM} OR (EXISTS ${THEIR_ADDRESSES} AND events.type IN (${ADDRESSED})
  AND events.detail->>'address' IN ${THEIR_ADDRESSES}))`;

const ERASURES = "SELECT id, address, seq FROM erasures WHERE seq IS NOT NULL ORDER BY id";
export const COUNT = `(SELECT count(*) FROM erasing WHERE erasure IN ${UNDER_WAY})`;
const LOG = `SELECT seq AS aggregated, coalesce((SELECT max(seq) FROM events), 0) AS top, ${COUNT} AS count FROM aggregated`;

/** Who has an address that is being erased, by now. */
const UNNAMED = `SELECT people.person, erasures.id AS erasure FROM erasures JOIN people ON people.address = erasures.address
WHERE erasures.seq IS NOT NULL AND people.person NOT IN ${THEM} LIMIT ${PEOPLE_PER_BATCH}`;

const RECORDS = `SELECT erasing.person, people.address FROM erasing LEFT JOIN people ON people.person = erasing.person
WHERE erasure IN ${UNDER_WAY}
AND (people.address IS NOT NULL OR EXISTS (SELECT 1 FROM suppressions WHERE subject = 'person:' || erasing.person))
LIMIT ${PEOPLE_PER_BATCH}`;

/** Whoever has it is on record first. */
const ADDRESSES = `SELECT NULL AS person, address FROM erasures
WHERE seq IS NOT NULL AND EXISTS (SELECT 1 FROM suppressions WHERE subject = 'address:' || erasures.address)
AND NOT EXISTS (SELECT 1 FROM people WHERE people.address = erasures.address)`;

/** ?1 a place that the search may be ahead of what D1 keeps, or null. */
const FROM = "coalesce(?1, (SELECT max(seq) FROM erasures))";
const EVENTS = `SELECT events.seq, type, email, events.person, campaign, send, link_id AS linkId,
  link GLOB '*[?#]*' AS isLong, iif(type IN (${ADDRESSED}), detail->>'address', NULL) AS address,
  pseudonym AS pseudonym, erasing.erasure, people.address AS known
FROM events
LEFT JOIN erasing ON erasing.person = events.person AND erasing.erasure IN ${UNDER_WAY}
LEFT JOIN people ON people.person = events.person
WHERE events.seq > ${FROM} AND events.seq <= min(${FROM} + ${SEQS_PER_BATCH}, (SELECT seq FROM aggregated))
AND ${CONCERNED} ORDER BY events.seq LIMIT ${EVENTS_PER_BATCH + 1}`;

interface ErasureRow {
  readonly id: string;
  readonly address: string | null;
  readonly seq: number;
}

/** Somebody on record, or an address of nobody's that is to be erased. */
export interface OnRecord {
  readonly person: string | null;
  readonly address: string | null;
}

/** Somebody who is to be erased by an erasure that does not know of them yet. */
export interface Newcomer {
  readonly person: string;
  readonly erasure: string;
}

export interface FoundEvent {
  readonly seq: number;
  readonly type: number;
  readonly email: string;
  readonly person: string;
  readonly campaign: string;
  readonly send: string | null;
  readonly linkId: string | null;
  /** Its link has a query or a fragment. */
  readonly isLong: 0 | 1 | null;
  /** Where it went. */
  readonly address: string | null;
  /** Null when its person is not being erased, but the address it went to. */
  readonly pseudonym: string | null;
  readonly erasure: string | null;
  /** The address that its person has by now. */
  readonly known: string | null;
}

/** A search as D1 keeps it. While it is the same, nobody has gone on with it, and it is of the same people. */
export interface ScanPosition {
  /** Of the first of its erasures. */
  readonly id: string;
  readonly seq: number;
  /** Of how many people it is. None is let go before its end. */
  readonly count: number;
}

export interface Search {
  readonly erasures: readonly [ErasureRow, ...ErasureRow[]];
  readonly standing: ScanPosition;
  /** Read up to here before, by whoever searches. */
  readonly from: number;
  /** The log's end, and how much of it is folded. */
  readonly top: number;
  readonly aggregated: number;
  readonly newcomers: readonly Newcomer[];
  readonly records: readonly OnRecord[];
  /** What there is to do behind where it stands, the next stretch included, in the order of the log. */
  readonly events: readonly FoundEvent[];
}

/** What a search has found on its way to a place: D1 need not know of each stretch. */
export interface PendingBatch {
  readonly standing: ScanPosition;
  readonly to: number;
  readonly events: readonly FoundEvent[];
}

/** Undefined when no erasure is under way. Throws D1's error. */
export async function search(d1: D1Database, ahead?: PendingBatch): Promise<Search | undefined> {
  const [erasures, log, newcomers, records, addresses, events] = await d1.batch([
    ...[ERASURES, LOG, UNNAMED, RECORDS, ADDRESSES].map((query) => d1.prepare(query)),
    d1.prepare(EVENTS).bind(ahead?.to ?? null),
  ]);
  const [first, ...others] = (erasures?.results ?? []) as ErasureRow[];
  const [found] = (log?.results ?? []) as { aggregated: number; top: number; count: number }[];
  if (first === undefined || found === undefined) return undefined;
  const { aggregated, top, count } = found;
  const standing = { id: first.id, seq: first.seq, count };
  if (ahead !== undefined && !isSame(standing, ahead.standing)) return await search(d1);
  return {
    erasures: [first, ...others],
    standing,
    from: ahead?.to ?? first.seq,
    top,
    aggregated,
    newcomers: (newcomers?.results ?? []) as Newcomer[],
    records: [...(records?.results ?? []), ...(addresses?.results ?? [])] as OnRecord[],
    events: [...(ahead?.events ?? []), ...((events?.results ?? []) as FoundEvent[])],
  };
}

function isSame(one: ScanPosition, other: ScanPosition): boolean {
  return one.id === other.id && one.seq === other.seq && one.count === other.count;
}
