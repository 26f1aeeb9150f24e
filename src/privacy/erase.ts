/**
 * Erases people: what identifies them goes, counts stay. Guarantees that a finished erasure has left nothing of them
 * that the log held up to that moment; that a crash at any moment loses and repeats nothing, since each batch is one
 * transaction that also stores the position; and that a batch reads and writes a bounded number of rows. Gives up an
 * index by person, which would cost a written row for every event: the whole log is scanned instead, once for all
 * erasures that wait when a scan begins.
 *
 * Events that arrive after the erasure are new, even those of an old email. An erased person who subscribes again by
 * such an email lifts the suppression of the person, not that of an address, which nothing connects with them any
 * more.
 */

import type { BotPolicy } from "../bots/bot.ts";
import { EVENT_TYPES } from "../events/event.ts";
import { erasing, erasures, events, messageStats, suppressions } from "../events/schema.ts";
import { sendKey } from "../events/send-key.ts";
import { OUTBOX_NAME } from "../ingest/record.ts";
import { runBatch, sql } from "../platform/sql.ts";
import { aggregateLog } from "../reports/index.ts";
import { addressSubject, hashedSubject, personSubject } from "../suppressions/index.ts";
import { completeErasure } from "./complete-erasure.ts";
import { addPeople, type EraseBatch, eraseRecords, moveScan, type SubjectToHash, writeBatch } from "./erase-batch.ts";
import { newPseudonym } from "./pseudonym.ts";
import {
  ERASED_PEOPLE,
  type ErasureScan,
  EVENTS_PER_BATCH,
  type PendingBatch,
  type ScannedEvent,
  SEQS_PER_BATCH,
  scanLog,
} from "./scan.ts";
import { throttle } from "./throttle.ts";

type Storage = Pick<Env, "DB" | "OUTBOX">;

const ERASURES_PER_SCAN = 50;
/** Reading on is cheaper than storing the position, and a crash costs no more than this. */
const MAX_PENDING_SEQS = 20_000;
/** Links with a query or fragment in a batch: for each, MESSAGES_CHECKED messages are read. */
const LINKS_PER_BATCH = 10;
const MESSAGES_CHECKED = 10_000;

/**
 * Works on all erasures until they are done, or until `untilMs` (ms since 1970 UTC).
 * @throws the error of D1 or of the outbox
 */
export async function workOnErasures(storage: Storage, policy: BotPolicy, untilMs: number): Promise<void> {
  let pending: PendingBatch | undefined;
  for (;;) {
    const startedAtMs = Date.now();
    const next = await workOnBatch(storage, policy, untilMs, pending);
    if (next === "done") return;
    pending = next === "continue" ? undefined : next;
    if (Date.now() >= untilMs) break;
    await throttle(startedAtMs);
  }
  if (pending !== undefined) await write(storage.DB, pending);
}

/** Returns what was found and is not written yet; "done" when nothing is left to erase. */
async function workOnBatch(
  storage: Storage,
  policy: BotPolicy,
  untilMs: number,
  pending: PendingBatch | undefined,
): Promise<"done" | "continue" | PendingBatch> {
  const { DB } = storage;
  const scan = await scanLog(DB, pending);
  if (scan === undefined) return (await beginScan(DB)) ? "continue" : "done";
  const { position, from, lastSeq } = scan;
  const added = [...scan.peopleToAdd, ...peopleToAddOf(scan)];
  if (added.length > 0) {
    await addPeople(
      DB,
      added.map(({ person, erasure }) => ({ person, erasure, pseudonym: newPseudonym("erased") })),
    );
    return "continue";
  }
  if (scan.records.length > 0) {
    await eraseScannedRecords(DB, scan);
    return "continue";
  }
  if (from === 0) await eraseOutbox(storage);
  const isNearEnd = lastSeq - from <= SEQS_PER_BATCH;
  if (isNearEnd && from === position.seq && (await completeErasure(DB, from, Date.now()))) return "continue";
  const { isFull, ...next } = nextBatch(scan);
  // The first batch is stored at once: a person who is added while the stored position is 0 causes no second scan
  // (`addPeople`), so nothing may have been scanned by then.
  const isToWrite = isFull || isNearEnd || position.seq === 0 || next.to - position.seq >= MAX_PENDING_SEQS;
  if (next.to > from && !isToWrite) return next;
  if (next.to > position.seq && (await write(DB, next))) return "continue";
  await aggregateLog(DB, policy, untilMs);
  return "continue";
}

/** Begins a scan for the oldest erasures, unless one is under way. Returns whether any erasure is left. */
async function beginScan(d1: D1Database): Promise<boolean> {
  const begin = sql`UPDATE ${erasures} SET seq = 0
WHERE NOT EXISTS (SELECT 1 FROM ${erasures} WHERE seq IS NOT NULL)
AND id IN (SELECT id FROM ${erasures} WHERE done_at IS NULL ORDER BY requested_at LIMIT ${ERASURES_PER_SCAN})`;
  const left = sql`SELECT 1 AS one FROM ${erasures} WHERE ${erasures.doneAt} IS NULL LIMIT 1`;
  const [, found] = await runBatch(d1, [begin, left]);
  return found?.results.length === 1;
}

/** Returns false when nothing was written: another run was first, or the log is to be aggregated first. */
async function write(d1: D1Database, pending: PendingBatch): Promise<boolean> {
  const { position, to, events: found } = pending;
  if (found.length === 0) return await moveScan(d1, position, to);
  return await writeBatch(d1, position, await batchOf(d1, pending), Date.now());
}

