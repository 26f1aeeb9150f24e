/**
 * Compares what D1 notes of message files with what R2 has. A file whose object is gone, because D1 was restored to an
 * earlier time, is noted with a later version of it that is whole. Messages that have left the file since are in it
 * again. Of a file without messages the row is deleted then.
 */
import { messageFiles } from "../../events/archive-schema.ts";
import {
  type CheckBounds,
  type CheckedPage,
  checkBehind,
  decodedObject,
  noteObject,
  objectFault,
} from "../checked-objects.ts";
import type { FileFault } from "../file-lost.ts";
import { noteLost } from "../note-lost.ts";
import type { LogStores } from "../segments.ts";
import { successorsOf } from "../successors.ts";
import { endLossOfFile } from "./lost.ts";
import { decodedContent, isNotedAs, type MessageFile } from "./message-file.ts";
import { keysOfFile, messageFileKey, type NamedFile, parsedFileKey } from "./message-key.ts";
import { boundsOf } from "./move.ts";
import { isNotedStill } from "./recall.ts";
import { forgetEmpty } from "./sweep.ts";

export interface FileFinding {
  /** The faults that segments have, too (../check.ts). */
  readonly finding: FileFault | "mended";
  /** As D1 noted it. */
  readonly file: MessageFile;
  /** As D1 notes it now; of what is mended. */
  readonly now?: MessageFile;
}

/** Checks the files behind an id, in their order. Throws the errors of D1 and R2. */
export async function checkMessageFiles(
  stores: LogStores,
  after: number,
  bounds: CheckBounds,
): Promise<CheckedPage<MessageFile, FileFinding>> {
  const behind = { table: messageFiles, column: messageFiles.id, after };
  return await checkBehind(stores.DB, behind, bounds, (file) => checkFile(stores, file, bounds));
}

async function checkFile(
  stores: LogStores,
  file: MessageFile,
  { isDeep, untilMs }: CheckBounds,
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

async function faultOf(bucket: R2Bucket, file: MessageFile, isDeep: boolean): Promise<FileFault | undefined> {
  const fault = await objectFault(bucket, messageFileKey(file), file);
  if (fault !== undefined || !isDeep) return fault;
  return (await decoded(bucket, file, file.restoredTo))?.messages.length === file.rows ? undefined : "damaged";
}

async function decoded(bucket: R2Bucket, file: NamedFile, restoredTo: number | null) {
  return await decodedObject(bucket, messageFileKey(file), async (bytes, etag) => {
    return { etag, bytes: bytes.byteLength, ...(await decodedContent(bytes, { restoredTo })) };
  });
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
    if (!(await noteObject(stores.DB, messageFiles, isNotedAs(file), now))) return undefined;
    await endLossOfFile(stores, messageFileKey(file), untilMs);
    return now;
  }
  return undefined;
}
