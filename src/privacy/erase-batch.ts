/**
 * Writes a batch of an erasure: one transaction, which changes nothing when another run has written the batch, or
 * when events of these people are not aggregated yet. Guarantees that reports count the same before and after: of an
 * event only what identifies the person changes; a message is renamed whole, and merged with its pseudonym's message,
 * if there is one, as if all events had been of one.
 *
 * An aggregation that runs at the same time writes only messages whose events are not aggregated yet, and those are
 * left alone here.
 */
import {
  aggregated,
  erasing,
  erasures,
  events,
  links,
  messageStats,
  people,
  retries,
  softBouncedSends,
  suppressions,
} from "../events/schema.ts";
import { rawSql, runBatch, type Sql, sql } from "../platform/sql.ts";
import { MESSAGE_FLAGS } from "../reports/index.ts";
import { ERASED_COUNT, ERASED_PEOPLE, type PersonToAdd, type ScanPosition, UNDER_WAY } from "./scan.ts";
import { MAX_UNAGGREGATED } from "./throttle.ts";

const AGGREGATED = sql`(SELECT seq FROM ${aggregated})`;
const IS_AGGREGATED = sql`(SELECT max(seq) FROM ${events}) <= ${AGGREGATED} + ${MAX_UNAGGREGATED}
AND NOT EXISTS (SELECT 1 FROM ${events} WHERE ${events.seq} > ${AGGREGATED} AND ${events.person} IN ${ERASED_PEOPLE})`;

/** No other run has gone on, and nobody was added since the log was scanned. */
const isAt = ({ id, seq, count }: ScanPosition): Sql =>
  sql`seq = ${seq} AND EXISTS (SELECT 1 FROM ${erasures} WHERE id = ${id} AND seq = ${seq})
AND ${ERASED_COUNT} = ${count}`;

/** What identifies a suppression, and its hash. */
export interface SubjectToHash {
  readonly subject: string;
  readonly hash: string;
  /** The address of the subject; null when it is a person. */
  readonly address: string | null;
}

export interface EraseBatch {
  /** The seq that the scan moves to. */
  readonly to: number;
  /** How many events of each erasure it changes. */
  readonly counts: readonly { readonly erasure: string; readonly events: number }[];
  readonly events: readonly { readonly seq: number; readonly pseudonym: string }[];
  readonly messages: readonly {
    readonly email: string;
    readonly campaign: string;
    readonly person: string;
    readonly pseudonym: string;
  }[];
  readonly subjects: readonly SubjectToHash[];
  /** Keys of their softly bounced sends. */
  readonly sends: readonly string[];
  readonly links: readonly { readonly email: string; readonly link: string }[];
  /** Seqs of other people's events that went to an address that is being erased. */
  readonly addressedSeqs: readonly number[];
  /** Keys of other people's softly bounced sends that did. */
  readonly addressedSends: readonly string[];
}

/**
 * Moves the scan past seqs that hold nothing to erase. Returns false when the position has changed.
 * @throws D1's error
 */
export async function moveScan(d1: D1Database, position: ScanPosition, to: number): Promise<boolean> {
  const move = sql`UPDATE ${erasures} SET seq = ${to} WHERE ${isAt(position)}`;
  return (await move.prepare(d1).run()).meta.changes > 0;
}

/**
 * Writes a batch and moves the scan. Returns false when nothing was written: another run was first, or the log is to
 * be aggregated first.
 * @throws D1's error
 */
export async function writeBatch(
  d1: D1Database,
  position: ScanPosition,
  batch: EraseBatch,
  nowMs: number,
): Promise<boolean> {
  const id = crypto.randomUUID();
  const isOurs = isBatch(id);
  const claim = sql`UPDATE ${erasures} SET seq = ${batch.to}, batch = ${id}, events = events + coalesce((
  SELECT value->>'events' FROM json_each(${JSON.stringify(batch.counts)}) WHERE value->>'erasure' = ${erasures.id}), 0)
WHERE ${isAt(position)} AND ${IS_AGGREGATED}`;
  return await inTransaction(d1, id, claim, [
    ...suppressionStatements(batch.subjects, isOurs, nowMs),
    ...forRows(batch.events, (rows) => eventStatements(rows, isOurs)),
    ...forRows(batch.messages, (rows) => messageStatements(rows, isOurs)),
    ...forRows(batch.sends, (keys) => sendStatements(keys, isOurs)),
    ...forRows(batch.links, (rows) => [
      sql`UPDATE ${links} SET url = ${withoutQuery(sql`url`)} FROM json_each(${rows}) AS clicked
WHERE ${links.email} = clicked.value->>'email' AND ${links.id} = clicked.value->>'link' AND ${isOurs}`,
    ]),
    ...forRows(batch.addressedSeqs, (seqs) => [
      sql`UPDATE ${events} SET detail = json_remove(detail, '$.address')
WHERE ${events.seq} IN (SELECT value FROM json_each(${seqs})) AND ${isOurs}`,
    ]),
    ...forRows(batch.addressedSends, (keys) => [
      sql`UPDATE ${softBouncedSends} SET address = NULL
WHERE ${softBouncedSends.key} IN (SELECT value FROM json_each(${keys})) AND ${isOurs}`,
    ]),
  ]);
}

