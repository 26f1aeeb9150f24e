/**
 * The scan of the log for the people who are being erased: its position, what D1 still holds about them outside of
 * the log, and what the next batch of the log holds. All of it is read in one transaction.
 */
import { ADDRESSED_TYPE_IDS, EVENT_TYPES } from "../events/event.ts";
import { erasing, erasures } from "../events/privacy-schema.ts";
import { aggregated, events, lifts, otherAddresses, people, suppressions } from "../events/schema.ts";
import { sendKey } from "../events/send-key.ts";
import { rawSql, readBatch, type Sql, sql } from "../platform/sql.ts";

/** Seqs of the log that are read at a time. */
export const SEQS_PER_BATCH = 1_000;
/** Events that are changed at a time. */
export const EVENTS_PER_BATCH = 200;
const PEOPLE_PER_BATCH = 100;

const ADDRESSED_TYPES = rawSql(ADDRESSED_TYPE_IDS.join(", "));

export const IS_UNDER_WAY = sql`${erasures.seq} IS NOT NULL`;
/** The ids of the erasures under way. */
export const UNDER_WAY = sql`(SELECT ${erasures.id} FROM ${erasures} WHERE ${IS_UNDER_WAY})`;
/** The ids of the people who are being erased now. */
export const ERASED_PEOPLE = sql`(SELECT ${erasing.person} FROM ${erasing} WHERE ${erasing.erasure} IN ${UNDER_WAY})`;
/** How many they are. */
export const ERASED_COUNT = sql`(SELECT count(*) FROM ${erasing} WHERE ${erasing.erasure} IN ${UNDER_WAY})`;
const ERASED_ADDRESSES = sql`(
  SELECT ${erasures.address} FROM ${erasures} WHERE ${IS_UNDER_WAY} AND ${erasures.address} IS NOT NULL)`;

/**
 * Whether an event is theirs, or went to an address that is being erased. Reads `detail` only when there is such an
 * address.
 */
export const CONCERNS_ERASED = sql`(${events.person} IN ${ERASED_PEOPLE} OR (
  EXISTS ${ERASED_ADDRESSES} AND ${events.type} IN (${ADDRESSED_TYPES})
  AND ${events.detail}->>'address' IN ${ERASED_ADDRESSES}))`;

const ERASURES = sql`SELECT ${erasures.id}, ${erasures.address}, ${erasures.seq} FROM ${erasures}
WHERE ${IS_UNDER_WAY} ORDER BY ${erasures.id}`;

/** Statistics that have failed for so long hold erasures up no longer. */
const MAX_WAIT_MS = 86_400_000;

/** Whether an erasure under way was requested so long ago that events are erased before they are aggregated. */
export function isOverdue(nowMs: number): Sql {
  return sql`EXISTS (
  SELECT 1 FROM ${erasures} WHERE ${IS_UNDER_WAY} AND ${erasures.requestedAt} <= ${nowMs - MAX_WAIT_MS})`;
}

function logState(nowMs: number): Sql {
  return sql`SELECT ${aggregated.seq} AS aggregated, coalesce((SELECT max(${events.seq}) FROM ${events}), 0) AS lastSeq,
${ERASED_COUNT} AS count, ${isOverdue(nowMs)} AS isOverdue FROM ${aggregated}`;
}

/** People who have an address that is being erased, and are not being erased themselves. */
const PEOPLE_TO_ADD = sql`SELECT ${people.person}, ${erasures.id} AS erasure
FROM ${erasures} JOIN ${people} ON ${people.address} = ${erasures.address}
WHERE ${IS_UNDER_WAY} AND ${people.person} NOT IN ${ERASED_PEOPLE} LIMIT ${PEOPLE_PER_BATCH}`;

