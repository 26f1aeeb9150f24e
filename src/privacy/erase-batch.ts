/**
 * What a step of erasing writes: one transaction, which does nothing when another has done the step, or when something of these people is
 * not folded yet. Guarantees that reports count the same before and after: of events only what leads to somebody changes; a message is
 * renamed whole, and where its stand-in has one already the two become what one message with all of their events would be.
 *
 * Whoever folds has read messages that it writes later, but only those of events that are not folded yet. So a message without such can be
 * renamed under its hands.
 */
import { MESSAGE_FLAGS } from "../reports/index.ts";
import { COUNT, type ScanPosition, THEM, UNDER_WAY } from "./scan.ts";

/** Of the log's end that is not folded yet; behind more of it no step is done, since each would read it. */
const MAX_UNAGGREGATED = 10_000;

const AGGREGATED = "(SELECT seq FROM aggregated)";
const SETTLED = `(SELECT max(seq) FROM events) <= ${AGGREGATED} + ${MAX_UNAGGREGATED}
AND NOT EXISTS (SELECT 1 FROM events WHERE seq > ${AGGREGATED} AND person IN ${THEM})`;

/** It still stands at ?1, ?2 is its first erasure, and it is of ?3 people: nobody has gone on, and nobody has joined it unsearched. */
const STANDS = `seq = ?1 AND EXISTS (SELECT 1 FROM erasures WHERE id = ?2 AND seq = ?1) AND ${COUNT} = ?3`;

/** To ?4, with ?5 pairs of an erasure and how many events of it; ?6 names the step. */
const GO_ON = `UPDATE erasures SET seq = ?4, batch = ?6,
  events = events + coalesce((SELECT found.value->>1 FROM json_each(?5) AS found WHERE found.value->>0 = erasures.id), 0)
WHERE ${STANDS} AND ${SETTLED}`;

/** To ?4, without having found anything. */
const PASS = `UPDATE erasures SET seq = ?4 WHERE ${STANDS}`;

const STAY = "UPDATE erasures SET batch = ?1 WHERE seq = ?2";

const END = "UPDATE erasures SET batch = NULL WHERE seq IS NOT NULL AND batch = ?1";

/** In all below ?2 names the step. */
const MINE = "EXISTS (SELECT 1 FROM erasures WHERE seq IS NOT NULL AND batch = ?2)";

/** Of a row of ?1 [subject, its hash, the address that it is of or null]: somebody has the address who is not being erased. */
const SHARED = `EXISTS (SELECT 1 FROM people
  WHERE people.address = named.value->>2 AND people.person NOT IN (SELECT person FROM erasing))`;

/** ?3 now. What is over by then is not kept. */
const KEEP_HASHED = `INSERT INTO suppressions (subject, reason, since, cause, until, event)
SELECT named.value->>1, reason, since, 'erased', until, NULL
FROM json_each(?1) AS named CROSS JOIN suppressions ON suppressions.subject = named.value->>0
WHERE (until IS NULL OR until > ?3) AND NOT ${SHARED} AND ${MINE}
ON CONFLICT (subject, reason) DO UPDATE SET since = min(since, excluded.since),
  until = iif(until IS NULL OR excluded.until IS NULL, NULL, max(until, excluded.until))`;

const DROP_NAMED = `DELETE FROM suppressions
WHERE subject IN (SELECT named.value->>0 FROM json_each(?1) AS named WHERE NOT ${SHARED}) AND ${MINE}`;

/** ?1 pairs of a person and the address that was read; one that they got meanwhile is another step's. */
const DROP_RECORDS = `DELETE FROM people WHERE person IN (SELECT value->>0 FROM json_each(?1))
AND address = (SELECT value->>1 FROM json_each(?1) WHERE value->>0 = people.person) AND ${MINE}`;

/** ?1 places. An address that others have keeps its suppression, without whose event it was. */
const FORGET_EVENTS = `UPDATE suppressions SET event = NULL
WHERE event IN (SELECT events.id FROM json_each(?1) AS found CROSS JOIN events ON events.seq = found.value) AND ${MINE}`;