/**
 * Deletes people's records and hashes their suppressions, while the scan is at `seq`. A person whose address has
 * changed meanwhile stays.
 * @throws D1's error
 */
export async function eraseRecords(
  d1: D1Database,
  seq: number,
  records: readonly { readonly person: string; readonly address: string }[],
  subjects: readonly SubjectToHash[],
  nowMs: number,
): Promise<void> {
  const id = crypto.randomUUID();
  const isOurs = isBatch(id);
  await inTransaction(d1, id, sql`UPDATE ${erasures} SET batch = ${id} WHERE seq = ${seq}`, [
    ...suppressionStatements(subjects, isOurs, nowMs),
    ...forRows(records, (rows) => [
      sql`DELETE FROM ${people} WHERE ${people.person} IN (SELECT value->>'person' FROM json_each(${rows}))
AND ${people.address} = (
  SELECT value->>'address' FROM json_each(${rows}) WHERE value->>'person' = ${people.person}) AND ${isOurs}`,
    ]),
  ]);
}

/**
 * Adds people to erasures under way; what the scan has passed is scanned again.
 * @throws D1's error
 */
export async function addPeople(
  d1: D1Database,
  added: readonly (PersonToAdd & { readonly pseudonym: string })[],
): Promise<void> {
  const rows = JSON.stringify(added);
  const add = sql`INSERT INTO ${erasing} (person, erasure, pseudonym)
SELECT value->>'person', value->>'erasure', value->>'pseudonym' FROM json_each(${rows})
WHERE value->>'erasure' IN ${UNDER_WAY}
ON CONFLICT (person) DO UPDATE SET erasure = excluded.erasure`;
  const rescan = sql`UPDATE ${erasures} SET rescan = 1
WHERE seq > 0 AND id IN (SELECT value->>'erasure' FROM json_each(${rows}))`;
  await runBatch(d1, [add, rescan]);
}

function isBatch(id: string): Sql {
  return sql`EXISTS (SELECT 1 FROM ${erasures} WHERE ${erasures.seq} IS NOT NULL AND ${erasures.batch} = ${id})`;
}

/**
 * Runs statements that only apply while `claim` has set the batch. Returns whether it has. Never retried: after a
 * lost reply, a second try would find the position moved by the first.
 */
async function inTransaction(d1: D1Database, id: string, claim: Sql, statements: readonly Sql[]): Promise<boolean> {
  const release = sql`UPDATE ${erasures} SET batch = NULL WHERE seq IS NOT NULL AND batch = ${id}`;
  const [claimed] = await runBatch(d1, [claim, ...statements, release]);
  return (claimed?.meta.changes ?? 0) > 0;
}

function forRows(rows: readonly unknown[], statements: (json: string) => Sql[]): Sql[] {
  return rows.length === 0 ? [] : statements(JSON.stringify(rows));
}

/**
 * Moves suppressions to the hashes of their subjects. Expired ones are dropped; those of an address that others have
 * stay.
 */