/** Whether suppressions, lifts or other addresses hold a person by name. */
export function isHeld(person: Sql): Sql {
  return sql`(EXISTS (SELECT 1 FROM ${suppressions} WHERE ${suppressions.subject} = 'person:' || ${person})
OR EXISTS (SELECT 1 FROM ${suppressions} WHERE ${suppressions.owner} = 'person:' || ${person})
OR EXISTS (SELECT 1 FROM ${otherAddresses} WHERE ${otherAddresses.person} = ${person})
OR EXISTS (SELECT 1 FROM ${lifts} WHERE ${lifts.subject} = 'person:' || ${person})
OR EXISTS (SELECT 1 FROM ${lifts} WHERE ${lifts.person} = ${person}))`;
}

const RECORDS = sql`SELECT ${erasing.person}, ${people.address}
FROM ${erasing} LEFT JOIN ${people} ON ${people.person} = ${erasing.person}
WHERE ${erasing.erasure} IN ${UNDER_WAY} AND (${people.address} IS NOT NULL OR ${isHeld(sql`${erasing.person}`)})
LIMIT ${PEOPLE_PER_BATCH}`;

/** The other addresses of the people being erased, and those that their opt-outs have suppressed. */
const OTHER_RECORDS = sql`SELECT ${otherAddresses.person}, ${otherAddresses.address}
FROM ${erasing} CROSS JOIN ${otherAddresses} ON ${otherAddresses.person} = ${erasing.person}
WHERE ${erasing.erasure} IN ${UNDER_WAY}
UNION ALL SELECT ${erasing.person}, substr(${suppressions.subject}, 9)
FROM ${erasing} CROSS JOIN ${suppressions} ON ${suppressions.owner} = 'person:' || ${erasing.person}
WHERE ${erasing.erasure} IN ${UNDER_WAY} AND ${suppressions.subject} LIKE 'address:%' LIMIT ${PEOPLE_PER_BATCH}`;

/** Suppressed or lifted addresses that are being erased and belong to nobody any more; those of people follow them. */
const ADDRESS_RECORDS = sql`SELECT NULL AS person, ${erasures.address} FROM ${erasures}
WHERE ${IS_UNDER_WAY}
AND (EXISTS (SELECT 1 FROM ${suppressions} WHERE ${suppressions.subject} = 'address:' || ${erasures.address})
  OR EXISTS (SELECT 1 FROM ${otherAddresses} WHERE ${otherAddresses.address} = ${erasures.address})
  OR EXISTS (SELECT 1 FROM ${lifts} WHERE ${lifts.subject} = 'address:' || ${erasures.address}))
AND NOT EXISTS (SELECT 1 FROM ${people} WHERE ${people.address} = ${erasures.address})`;

/** @param after the seq to read on from; null: the stored position */
function nextEvents(after: number | null, nowMs: number): Sql {
  const from = sql`coalesce(${after}, (SELECT max(${erasures.seq}) FROM ${erasures}))`;
  return sql`SELECT ${events.seq}, ${events.type}, ${events.email}, ${events.person}, ${events.campaign},
  ${events.send}, ${events.linkId} AS linkId, ${events.link} GLOB '*[?#]*' AS hasLongLink,
  iif(${events.type} IN (${ADDRESSED_TYPES}), ${events.detail}->>'address', NULL) AS address,
  ${erasing.pseudonym}, ${erasing.erasure}, ${people.address} AS currentAddress
FROM ${events}
LEFT JOIN ${erasing} ON ${erasing.person} = ${events.person} AND ${erasing.erasure} IN ${UNDER_WAY}
LEFT JOIN ${people} ON ${people.person} = ${events.person}
WHERE ${events.seq} > ${from}
AND ${events.seq} <= ${from} + ${SEQS_PER_BATCH}
AND (${events.seq} <= (SELECT ${aggregated.seq} FROM ${aggregated}) OR ${isOverdue(nowMs)})
AND ${CONCERNS_ERASED} ORDER BY ${events.seq} LIMIT ${EVENTS_PER_BATCH + 1}`;
}

type ErasureUnderWay = Pick<typeof erasures.$inferSelect, "id" | "address"> & { readonly seq: number };

interface LogState {
  readonly aggregated: number;
  readonly lastSeq: number;
  /** How many people are being erased. */
  readonly count: number;
  readonly isOverdue: 0 | 1;
}