/** Up to its query or its fragment, whichever comes first. */
const short = (url: string) =>
  `substr(${url}, 1, min(instr(${url} || '?', '?'), instr(${url} || '#', '#')) - 1)`;

/** ?1 pairs of a place and a stand-in. */
const RENAME_EVENTS = `UPDATE events SET id = lower(hex(randomblob(16))), person = found.value->>1, send = NULL, user_agent = NULL,
  link = ${short("link")},
  detail = nullif(json_patch('{}', json_object('category', detail->>'category', 'status', detail->>'status', 'cause', detail->>'cause')), '{}')
FROM json_each(?1) AS found WHERE events.seq = found.value->>0 AND ${MINE}`;

const SUM_OF_CLICKS = `(SELECT json_group_object(link, json_object('people', people, 'bots', bots)) FROM (
  SELECT clicked.key AS link, sum(clicked.value->>'people') AS people, sum(clicked.value->>'bots') AS bots FROM (
    SELECT key, value FROM json_each(message_stats.clicks) UNION ALL SELECT key, value FROM json_each(excluded.clicks)) AS clicked
  GROUP BY link))`;

/** ?1 [email, campaign, person, stand-in]. What the stand-in has is of earlier places, so that its Sent is the first. */
const ADD_MESSAGES = `INSERT INTO message_stats (email, campaign, person, since, flags, clicks, recent)
SELECT message_stats.email, message_stats.campaign, named.value->>3, since, flags, clicks, NULL
FROM json_each(?1) AS named CROSS JOIN message_stats ON message_stats.email = named.value->>0
  AND message_stats.campaign = named.value->>1 AND message_stats.person = named.value->>2
WHERE ${MINE}
ON CONFLICT (email, campaign, person) DO UPDATE SET
  since = CASE WHEN flags & ${MESSAGE_FLAGS.sent} THEN since WHEN excluded.flags & ${MESSAGE_FLAGS.sent} THEN excluded.since ELSE min(since, excluded.since) END,
  flags = flags | excluded.flags,
  clicks = iif(clicks IS NULL OR excluded.clicks IS NULL, coalesce(clicks, excluded.clicks), ${SUM_OF_CLICKS})`;

const DROP_MESSAGES = `DELETE FROM message_stats
WHERE (email, campaign, person) IN (SELECT value->>0, value->>1, value->>2 FROM json_each(?1)) AND ${MINE}`;

/** ?1 keys of sends. The ids of a send's retries begin with its key and a hyphen. */
const DROP_SENDS = `DELETE FROM soft_bounced_sends WHERE key IN (SELECT value FROM json_each(?1)) AND ${MINE}`;
const DROP_RETRIES = `DELETE FROM retries WHERE id IN (
  SELECT retries.id FROM json_each(?1) AS sends CROSS JOIN retries
  ON retries.id > sends.value || '-' AND retries.id < sends.value || '.' AND retries.key = sends.value) AND ${MINE}`;

/** ?1 pairs of an email and a link. */
const SHORTEN_LINKS = `UPDATE links SET url = ${short("url")}
FROM json_each(?1) AS clicked WHERE links.email = clicked.value->>0 AND links.id = clicked.value->>1 AND ${MINE}`;

/** ?1 places. */
const FORGET_ADDRESSES = `UPDATE events SET detail = json_remove(detail, '$.address')
WHERE seq IN (SELECT value FROM json_each(?1)) AND ${MINE}`;
const FORGET_SENT_TO = `UPDATE soft_bounced_sends SET address = NULL WHERE key IN (SELECT value FROM json_each(?1)) AND ${MINE}`;

/** A suppression's subject, its hash, and the address that it is of; null: it is of a person. */
export type NamedSubject = readonly [subject: string, hashed: string, address: string | null];

