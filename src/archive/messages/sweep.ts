/**
 * Message files that nothing needs: those that D1 does not note, of writers that died, and versions that were replaced;
 * and those that have no messages any more.
 */
import { messageFiles, messageFilters } from "../../events/archive-schema.ts";
import { everyColumn, runBatch, sql } from "../../platform/sql.ts";
import { withDeadline } from "../../platform/timeout.ts";
import type { LogStores } from "../segments.ts";
import { deleteUnneeded } from "../sweep.ts";
import { R2_DEADLINE_MS } from "../verified.ts";
import { isNotedAs, type MessageFile } from "./message-file.ts";
import { MESSAGES_PREFIX, messageFileKey, parsedFileKey } from "./message-key.ts";
import { RESTORED_MS } from "./rewrite.ts";

/** Files without messages that one sweep asks R2 for. */
const EMPTY_AT_A_TIME = 20;

/**
 * Deletes objects that D1 does not note, once they are a day old; later versions of a noted file stay, because D1 may
 * have been restored to an earlier time. Files without messages go once D1 cannot be restored any more to a time when
 * they had some. Returns how many objects it deleted.
 * @throws the errors of D1 and R2
 */
export async function sweepMessageFiles(stores: LogStores, nowMs: number): Promise<number> {
  const { DB, ARCHIVE } = stores;
  const deleted = await deleteUnneeded(ARCHIVE, MESSAGES_PREFIX, nowMs, (keys) => withoutFile(DB, keys));
  return deleted + (await deleteEmpty(stores, nowMs));
}

async function deleteEmpty({ DB, ARCHIVE }: LogStores, nowMs: number): Promise<number> {
  const isEmpty = sql`${messageFiles.rows} = 0 AND ${messageFiles.dropAt} IS NULL`;
  const query = sql`SELECT ${everyColumn(messageFiles)} FROM ${messageFiles} WHERE ${isEmpty}
ORDER BY random() LIMIT ${EMPTY_AT_A_TIME}`;
  const { results } = await query.prepare(DB).all<MessageFile>();
  let deleted = 0;
  for (const file of results) {
    const key = messageFileKey(file);
    const object = await withDeadline(ARCHIVE.head(key), R2_DEADLINE_MS, "R2");
    if (object !== null && object.uploaded.getTime() > nowMs - RESTORED_MS) continue;
    const isSame = sql`${isNotedAs(file)} AND ${isEmpty}`;
    const results = await runBatch(DB, [
      sql`DELETE FROM ${messageFilters} WHERE ${messageFilters.file} = ${file.id}
AND EXISTS (SELECT 1 FROM ${messageFiles} WHERE ${isSame})`,
      sql`DELETE FROM ${messageFiles} WHERE ${isSame}`,
    ]);
    if (object === null || results.at(-1)?.meta.changes !== 1) continue;
    await withDeadline(ARCHIVE.delete(key), R2_DEADLINE_MS, "R2");
    deleted++;
  }
  return deleted;
}

async function withoutFile(d1: D1Database, keys: readonly string[]): Promise<readonly string[]> {
  const named = keys.flatMap((key) => {
    const parsed = parsedFileKey(key);
    return parsed === undefined ? [] : [{ key, ...parsed }];
  });
  const query = sql`SELECT value->>'key' AS key FROM json_each(${JSON.stringify(named)})
LEFT JOIN ${messageFiles} ON ${messageFiles.id} = value->>'id'
WHERE ${messageFiles.id} IS NULL OR ${messageFiles.fileToken} <> value->>'fileToken'
OR (${messageFiles.token} <> value->>'token'
  AND ${messageFiles.version} >= value->>'version')`;
  return (await query.prepare(d1).all<{ key: string }>()).results.map(({ key }) => key);
}
