/**
 * Brings messages back from their files into D1, before something is read or written about them. Guarantees that from
 * then on D1 decides about them, until their file is rewritten, and that each is brought back once, however many ask
 * for it at the same time.
 */
import { dayTotals, lostFiles, messageFiles, recalledMessages } from "../../events/archive-schema.ts";
import { mailings } from "../../events/mailing-schema.ts";
import { MERGED_STATS } from "../../events/merged-stats.ts";
import { earlierSeqs, messageStats } from "../../events/schema.ts";
import { retryOnce } from "../../platform/errors.ts";
import { jsonArrays } from "../../platform/json-arrays.ts";
import { logger } from "../../platform/logger.ts";
import type { Result } from "../../platform/result.ts";
import { assign, columnNames, everyColumn, excluded, isOneOf, runBatch, type Sql, sql } from "../../platform/sql.ts";
import { nextEdition } from "../edition.ts";
import { type FileLoss, FileLost } from "../file-lost.ts";
import { noteLost } from "../note-lost.ts";
import { recallStaying } from "../recall-seqs.ts";
import { RELIED_ON_MS, REWRITE_AFTER_MS } from "../relied-on.ts";
import type { LogStores } from "../segments.ts";
import { seqsStayingWith } from "../staying.ts";
import { keyArrays, statsRowsIn } from "./leaving.ts";
import {
  type FileContent,
  type FiledMessage,
  fileContent,
  isNotedAs,
  type MessageFile,
  seqsOfFiled,
} from "./message-file.ts";
import { lookupJson, lookupsIn, MAY_HAVE, type MessageLookup } from "./message-filter.ts";
import { messageFileKey } from "./message-key.ts";
import { changeTotals, deleteEmptyTotals } from "./totals.ts";

const MAX_TRIES = 5;
/** Messages that one transaction brings back. */
const AT_A_TIME = 500;
const PEOPLE_AT_A_TIME = 1_000;

/**
 * Brings messages back: by email, campaign and person, or all of a person's, perhaps of one email.
 * @param isErasing has their files rewritten at once, and accepts no file that is lost
 * @returns whether messages are in files, so that D1 may have more of them than before
 * @throws the errors of D1 and R2; {FileLost}
 */
export async function recallFiled(
  stores: LogStores,
  lookups: readonly MessageLookup[],
  isErasing = false,
): Promise<boolean> {
  if (lookups.length === 0 || !(await hasFiles(stores.DB))) return false;
  for (const array of jsonArrays([...new Set(lookups.map(lookupJson))])) await recallFound(stores, array, isErasing);
  return true;
}

/**
 * Brings back all messages of people, a thousand at a time.
 * @param persons selects the column `person`
 * @throws the errors of D1 and R2
 */
export async function recallPeople(stores: LogStores, persons: Sql): Promise<void> {
  for (let after = ""; ; ) {
    const query = sql`SELECT DISTINCT person FROM (${persons}) WHERE person > ${after}
AND EXISTS (SELECT 1 FROM ${messageFiles}) ORDER BY person LIMIT ${PEOPLE_AT_A_TIME}`;
    const { results } = await retryOnce(() => query.prepare(stores.DB).all<{ person: string }>());
    await recallFiled(stores, results);
    const last = results.at(-1);
    if (last === undefined || results.length < PEOPLE_AT_A_TIME) return;
    after = last.person;
  }
}

async function hasFiles(d1: D1Database): Promise<boolean> {
  return (await retryOnce(() => sql`SELECT 1 FROM ${messageFiles} LIMIT 1`.prepare(d1).first())) !== null;
}

/** A file that may have what is looked up. */
interface Candidate extends MessageFile {
  readonly lookupEmail: string | null;
  readonly lookupCampaign: string | null;
  readonly lookupPerson: string;
}

