/**
 * Rewrites message files: recalled messages to which nothing has happened leave D1 again, the others leave the file,
 * and so do those whose events retention has deleted. Guarantees, as moving does, that each message is at every moment
 * in D1 or in one noted file. The object before it is deleted afterwards, and if that fails by the sweep.
 */
import { messageFiles, messageFilters, recalledMessages, segments } from "../../events/archive-schema.ts";
import { retention } from "../../events/privacy-schema.ts";
import { aggregated, events, messageStats } from "../../events/schema.ts";
import { logger } from "../../platform/logger.ts";
import { assign, everyColumn, rawSql, runBatch, type Sql, sql } from "../../platform/sql.ts";
import { withDeadline } from "../../platform/timeout.ts";
import type { Message } from "../../tokens/claims.ts";
import { isPseudonym } from "../../tokens/pseudonym.ts";
import { RELIED_ON_MS } from "../relied-on.ts";
import { runBatchInFull } from "../reserve.ts";
import type { LogStores } from "../segments.ts";
import { endBatch, isTrue } from "../stored-rows.ts";
import { freeVersion, R2_DEADLINE_MS } from "../verified.ts";
import { areAsRead, leave } from "./leaving.ts";
import {
  FILED_COLUMNS,
  type FiledMessage,
  inOrder,
  lastSeqOf,
  type MessageFile,
  messagesIn,
  writeMessageFile,
} from "./message-file.ts";
import { messageFileKey } from "./message-key.ts";
import { boundsOf } from "./move.ts";

/** Where retention deletes events: the first seq of the log, below which no message has an event; otherwise 0. */
const LOG_START = sql`iif(EXISTS (SELECT 1 FROM ${retention}), min(
  coalesce((SELECT min(${segments.first}) FROM ${segments}), ${rawSql("9e15")}),
  coalesce((SELECT min(${events.seq}) FROM ${events}), ${rawSql("9e15")})), 0)`;

/**
 * Rewrites the files that are due at `nowMs`, until `untilMs`. A file that cannot be rewritten holds nothing else up.
 * @throws D1's error
 */
export async function rewriteMessageFiles(stores: LogStores, nowMs: number, untilMs: number): Promise<number> {
  let rewritten = 0;
  for (let after = 0; Date.now() < untilMs; ) {
    const file = await fileToRewrite(stores.DB, after, nowMs);
    if (file === undefined) break;
    if (await tryToRewrite(stores, file)) rewritten++;
    after = file.id;
  }
  return rewritten;
}

/** A file, and where the log begins. */
interface DueFile extends MessageFile {
  readonly logStart: number;
}

/** The first file behind an id that is to be rewritten by now; undefined: there is none. Throws D1's error. */
export async function fileToRewrite(d1: D1Database, after: number, nowMs: number): Promise<DueFile | undefined> {
  const ofFile = sql`${recalledMessages.file} = ${messageFiles.id}`;
  const isDue = sql`EXISTS (SELECT 1 FROM ${recalledMessages} WHERE ${ofFile} AND ${recalledMessages.dueAt} <= ${nowMs})
AND NOT EXISTS (SELECT 1 FROM ${recalledMessages}
  WHERE ${ofFile} AND ${recalledMessages.usedAt} > ${nowMs - RELIED_ON_MS})`;
  const query = sql`SELECT ${everyColumn(messageFiles)}, log.start AS logStart
FROM (SELECT ${LOG_START} AS start) AS log CROSS JOIN ${messageFiles}
WHERE ${messageFiles.id} > ${after} AND (${isDue} OR ${messageFiles.oldestSeq} < log.start)
ORDER BY ${messageFiles.id} LIMIT 1`;
  return (await query.prepare(d1).first<DueFile>()) ?? undefined;
}

async function tryToRewrite(stores: LogStores, file: DueFile): Promise<boolean> {
  try {
    return await rewriteFile(stores, file);
  } catch (error) {
    logger.error("a message file could not be rewritten", { file: messageFileKey(file), error });
    return false;
  }
}

/**
 * Returns false when something has changed meanwhile: the file is as it was.
 * @throws the errors of D1 and R2
 */
export async function rewriteFile(stores: LogStores, { logStart, ...file }: DueFile): Promise<boolean> {
  const { DB, ARCHIVE } = stores;
  const recalled = await recalledOf(DB, file);
  const filed = await messagesIn(ARCHIVE, file);
  // A pseudonym names nobody: those messages stay.
  const isKept = (message: FiledMessage) => isPseudonym(message.person) || lastSeqOf(message) >= logStart;
  const isReturning = (message: FiledMessage) => recalled.get(keyOf(message))?.stored === JSON.stringify(message);
  const returning = filed.filter((message) => recalled.has(keyOf(message)) && isReturning(message));
  const messages = filed.filter((message) => {
    return recalled.has(keyOf(message)) ? isReturning(message) : isKept(message);
  });
  const isReplaceable = sql`${isNoted(file, recalled.size)} AND ${areAsRead(returning)}`;
  const isSame = messages.length === filed.length;
  const next = isSame ? file : await writeNext(stores, file, messages, isReplaceable);
  if (next === undefined) return false;
  const results = await runBatchInFull(DB, replaceStatements(next, returning, isReplaceable));
  const isReplaced = results.at(-1)?.meta.changes === 1;
  if (isReplaced && !isSame) await deleteObject(ARCHIVE, file);
  return isReplaced;
}

