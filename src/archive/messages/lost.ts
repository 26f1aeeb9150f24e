/** Message files that are lost: what is not moved meanwhile, and what comes back with them. */
import { lostFiles, messageFiles, recalledMessages } from "../../events/archive-schema.ts";
import { messageStats } from "../../events/schema.ts";
import { jsonArrays } from "../../platform/json-arrays.ts";
import { everyColumn, isOneOf, sql } from "../../platform/sql.ts";
import { withDeadline } from "../../platform/timeout.ts";
import type { Message } from "../../tokens/claims.ts";
import type { LogStores } from "../segments.ts";
import { R2_DEADLINE_MS } from "../verified.ts";
import { keyArrays } from "./leaving.ts";
import { type FiledMessage, type MessageFile, MessageFileLost, messagesIn } from "./message-file.ts";
import { keyOfMessage, MAY_HAVE, wish, wishesIn } from "./message-filter.ts";
import { messageFileKey, type NamedFile, parsedFileKey } from "./message-key.ts";
import { bringBackFrom } from "./recall.ts";

/**
 * Whether a lost file is back, or not noted any more. Once it is back, its messages that D1 has made anew come back,
 * too, and are one with them.
 * @throws the errors of D1 and R2
 */
export async function isMessageFileBack(stores: LogStores, named: NamedFile): Promise<boolean> {
  const query = sql`SELECT ${everyColumn(messageFiles)} FROM ${messageFiles} WHERE ${messageFiles.id} = ${named.id}`;
  const file = await query.prepare(stores.DB).first<MessageFile>();
  if (file === null || messageFileKey(file) !== messageFileKey(named)) return true;
  // The object, not what this isolate remembers of it.
  const object = await withDeadline(stores.ARCHIVE.head(messageFileKey(file)), R2_DEADLINE_MS, "R2");
  if (object?.etag !== file.etag) return false;
  try {
    const messages = await messagesIn(stores.ARCHIVE, file);
    await bringBackFrom(stores, file, await madeAnew(stores.DB, file, messages), Date.now());
    return true;
  } catch (error) {
    if (error instanceof MessageFileLost) return false;
    throw error;
  }
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
  for (const array of jsonArrays(messages.map(wish))) {
    const query = sql`WITH ${wishesIn(array)} SELECT wished.email, wished.campaign, wished.person
FROM wished ${MAY_HAVE} WHERE ${isOneOf(messageFiles.id, ids)}`;
    for (const message of (await query.prepare(d1).all<Message>()).results) inLost.add(keyOfMessage(message));
  }
  return messages.filter((message) => !inLost.has(keyOfMessage(message)));
}
