/**
 * The transactions of an erasure. Each changes nothing when another run was first, when the log was aggregated further,
 * or when events of these people are not aggregated yet, unless the erasure is overdue. Guarantees that reports count
 * the same before and after: of an event only what identifies the person changes; a message is renamed with the last of
 * its events, and merged with its pseudonym's message, if there is one, as if all events had been of one.
 *
 * An aggregation that runs at the same time writes only messages whose events are not aggregated yet. Those are left
 * alone here; an overdue erasure changes them, and makes the aggregation read them again.
 */
import type { Column } from "drizzle-orm";
import { KEPT_FIELDS } from "../events/erased-row.ts";
import { erasing, erasures } from "../events/privacy-schema.ts";
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
import { assign, columnNames, commaSeparated, isOneOf, runBatch, type Sql, sql } from "../platform/sql.ts";
import { MERGED_STATS } from "../reports/index.ts";
import { addressSubject, hashSubjects, WITHOUT_EVENT } from "../suppressions/index.ts";
import {
  type Erasure,
  type Found,
  isWaiting,
  namesAddress,
  nextOther,
  peopleToAdd,
  personsBeingErased,
  removalsOf,
  subjectsOf,
} from "./find.ts";

/**
 * Erases the events that were found, and the messages of which no other event is left. Returns false when nothing was
 * written.
 * @throws D1's error
 */
export async function writeBatch(d1: D1Database, erasure: Erasure, found: Found): Promise<boolean> {
  const { lists, waiting, addressed, other, to } = found;
  const listed = lists.flatMap(({ seqs, last, ...message }) =>
    (JSON.parse(seqs) as readonly number[]).map((seq) => ({ ...message, seq })),
  );
  const messages = lists.filter(({ last }) => last === null);
  const earlier = lists.filter(({ last }) => last !== null);
  const isLate = erasure.isOverdue === 1;
  const isAllowed = isLate ? sql`true` : nothingWaits(erasure);
  return await inErasureTransaction(d1, erasure, isAllowed, (isOurs) => [
    ...forRows([...listed, ...waiting], (rows) => eventStatements(rows, erasure, isOurs)),
    ...forRows([...lists, ...waiting], (rows) => sendStatements(rows, isOurs)),
    ...forRows(addressed, (rows) => addressedStatements(rows, erasure, isOurs)),
    ...forRows(earlier, (rows) => [renameEarlier(rows, isOurs)]),
    ...forRows(messages, (rows) => messageStatements(rows, isOurs)),
    ...(other === undefined ? [] : otherStatements(other, erasure, isOurs)),
    ...(isLate ? searchedStatements(to, erasure, isOurs) : []),
  ]);
}

/**
 * Deletes what names these people outside of the log, hashes who must not be mailed, and forgets who they were, when
 * the log has nothing of theirs. The erasure is done, unless others have its address, too: those come next. Returns
 * false when something of theirs has come since it was found.
 * @throws D1's error
 */