/** @param lookups a JSON array, of what `lookupJson` returns */
async function recallFound(stores: LogStores, lookups: string, isErasing: boolean): Promise<void> {
  const dueAtMs = Date.now() + (isErasing ? 0 : REWRITE_AFTER_MS);
  const purpose = { dueAtMs, isErasing };
  for (let tries = 1; ; tries++) {
    const byFile = Map.groupBy(await candidatesFor(stores.DB, lookups, dueAtMs), ({ id }) => id);
    const lost: FileLoss[] = [];
    let hasChanged = false;
    for (const candidates of byFile.values()) {
      const [file] = candidates;
      if (file === undefined) continue;
      const found = await recallFrom(stores, file, candidates, purpose);
      // It may have been rewritten or deleted since D1 was asked, and may be none of theirs any more.
      if (!(await isNotedStill(stores.DB, file))) hasChanged = true;
      else if (!found.ok) lost.push(found.reason);
    }
    if (hasChanged && tries < MAX_TRIES) continue;
    if (hasChanged) throw new Error("message files change all the time");
    const [loss] = lost;
    if (loss === undefined) return;
    const keys = lost.map(({ key }) => key);
    await noteLost(stores.DB, keys);
    // The file alone says which messages, and so which events, the person has.
    if (isErasing) throw new FileLost(loss);
    // Whoever else asks goes on, as if retention had deleted the messages.
    return logger.error("messages cannot be recalled: their files are lost", { lost: keys });
  }
}

/** @param dueAtMs when the files are to be rewritten: what came back to be rewritten later is asked for again */
async function candidatesFor(d1: D1Database, lookups: string, dueAtMs: number): Promise<readonly Candidate[]> {
  const isOfLookup = (of: typeof messageStats | typeof recalledMessages) => sql`${of.email} = lookups.email
  AND ${of.campaign} = lookups.campaign AND ${of.person} = lookups.person`;
  // Each message in a file is in the totals of its email and campaign: of most new messages there are none.
  const hasTotals = sql`(lookups.email IS NULL OR EXISTS (SELECT 1 FROM ${dayTotals}
  WHERE ${dayTotals.email} = lookups.email AND ${dayTotals.campaign} >= coalesce(lookups.campaign, '')
  AND ${dayTotals.campaign} <= coalesce(lookups.campaign, '~')))`;
  const isReliedOn = sql`${recalledMessages.usedAt} > ${Date.now() - RELIED_ON_MS / 2}`;
  const isAllBack = sql`(lookups.campaign IS NULL AND EXISTS (SELECT 1 FROM ${recalledMessages}
  WHERE ${recalledMessages.file} = ${messageFiles.id} AND ${recalledMessages.person} = lookups.person
  AND ${recalledMessages.isWhole} AND ${isReliedOn} AND ${recalledMessages.dueAt} <= ${dueAtMs}))`;
  const query = sql`WITH ${lookupsIn(lookups)} SELECT lookups.email AS lookupEmail,
  lookups.campaign AS lookupCampaign, lookups.person AS lookupPerson, ${everyColumn(messageFiles)}
FROM lookups ${MAY_HAVE}
WHERE ${hasTotals} AND NOT ${isAllBack} AND NOT coalesce(
  (SELECT ${isReliedOn} FROM ${recalledMessages}
    WHERE ${isOfLookup(recalledMessages)} AND ${recalledMessages.file} = ${messageFiles.id}),
  EXISTS (SELECT 1 FROM ${messageStats} WHERE ${isOfLookup(messageStats)}))
ORDER BY ${messageFiles.id}`;
  return (await retryOnce(() => query.prepare(d1).all<Candidate>())).results;
}

