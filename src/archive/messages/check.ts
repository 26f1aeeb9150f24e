/**
 * Compares what D1 notes of message files with what R2 has. A file whose object is gone, because D1 was restored to an
 * earlier time, is noted with a later version of it that is whole. Messages that have left the file since are in it
 * again. Of a file without messages the row is deleted then.
 */
import { messageFiles } from "../../events/archive-schema.ts";
import { isWritten } from "../../events/batch.ts";
import { logger } from "../../platform/logger.ts";
import { assign, everyColumn, runBatch, sql } from "../../platform/sql.ts";
import { withDeadline } from "../../platform/timeout.ts";
import { checkEach } from "../check.ts";
import { nextEdition } from "../edition.ts";
import { noteLost } from "../note-lost.ts";
import type { LogStores } from "../segments.ts";
import { successorsOf } from "../successors.ts";
import { R2_DEADLINE_MS } from "../verified.ts";
import { endLossOfFile } from "./lost.ts";
import { decodedContent, isNotedAs, type MessageFile } from "./message-file.ts";
import { keysOfFile, messageFileKey, type NamedFile, parsedFileKey } from "./message-key.ts";
import { boundsOf } from "./move.ts";
import { isNotedStill } from "./recall.ts";
import { forgetEmpty } from "./sweep.ts";

export interface FileFinding {
  /** As of segments. */
  readonly finding: "missing" | "changed" | "damaged" | "mended";
  /** As D1 noted it. */
  readonly file: MessageFile;
  /** As D1 notes it now; of what is mended. */
  readonly now?: MessageFile;
}

export interface CheckedFiles {
  readonly checked: readonly MessageFile[];
  readonly findings: readonly FileFinding[];
}

/**
 * Checks the files behind an id, one at least where there is one, until `untilMs`.
 * @param isDeep whether objects are decoded
 * @throws the errors of D1 and R2
 */
export async function checkMessageFiles(
  stores: LogStores,
  after: number,
  { limit, isDeep, untilMs }: { readonly limit: number; readonly isDeep: boolean; readonly untilMs: number },
): Promise<CheckedFiles> {
  const query = sql`SELECT ${everyColumn(messageFiles)} FROM ${messageFiles} WHERE ${messageFiles.id} > ${after}
ORDER BY ${messageFiles.id} LIMIT ${limit}`;
  const { results } = await query.prepare(stores.DB).all<MessageFile>();
  return await checkEach(results, { isDeep, untilMs }, (file) => checkFile(stores, file, { isDeep, untilMs }));
}

async function checkFile(
  stores: LogStores,
  file: MessageFile,
  { isDeep, untilMs }: { readonly isDeep: boolean; readonly untilMs: number },
): Promise<FileFinding | undefined> {
  const fault = await faultOf(stores.ARCHIVE, file, isDeep);
  // The sweep has deleted it, and D1, restored, notes it again.
  if (fault === "missing" && file.rows === 0 && file.dropAt === null) {
    await forgetEmpty(stores.DB, [messageFileKey(file)], Date.now());
    return undefined;
  }
  // It may have been rewritten or deleted since D1 was asked; the next check sees what it is now.
  if (fault === undefined || !(await isNotedStill(stores.DB, file))) return undefined;
  const now = await mend(stores, file, untilMs);
  if (now === undefined) await noteLost(stores.DB, [messageFileKey(file)]);
  return now === undefined ? { finding: fault, file } : { finding: "mended", file, now };
}

async function faultOf(
  bucket: R2Bucket,
  file: MessageFile,
  isDeep: boolean,
): Promise<Exclude<FileFinding["finding"], "mended"> | undefined> {
  const object = await withDeadline(bucket.head(messageFileKey(file)), R2_DEADLINE_MS, "R2");
  if (object === null) return "missing";
  if (object.etag !== file.etag || object.size !== file.bytes) return "changed";
  if (!isDeep) return undefined;
  return (await decoded(bucket, file, file.restoredTo))?.messages.length === file.rows ? undefined : "damaged";
}

async function decoded(bucket: R2Bucket, file: NamedFile, restoredTo: number | null) {
  const object = await withDeadline(bucket.get(messageFileKey(file)), R2_DEADLINE_MS, "R2");
  if (object === null) return undefined;
  const bytes = await withDeadline(object.arrayBuffer(), R2_DEADLINE_MS, "R2");
  try {
    return { etag: object.etag, bytes: bytes.byteLength, ...(await decodedContent(bytes, { restoredTo })) };
  } catch (error) {
    logger.warn("a message file cannot be decoded", { key: messageFileKey(file), error });
    return undefined;
  }
}

/** Notes the latest whole object of a file whose noted one is not there; undefined: there is none. */
async function mend(stores: LogStores, file: MessageFile, untilMs: number): Promise<MessageFile | undefined> {
  for (const named of await successorsOf(stores.ARCHIVE, keysOfFile(file), parsedFileKey, file)) {
    // Those that have left it since are in it again. Of the same version nobody has.
    const restoredTo = named.version > file.version ? file.version : file.restoredTo;
    const found = await decoded(stores.ARCHIVE, named, restoredTo);
    // The same object, copied, has another etag.
    const isOurs = named.version > file.version || found?.messages.length === file.rows;
    if (found === undefined || !isOurs) continue;
    const { messages, etag, bytes } = found;
    const now = { ...file, ...named, etag, bytes, rows: messages.length, ...boundsOf(messages), restoredTo };
    if (!(await note(stores.DB, file, now))) return undefined;
    await endLossOfFile(stores, messageFileKey(file), untilMs);
    return now;
  }
  return undefined;
}

/** @returns false when D1 notes something else meanwhile */
async function note(d1: D1Database, file: MessageFile, now: MessageFile): Promise<boolean> {
  const results = await runBatch(d1, [
    nextEdition(sql`EXISTS (SELECT 1 FROM ${messageFiles} WHERE ${isNotedAs(file)})`),
    sql`UPDATE ${messageFiles} SET ${assign(messageFiles, now)} WHERE ${isNotedAs(file)}`,
  ]);
  return isWritten(results);
}
