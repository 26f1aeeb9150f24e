/**
 * Writes a batch of an erasure: one transaction, which changes nothing when another run has written the batch, or
 * when events of these people are not aggregated yet, unless the erasure is overdue. Guarantees that reports count the
 * same before and after: of an event only what identifies the person changes; a message is renamed whole, and merged
 * with its pseudonym's message, if there is one, as if all events had been of one.
 *
 * An aggregation that runs at the same time writes only messages whose events are not aggregated yet. Those are left
 * alone here; an overdue erasure changes them, and makes the aggregation read them again.
 */
import type { Column } from "drizzle-orm";
import { erasing, erasures } from "../events/privacy-schema.ts";
import {
  aggregated,
  events,
  lifts,
  links,
  messageStats,
  otherAddresses,
  people,
  retries,
  softBouncedSends,
  suppressions,
} from "../events/schema.ts";
import {
  assign,
  assignExcluded,
  columnName,
  columnNames,
  excluded,
  isOneOf,
  rawSql,
  runBatch,
  type Sql,
  sql,
} from "../platform/sql.ts";
import { MERGED_STATS, MESSAGE_FLAGS } from "../reports/index.ts";
import { isRetryOf } from "../retries/index.ts";
import {
  addressSubject,
  copyLifts,
  erasedSuppression,
  FORGOTTEN_EVENT,
  hashedSubject,
  personSubject,
  SAME_SUPPRESSION,
  SUPPRESSION_COLUMNS,
} from "../suppressions/index.ts";
import { newPseudonym } from "./pseudonym.ts";
import {
  ERASED_COUNT,
  ERASED_PEOPLE,
  IS_UNDER_WAY,
  isOverdue,
  type PendingBatch,
  type PersonToAdd,
  type RecordToErase,
  type ScanPosition,
  UNDER_WAY,
} from "./scan.ts";
import { MAX_UNAGGREGATED } from "./throttle.ts";

const AGGREGATED = sql`(SELECT ${aggregated.seq} FROM ${aggregated})`;
const IS_AGGREGATED = sql`(SELECT max(${events.seq}) FROM ${events}) <= ${AGGREGATED} + ${MAX_UNAGGREGATED}
AND NOT EXISTS (SELECT 1 FROM ${events} WHERE ${events.seq} > ${AGGREGATED} AND ${events.person} IN ${ERASED_PEOPLE})`;

/** No other run has moved the position, and nobody was added since the log was scanned. */
const isAt = ({ id, seq, count }: ScanPosition): Sql =>
  sql`${erasures.seq} = ${seq}
AND EXISTS (SELECT 1 FROM ${erasures} WHERE ${erasures.id} = ${id} AND ${erasures.seq} = ${seq})
AND ${ERASED_COUNT} = ${count}`;

/** What belongs to the events of a batch. */
export interface BatchRelations {
  /** The subjects of suppressions that lead to the events. */
  readonly subjects: readonly string[];
  /** The links that only the copies of these people had. */
  readonly links: readonly { readonly email: string; readonly link: string }[];
}

/**
 * Moves the scan past seqs that hold nothing to erase. Returns false when the position has changed.
 * @throws D1's error
 */
export async function moveScan(d1: D1Database, position: ScanPosition, to: number): Promise<boolean> {
  const move = sql`UPDATE ${erasures} SET ${assign(erasures, { seq: to })} WHERE ${isAt(position)}`;
  return (await move.prepare(d1).run()).meta.changes > 0;
}

/**
 * Writes a batch and moves the scan. Returns false when nothing was written: another run was first, or the log is to
 * be aggregated first.
 * @throws D1's error
 */