export async function finishPeople(d1: D1Database, erasure: Erasure, found: Found, nowMs: number): Promise<boolean> {
  const { id } = erasure;
  const { subjects } = found;
  const names = personsBeingErased(erasure);
  const isFound = sql`${nothingWaits(erasure)}
AND NOT EXISTS (SELECT 1 FROM ${messageStats} WHERE ${messageStats.person} IN ${names})
AND NOT EXISTS (${removalsOf(erasure)}) AND NOT EXISTS (${nextOther(erasure)})
AND NOT EXISTS (SELECT 1 FROM (${subjectsOf(erasure)}) AS named WHERE NOT ${isOneOf(sql`named.subject`, subjects)})`;
  // Somebody has it who is not being erased.
  const isShared = (of: Sql) => sql`EXISTS (SELECT 1 FROM ${people} WHERE ${people.address} = ${of}
  AND ${people.person} NOT IN (SELECT ${erasing.person} FROM ${erasing}))`;
  const isLast = sql`NOT EXISTS (${peopleToAdd(erasure)})`;
  return await inErasureTransaction(d1, erasure, isFound, (isOurs) => [
    ...hashSubjects(subjects, { isShared, condition: isOurs, nowMs }),
    // A lift of an address that others have stays. One of an address that the person had before is deleted, unless an
    // event names it: late reports of it are rare.
    sql`UPDATE ${lifts} SET ${assign(lifts, { person: null })} WHERE ${lifts.person} IN ${names} AND ${isOurs}
AND ${isShared(sql`substr(${lifts.subject}, ${addressSubject("").length + 1})`)}`,
    sql`DELETE FROM ${lifts} WHERE ${lifts.person} IN ${names} AND ${isOurs}`,
    sql`DELETE FROM ${people} WHERE ${people.person} IN ${names} AND ${isOurs}`,
    sql`DELETE FROM ${otherAddresses} WHERE ${otherAddresses.person} IN ${names} AND ${isOurs}`,
    sql`DELETE FROM ${erasing} WHERE ${erasing.erasure} = ${id} AND ${isOurs}`,
    sql`UPDATE ${erasures} SET ${assign(erasures, { seq: null, doneAt: sql`iif(${isLast}, ${nowMs}, NULL)` })}
WHERE ${erasures.id} = ${id} AND ${isOurs}`,
    sql`UPDATE ${erasures} SET ${assign(erasures, { address: null, batch: null })}
WHERE ${erasures.id} = ${id} AND ${erasures.doneAt} IS NOT NULL AND ${isOurs}`,
  ]);
}

const nothingWaits = (erasure: Erasure): Sql => sql`NOT EXISTS (SELECT 1 FROM ${events} WHERE ${isWaiting(erasure)})`;

/**
 * Runs statements in a transaction that changes nothing unless what was found of the erasure is still so and
 * `condition` holds: each of them applies only where `isOurs`. Returns whether it held. Never retried: after a lost
 * reply, a second try would find the batch of the first.
 */
async function inErasureTransaction(
  d1: D1Database,
  { id, batch, aggregated: seq }: Erasure,
  condition: Sql,
  statements: (isOurs: Sql) => readonly Sql[],
): Promise<boolean> {
  const ours = crypto.randomUUID();
  const isOurs = sql`EXISTS (SELECT 1 FROM ${erasures} AS own WHERE own.id = ${id} AND own.batch = ${ours})`;
  const [acquired] = await runBatch(d1, [
    sql`UPDATE ${erasures} SET ${assign(erasures, { batch: ours })}
WHERE ${erasures.id} = ${id} AND ${erasures.batch} IS ${batch} AND ${erasures.doneAt} IS NULL
AND ${seq} = (SELECT ${aggregated.seq} FROM ${aggregated}) AND ${condition}`,
    ...statements(isOurs),
  ]);
  return acquired?.meta.changes === 1;
}

function forRows(rows: readonly unknown[], statements: (json: string) => Sql[]): Sql[] {
  return rows.length === 0 ? [] : statements(JSON.stringify(rows));
}

/** Stores how far the log is searched. An aggregation that has read what is changed is dropped. */
function searchedStatements(to: number, { id }: Erasure, isOurs: Sql): Sql[] {
  const rewrites = sql`${aggregated.rewrites} + 1`;
  return [
    sql`UPDATE ${aggregated} SET ${assign(aggregated, { rewrites })} WHERE ${isOurs}`,
    sql`UPDATE ${erasures} SET ${assign(erasures, { seq: to })} WHERE ${erasures.id} = ${id} AND ${isOurs}`,
  ];
}

/** Notes how far the events of another person are searched. Once all are, the person has not had the address. */
function otherStatements({ person, to }: NonNullable<Found["other"]>, { id, address }: Erasure, isOurs: Sql): Sql[] {
  return [
    sql`UPDATE ${erasures} SET ${assign(erasures, { othersSeq: to })} WHERE ${erasures.id} = ${id} AND ${isOurs}`,
    sql`DELETE FROM ${otherAddresses} WHERE ${otherAddresses.person} = ${person}
AND ${otherAddresses.address} = ${address} AND ${to} IS NULL AND ${isOurs}`,
  ];
}