/** What a stretch of the log gives a step to do. */
export interface Stretch {
  readonly to: number;
  readonly counts: readonly (readonly [erasure: string, events: number])[];
  readonly events: readonly (readonly [seq: number, pseudonym: string])[];
  readonly messages: readonly (readonly [
    email: string,
    campaign: string,
    person: string,
    pseudonym: string,
  ])[];
  readonly subjects: readonly NamedSubject[];
  /** Keys of their softly bounced sends. */
  readonly sends: readonly string[];
  readonly links: readonly (readonly [email: string, link: string])[];
  /** Of others: places of events that went to an address that is being erased, and keys of sends that did. */
  readonly sentTo: { readonly places: readonly number[]; readonly sends: readonly string[] };
}

/** Keeps how far a search has come that found nothing. False when it no longer stands where it did. Throws D1's error. */
export async function pass(d1: D1Database, { id, seq, count }: ScanPosition, to: number): Promise<boolean> {
  return (await d1.prepare(PASS).bind(seq, id, count, to).run()).meta.changes > 0;
}

/** False when it was not done: somebody else did, or something of theirs is to be folded first. Throws D1's error. */
export async function eraseStretch(
  d1: D1Database,
  { id, seq, count }: ScanPosition,
  stretch: Stretch,
  nowMs: number,
): Promise<boolean> {
  const { to, counts, events, sentTo } = stretch;
  const step = crypto.randomUUID();
  return await inStep(d1, step, d1.prepare(GO_ON).bind(seq, id, count, to, JSON.stringify(counts), step), [
    ...suppressed(stretch.subjects, nowMs),
    [FORGET_EVENTS, events.map(([seq]) => seq)],
    [RENAME_EVENTS, events],
    [ADD_MESSAGES, stretch.messages],
    [DROP_MESSAGES, stretch.messages],
    [DROP_SENDS, stretch.sends],
    [DROP_RETRIES, stretch.sends],
    [SHORTEN_LINKS, stretch.links],
    [FORGET_ADDRESSES, sentTo.places],
    [FORGET_SENT_TO, sentTo.sends],
  ]);
}

/** Takes people off the record while the search is at `from`. Throws D1's error. */
export async function eraseRecords(
  d1: D1Database,
  from: number,
  records: readonly (readonly [person: string, address: string])[],
  subjects: readonly NamedSubject[],
  nowMs: number,
): Promise<void> {
  const step = crypto.randomUUID();
  await inStep(d1, step, d1.prepare(STAY).bind(step, from), [
    ...suppressed(subjects, nowMs),
    [DROP_RECORDS, records],
  ]);
}

type Work = readonly [statement: string, rows: readonly unknown[], ...more: readonly number[]];

function suppressed(subjects: readonly NamedSubject[], nowMs: number): Work[] {
  return [
    [KEEP_HASHED, subjects, nowMs],
    [DROP_NAMED, subjects],
  ];
}

/** Never tried again at once: a second time, without what stood in its way the first time, it would be another step. */
async function inStep(
  d1: D1Database,
  step: string,
  begin: D1PreparedStatement,
  work: readonly Work[],
): Promise<boolean> {
  const statements = work
    .filter(([, rows]) => rows.length > 0)
    .map(([statement, rows, ...more]) => d1.prepare(statement).bind(JSON.stringify(rows), step, ...more));
  const [begun] = await d1.batch([begin, ...statements, d1.prepare(END).bind(step)]);
  return (begun?.meta.changes ?? 0) > 0;
}

const NAME = `INSERT INTO erasing (person, erasure, pseudonym)
SELECT value->>0, value->>1, value->>2 FROM json_each(?1) WHERE value->>1 IN ${UNDER_WAY}
ON CONFLICT (person) DO UPDATE SET erasure = excluded.erasure`;
const SEARCH_AGAIN = `UPDATE erasures SET rescan = 1
WHERE seq > 0 AND id IN (SELECT value->>1 FROM json_each(?1))`;

/** Lets erasures under way know of people; what the search has gone past is searched again. Throws D1's error. */
export async function nameThem(
  d1: D1Database,
  rows: readonly (readonly [person: string, erasure: string, pseudonym: string])[],
): Promise<void> {
  const people = JSON.stringify(rows);
  await d1.batch([NAME, SEARCH_AGAIN].map((query) => d1.prepare(query).bind(people)));
}
