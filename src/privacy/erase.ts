/**
 * Erasing people: everything that leads to them goes, counts stay. Guarantees that an erasure that is done has left nothing of them that
 * stood in the log up to that moment; that a death at any moment loses nothing and doubles nothing, since each step is one transaction and
 * D1 keeps how far they are; and that a step reads and writes a bounded number of rows, so that D1 has time for others in between.
 * Gives up: an index by person, which would cost a written row for every event. The whole log is searched instead, once for all erasures
 * that wait when a search begins.
 *
 * What comes in later is new, even from an old mail. An erased person who subscribes again by one lifts what stood against the person,
 * and not against an address that nobody knows any more to be theirs.
 */

import type { BotPolicy } from "../bots/bot.ts";
import { EVENT_TYPE_IDS } from "../events/event.ts";
import { sendKey } from "../events/send-key.ts";
import { OUTBOX_NAME } from "../ingest/record.ts";
import { aggregateLog } from "../reports/index.ts";
import { addressSubject, hashedSubject, personSubject } from "../suppressions/index.ts";
import { completeErasure } from "./complete-erasure.ts";
import {
  eraseRecords,
  eraseStretch,
  type NamedSubject,
  nameThem,
  pass,
  type Stretch,
} from "./erase-batch.ts";
import { newPseudonym } from "./pseudonym.ts";
import {
  EVENTS_PER_BATCH,
  type FoundEvent,
  type PendingBatch,
  SEQS_PER_BATCH,
  type Search,
  search,
  THEM,
} from "./scan.ts";
import { throttle } from "./throttle.ts";

type Storage = Pick<Env, "DB" | "OUTBOX">;

const ERASURES_A_SEARCH = 50;
/** At most so many are searched before what was found is done: reading on is cheaper than a write, and a death loses no more. */
const PLACES_KEPT = 20_000;
/** With a query or a fragment, of a step: whether each is anybody else's is asked of so many messages. */
const LINKS_A_STEP = 10;
const MESSAGES_ASKED = 10_000;

/** Goes on with all erasures until they are done, or `untilMs` has come; in ms since 1970. Throws D1's and the outbox's errors. */
export async function workOnErasures(storage: Storage, policy: BotPolicy, untilMs: number): Promise<void> {
  let ahead: PendingBatch | undefined;
  for (;;) {
    const beganMs = Date.now();
    const next = await step(storage, policy, untilMs, ahead);
    if (next === "done") return;
    ahead = next === "again" ? undefined : next;
    if (Date.now() >= untilMs) break;
    await throttle(beganMs);
  }
  if (ahead !== undefined) await keep(storage.DB, ahead);
}

const BEGIN = `UPDATE erasures SET seq = 0 WHERE NOT EXISTS (SELECT 1 FROM erasures WHERE seq IS NOT NULL)
AND id IN (SELECT id FROM erasures WHERE done_at IS NULL ORDER BY asked_at LIMIT ${ERASURES_A_SEARCH})`;
const LEFT = "SELECT 1 AS one FROM erasures WHERE done_at IS NULL LIMIT 1";

/** `done`: there is nothing more to erase. */
async function step(
  storage: Storage,
  policy: BotPolicy,
  untilMs: number,
  ahead: PendingBatch | undefined,
): Promise<"done" | "again" | PendingBatch> {
  const { DB } = storage;
  const now = await search(DB, ahead);
  if (now === undefined) {
    const [, left] = await DB.batch([DB.prepare(BEGIN), DB.prepare(LEFT)]);
    return left?.results.length === 1 ? "again" : "done";
  }
  const { standing, from, top } = now;
  const newcomers = [...now.newcomers, ...newcomersAmong(now)];
  if (newcomers.length > 0) {
    await nameThem(
      DB,
      newcomers.map(({ person, erasure }) => [person, erasure, newPseudonym("erased")]),
    );
    return "again";
  }
  if (now.records.length > 0) {
    await takeOffRecord(DB, now);
    return "again";
  }
  if (from === 0) await eraseOutbox(storage);
  const isNearEnd = top - from <= SEQS_PER_BATCH;
  if (isNearEnd && from === standing.seq && (await completeErasure(DB, from, Date.now()))) return "again";
  const { isFull, ...next } = boundedStretch(now);
  // The first is kept at once: whoever joins a search that stands at the beginning has missed nothing of it.
  const isKept = isFull || isNearEnd || standing.seq === 0 || next.to - standing.seq >= PLACES_KEPT;
  if (next.to > from && !isKept) return next;
  if (next.to > standing.seq && (await keep(DB, next))) return "again";
  await aggregateLog(DB, policy, untilMs);
  return "again";
}

/** False when it was not done: somebody else did, or something of theirs is to be folded first. */
async function keep(d1: D1Database, found: PendingBatch): Promise<boolean> {
  const { standing, to, events } = found;
  if (events.length === 0) return await pass(d1, standing, to);
  return await eraseStretch(d1, standing, await workIn(d1, found), Date.now());
}

async function takeOffRecord(d1: D1Database, { standing, records }: Search): Promise<void> {
  const people = records.flatMap(({ person, address }) =>
    person === null || address === null ? [] : [[person, address] as const],
  );
  const subjects = records.flatMap(({ person, address }) => [
    ...(person === null ? [] : [named(personSubject(person), null)]),
    ...(address === null ? [] : [named(addressSubject(address), address)]),
  ]);
  await eraseRecords(d1, standing.seq, people, subjects, Date.now());
}

function named(subject: string, address: string | null): NamedSubject {
  return [subject, hashedSubject(subject), address];
}

