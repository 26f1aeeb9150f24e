/** Message files that are lost: what is not moved meanwhile, and what comes back with them. */
import { lostFiles, messageFiles, recalledMessages } from "../../events/archive-schema.ts";
import { messageStats } from "../../events/schema.ts";
import { jsonArrays } from "../../platform/json-arrays.ts";
import { everyColumn, isOneOf, runBatch, sql } from "../../platform/sql.ts";
import type { Message } from "../../tokens/claims.ts";
import { objectFault } from "../checked-objects.ts";
import { inOneEdition, nextEdition, requireEdition } from "../edition.ts";
import type { LogStores } from "../segments.ts";
import { keyArrays } from "./leaving.ts";
import { type FiledMessage, fileContent, type MessageFile } from "./message-file.ts";
import { keyOfMessage, lookupJson, lookupsIn, MAY_HAVE } from "./message-filter.ts";
import { messageFileKey, parsedFileKey } from "./message-key.ts";
import { bringBackFrom } from "./recall.ts";

/** Messages that come back from a file at once. */
const AT_A_TIME = 500;

/**
 * Deletes the note that a file is lost once it is back, or not noted any more. Before that its messages that D1 has
 * made anew come back, too, and are one with them; until `untilMs`, the others later.
 * @param key the name of its object under which it was lost: another version may be noted since
 * @throws the errors of D1 and R2
 */
export async function endLossOfFile(stores: LogStores, key: string, untilMs: number): Promise<void> {
  const { DB } = stores;
  const noted = await notedFile(DB, key);
  if (noted !== undefined && !(await isBack(stores, noted))) return;
  // Whoever found it lost did so in an earlier edition, and makes no more of its messages anew.
  await nextEdition(sql`true`).prepare(DB).run();
  await inOneEdition(DB, async (edition) => {
    const file = await notedFile(DB, key);
    if (file !== undefined && !(await bringBackMadeAnew(stores, file, untilMs))) return;
    // Where messages came back the edition is another one, and they are looked for again.
    await runBatch(DB, [requireEdition(edition), sql`DELETE FROM ${lostFiles} WHERE ${lostFiles.key} = ${key}`]);
  });
}

/** What D1 notes of the file of an object; undefined: nothing any more. */
async function notedFile(d1: D1Database, key: string): Promise<MessageFile | undefined> {
  const query = sql`SELECT ${everyColumn(messageFiles)} FROM ${messageFiles}
WHERE ${messageFiles.id} = ${parsedFileKey(key)?.id ?? 0}`;
  return (await query.prepare(d1).first<MessageFile>()) ?? undefined;
}

/** Whether the object of a file is the one that D1 notes. Throws R2's error. */
async function isBack({ ARCHIVE }: LogStores, file: MessageFile): Promise<boolean> {
  // The object, not what this isolate remembers of it.
  if ((await objectFault(ARCHIVE, messageFileKey(file), file)) !== undefined) return false;
  const content = await fileContent(ARCHIVE, file);
  return content.ok && content.value.messages.length === file.rows;
}

/** @returns false when the file is lost again, or time was up before all were back */
async function bringBackMadeAnew(stores: LogStores, file: MessageFile, untilMs: number): Promise<boolean> {
  const content = await fileContent(stores.ARCHIVE, file);
  if (!content.ok) return false;
  const messages = await madeAnew(stores.DB, file, content.value.messages);
  for (let from = 0; from < messages.length; from += AT_A_TIME) {
    if (from > 0 && Date.now() >= untilMs) return false;
    await bringBackFrom(stores, file, messages.slice(from, from + AT_A_TIME), Date.now());
  }
  return true;
}

/** The messages of a file that D1 has, though they have not come back from it. */
async function madeAnew(
  d1: D1Database,
  { id }: MessageFile,
  messages: readonly FiledMessage[],
): Promise<readonly FiledMessage[]> {
  const { email, campaign, person } = messageStats;
  const found = new Set<string>();
  for (const array of keyArrays(messages)) {
    const query = sql`SELECT ${email} AS email, ${campaign} AS campaign, ${person} AS person
FROM json_each(${array}) AS filed CROSS JOIN ${messageStats} ON ${email} = filed.value->>'email'
  AND ${campaign} = filed.value->>'campaign' AND ${person} = filed.value->>'person'
WHERE NOT EXISTS (SELECT 1 FROM ${recalledMessages} WHERE ${recalledMessages.file} = ${id}
  AND (${recalledMessages.email}, ${recalledMessages.campaign}, ${recalledMessages.person})
  = (${email}, ${campaign}, ${person}))`;
    for (const message of (await query.prepare(d1).all<Message>()).results) found.add(keyOfMessage(message));
  }
  return messages.filter((message) => found.has(keyOfMessage(message)));
}

/**
 * Those of some messages that no lost file may have: the others stay in D1, so that none is ever in two files.
 * @throws D1's error
 */
export async function withoutLost<M extends Message>(d1: D1Database, messages: readonly M[]): Promise<readonly M[]> {
  const { results } = await sql`SELECT ${lostFiles.key} FROM ${lostFiles}`.prepare(d1).all<{ key: string }>();
  const ids = results.flatMap(({ key }) => parsedFileKey(key)?.id ?? []);
  if (ids.length === 0) return messages;
  const inLost = new Set<string>();
  for (const array of jsonArrays(messages.map(lookupJson))) {
    const query = sql`WITH ${lookupsIn(array)} SELECT lookups.email, lookups.campaign, lookups.person
FROM lookups ${MAY_HAVE} WHERE ${isOneOf(messageFiles.id, ids)}`;
    for (const message of (await query.prepare(d1).all<Message>()).results) inLost.add(keyOfMessage(message));
  }
  return messages.filter((message) => !inLost.has(keyOfMessage(message)));
}
