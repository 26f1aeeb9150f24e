/**
 * Rewrites message files: recalled messages to which nothing has happened leave D1 again, the others leave the file,
 * and so do those whose events retention has deleted. Guarantees, as moving does, that each message is at every moment
 * in D1 or in one noted file. The object before it is deleted afterwards, and if that fails by the sweep.
 */

import { messageFiles, messageFilters, recalledMessages, segments } from "../../events/archive-schema.ts";
import { retention } from "../../events/privacy-schema.ts";
import { events, messageStats } from "../../events/schema.ts";
import { DAY_MS } from "../../platform/durations.ts";
import { assign, everyColumn, rawSql, readBatch, type Sql, sql } from "../../platform/sql.ts";
import type { Message } from "../../tokens/claims.ts";
import { isPseudonym } from "../../tokens/pseudonym.ts";
import { FileLost } from "../file-lost.ts";
import { RELIED_ON_MS } from "../relied-on.ts";
import type { DueFiles } from "../rewrite-due.ts";
import type { LogStores } from "../segments.ts";
import { isTrue } from "../stored-rows.ts";
import { changeArchive } from "../transaction.ts";
import { deleteObject } from "../verified.ts";
import { areAsRead, leave } from "./leaving.ts";
import {
  FILED_COLUMNS,
  type FileContent,
  type FiledMessage,
  fileContent,
  inOrder,
  isNotedAs,
  lastSeqOf,
  type MessageFile,
  writeMessageFile,
} from "./message-file.ts";
import { keyOfMessage } from "./message-filter.ts";
import { messageFileKey } from "./message-key.ts";
import { boundsOf } from "./move.ts";
import { isNotedStill } from "./recall.ts";

/** Time Travel takes D1 back by 30 days at most ("Time Travel" of D1). */
export const RESTORED_MS = 31 * DAY_MS;

/** Where retention deletes events: the first seq of the log, below which no message has an event; otherwise 0. */
const LOG_START = sql`iif(EXISTS (SELECT 1 FROM ${retention}), min(
  coalesce((SELECT min(${segments.first}) FROM ${segments}), ${rawSql("9e15")}),
  coalesce((SELECT min(${events.seq}) FROM ${events}), ${rawSql("9e15")})), 0)`;

/** The message files that are due at `nowMs`. */
export function dueMessageFiles(stores: LogStores, nowMs: number): DueFiles<DueFile> {
  return {
    next: (after) => fileToRewrite(stores.DB, after, nowMs),
    position: ({ id }) => id,
    key: messageFileKey,
    rewrite: (file) => rewriteFile(stores, file),
    isNotedStill: (file) => isNotedStill(stores.DB, file),
  };
}

/** A file, and what it may give up. */
interface DueFile extends MessageFile {
  readonly logStart: number;
  /** Retention has deleted what happened before, ms since 1970 UTC; 0: it deletes nothing. */
  readonly keptFromMs: number;
  /** Messages that were used later stay as they are: somebody may be about to write about them. */
  readonly idleSinceMs: number;
}

/** The first file behind an id that is to be rewritten by now; undefined: there is none. Throws D1's error. */
export async function fileToRewrite(d1: D1Database, after: number, nowMs: number): Promise<DueFile | undefined> {
  const { file, dueAt, usedAt } = recalledMessages;
  const idleSinceMs = nowMs - RELIED_ON_MS;
  const isDue = sql`EXISTS (SELECT 1 FROM ${recalledMessages}
  WHERE ${file} = ${messageFiles.id} AND ${dueAt} <= ${nowMs} AND ${usedAt} <= ${idleSinceMs})`;
  const keptFrom = sql`coalesce((SELECT ${retention.before} FROM ${retention}), 0)`;
  const query = sql`SELECT ${everyColumn(messageFiles)}, log.start AS logStart, ${keptFrom} AS keptFromMs,
  ${idleSinceMs} AS idleSinceMs
FROM (SELECT ${LOG_START} AS start) AS log CROSS JOIN ${messageFiles}
WHERE ${messageFiles.id} > ${after}
AND (${isDue} OR ${messageFiles.oldestSeq} < log.start OR ${messageFiles.dropAt} <= ${nowMs})
ORDER BY ${messageFiles.id} LIMIT 1`;
  return (await query.prepare(d1).first<DueFile>()) ?? undefined;
}

/**
 * Returns false when something has changed meanwhile: the file is as it was.
 * @throws the errors of D1 and R2; {FileLost}
 */