/** Who was mailed at an address that is being erased, and has no other. */
function newcomersAmong({ erasures, events }: Search) {
  return events.flatMap(({ person, address, pseudonym, known }) => {
    const erasure = erasures.find((each) => each.address !== null && each.address === address);
    if (pseudonym !== null || erasure === undefined || (known !== null && known !== address)) return [];
    return [{ person, erasure: erasure.id }];
  });
}

async function eraseOutbox({ DB, OUTBOX }: Storage): Promise<void> {
  const query = `SELECT person, pseudonym AS pseudonym FROM erasing WHERE person IN ${THEM}`;
  const { results } = await DB.prepare(query).all<{ person: string; pseudonym: string }>();
  const pseudonyms = Object.fromEntries(results.map(({ person, pseudonym }) => [person, pseudonym]));
  const outbox = OUTBOX.getByName(OUTBOX_NAME);
  for (let after: number | undefined = 0; after !== undefined; )
    after = await outbox.erase(pseudonyms, after);
}

async function workIn(d1: D1Database, { events: found, to }: PendingBatch): Promise<Stretch> {
  const theirs = found.flatMap((event) =>
    event.pseudonym === null ? [] : [{ ...event, pseudonym: event.pseudonym }],
  );
  const others = found.filter(({ pseudonym }) => pseudonym === null);
  const counts = new Map<string, number>();
  for (const { erasure } of theirs) if (erasure !== null) counts.set(erasure, (counts.get(erasure) ?? 0) + 1);
  return {
    to,
    counts: [...counts],
    events: theirs.map(({ seq, pseudonym }) => [seq, pseudonym]),
    messages: distinct(
      theirs.map(({ email, campaign, person, pseudonym }) => [email, campaign, person, pseudonym] as const),
    ),
    subjects: await subjectsOf(d1, theirs),
    sends: softBouncedOf(theirs),
    links: await ownLinks(d1, theirs),
    sentTo: { places: others.map(({ seq }) => seq), sends: softBouncedOf(others) },
  };
}

/** As much of what was found as one step may change. */
function boundedStretch({
  standing,
  from,
  aggregated,
  events,
}: Search): PendingBatch & { readonly isFull: boolean } {
  const links = new Set<string>();
  const tooMuch = events.findIndex((event, index) => {
    if (isLongLink(event)) links.add(`${event.email}/${event.linkId}`);
    return index === EVENTS_PER_BATCH || links.size > LINKS_A_STEP;
  });
  const first = events[tooMuch];
  if (first !== undefined)
    return { standing, to: first.seq - 1, events: events.slice(0, tooMuch), isFull: true };
  return { standing, to: Math.max(from, Math.min(from + SEQS_PER_BATCH, aggregated)), events, isFull: false };
}

function isLongLink({ pseudonym, linkId, isLong }: FoundEvent): boolean {
  return pseudonym !== null && linkId !== null && isLong === 1;
}

function softBouncedOf(events: readonly FoundEvent[]): string[] {
  return events
    .filter(({ type }) => type === EVENT_TYPE_IDS.softBounced)
    .map(({ send, ...message }) => sendKey({ ...message, send: send ?? undefined }));
}

/** A person unsubscribed before their address was known, or complained from another: the suppression names the event. */
const SUBJECTS = `SELECT DISTINCT subject FROM json_each(?1) AS found CROSS JOIN events ON events.seq = found.value
CROSS JOIN suppressions ON suppressions.event = events.id WHERE subject LIKE 'address:%'`;

async function subjectsOf(d1: D1Database, theirs: readonly FoundEvent[]): Promise<NamedSubject[]> {
  if (theirs.length === 0) return [];
  const query = d1.prepare(SUBJECTS).bind(JSON.stringify(theirs.map(({ seq }) => seq)));
  const { results } = await query.all<{ subject: string }>();
  const subjects = [
    ...results.map(({ subject }) => subject),
    ...theirs.flatMap(({ address }) => (address === null ? [] : [addressSubject(address)])),
  ];
  return [...new Set(subjects)].map((subject) => named(subject, subject.slice(addressSubject("").length)));
}

/** Which of ?2 somebody else clicked in the email ?1, as far as ten thousand of its messages tell. Ids have no quotation mark in them. */
const CLICKED_BY_OTHERS = `SELECT asked.value AS link FROM json_each(?2) AS asked WHERE EXISTS (
  SELECT 1 FROM (SELECT clicks FROM message_stats
    WHERE email = ?1 AND person NOT IN (SELECT person FROM erasing UNION ALL SELECT pseudonym FROM erasing)
    LIMIT ${MESSAGES_ASKED})
  WHERE instr(clicks, '"' || asked.value || '":') > 0)`;

/** The links with a query or a fragment that only these people's copies had. */
async function ownLinks(d1: D1Database, theirs: readonly FoundEvent[]): Promise<[string, string][]> {
  const links = new Map<string, Set<string>>();
  for (const event of theirs) {
    const { email, linkId } = event;
    if (linkId !== null && isLongLink(event)) links.set(email, (links.get(email) ?? new Set()).add(linkId));
  }
  if (links.size === 0) return [];
  const queries = [...links].map(([email, ids]) =>
    d1.prepare(CLICKED_BY_OTHERS).bind(email, JSON.stringify([...ids])),
  );
  const results = await d1.batch<{ link: string }>(queries);
  return [...links].flatMap(([email, ids], index) => {
    const others = new Set(results[index]?.results.map(({ link }) => link));
    return [...ids].filter((id) => !others.has(id)).map((id): [string, string] => [email, id]);
  });
}

function distinct<Row extends readonly string[]>(rows: readonly Row[]): Row[] {
  // Ids have no slash in them.
  return [...new Map(rows.map((row) => [row.join("/"), row])).values()];
}