/** The URL up to its query or its fragment. */
const withoutQuery = (url: Column): Sql =>
  sql`substr(${url}, 1, min(instr(${url} || '?', '?'), instr(${url} || '#', '#')) - 1)`;

/** Gives events the pseudonym and a new id, and drops what identifies the person; first from links of their own. */
function eventStatements(rows: string, erasure: Erasure, isOurs: Sql): Sql[] {
  const { id, linkId } = events;
  const keptFields = KEPT_FIELDS.map((field) => sql`${field}, ${events.detail}->${field}`);
  const found = sql`json_each(${rows}) AS found
  CROSS JOIN ${events} ON ${events.seq} = found.value->>'seq' AND ${events.person} = found.value->>'person'`;
  const isOfOther = sql`EXISTS (SELECT 1 FROM json_each(${links.firstClicks}) AS clicked
  CROSS JOIN ${events} ON ${events.seq} = clicked.value
  WHERE ${events.person} NOT IN (
    SELECT ${erasing.person} FROM ${erasing} UNION ALL SELECT ${erasing.pseudonym} FROM ${erasing}))`;
  return [
    sql`UPDATE ${links} SET ${assign(links, { url: withoutQuery(links.url) })}
WHERE (${links.email}, ${links.id}) IN (SELECT ${events.email}, ${linkId} FROM ${found} WHERE ${linkId} IS NOT NULL)
AND ${links.firstClicks} IS NOT NULL AND NOT ${isOfOther} AND ${isOurs}`,
    sql`UPDATE ${suppressions} SET ${WITHOUT_EVENT}
WHERE ${suppressions.event} IN (SELECT ${id} FROM ${found}) AND ${isOurs}`,
    sql`UPDATE ${events} SET ${assign(events, {
      id: sql`lower(hex(randomblob(16)))`,
      person: sql`found.value->>'pseudonym'`,
      send: null,
      userAgent: null,
      link: withoutQuery(events.link),
      // json_patch leaves out what is null.
      detail: sql`nullif(json_patch('{}', json_object(${commaSeparated(keptFields)})), '{}')`,
    })} FROM json_each(${rows}) AS found
WHERE ${events.seq} = found.value->>'seq' AND ${events.person} = found.value->>'person' AND ${isOurs}`,
    // Counts what the statement before has changed.
    sql`UPDATE ${erasures} SET ${assign(erasures, { events: sql`${erasures.events} + changes()` })}
WHERE ${erasures.id} = ${erasure.id} AND ${isOurs}`,
  ];
}

function renameEarlier(rows: string, isOurs: Sql): Sql {
  const { email, campaign, person, last } = earlierSeqs;
  return sql`UPDATE ${earlierSeqs} SET ${assign(earlierSeqs, { person: sql`named.value->>'pseudonym'` })}
FROM json_each(${rows}) AS named
WHERE ${email} = named.value->>'email' AND ${campaign} = named.value->>'campaign'
AND ${person} = named.value->>'person' AND ${last} = named.value->>'last' AND ${isOurs}`;
}

/** Renames messages, or adds them to those that the pseudonym has of other seqs, as if all had been of one. */
function messageStatements(rows: string, isOurs: Sql): Sql[] {
  const { email, campaign, person, since, flags, outcomeAt, clicks, botClicks, recent, seqs } = messageStats;
  const columns = columnNames(email, campaign, person, since, flags, outcomeAt, clicks, botClicks, recent, seqs);
  return [
    sql`INSERT INTO ${messageStats} (${columns})
SELECT ${email}, ${campaign}, named.value->>'pseudonym', ${since}, ${flags}, ${outcomeAt}, ${clicks},
  ${botClicks}, NULL, ${seqs}
FROM json_each(${rows}) AS named CROSS JOIN ${messageStats} ON ${email} = named.value->>'email'
AND ${campaign} = named.value->>'campaign' AND ${person} = named.value->>'person' WHERE ${isOurs}
ON CONFLICT (${columnNames(email, campaign, person)}) DO UPDATE SET ${assign(messageStats, MERGED_STATS)}`,
    sql`DELETE FROM ${messageStats} WHERE (${email}, ${campaign}, ${person}) IN (
  SELECT value->>'email', value->>'campaign', value->>'person' FROM json_each(${rows})) AND ${isOurs}`,
  ];
}