/**
 * What D1 holds outside of the log: a person's record, an other address of theirs, or an address that belongs to nobody
 * (person is null).
 */
export interface RecordToErase {
  readonly person: string | null;
  readonly address: string | null;
}

/** A person whom an erasure of an address includes, and does not know of yet. */
export interface PersonToAdd {
  readonly person: string;
  readonly erasure: string;
}

type EventColumns = typeof events.$inferSelect;

export interface ScannedEvent
  extends Pick<EventColumns, "seq" | "type" | "email" | "person" | "campaign" | "send" | "linkId"> {
  /** The key of the send that it bounced softly for; null for other types. */
  readonly softBounced: string | null;
  /** Whether its link has a query or a fragment. */
  readonly hasLongLink: 0 | 1 | null;
  /** The address that it was sent to. */
  readonly address: string | null;
  /** The pseudonym of its person; null when only the address that it was sent to is being erased. */
  readonly pseudonym: string | null;
  readonly erasure: string | null;
  /** The address that its person has now. */
  readonly currentAddress: string | null;
}

/** The position that D1 holds. While it is equal, no other run has moved it, and the scan is for the same people. */
export interface ScanPosition {
  /** The first of the erasures under way. */
  readonly id: string;
  readonly seq: number;
  /** How many people are being erased. None leaves before the end of the scan. */
  readonly count: number;
}

export interface ErasureScan {
  readonly erasures: readonly ErasureUnderWay[];
  readonly position: ScanPosition;
  /** The seq up to which this run has read before. */
  readonly from: number;
  readonly lastSeq: number;
  /** The seq up to which the log may be scanned: that of statistics, unless an erasure is overdue. */
  readonly scannable: number;
  readonly isOverdue: boolean;
  readonly peopleToAdd: readonly PersonToAdd[];
  readonly records: readonly RecordToErase[];
  /**
   * The events to change after the position, in the order of the log: those of the pending batch, and the next ones.
   */
  readonly events: readonly ScannedEvent[];
}

/** What a run has found after the position and not written yet, up to the seq `to`. */
export interface PendingBatch {
  readonly position: ScanPosition;
  readonly to: number;
  readonly events: readonly ScannedEvent[];
}

/**
 * Scans the next seqs after the pending batch, or after the position; undefined when no erasure is under way.
 * @throws D1's error
 */
export async function scanLog(d1: D1Database, nowMs: number, pending?: PendingBatch): Promise<ErasureScan | undefined> {
  const next = nextEvents(pending?.to ?? null, nowMs);
  const [underWay, [log], peopleToAdd, found, ...records] = await readBatch<
    [
      ErasureUnderWay,
      LogState,
      PersonToAdd,
      Omit<ScannedEvent, "softBounced">,
      RecordToErase,
      RecordToErase,
      RecordToErase,
    ]
  >(d1, [ERASURES, logState(nowMs), PEOPLE_TO_ADD, next, RECORDS, OTHER_RECORDS, ADDRESS_RECORDS]);
  const [first] = underWay;
  if (first === undefined || log === undefined) return undefined;
  const position = { id: first.id, seq: first.seq, count: log.count };
  // Another run has moved the position: what this one has found is not to be written any more.
  if (pending !== undefined && !isSame(position, pending.position)) return await scanLog(d1, nowMs);
  return {
    erasures: underWay,
    position,
    from: pending?.to ?? first.seq,
    lastSeq: log.lastSeq,
    scannable: log.isOverdue === 1 ? log.lastSeq : log.aggregated,
    isOverdue: log.isOverdue === 1,
    peopleToAdd,
    records: records.flat(),
    events: [...(pending?.events ?? []), ...found.map((event) => ({ ...event, softBounced: softBouncedKey(event) }))],
  };
}

function softBouncedKey({ type, send, ...message }: Omit<ScannedEvent, "softBounced">): string | null {
  return type === EVENT_TYPES.softBounced.id ? sendKey({ ...message, send: send ?? undefined }) : null;
}

function isSame(one: ScanPosition, other: ScanPosition): boolean {
  return one.id === other.id && one.seq === other.seq && one.count === other.count;
}