export async function writeBatch(
  d1: D1Database,
  { position, to, events: found }: PendingBatch,
  related: BatchRelations,
  nowMs: number,
): Promise<boolean> {
  const erased = found.filter(({ pseudonym }) => pseudonym !== null);
  const others = found.filter(({ pseudonym }) => pseudonym === null);
  const count = sql`(
  SELECT count(*) FROM json_each(${JSON.stringify(erased)}) WHERE value->>'erasure' = ${erasures.id})`;
  const mayWrite = sql`${isAt(position)} AND (${isOverdue(nowMs)} OR (${IS_AGGREGATED}))`;
  return await inErasureTransaction(d1, mayWrite, (isOurs) => [
    sql`UPDATE ${aggregated} SET ${assign(aggregated, { rewrites: sql`${aggregated.rewrites} + 1` })}
WHERE ${isOverdue(nowMs)} AND ${isOurs}`,
    ...suppressionStatements(related.subjects, isOurs, nowMs),
    ...forRows(erased, (rows) => [
      ...eventStatements(rows, isOurs),
      ...messageStatements(rows, isOurs),
      ...sendStatements(rows, isOurs),
    ]),
    ...forRows(others, (rows) => addressedStatements(rows, isOurs)),
    ...forRows(related.links, (rows) => [
      sql`UPDATE ${links} SET ${assign(links, { url: withoutQuery(links.url) })} FROM json_each(${rows}) AS clicked
WHERE ${links.email} = clicked.value->>'email' AND ${links.id} = clicked.value->>'link' AND ${isOurs}`,
    ]),
    sql`UPDATE ${erasures} SET ${assign(erasures, { seq: to, events: sql`${erasures.events} + ${count}` })}
WHERE ${IS_UNDER_WAY} AND ${isOurs}`,
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
  records: readonly RecordToErase[],
  nowMs: number,
): Promise<void> {
  const rows = JSON.stringify(records);
  const subjects = records.flatMap(({ person, address }) => [
    ...(person === null ? [] : [personSubject(person)]),
    ...(address === null ? [] : [addressSubject(address)]),
  ]);
  const owners = [...new Set(records.flatMap(({ person }) => person ?? []))].map(personSubject);
  const hashes = JSON.stringify(owners.map((owner) => ({ owner, hash: hashedSubject(owner) })));
  const isLiftOfTheirs = sql`${lifts.person} IN (SELECT value->>'person' FROM json_each(${rows}))`;
  await inErasureTransaction(d1, sql`${erasures.seq} = ${seq}`, (isOurs) => [
    ...suppressionStatements(subjects, isOurs, nowMs),
    // An address that is not among the records is hashed with a later batch, which finds it by its owner.
    sql`UPDATE ${suppressions} SET ${assign(suppressions, { owner: sql`value->>'hash'` })} FROM json_each(${hashes})
WHERE ${suppressions.owner} = value->>'owner' AND ${isOurs} AND (${suppressions.subject} NOT LIKE 'address:%'
  OR ${isOneOf(suppressions.subject, subjects)})`,
    sql`DELETE FROM ${otherAddresses} WHERE (${otherAddresses.person}, ${otherAddresses.address}) IN (
  SELECT value->>'person', value->>'address' FROM json_each(${rows})) AND ${isOurs}`,
    sql`DELETE FROM ${otherAddresses} WHERE ${otherAddresses.address} IN (
  SELECT value->>'address' FROM json_each(${rows}) WHERE value->>'person' IS NULL) AND ${isOurs}`,
    // A lift of an address that others have stays. One of an address that the person had before is deleted, unless an
    // event names it: late reports of it are rare.
    sql`UPDATE ${lifts} SET ${assign(lifts, { person: null })} WHERE ${isLiftOfTheirs} AND ${isOurs} AND EXISTS (
  SELECT 1 FROM ${people} WHERE ${people.address} = substr(${lifts.subject}, ${addressSubject("").length + 1})
  AND ${people.person} NOT IN (SELECT ${erasing.person} FROM ${erasing}))`,
    sql`DELETE FROM ${lifts} WHERE ${isLiftOfTheirs} AND ${isOurs}`,
    sql`DELETE FROM ${people} WHERE (${people.person}, ${people.address}) IN (
  SELECT value->>'person', value->>'address' FROM json_each(${rows})) AND ${isOurs}`,
  ]);
}

/**
 * Adds people to erasures under way; what the scan has passed is scanned again.
 * @throws D1's error
 */
export async function addPeople(d1: D1Database, added: readonly PersonToAdd[]): Promise<void> {
  const rows = JSON.stringify(added.map((person) => ({ ...person, pseudonym: newPseudonym("erased") })));
  const add = sql`INSERT INTO ${erasing} (${columnNames(erasing.person, erasing.erasure, erasing.pseudonym)})
SELECT value->>'person', value->>'erasure', value->>'pseudonym' FROM json_each(${rows})
WHERE value->>'erasure' IN ${UNDER_WAY}
ON CONFLICT (${columnName(erasing.person)})
DO UPDATE SET ${assignExcluded(erasing.erasure)}`;
  const rescan = sql`UPDATE ${erasures} SET ${assign(erasures, { rescan: 1 })}
WHERE ${erasures.seq} > 0 AND ${erasures.id} IN (SELECT value->>'erasure' FROM json_each(${rows}))`;
  await runBatch(d1, [add, rescan]);
}

/**
 * Runs statements in a transaction that changes nothing unless `condition` holds for erasures under way: each of the
 * statements applies only where `isOurs`. Returns whether it held. Never retried: after a lost reply, a second try
 * would find the position moved by the first.
 */
export async function inErasureTransaction(
  d1: D1Database,
  condition: Sql,
  statements: (isOurs: Sql) => readonly Sql[],
): Promise<boolean> {
  const id = crypto.randomUUID();
  const isOurs = sql`EXISTS (SELECT 1 FROM ${erasures} WHERE ${IS_UNDER_WAY} AND ${erasures.batch} = ${id})`;
  const [acquired] = await runBatch(d1, [
    sql`UPDATE ${erasures} SET ${assign(erasures, { batch: id })} WHERE ${condition}`,
    ...statements(isOurs),
    sql`UPDATE ${erasures} SET ${assign(erasures, { batch: null })}
WHERE ${IS_UNDER_WAY} AND ${erasures.batch} = ${id}`,
  ]);
  return (acquired?.meta.changes ?? 0) > 0;
}

function forRows(rows: readonly unknown[], statements: (json: string) => Sql[]): Sql[] {
  return rows.length === 0 ? [] : statements(JSON.stringify(rows));
}

/**
 * Moves suppressions and lifts to the hashes of their subjects. Expired ones are dropped; those of an address that
 * others have stay.
 */
function suppressionStatements(subjects: readonly string[], isOurs: Sql, nowMs: number): Sql[] {
  const { subject, since, until } = suppressions;
  const isShared = sql`EXISTS (SELECT 1 FROM ${people} WHERE ${people.address} = named.value->>'address'
  AND ${people.person} NOT IN (SELECT ${erasing.person} FROM ${erasing}))`;
  const other = excluded(until);
  const addressPrefix = addressSubject("");
  const named = subjects.map((text) => {
    const address = text.startsWith(addressPrefix) ? text.slice(addressPrefix.length) : null;
    return { subject: text, hash: hashedSubject(text), address };
  });
  return forRows(named, (rows) => [
    sql`INSERT INTO ${suppressions} (${SUPPRESSION_COLUMNS})
SELECT ${erasedSuppression(sql`named.value->>'hash'`)}
FROM json_each(${rows}) AS named CROSS JOIN ${suppressions} ON ${subject} = named.value->>'subject'
WHERE (${until} IS NULL OR ${until} > ${nowMs}) AND NOT ${isShared} AND ${isOurs}
ON CONFLICT (${SAME_SUPPRESSION}) DO UPDATE SET ${assign(suppressions, {
      since: sql`min(${since}, ${excluded(since)})`,
      until: sql`iif(${until} IS NULL OR ${other} IS NULL, NULL, max(${until}, ${other}))`,
    })}`,
    sql`DELETE FROM ${suppressions} WHERE ${subject} IN (
  SELECT named.value->>'subject' FROM json_each(${rows}) AS named WHERE NOT ${isShared}) AND ${isOurs}`,
    copyLifts(sql`SELECT named.value->>'subject' AS source, named.value->>'hash' AS target, NULL AS person
FROM json_each(${rows}) AS named WHERE NOT ${isShared} AND ${isOurs}`),
    sql`DELETE FROM ${lifts} WHERE ${lifts.subject} IN (
  SELECT named.value->>'subject' FROM json_each(${rows}) AS named WHERE NOT ${isShared}) AND ${isOurs}`,
  ]);
}

/** The URL up to its query or its fragment. */
const withoutQuery = (url: Column): Sql =>
  sql`substr(${url}, 1, min(instr(${url} || '?', '?'), instr(${url} || '#', '#')) - 1)`;

/** Gives events the pseudonym and a new id, and drops what identifies the person. */
function eventStatements(rows: string, isOurs: Sql): Sql[] {
  const { detail } = events;
  return [
    sql`UPDATE ${suppressions} SET ${FORGOTTEN_EVENT} WHERE ${suppressions.event} IN (
  SELECT ${events.id} FROM json_each(${rows}) AS found CROSS JOIN ${events} ON ${events.seq} = found.value->>'seq')
AND ${isOurs}`,
    sql`UPDATE ${events} SET ${assign(events, {
      id: sql`lower(hex(randomblob(16)))`,
      person: sql`found.value->>'pseudonym'`,
      send: null,
      userAgent: null,
      link: withoutQuery(events.link),
      detail: sql`nullif(json_patch('{}', json_object('category', ${detail}->>'category',
  'status', ${detail}->>'status', 'cause', ${detail}->>'cause', 'implied', ${detail}->'implied')), '{}')`,
    })} FROM json_each(${rows}) AS found WHERE ${events.seq} = found.value->>'seq' AND ${isOurs}`,
  ];
}

/** Renames messages, or adds them to those that the pseudonym has of other seqs, as if all had been of one. */
function messageStatements(rows: string, isOurs: Sql): Sql[] {
  const { email, campaign, person, since, flags, outcomeAt, clicks, botClicks, recent, seqs } = messageStats;
  const columns = columnNames(email, campaign, person, since, flags, outcomeAt, clicks, botClicks, recent, seqs);
  const forgotten = rawSql(String(MESSAGE_FLAGS.forgotten));
  return [
    sql`INSERT INTO ${messageStats} (${columns})
SELECT ${email}, ${campaign}, named.pseudonym, ${since}, ${flags} | ${forgotten}, ${outcomeAt}, ${clicks},
  ${botClicks}, NULL, ${seqs}
FROM (SELECT DISTINCT value->>'email' AS email, value->>'campaign' AS campaign, value->>'person' AS person,
    value->>'pseudonym' AS pseudonym FROM json_each(${rows})) AS named
  CROSS JOIN ${messageStats} ON ${email} = named.email AND ${campaign} = named.campaign AND ${person} = named.person
WHERE ${isOurs}
ON CONFLICT (${columnNames(email, campaign, person)}) DO UPDATE SET ${assign(messageStats, MERGED_STATS)}`,
    sql`DELETE FROM ${messageStats} WHERE (${email}, ${campaign}, ${person}) IN (
  SELECT value->>'email', value->>'campaign', value->>'person' FROM json_each(${rows})) AND ${isOurs}`,
  ];
}

/** Deletes softly bounced sends and their retries. */
function sendStatements(rows: string, isOurs: Sql): Sql[] {
  const keys = sql`(SELECT DISTINCT value->>'softBounced' AS "key" FROM json_each(${rows}))`;
  return [
    sql`DELETE FROM ${softBouncedSends} WHERE ${softBouncedSends.key} IN ${keys} AND ${isOurs}`,
    sql`DELETE FROM ${retries} WHERE ${retries.id} IN (
  SELECT ${retries.id} FROM ${keys} AS sends CROSS JOIN ${retries} ON ${isRetryOf(sql`sends."key"`)})
AND ${isOurs}`,
  ];
}

/** Drops the address that other people's events went to, and its hash in the id of what removed its suppression. */
function addressedStatements(rows: string, isOurs: Sql): Sql[] {
  const id = sql`iif(${events.id} GLOB 'removed/*', lower(hex(randomblob(16))), ${events.id})`;
  return [
    sql`UPDATE ${events} SET ${assign(events, { id, detail: sql`json_remove(${events.detail}, '$.address')` })}
WHERE ${events.seq} IN (SELECT value->>'seq' FROM json_each(${rows})) AND ${isOurs}`,
    sql`UPDATE ${softBouncedSends} SET ${assign(softBouncedSends, { address: null })}
WHERE ${softBouncedSends.key} IN (SELECT value->>'softBounced' FROM json_each(${rows})) AND ${isOurs}`,
  ];
}
