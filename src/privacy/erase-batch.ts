/**
 * The transactions of an erasure. Each changes nothing when another run was first, when the log was aggregated further
 * or the archive has changed, or when events of the person are not aggregated yet, unless the erasure is overdue.
 * Guarantees that reports count the same before and after: of an event only what identifies the person changes; a
 * message is renamed with the last of its events, and merged with its pseudonym's message, if there is one, as if all
 * events had been of one.
 *
 * An aggregation that runs at the same time writes only messages whose events are not aggregated yet. Those are left
 * alone here; an overdue erasure changes them, and makes the aggregation read them again.
 */
import { noteErased, rewriteSoon } from "../archive/index.ts";
import { erasedRow, rowWithoutAddress, withoutQuery } from "../events/erased-row.ts";
import { EVENT_TYPES } from "../events/event.ts";
import { MERGED_STATS } from "../events/merged-stats.ts";
import { namesAddress } from "../events/named-address.ts";
import { erasures } from "../events/privacy-schema.ts";
import type { NamedRow } from "../events/row.ts";
import {
  aggregated,
  earlierSeqs,
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
import { sendKey } from "../events/send-key.ts";
import { jsonArrays } from "../platform/json-arrays.ts";
import { assign, columnNames, isOneOf, runBatch, type Sql, sql } from "../platform/sql.ts";
import { markMerged } from "../reports/index.ts";
import { isRetryOf } from "../retries/index.ts";
import { addressSubject, hashSubjects, WITHOUT_EVENT } from "../suppressions/index.ts";
import type { Message } from "../tokens/claims.ts";
import {
  type Erasure,
  type Found,
  type FoundEvent,
  isWaitingSql,
  nextPerson,
  removalsOf,
  seqsAfter,
  subjectsOf,
} from "./next-to-erase.ts";

/**
 * Erases the events that were found, or the address in them, and renames messages.
 * @throws D1's error
 */
export async function writeBatch(d1: D1Database, erasure: Erasure, found: Found): Promise<void> {
  const { pseudonym, address, isOverdue } = erasure;
  const erased = pseudonym === null ? [] : found.events.map((event) => erasedEvent(event, pseudonym));
  const ofOthers = pseudonym === null && address !== null ? found.events : [];
  const cleared = [
    ...ofOthers.flatMap((event) => clearedEvent(event, address ?? "")),
    ...found.removals.flatMap((event) => clearedEvent(event, String(JSON.parse(String(event.detail)).address))),
  ];
  const isAllowed = pseudonym === null || isOverdue === 1 ? sql`true` : sql`NOT ${isWaitingSql(erasure)}`;
  // An aggregation that has read what is changed is dropped.
  const rewrites = {
    rewrites: sql`${aggregated.rewrites} + ${isOverdue}`,
    changes: sql`${aggregated.changes} + 1`,
  };
  await inErasureTransaction(d1, erasure, isAllowed, (isOurs) => [
    ...erasedStatements(erased, erasure, isOurs),
    ...clearedStatements(cleared, erasure, isOurs),
    ...renameMessages(found.messages, erasure, isOurs),
    ...rewrittenSoon([...erased, ...cleared], erasure, isOurs),
    sql`UPDATE ${aggregated} SET ${assign(aggregated, rewrites)} WHERE ${isOurs}`,
    sql`UPDATE ${erasures} SET ${assign(erasures, { seq: found.to })}
WHERE ${erasures.id} = ${erasure.id} AND ${isOurs}`,
  ]);
}

/**
 * Ends the work on a person, or the erasure: deletes what names them outside of the log, and hashes who must not be
 * mailed. Of a person who stays only that they had the address. Changes nothing when something has come since.
 * @throws D1's error
 */
export async function completeErasure(d1: D1Database, erasure: Erasure, found: Found, nowMs: number): Promise<void> {
  const { id, person, pseudonym, address } = erasure;
  const { subjects } = found;
  const stays = person !== null && pseudonym === null;
  const isFound =
    person === null
      ? sql`NOT EXISTS (${nextPerson(erasure)})`
      : sql`NOT EXISTS (${seqsAfter(erasure, found.to)}) AND NOT EXISTS (
  SELECT 1 FROM ${messageStats} WHERE ${messageStats.person} = ${person} AND ${pseudonym} IS NOT NULL)
AND NOT EXISTS (SELECT 1 FROM (${subjectsOf(erasure)}) AS named WHERE NOT ${isOneOf(sql`named.subject`, subjects)})`;
  const isShared = (of: Sql) => sql`EXISTS (SELECT 1 FROM ${people} WHERE ${people.address} = ${of}
  AND ${people.person} IS NOT ${person})`;
  const isDone = person === null || address === null;
  const done = isDone ? { doneAt: nowMs, address: null, batch: null } : {};
  const had = sql`${otherAddresses.person} = ${person}
AND ${otherAddresses.address} = ${stays ? address : otherAddresses.address}`;
  await inErasureTransaction(d1, erasure, sql`${isFound} AND NOT EXISTS (${removalsOf(erasure)})`, (isOurs) => [
    ...(stays ? [] : hashSubjects(subjects, { isShared, condition: isOurs, nowMs })),
    ...(stays ? [] : forgetPerson(person, isShared, isOurs)),
    sql`DELETE FROM ${otherAddresses} WHERE ${had} AND ${isOurs}`,
    sql`UPDATE ${erasures} SET ${assign(erasures, { person: null, pseudonym: null, seq: 0, ...done })}
WHERE ${erasures.id} = ${id} AND ${isOurs}`,
  ]);
}

/**
 * A lift of an address that others have stays. One of an address that the person had before is deleted, unless an
 * event names it: late reports of it are rare.
 */
function forgetPerson(person: string | null, isShared: (of: Sql) => Sql, isOurs: Sql): Sql[] {
  const isTheirs = sql`${lifts.person} = ${person} AND ${isOurs}`;
  return [
    sql`UPDATE ${lifts} SET ${assign(lifts, { person: null })}
WHERE ${isTheirs} AND ${isShared(sql`substr(${lifts.subject}, ${addressSubject("").length + 1})`)}`,
    sql`DELETE FROM ${lifts} WHERE ${isTheirs}`,
    sql`DELETE FROM ${people} WHERE ${people.person} = ${person} AND ${isOurs}`,
  ];
}

/**
 * Runs statements in a transaction that changes nothing unless what was found of the erasure is still so and
 * `condition` holds: each of them applies only where `isOurs`. Never retried: after a lost reply, a second try would
 * find the batch of the first.
 */
async function inErasureTransaction(
  d1: D1Database,
  { id, batch, aggregated: seq, archived }: Erasure,
  condition: Sql,
  statements: (isOurs: Sql) => readonly Sql[],
): Promise<void> {
  const ours = crypto.randomUUID();
  const isOurs = sql`EXISTS (SELECT 1 FROM ${erasures} AS own WHERE own.id = ${id} AND own.batch = ${ours})`;
  await runBatch(d1, [
    sql`UPDATE ${erasures} SET ${assign(erasures, { batch: ours })}
WHERE ${erasures.id} = ${id} AND ${erasures.batch} IS ${batch} AND ${erasures.doneAt} IS NULL
AND EXISTS (SELECT 1 FROM ${aggregated} WHERE ${aggregated.seq} = ${seq} AND ${aggregated.archived} = ${archived})
AND ${condition}`,
    ...statements(isOurs),
  ]);
}

/** An event and what it becomes, for the statements: the row's columns, its send, and the URL of its link. */
interface Change extends NamedRow {
  readonly seq: number;
  /** Whom it was of. */
  readonly of: unknown;
  /** The id that it had. */
  readonly was: unknown;
  readonly key: string;
  readonly url: string | null;
  /** Null: the URL stays. */
  readonly newUrl: string | null;
}

function changeOf({ seq, url, ...before }: FoundEvent, after: NamedRow, isUrlErased: boolean): Change {
  const { email, person, campaign, send, id } = before;
  const key = sendKey({
    email: String(email),
    person: String(person),
    campaign: String(campaign),
    send: send?.toString(),
  });
  const newUrl = url !== null && isUrlErased ? withoutQuery(url) : null;
  return { ...after, seq, of: person, was: id, key, url, newUrl };
}

function erasedEvent(event: FoundEvent, pseudonym: string): Change {
  return changeOf(event, erasedRow(event, pseudonym), event.isOwnUrl === 1);
}

/** None when the event does not name the address. */
function clearedEvent(event: FoundEvent, address: string): Change[] {
  const isUrlNaming = event.url !== null && namesAddress(event.url, address);
  const after = rowWithoutAddress(event, address);
  return after === event && !isUrlNaming ? [] : [changeOf(event, after, isUrlNaming)];
}

/** Different values as JSON arrays: what a statement reads is billed, each value once. */
function distinct(values: readonly unknown[]): string[] {
  return jsonArrays([...new Set(values.map((value) => JSON.stringify(value)))]);
}

/** The ids of events by which somebody may be suppressed. */
function suppressingIds(changes: readonly Change[]): string[] {
  return distinct(changes.filter(({ type }) => !NEVER_SUPPRESSING.has(type)).map(({ was }) => was));
}

const NEVER_SUPPRESSING: ReadonlySet<unknown> = new Set(
  [EVENT_TYPES.sent, EVENT_TYPES.delivered, EVENT_TYPES.opened, EVENT_TYPES.clicked].map(({ id }) => id),
);

/** Without an archive the seqs need not be read: they are as many rows read again. */
function rewrittenSoon(changes: readonly Change[], { floor }: Erasure, isOurs: Sql): Sql[] {
  const archived = changes.map(({ seq }) => seq).filter((seq) => seq <= floor);
  return distinct(archived).map((seqs) => rewriteSoon(seqs, isOurs));
}

/** The keys of sends that bounced softly. */
function softBouncedKeys(changes: readonly Change[]): string[] {
  return distinct(changes.filter(({ type }) => type === EVENT_TYPES.softBounced.id).map(({ key }) => key));
}

/** Writes URLs over those of reports. */
function urlStatements(changes: readonly Change[], isOurs: Sql): Sql[] {
  const renamed = changes.filter(({ newUrl }) => newUrl !== null);
  const urls = distinct(renamed.map(({ email, link_id, url, newUrl }) => ({ email, link_id, url, newUrl })));
  return urls.map(
    (rows) => sql`UPDATE ${links} SET ${assign(links, { url: sql`value->>'newUrl'` })} FROM json_each(${rows})
WHERE ${links.email} = value->>'email' AND ${links.id} = value->>'link_id' AND ${links.url} = value->>'url'
AND ${isOurs}`,
  );
}

/** Writes rows over those of the log. */
function rowStatement(rows: string, isOurs: Sql): Sql {
  const { seq, id, person, send, link, userAgent, detail } = events;
  const columns = { id, person, send, link, userAgent, detail };
  const values = Object.entries(columns).map(([name, column]) => [name, sql`value->>${column.name}`]);
  return sql`UPDATE ${events} SET ${assign(events, Object.fromEntries(values))} FROM json_each(${rows})
WHERE ${seq} = value->>'seq' AND ${person} = value->>'of' AND ${isOurs}`;
}

function rowsOf(changes: readonly Change[]): string[] {
  return jsonArrays(changes.map((change) => JSON.stringify(change)));
}

/** Gives events the pseudonym and a new id, and deletes their schedules of retries. */
function erasedStatements(changes: readonly Change[], { id }: Erasure, isOurs: Sql): Sql[] {
  return [
    ...suppressingIds(changes).map(
      (ids) => sql`UPDATE ${suppressions} SET ${WITHOUT_EVENT}
WHERE ${suppressions.event} IN (SELECT value FROM json_each(${ids})) AND ${isOurs}`,
    ),
    ...urlStatements(changes, isOurs),
    ...rowsOf(changes).flatMap((rows) => [
      rowStatement(rows, isOurs),
      // Counts what the statement before has changed.
      sql`UPDATE ${erasures} SET ${assign(erasures, { events: sql`${erasures.events} + changes()` })}
WHERE ${erasures.id} = ${id} AND ${isOurs}`,
    ]),
    ...softBouncedKeys(changes).flatMap((keys) => [
      sql`DELETE FROM ${softBouncedSends}
WHERE ${softBouncedSends.key} IN (SELECT value FROM json_each(${keys})) AND ${isOurs}`,
      sql`DELETE FROM ${retries} WHERE ${retries.id} IN (
  SELECT ${retries.id} FROM json_each(${keys}) AS erased CROSS JOIN ${retries} ON ${isRetryOf(sql`erased.value`)})
AND ${isOurs}`,
    ]),
  ];
}

/** Takes an address out of events, with the words in which it may be. */
function clearedStatements(changes: readonly Change[], { address }: Erasure, isOurs: Sql): Sql[] {
  const { key, address: mailed, bounce } = softBouncedSends;
  return [
    ...suppressingIds(changes).map(
      (ids) => sql`UPDATE ${suppressions} SET ${assign(suppressions, { cause: "erased" })}
WHERE ${suppressions.event} IN (SELECT value FROM json_each(${ids}))
AND ${suppressions.reason} <> 'unsubscribed' AND ${isOurs}`,
    ),
    ...urlStatements(changes, isOurs),
    ...rowsOf(changes).map((rows) => rowStatement(rows, isOurs)),
    ...distinct(changes.map((change) => change.key)).map(
      (keys) =>
        sql`UPDATE ${softBouncedSends} SET ${assign(softBouncedSends, {
          address: sql`nullif(${mailed}, ${address})`,
          bounce: sql`json_remove(${bounce}, '$.details', '$.subcategory')`,
        })} WHERE ${key} IN (SELECT value FROM json_each(${keys})) AND ${isOurs}`,
    ),
  ];
}

/** Renames messages, or adds them to those that the pseudonym has of other seqs, as if all had been of one. */
function renameMessages(messages: readonly Message[], { pseudonym }: Erasure, isOurs: Sql): Sql[] {
  const { email, campaign, person, since, flags, outcomeAt, clicks, botClicks, recent, seqs } = messageStats;
  const columns = columnNames(email, campaign, person, since, flags, outcomeAt, clicks, botClicks, recent, seqs);
  return jsonArrays(messages.map((message) => JSON.stringify(message))).flatMap((rows) => {
    const named = sql`(SELECT value->>'email' AS email, value->>'campaign' AS campaign, value->>'person' AS person
  FROM json_each(${rows}))`;
    const earlier = sql`(${earlierSeqs.email}, ${earlierSeqs.campaign}, ${earlierSeqs.person})`;
    return [
      sql`UPDATE ${earlierSeqs} SET ${assign(earlierSeqs, { person: pseudonym ?? "" })}
WHERE ${earlier} IN ${named} AND ${isOurs}`,
      markMerged(named, pseudonym, isOurs),
      noteErased(named, isOurs),
      sql`INSERT INTO ${messageStats} (${columns})
SELECT ${email}, ${campaign}, ${pseudonym}, ${since}, ${flags}, ${outcomeAt}, ${clicks}, ${botClicks}, NULL, ${seqs}
FROM ${messageStats} WHERE (${email}, ${campaign}, ${person}) IN ${named} AND ${isOurs}
ON CONFLICT (${columnNames(email, campaign, person)}) DO UPDATE SET ${assign(messageStats, MERGED_STATS)}`,
      sql`DELETE FROM ${messageStats} WHERE (${email}, ${campaign}, ${person}) IN ${named} AND ${isOurs}`,
    ];
  });
}