function suppressionStatements(subjects: readonly SubjectToHash[], isOurs: Sql, nowMs: number): Sql[] {
  const { subject, reason, since, until } = suppressions;
  const isShared = sql`EXISTS (SELECT 1 FROM ${people} WHERE ${people.address} = named.value->>'address'
  AND ${people.person} NOT IN (SELECT person FROM ${erasing}))`;
  return forRows(subjects, (rows) => [
    sql`INSERT INTO ${suppressions} (subject, reason, since, cause, until, event)
SELECT named.value->>'hash', ${reason}, ${since}, 'erased', ${until}, NULL
FROM json_each(${rows}) AS named CROSS JOIN ${suppressions} ON ${subject} = named.value->>'subject'
WHERE (${until} IS NULL OR ${until} > ${nowMs}) AND NOT ${isShared} AND ${isOurs}
ON CONFLICT (subject, reason) DO UPDATE SET since = min(since, excluded.since),
  until = iif(until IS NULL OR excluded.until IS NULL, NULL, max(until, excluded.until))`,
    sql`DELETE FROM ${suppressions} WHERE ${subject} IN (
  SELECT named.value->>'subject' FROM json_each(${rows}) AS named WHERE NOT ${isShared}) AND ${isOurs}`,
  ]);
}

/** The URL up to its query or its fragment. */
const withoutQuery = (url: Sql): Sql =>
  sql`substr(${url}, 1, min(instr(${url} || '?', '?'), instr(${url} || '#', '#')) - 1)`;

/** Gives events the pseudonym and a new id, and drops what identifies the person. */
function eventStatements(rows: string, isOurs: Sql): Sql[] {
  return [
    sql`UPDATE ${suppressions} SET event = NULL WHERE ${suppressions.event} IN (
  SELECT ${events.id} FROM json_each(${rows}) AS found CROSS JOIN ${events} ON ${events.seq} = found.value->>'seq')
AND ${isOurs}`,
    sql`UPDATE ${events} SET id = lower(hex(randomblob(16))), person = found.value->>'pseudonym', send = NULL,
  user_agent = NULL, link = ${withoutQuery(sql`link`)},
  detail = nullif(json_patch('{}', json_object(
    'category', detail->>'category', 'status', detail->>'status', 'cause', detail->>'cause')), '{}')
FROM json_each(${rows}) AS found WHERE ${events.seq} = found.value->>'seq' AND ${isOurs}`,
  ];
}

/** Renames messages, or adds them to those that the pseudonym has of earlier seqs, so that its Sent is the first. */
function messageStatements(rows: string, isOurs: Sql): Sql[] {
  const { email, campaign, person, since, flags, clicks } = messageStats;
  const isSent = rawSql(`& ${MESSAGE_FLAGS.sent}`);
  const addedClicks = sql`(SELECT json_group_object(link, json_object('people', people, 'bots', bots)) FROM (
  SELECT key AS link, sum(value->>'people') AS people, sum(value->>'bots') AS bots FROM (
    SELECT key, value FROM json_each(${clicks}) UNION ALL SELECT key, value FROM json_each(excluded.clicks))
  GROUP BY link))`;
  return [
    sql`INSERT INTO ${messageStats} (email, campaign, person, since, flags, clicks, recent)
SELECT ${email}, ${campaign}, named.value->>'pseudonym', ${since}, ${flags}, ${clicks}, NULL
FROM json_each(${rows}) AS named CROSS JOIN ${messageStats} ON ${email} = named.value->>'email'
  AND ${campaign} = named.value->>'campaign' AND ${person} = named.value->>'person'
WHERE ${isOurs}
ON CONFLICT (email, campaign, person) DO UPDATE SET
  since = CASE WHEN flags ${isSent} THEN since WHEN excluded.flags ${isSent} THEN excluded.since
    ELSE min(since, excluded.since) END,
  flags = flags | excluded.flags,
  clicks = iif(clicks IS NULL OR excluded.clicks IS NULL, coalesce(clicks, excluded.clicks), ${addedClicks})`,
    sql`DELETE FROM ${messageStats} WHERE (${email}, ${campaign}, ${person}) IN (
  SELECT value->>'email', value->>'campaign', value->>'person' FROM json_each(${rows})) AND ${isOurs}`,
  ];
}

/** Deletes softly bounced sends and their retries, whose ids begin with the send's key and a hyphen. */
function sendStatements(keys: string, isOurs: Sql): Sql[] {
  return [
    sql`DELETE FROM ${softBouncedSends}
WHERE ${softBouncedSends.key} IN (SELECT value FROM json_each(${keys})) AND ${isOurs}`,
    sql`DELETE FROM ${retries} WHERE ${retries.id} IN (
  SELECT ${retries.id} FROM json_each(${keys}) AS sends CROSS JOIN ${retries}
  ON ${retries.id} > sends.value || '-' AND ${retries.id} < sends.value || '.' AND ${retries.key} = sends.value)
AND ${isOurs}`,
  ];
}