/** The messages of rows; the keys of their sends, and the ids of their retries, begin so. */
const prefixesOf = (rows: string): Sql => sql`(
  SELECT DISTINCT value->>'email' || '/' || (value->>'person') || '/' || (value->>'campaign') || '/' AS prefix
  FROM json_each(${rows})) AS named`;
/** "0" follows the slash in ASCII. */
const beginsSo = (text: Column): Sql => sql`(${text} >= named.prefix AND ${text} < rtrim(named.prefix, '/') || '0')`;
const keysOf = (rows: string): Sql => sql`(SELECT ${softBouncedSends.key}
  FROM ${prefixesOf(rows)} CROSS JOIN ${softBouncedSends} ON ${beginsSo(softBouncedSends.key)})`;

/** Deletes softly bounced sends and their retries. */
function sendStatements(rows: string, isOurs: Sql): Sql[] {
  const ids = sql`SELECT ${retries.id} FROM ${prefixesOf(rows)} CROSS JOIN ${retries} ON ${beginsSo(retries.id)}`;
  return [
    sql`DELETE FROM ${softBouncedSends} WHERE ${softBouncedSends.key} IN ${keysOf(rows)} AND ${isOurs}`,
    sql`DELETE FROM ${retries} WHERE ${retries.id} IN (${ids}) AND ${isOurs}`,
  ];
}

/**
 * Drops an address from events of others, with all words in which it may stand, and its hash in the id of a removal.
 * What says which event it is stays.
 */
function addressedStatements(rows: string, erasure: Erasure, isOurs: Sql): Sql[] {
  const { id, seq, detail, link } = events;
  const { address, bounce, key } = softBouncedSends;
  const found = sql`json_each(${rows}) AS found CROSS JOIN ${events} ON ${seq} = found.value->>'seq'`;
  const ownAddress = sql`iif(${detail}->>'address' = found.value->>'address', '$.address', '$.details')`;
  const withoutAddress = (url: Column) => sql`iif(${namesAddress(erasure, sql`${url}`)}, ${withoutQuery(url)}, ${url})`;
  return [
    sql`UPDATE ${suppressions} SET ${assign(suppressions, { cause: "erased" })}
WHERE ${suppressions.event} IN (SELECT ${id} FROM ${found}) AND ${suppressions.reason} <> 'unsubscribed' AND ${isOurs}`,
    sql`UPDATE ${links} SET ${assign(links, { url: withoutAddress(links.url) })}
WHERE (${links.email}, ${links.id}) IN (SELECT ${events.email}, ${events.linkId} FROM ${found}) AND ${isOurs}`,
    sql`UPDATE ${events} SET ${assign(events, {
      id: sql`iif(${id} GLOB 'removed/*', lower(hex(randomblob(16))), ${id})`,
      link: withoutAddress(link),
      detail: sql`json_remove(json_replace(${detail}, '$.formFields', json('{}')), ${ownAddress},
  '$.details', '$.query', '$.referrer', '$.who', '$.why')`,
    })} FROM json_each(${rows}) AS found WHERE ${seq} = found.value->>'seq' AND ${isOurs}`,
    sql`UPDATE ${softBouncedSends} SET ${assign(softBouncedSends, {
      address: sql`nullif(${address}, ${erasure.address})`,
      bounce: sql`json_remove(${bounce}, '$.details')`,
    })} WHERE ${key} IN ${keysOf(rows)} AND ${isOurs}
AND (${address} = ${erasure.address} OR ${namesAddress(erasure, sql`${bounce}`)})`,
  ];
}
