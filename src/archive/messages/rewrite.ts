/**
 * Rewrites message files: recalled messages to which nothing has happened leave D1 again, the others leave the file,
 * and so do those whose events retention has deleted. Guarantees, as moving does, that each message is at every moment
 * in D1 or in one noted file. The object before it is deleted afterwards, and if that fails by the sweep.
 */
import { messageFiles, messageFilters, recalledMessages, segments } from "../../events/archive-schema.ts";
import { retention } from "../../events/privacy-schema.ts";
import { events, messageStats } from "../../events/schema.ts";
import { assign, everyColumn, rawSql, readBatch, type Sql, sql } from "../../platform/sql.ts";
import { FileLost } from "../file-lost.ts";
import { RELIED_ON_MS } from "../relied-on.ts";
import type { DueFiles } from "../rewrite-due.ts";
import type { LogStores } from "../segments.ts";
import { isTrue } from "../stored-rows.ts";
import { changeArchive } from "../transaction.ts";
import { deleteObject } from "../verified.ts";
import { areAsRead, leave, type StatementsForLeaving } from "./leaving.ts";
import {
  FILED_COLUMNS,
  type FileContent,
  type FiledMessage,
  fileContent,
  inOrder,
  isNotedAs,
  type MessageFile,
  writeMessageFile,
} from "./message-file.ts";
import { keyOfMessage } from "./message-filter.ts";
import { messageFileKey } from "./message-key.ts";
import { boundsOf } from "./move.ts";
import { isNotedStill } from "./recall.ts";
import { planOf, RESTORED_MS, type RecalledMessage, type RewriteLimits } from "./rewrite-plan.ts";

/** Where retention deletes events: the first seq of the log, below which no message has an event; otherwise 0. */
const LOG_START = sql`iif(EXISTS (SELECT 1 FROM ${retention}), min(
  coalesce((SELECT min(${segments.first}) FROM ${segments}), ${rawSql("9e15")}),
  coalesce((SELECT min(${events.seq}) FROM ${events}), ${rawSql("9e15")})), 0)`;

/** The message files that are due at `nowMs`. @param deletionsWith what `leave` takes */
export function dueMessageFiles(
  stores: LogStores,
  nowMs: number,
  deletionsWith: StatementsForLeaving,
): DueFiles<DueFile> {
  return {
    next: (after) => fileToRewrite(stores.DB, after, nowMs),
    position: ({ id }) => id,
    key: messageFileKey,
    rewrite: (file) => rewriteFile(stores, file, deletionsWith),
    isNotedStill: (file) => isNotedStill(stores.DB, file),
  };
}

/** A file, and what it may give up. */
type DueFile = MessageFile & RewriteLimits;

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
export async function rewriteFile(
  stores: LogStores,
  due: DueFile,
  deletionsWith: StatementsForLeaving,
): Promise<boolean> {
  const { DB, ARCHIVE } = stores;
  const { logStart, keptFromMs, idleSinceMs, ...file } = due;
  const recalled = await recalledOf(DB, file);
  const content = await fileContent(ARCHIVE, file);
  if (!content.ok) throw new FileLost(content.reason);
  const plan = planOf(content.value, recalled, { logStart, keptFromMs, idleSinceMs });
  const { messages, returning, keptLeft, leaving, idle, isSame } = plan;
  if (idle === 0 && isSame) return false;
  const isReplaceable = sql`EXISTS (SELECT 1 FROM ${messageFiles} WHERE ${isNotedAs(file)})
AND ${idle} = (SELECT count(*) FROM ${recalledMessages}
  WHERE ${recalledMessages.file} = ${file.id} AND ${recalledMessages.usedAt} <= ${idleSinceMs})
AND ${areAsRead(returning)}`;
  if (!isSame && !(await isTrue(DB, isReplaceable))) return false;
  const newlyLeft = leaving.map((message) => ({ ...message, leftIn: file.version + 1, leftAt: Date.now() }));
  const next = isSame ? file : await writeNext(ARCHIVE, file, { messages, left: [...keptLeft, ...newlyLeft] });
  const isReplaced = await changeArchive(DB, isReplaceable, (isOurs) => [
    ...leave(returning, isOurs, deletionsWith),
    ...replaceStatements(next, idleSinceMs, isOurs),
  ]);
  if (isSame) return isReplaced;
  // As for segments (../rewrite.ts).
  if (!isReplaced || file.restoredTo === null) await deleteObject(ARCHIVE, messageFileKey(isReplaced ? file : next));
  return isReplaced;
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

/** Statements that note what the file is now. */
function replaceStatements(next: MessageFile, idleSinceMs: number, isOurs: Sql): Sql[] {
  const { id, chunks: _, ...facts } = next;
  const withoutFilter = sql`DELETE FROM ${messageFilters} WHERE ${messageFilters.file} = ${id} AND ${isOurs}`;
  return [
    sql`DELETE FROM ${recalledMessages} WHERE ${recalledMessages.file} = ${id}
AND ${recalledMessages.usedAt} <= ${idleSinceMs} AND ${isOurs}`,
    sql`UPDATE ${messageFiles} SET ${assign(messageFiles, facts)} WHERE ${messageFiles.id} = ${id} AND ${isOurs}`,
    // It leads erasures to those who have left, too.
    ...(next.rows === 0 && next.dropAt === null ? [withoutFilter] : []),
  ];
}
