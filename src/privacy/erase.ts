/**
 * Erases people: what identifies them is deleted, counts stay. Guarantees that a finished erasure has left nothing of
 * them that the log held up to that moment; that a crash at any moment loses and repeats nothing, since each batch is
 * one transaction that also stores the position; and that a batch reads and writes a bounded number of rows. Waits
 * until statistics have counted these people's events, for a day at most. Gives up an index by person, which would cost
 * a written row for every event: the whole log is scanned instead, once for all erasures that wait when a scan begins.
 *
 * Events that arrive after the erasure are new, even those of an old email. An erased person who subscribes again by
 * such an email lifts the suppressions that their opt-out has left under hashes.
 */

import type { BotPolicy } from "../bots/bot.ts";
import { erasing, erasures } from "../events/privacy-schema.ts";
import { events, messageStats, suppressions } from "../events/schema.ts";
import { OUTBOX_NAME } from "../ingest/record.ts";
import { assign, readBatch, runBatch, type Sql, sql } from "../platform/sql.ts";
import { aggregateLog } from "../reports/index.ts";
import { addressSubject } from "../suppressions/index.ts";
import { completeErasure } from "./complete-erasure.ts";
import { addPeople, type BatchRelations, eraseRecords, moveScan, writeBatch } from "./erase-batch.ts";
import {
  ERASED_PEOPLE,
  type ErasureScan,
  EVENTS_PER_BATCH,
  type PendingBatch,
  type PersonToAdd,
  type ScannedEvent,
  SEQS_PER_BATCH,
  scanLog,
} from "./scan.ts";
import { throttle } from "./throttle.ts";

type Storage = Pick<Env, "DB" | "OUTBOX">;

/** Where the work on erasures stands: done also when it has to wait. `pending` was found and is not written yet. */
type ErasureWork = { readonly isDone: true } | { readonly isDone: false; readonly pending?: PendingBatch };

const ERASURES_PER_SCAN = 50;
/** Reading on is cheaper than storing the position, and a crash costs no more than this. */
const MAX_PENDING_SEQS = 20_000;
/** Links with a query or fragment in a batch: for each, MESSAGES_CHECKED messages are read. */
const LINKS_PER_BATCH = 10;
const MESSAGES_CHECKED = 10_000;

/**
 * Works on all erasures until they are done, or until `untilMs`. Aggregates the log where they need it, unless
 * statistics have to wait: then `policy` is undefined.
 * @param pause waits after a batch that began at `startedAtMs`
 * @throws the error of D1 or of the outbox
 */
export async function workOnErasures(
  storage: Storage,
  policy: BotPolicy | undefined,
  untilMs: number,
  pause: (startedAtMs: number) => Promise<void> = throttle,
): Promise<void> {
  let work: ErasureWork = { isDone: false };
  for (;;) {
    const startedAtMs = Date.now();
    work = await workOnBatch(storage, policy, untilMs, work.pending);
    if (work.isDone) return;
    if (Date.now() >= untilMs) break;
    await pause(startedAtMs);
  }
  if (work.pending !== undefined) await write(storage.DB, work.pending);
}

async function workOnBatch(
  storage: Storage,
  policy: BotPolicy | undefined,
  untilMs: number,
  pending: PendingBatch | undefined,
): Promise<ErasureWork> {
  const { DB } = storage;
  const scan = await scanLog(DB, Date.now(), pending);
  if (scan === undefined) return { isDone: !(await beginScan(DB)) };
  const { position, from, lastSeq, records } = scan;
  const added = [...scan.peopleToAdd, ...peopleToAddOf(scan)];
  if (added.length > 0) {
    await addPeople(DB, added);
    return { isDone: false };
  }
  if (records.length > 0) {
    await eraseRecords(DB, position.seq, records, Date.now());
    return { isDone: false };
  }
  if (from === 0) await eraseOutbox(storage);
  const isNearEnd = lastSeq - from <= SEQS_PER_BATCH;
  const isAtEnd = isNearEnd && from === position.seq && (await completeErasure(DB, from, Date.now()));
  if (isAtEnd) return { isDone: false };
  const { isFull, ...next } = nextBatch(scan);
  // The first batch is stored at once: a person who is added while the stored position is 0 causes no second scan
  // (`addPeople`), so nothing may have been scanned by then.
  const isToWrite = isFull || isNearEnd || position.seq === 0 || next.to - position.seq >= MAX_PENDING_SEQS;
  if (next.to > from && !isToWrite) return { isDone: false, pending: next };
  const isWritten = next.to > position.seq && (await write(DB, next));
  if (isWritten || scan.isOverdue) return { isDone: false };
  if (policy === undefined) return { isDone: true };
  await aggregateLog(DB, policy, untilMs);
  return { isDone: false };
}

/** Begins a scan for the oldest erasures, unless one is under way. Returns whether any erasure is left. */
async function beginScan(d1: D1Database): Promise<boolean> {
  const { id, seq, doneAt, requestedAt } = erasures;
  const begin = sql`UPDATE ${erasures} SET ${assign(erasures, { seq: 0 })}
WHERE NOT EXISTS (SELECT 1 FROM ${erasures} WHERE ${seq} IS NOT NULL)
AND ${id} IN (
  SELECT ${id} FROM ${erasures} WHERE ${doneAt} IS NULL ORDER BY ${requestedAt} LIMIT ${ERASURES_PER_SCAN})`;
  const left = sql`SELECT ${id} FROM ${erasures} WHERE ${doneAt} IS NULL LIMIT 1`;
  const [, found] = await readBatch<[never, { id: string }]>(d1, [begin, left]);
  return found.length === 1;
}