/** A message that came back, and its row in D1 as JSON; undefined: it has none any more. */
interface RecalledMessage extends Message {
  readonly stored: string | undefined;
}

async function recalledOf(d1: D1Database, { id }: MessageFile): Promise<ReadonlyMap<string, RecalledMessage>> {
  const { email, campaign, person } = recalledMessages;
  const isSame = sql`(${messageStats.email}, ${messageStats.campaign}, ${messageStats.person})
= (${email}, ${campaign}, ${person})`;
  const keys = sql`SELECT ${email} AS email, ${campaign} AS campaign, ${person} AS person
FROM ${recalledMessages} WHERE ${recalledMessages.file} = ${id}`;
  const rows = sql`SELECT ${FILED_COLUMNS} FROM ${recalledMessages} CROSS JOIN ${messageStats} ON ${isSame}
WHERE ${recalledMessages.file} = ${id}`;
  const [named, stored] = await runBatch(d1, [keys, rows]);
  const texts = new Map(
    (stored?.results as FiledMessage[] | undefined)?.map((row) => [keyOf(row), JSON.stringify(inOrder(row))]),
  );
  const messages = (named?.results ?? []) as Message[];
  return new Map(messages.map((message) => [keyOf(message), { ...message, stored: texts.get(keyOf(message)) }]));
}

function keyOf({ email, campaign, person }: Message): string {
  return `${email}/${campaign}/${person}`;
}

/** Whether a file and the number of its messages that came back are as they were read. */
function isNoted({ id, version, etag }: MessageFile, count: number): Sql {
  return sql`EXISTS (SELECT 1 FROM ${messageFiles}
  WHERE ${messageFiles.id} = ${id} AND ${messageFiles.version} = ${version} AND ${messageFiles.etag} = ${etag})
AND ${count} = (SELECT count(*) FROM ${recalledMessages} WHERE ${recalledMessages.file} = ${id})`;
}

/** Writes the next version; undefined when what it was made from has changed meanwhile. */
async function writeNext(
  { DB, ARCHIVE }: LogStores,
  file: MessageFile,
  messages: readonly FiledMessage[],
  isReplaceable: Sql,
): Promise<MessageFile | undefined> {
  const bounds = { ...boundsOf(messages), rows: messages.length };
  if (messages.length === 0) return { ...file, ...bounds };
  const named = await freeVersion(ARCHIVE, { id: file.id, version: file.version + 1 }, messageFileKey);
  const written = await writeMessageFile(ARCHIVE, named, messages, () => isTrue(DB, isReplaceable));
  return written === undefined ? undefined : { ...file, ...named, ...written, ...bounds };
}

/** Statements of the transaction; the last one changes a row when the others have. */
function replaceStatements(next: MessageFile, returning: readonly FiledMessage[], isReplaceable: Sql): Sql[] {
  const batch = crypto.randomUUID();
  const isOurs = sql`EXISTS (SELECT 1 FROM ${aggregated} WHERE ${aggregated.batch} = ${batch})`;
  const { id, version, etag, rows, bytes, firstEmail, lastEmail, oldestSeq } = next;
  const note = sql`UPDATE ${messageFiles}
SET ${assign(messageFiles, { version, etag, rows, bytes, firstEmail, lastEmail, oldestSeq })}
WHERE ${messageFiles.id} = ${id} AND ${isOurs}`;
  const forget = [
    sql`DELETE FROM ${messageFilters} WHERE ${messageFilters.file} = ${id} AND ${isOurs}`,
    sql`DELETE FROM ${messageFiles} WHERE ${messageFiles.id} = ${id} AND ${isOurs}`,
  ];
  return [
    sql`UPDATE ${aggregated} SET ${assign(aggregated, { batch })} WHERE ${isReplaceable}`,
    ...leave(returning, isOurs),
    sql`DELETE FROM ${recalledMessages} WHERE ${recalledMessages.file} = ${id} AND ${isOurs}`,
    ...(rows === 0 ? forget : [note]),
    endBatch(batch),
  ];
}

async function deleteObject(bucket: R2Bucket, file: MessageFile): Promise<void> {
  try {
    await withDeadline(bucket.delete(messageFileKey(file)), R2_DEADLINE_MS, "R2");
  } catch (error) {
    logger.warn("an old message file stays until the sweep", { error });
  }
}