async function eraseScannedRecords(d1: D1Database, { position, records }: ErasureScan): Promise<void> {
  const people = records.flatMap(({ person, address }) =>
    person === null || address === null ? [] : [{ person, address }],
  );
  const subjects = records.flatMap(({ person, address }) => [
    ...(person === null ? [] : [subjectToHash(personSubject(person), null)]),
    ...(address === null ? [] : [subjectToHash(addressSubject(address), address)]),
  ]);
  await eraseRecords(d1, position.seq, people, subjects, Date.now());
}

function subjectToHash(subject: string, address: string | null): SubjectToHash {
  return { subject, hash: hashedSubject(subject), address };
}

/** People who were mailed at an address that is being erased, and have no other. */
function peopleToAddOf({ erasures: underWay, events: found }: ErasureScan) {
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

type ErasedEvent = ScannedEvent & { readonly pseudonym: string };

async function batchOf(d1: D1Database, { events: found, to }: PendingBatch): Promise<EraseBatch> {
  const erased = found.flatMap((event) => (event.pseudonym === null ? [] : [{ ...event, pseudonym: event.pseudonym }]));
  const others = found.filter(({ pseudonym }) => pseudonym === null);
  const counts = new Map<string, number>();
  for (const { erasure } of erased) if (erasure !== null) counts.set(erasure, (counts.get(erasure) ?? 0) + 1);
  // Ids have no slash in them.
  const messages = new Map(
    erased.map(({ email, campaign, person, pseudonym }) => [
      `${email}/${campaign}/${person}`,
      { email, campaign, person, pseudonym },
    ]),
  );
  return {
    to,
    counts: [...counts].map(([erasure, count]) => ({ erasure, events: count })),
    events: erased.map(({ seq, pseudonym }) => ({ seq, pseudonym })),
    messages: [...messages.values()],
    subjects: await subjectsOf(d1, erased),
    sends: softBouncedOf(erased),
    links: await ownLinks(d1, erased),
    addressedSeqs: others.map(({ seq }) => seq),
    addressedSends: softBouncedOf(others),
  };
}

/** As much of what was found as one batch may change. */
function nextBatch(scan: ErasureScan): PendingBatch & { readonly isFull: boolean } {
  const { position, from, aggregated, events: found } = scan;
  const longLinks = new Set<string>();
  const tooMany = found.findIndex((event, index) => {
    if (isLongLink(event)) longLinks.add(`${event.email}/${event.linkId}`);
    return index === EVENTS_PER_BATCH || longLinks.size > LINKS_PER_BATCH;
  });
  const first = found[tooMany];
  if (first !== undefined) return { position, to: first.seq - 1, events: found.slice(0, tooMany), isFull: true };
  return {
    position,
    to: Math.max(from, Math.min(from + SEQS_PER_BATCH, aggregated)),
    events: found,
    isFull: false,
  };
}

function isLongLink({ pseudonym, linkId, hasLongLink }: ScannedEvent): boolean {
  return pseudonym !== null && linkId !== null && hasLongLink === 1;
}

function softBouncedOf(found: readonly ScannedEvent[]): string[] {
  return found
    .filter(({ type }) => type === EVENT_TYPES.softBounced.id)
    .map(({ send, ...message }) => sendKey({ ...message, send: send ?? undefined }));
}

/**
 * The suppressed addresses that lead to these events: those that they were sent to, and those whose suppression names
 * one of them (a person unsubscribed before their address was known, or complained from another).
 */
async function subjectsOf(d1: D1Database, erased: readonly ErasedEvent[]): Promise<SubjectToHash[]> {
  if (erased.length === 0) return [];
  const query = sql`SELECT DISTINCT ${suppressions.subject}
FROM json_each(${JSON.stringify(erased.map(({ seq }) => seq))}) AS found
CROSS JOIN ${events} ON ${events.seq} = found.value
CROSS JOIN ${suppressions} ON ${suppressions.event} = ${events.id} WHERE ${suppressions.subject} LIKE 'address:%'`;
  const { results } = await query.prepare(d1).all<{ subject: string }>();
  const subjects = [
    ...results.map(({ subject }) => subject),
    ...erased.flatMap(({ address }) => (address === null ? [] : [addressSubject(address)])),
  ];
  const prefix = addressSubject("");
  return [...new Set(subjects)].map((subject) => subjectToHash(subject, subject.slice(prefix.length)));
}

/**
 * The links with a query or fragment that only these people's copies had, as far as MESSAGES_CHECKED messages of each
 * email say.
 */
async function ownLinks(d1: D1Database, erased: readonly ErasedEvent[]): Promise<EraseBatch["links"]> {
  const linksByEmail = new Map<string, Set<string>>();
  for (const event of erased) {
    const { email, linkId } = event;
    if (linkId !== null && isLongLink(event))
      linksByEmail.set(email, (linksByEmail.get(email) ?? new Set()).add(linkId));
  }
  if (linksByEmail.size === 0) return [];
  const queries = [...linksByEmail].map(([email, ids]) => clickedByOthers(email, [...ids]));
  const results = await runBatch<{ link: string }>(d1, queries);
  return [...linksByEmail].flatMap(([email, ids], index) => {
    const shared = new Set(results[index]?.results.map(({ link }) => link));
    return [...ids].filter((id) => !shared.has(id)).map((link) => ({ email, link }));
  });
}

function clickedByOthers(email: string, ids: readonly string[]) {
  // Ids have no quotation mark in them.
  return sql`SELECT candidate.value AS link FROM json_each(${JSON.stringify(ids)}) AS candidate WHERE EXISTS (
  SELECT 1 FROM (SELECT clicks FROM ${messageStats}
    WHERE email = ${email}
      AND person NOT IN (SELECT person FROM ${erasing} UNION ALL SELECT pseudonym FROM ${erasing})
    LIMIT ${MESSAGES_CHECKED})
  WHERE instr(clicks, '"' || candidate.value || '":') > 0)`;
}