/** Returns false when nothing was written: another run was first, or the log is to be aggregated first. */
async function write(d1: D1Database, pending: PendingBatch): Promise<boolean> {
  const { position, to, events: found } = pending;
  if (found.length === 0) return await moveScan(d1, position, to);
  const erased = found.filter(({ pseudonym }) => pseudonym !== null);
  const related = { subjects: await subjectsOf(d1, erased), links: await ownLinks(d1, erased) };
  return await writeBatch(d1, pending, related, Date.now());
}

/** People who were mailed at an address that is being erased, and have no other. */
function peopleToAddOf({ erasures: underWay, events: found }: ErasureScan): PersonToAdd[] {
  return found.flatMap(({ person, address, pseudonym, currentAddress }) => {
    const erasure = underWay.find((each) => each.address !== null && each.address === address);
    const hasOther = currentAddress !== null && currentAddress !== address;
    return pseudonym !== null || erasure === undefined || hasOther ? [] : [{ person, erasure: erasure.id }];
  });
}

async function eraseOutbox({ DB, OUTBOX }: Storage): Promise<void> {
  const query = sql`SELECT ${erasing.person}, ${erasing.pseudonym} FROM ${erasing}
WHERE ${erasing.person} IN ${ERASED_PEOPLE}`;
  const { results } = await query.prepare(DB).all<{ person: string; pseudonym: string }>();
  const pseudonyms = Object.fromEntries(results.map(({ person, pseudonym }) => [person, pseudonym]));
  const outbox = OUTBOX.getByName(OUTBOX_NAME);
  for (let after: number | undefined = 0; after !== undefined; ) after = await outbox.erase(pseudonyms, after);
}

/** As much of what was found as one batch may change. */
function nextBatch(scan: ErasureScan): PendingBatch & { readonly isFull: boolean } {
  const { position, from, scannable, events: found } = scan;
  const longLinks = new Set<string>();
  const tooMany = found.findIndex((event, index) => {
    if (isLongLink(event)) longLinks.add(`${event.email}/${event.linkId}`);
    return index === EVENTS_PER_BATCH || longLinks.size > LINKS_PER_BATCH;
  });
  const first = found[tooMany];
  if (first !== undefined) return { position, to: first.seq - 1, events: found.slice(0, tooMany), isFull: true };
  const to = Math.max(from, Math.min(from + SEQS_PER_BATCH, scannable));
  return { position, to, events: found, isFull: false };
}

function isLongLink({ pseudonym, linkId, hasLongLink }: ScannedEvent): boolean {
  return pseudonym !== null && linkId !== null && hasLongLink === 1;
}

/**
 * The suppressed addresses that lead to these events: those that they were sent to, and those whose suppression names
 * one of them (a person unsubscribed before their address was known, or complained from another).
 */
async function subjectsOf(d1: D1Database, erased: readonly ScannedEvent[]): Promise<string[]> {
  if (erased.length === 0) return [];
  const query = sql`SELECT DISTINCT ${suppressions.subject}
FROM json_each(${JSON.stringify(erased.map(({ seq }) => seq))}) AS found
CROSS JOIN ${events} ON ${events.seq} = found.value
CROSS JOIN ${suppressions} ON ${suppressions.event} = ${events.id} WHERE ${suppressions.subject} LIKE 'address:%'`;
  const { results } = await query.prepare(d1).all<{ subject: string }>();
  const mailed = erased.flatMap(({ address }) => (address === null ? [] : [addressSubject(address)]));
  return [...new Set([...results.map(({ subject }) => subject), ...mailed])];
}

/**
 * The links with a query or fragment that only these people's copies had, as far as MESSAGES_CHECKED messages of each
 * email say.
 */
async function ownLinks(d1: D1Database, erased: readonly ScannedEvent[]): Promise<BatchRelations["links"]> {
  const byEmail = Map.groupBy(erased.filter(isLongLink), ({ email }) => email);
  if (byEmail.size === 0) return [];
  const queries = [...byEmail].map(([email, clicks]) => notClickedByOthers(email, clicks));
  const results = await runBatch<BatchRelations["links"][number]>(d1, queries);
  return results.flatMap((result) => result.results);
}

function notClickedByOthers(email: string, clicked: readonly ScannedEvent[]): Sql {
  const ids = JSON.stringify([...new Set(clicked.map(({ linkId }) => linkId))]);
  // Ids have no quotation mark in them.
  return sql`SELECT ${email} AS email, candidate.value AS link FROM json_each(${ids}) AS candidate WHERE NOT EXISTS (
  SELECT 1 FROM (SELECT ${messageStats.clicks} AS clicks FROM ${messageStats}
    WHERE ${messageStats.email} = ${email} AND ${messageStats.person} NOT IN (
      SELECT ${erasing.person} FROM ${erasing} UNION ALL SELECT ${erasing.pseudonym} FROM ${erasing})
    LIMIT ${MESSAGES_CHECKED})
  WHERE instr(clicks, '"' || candidate.value || '":') > 0)`;
}