/** What was recalled counts only when D1 notes the file still. */
async function recallFrom(
  stores: LogStores,
  file: MessageFile,
  candidates: readonly Candidate[],
  { dueAtMs, isErasing }: { readonly dueAtMs: number; readonly isErasing: boolean },
): Promise<Result<FileContent, FileLoss>> {
  const content = await fileContent(stores.ARCHIVE, file);
  if (!content.ok) return content;
  const { messages, left } = content.value;
  const ofPerson = Map.groupBy(candidates, ({ lookupPerson }) => lookupPerson);
  const isFound = (message: FiledMessage) => ofPerson.get(message.person)?.some((each) => matches(message, each));
  await bringBackFrom(stores, file, messages.filter(isFound), dueAtMs);
  if (isErasing) await dropLeft(stores.DB, file, left.filter(isFound), dueAtMs);
  await noteWhole(stores.DB, file, candidates);
  return content;
}

/**
 * Brings messages of a file back, those that are not back yet, where the file is as it was read.
 * @param dueAtMs when it is to be rewritten
 * @throws the errors of D1 and R2
 */
export async function bringBackFrom(
  stores: LogStores,
  file: MessageFile,
  messages: readonly FiledMessage[],
  dueAtMs: number,
): Promise<void> {
  // First: reports count the bounces of the messages in D1.
  const entries = messages.flatMap((message) => {
    const { email, flags } = message;
    return seqsOfFiled(message).map((seq) => JSON.stringify({ email, flags, seq }));
  });
  for (const array of jsonArrays(entries))
    await recallStaying(stores, seqsStayingWith(array), dueAtMs + REWRITE_AFTER_MS);
  for (let from = 0; from < messages.length; from += AT_A_TIME) {
    const some = messages.slice(from, from + AT_A_TIME);
    await retryOnce(() => runBatch(stores.DB, recallStatements(file, some, dueAtMs)));
  }
}

export async function isNotedStill(d1: D1Database, file: MessageFile): Promise<boolean> {
  return (await sql`SELECT 1 FROM ${messageFiles} WHERE ${isNotedAs(file)}`.prepare(d1).first()) !== null;
}

/** Has the object of a file rewritten without messages that have left the file. */
async function dropLeft(
  d1: D1Database,
  file: MessageFile,
  left: readonly FiledMessage[],
  dueAtMs: number,
): Promise<void> {
  const isSame = sql`EXISTS (SELECT 1 FROM ${messageFiles} WHERE ${isNotedAs(file)})`;
  const statements = keyArrays(left).map((keys) => noteRecalled(keys, file.id, dueAtMs, isSame));
  if (statements.length > 0) await runBatch(d1, statements);
}

/** Notes that all messages of people in a file came back. */
async function noteWhole(d1: D1Database, file: MessageFile, candidates: readonly Candidate[]): Promise<void> {
  const people = candidates.filter(({ lookupEmail }) => lookupEmail === null).map(({ lookupPerson }) => lookupPerson);
  if (people.length === 0) return;
  const query = sql`UPDATE ${recalledMessages} SET ${assign(recalledMessages, { isWhole: 1 })}
WHERE ${recalledMessages.file} = ${file.id} AND ${isOneOf(recalledMessages.person, people)}
AND EXISTS (SELECT 1 FROM ${messageFiles} WHERE ${isNotedAs(file)})`;
  await query.prepare(d1).run();
}

function matches({ email, campaign }: FiledMessage, { lookupEmail, lookupCampaign }: Candidate): boolean {
  return (lookupEmail ?? email) === email && (lookupCampaign ?? campaign) === campaign;
}

/** Statements that bring messages back, those that are not back yet, where the file is as it was read. */
function recallStatements(file: MessageFile, messages: readonly FiledMessage[], dueAtMs: number): Sql[] {
  const isSame = sql`EXISTS (SELECT 1 FROM ${messageFiles} WHERE ${isNotedAs(file)})`;
  const isNew = sql`NOT EXISTS (SELECT 1 FROM ${recalledMessages} WHERE ${recalledMessages.file} = ${file.id}
  AND ${recalledMessages.email} = value->>'email'
  AND ${recalledMessages.campaign} = value->>'campaign' AND ${recalledMessages.person} = value->>'person')`;
  const arrays = jsonArrays(messages.map((message) => JSON.stringify(message)));
  return [
    ...arrays.flatMap((array) => bringBack(array, file, isSame, isNew)),
    ...keyArrays(messages).map((keys) => noteRecalled(keys, file.id, dueAtMs, isSame)),
  ];
}