export async function rewriteFile(stores: LogStores, due: DueFile): Promise<boolean> {
  const { DB, ARCHIVE } = stores;
  const { logStart, keptFromMs, idleSinceMs, ...file } = due;
  const recalled = await recalledOf(DB, file);
  const content = await fileContent(ARCHIVE, file);
  if (!content.ok) throw new FileLost(content.reason);
  const { messages: filed, left } = content.value;
  const idle = [...recalled.values()].filter(({ usedAt }) => usedAt <= idleSinceMs);
  const isOld = (message: FiledMessage) => {
    // A pseudonym names nobody: those messages stay.
    return message.since < keptFromMs && (lastSeqOf(message) ?? 0) < logStart && !isPseudonym(message.person);
  };
  const returning = filed.filter((message) => {
    const { usedAt = 0, stored } = recalled.get(keyOfMessage(message)) ?? {};
    return stored === JSON.stringify(message) && usedAt <= idleSinceMs;
  });
  const leaving = new Set(idle.map(keyOfMessage));
  for (const message of returning) leaving.delete(keyOfMessage(message));
  const messages = filed.filter((message) => {
    return recalled.has(keyOfMessage(message)) ? !leaving.has(keyOfMessage(message)) : !isOld(message);
  });
  const kept = left.filter(
    (message) => !recalled.has(keyOfMessage(message)) && message.leftAt > idleSinceMs - RESTORED_MS,
  );
  const isSame = messages.length === filed.length && kept.length === left.length;
  if (idle.length === 0 && isSame) return false;
  const isReplaceable = sql`EXISTS (SELECT 1 FROM ${messageFiles} WHERE ${isNotedAs(file)})
AND ${idle.length} = (SELECT count(*) FROM ${recalledMessages}
  WHERE ${recalledMessages.file} = ${file.id} AND ${recalledMessages.usedAt} <= ${idleSinceMs})
AND ${areAsRead(returning)}`;
  if (!isSame && !(await isTrue(DB, isReplaceable))) return false;
  // Whose row is gone was erased: nothing keeps them.
  const gone = filed.filter((message) => {
    return leaving.has(keyOfMessage(message)) && recalled.get(keyOfMessage(message))?.stored !== undefined;
  });
  const newlyLeft = gone.map((message) => ({ ...message, leftIn: file.version + 1, leftAt: Date.now() }));
  const next = isSame ? file : await writeNext(ARCHIVE, file, { messages, left: [...kept, ...newlyLeft] });
  const isReplaced = await changeArchive(DB, isReplaceable, (isOurs) =>
    replaceStatements(next, returning, idleSinceMs, isOurs),
  );
  if (isSame) return isReplaced;
  // As for segments (../rewrite.ts).
  if (!isReplaced || file.restoredTo === null) await deleteObject(ARCHIVE, messageFileKey(isReplaced ? file : next));
  return isReplaced;
}

/** A message that came back, and its row in D1 as JSON; undefined: D1 has no row of it, or one of later events. */
interface RecalledMessage extends Message {
  readonly usedAt: number;
  readonly stored: string | undefined;
}

async function recalledOf(d1: D1Database, { id }: MessageFile): Promise<ReadonlyMap<string, RecalledMessage>> {
  const { email, campaign, person, usedAt, isErased } = recalledMessages;
  const isSame = sql`(${messageStats.email}, ${messageStats.campaign}, ${messageStats.person})
= (${email}, ${campaign}, ${person})`;
  const keys = sql`SELECT ${email} AS email, ${campaign} AS campaign, ${person} AS person, ${usedAt} AS usedAt
FROM ${recalledMessages} WHERE ${recalledMessages.file} = ${id}`;
  const rows = sql`SELECT ${FILED_COLUMNS} FROM ${recalledMessages} CROSS JOIN ${messageStats} ON ${isSame}
WHERE ${recalledMessages.file} = ${id} AND NOT ${isErased}`;
  const [named, stored] = await readBatch<[Omit<RecalledMessage, "stored">, FiledMessage]>(d1, [keys, rows]);
  const texts = new Map(stored.map((row) => [keyOfMessage(row), JSON.stringify(inOrder(row))]));
  return new Map(
    named.map((message) => [keyOfMessage(message), { ...message, stored: texts.get(keyOfMessage(message)) }]),
  );
}

/** Writes the next version; without messages, too: D1, restored to an earlier time, learns by it that all are gone. */
async function writeNext(bucket: R2Bucket, file: MessageFile, content: FileContent): Promise<MessageFile> {
  const { messages, left } = content;
  const named = { id: file.id, fileToken: file.fileToken, version: file.version + 1 };
  const written = await writeMessageFile(bucket, named, content);
  const dropAt = left.length === 0 ? null : Math.min(...left.map(({ leftAt }) => leftAt)) + RESTORED_MS + RELIED_ON_MS;
  return { ...file, ...named, ...written, ...boundsOf(messages), rows: messages.length, restoredTo: null, dropAt };
}

function replaceStatements(
  next: MessageFile,
  returning: readonly FiledMessage[],
  idleSinceMs: number,
  isOurs: Sql,
): Sql[] {
  const { id, chunks: _, ...facts } = next;
  const withoutFilter = sql`DELETE FROM ${messageFilters} WHERE ${messageFilters.file} = ${id} AND ${isOurs}`;
  return [
    ...leave(returning, isOurs),
    sql`DELETE FROM ${recalledMessages} WHERE ${recalledMessages.file} = ${id}
AND ${recalledMessages.usedAt} <= ${idleSinceMs} AND ${isOurs}`,
    sql`UPDATE ${messageFiles} SET ${assign(messageFiles, facts)} WHERE ${messageFiles.id} = ${id} AND ${isOurs}`,
    // It leads erasures to those who have left, too.
    ...(next.rows === 0 && next.dropAt === null ? [withoutFilter] : []),
  ];
}