function bringBack(array: string, file: MessageFile, isSame: Sql, isNew: Sql): Sql[] {
  const { email, campaign, person, since, flags, outcomeAt, clicks, botClicks, recent, seqs } = messageStats;
  const columns = columnNames(email, campaign, person, since, flags, outcomeAt, clicks, botClicks, recent, seqs);
  const rows = statsRowsIn(array, isNew);
  // One that D1 has already was made while the file was lost: both are one message.
  const isOther = sql`(SELECT 1 FROM ${messageStats} WHERE ${email} = value->>'email'
  AND ${campaign} = value->>'campaign' AND ${person} = value->>'person')`;
  const bothSeqs = sql`(SELECT json_group_array(value) FROM (
  SELECT value FROM json_each(${seqs}) UNION SELECT value FROM json_each(${excluded(seqs)})))`;
  const merged = { ...MERGED_STATS, seqs: bothSeqs };
  // Statistics must not write one that they have read, or have missed because they found the file lost.
  const isLost = sql`EXISTS (SELECT 1 FROM ${lostFiles} WHERE ${lostFiles.key} = ${messageFileKey(file)})`;
  const withdrawn = nextEdition(sql`${isSame}
AND EXISTS (SELECT 1 FROM json_each(${array}) WHERE ${isNew} AND (${isLost} OR EXISTS ${isOther}))`);
  const { last } = earlierSeqs;
  const earlierColumns = columnNames(
    earlierSeqs.email,
    earlierSeqs.campaign,
    earlierSeqs.person,
    last,
    earlierSeqs.seqs,
  );
  return [
    withdrawn,
    sql`UPDATE ${mailings} SET ${assign(mailings, { isStale: 1 })} WHERE ${isSame}
AND (${mailings.email}, ${mailings.campaign}) IN (
  SELECT value->>'email', value->>'campaign' FROM json_each(${array}) WHERE ${isNew} AND EXISTS ${isOther})`,
    ...changeTotals(rows, -1, isSame),
    ...deleteEmptyTotals(rows, isSame),
    sql`INSERT OR IGNORE INTO ${earlierSeqs} (${earlierColumns})
SELECT filed.value->>'email', filed.value->>'campaign', filed.value->>'person', each.value->>0, each.value->>1
FROM (SELECT value FROM json_each(${array}) WHERE ${isNew}) AS filed
CROSS JOIN json_each(filed.value->>'earlier') AS each WHERE ${isSame}`,
    sql`INSERT INTO ${messageStats} (${columns}) SELECT * FROM ${rows} WHERE ${isSame}
ON CONFLICT (${columnNames(email, campaign, person)}) DO UPDATE SET ${assign(messageStats, merged)}`,
  ];
}

/** The statement that notes messages as recalled, and when their file is to be rewritten. */
function noteRecalled(keys: string, file: number, dueAtMs: number, condition: Sql): Sql {
  const { email, campaign, person, usedAt, dueAt, isErased } = recalledMessages;
  return sql`INSERT INTO ${recalledMessages}
(${columnNames(email, campaign, person, recalledMessages.file, usedAt, dueAt)})
SELECT value->>'email', value->>'campaign', value->>'person', ${file}, ${Date.now()}, ${dueAtMs}
FROM json_each(${keys}) WHERE ${condition}
ON CONFLICT (${columnNames(email, campaign, person, recalledMessages.file)}) DO UPDATE SET ${assign(recalledMessages, {
    // Nobody relies on what the file has of somebody who was erased: it goes, however often they come back.
    usedAt: sql`iif(${isErased}, ${usedAt}, ${excluded(usedAt)})`,
    isWhole: 0,
    dueAt: sql`min(${dueAt}, ${excluded(dueAt)})`,
  })}`;
}
