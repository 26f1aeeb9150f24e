/**
 * Message files that nothing needs: those that D1 does not note, of writers that died, and versions that were replaced;
 * and those that have no messages any more.
 */
import { messageFiles, messageFilters, recalledMessages } from "../../events/archive-schema.ts";
import { runBatch, sql } from "../../platform/sql.ts";
import { RELIED_ON_MS } from "../relied-on.ts";
import type { LogStores } from "../segments.ts";
import { deleteUnneeded, WHOLE_WALK } from "../sweep.ts";
import { MESSAGES_PREFIX, parsedFileKey } from "./message-key.ts";
import { RESTORED_MS } from "./rewrite-plan.ts";

/**
 * Deletes objects that D1 does not note, once they are a day old; later versions of a noted file stay, because D1 may
 * have been restored to an earlier time. Files without messages go once D1 cannot be restored any more to a time when
 * they had some. Returns how many objects it deleted.
 * @throws the errors of D1 and R2
 */
export async function sweepMessageFiles({ DB, ARCHIVE }: LogStores, nowMs: number, walk = WHOLE_WALK): Promise<number> {
  return await deleteUnneeded(ARCHIVE, MESSAGES_PREFIX, walk, nowMs, async (objects) => {
    const keys = objects.map(({ key }) => key);
    const old = objects.filter(({ uploaded }) => uploaded.getTime() <= nowMs - RESTORED_MS).map(({ key }) => key);
    await forgetEmpty(DB, old, nowMs);
    return await withoutFile(DB, keys);
  });
}

/**
 * Deletes what D1 notes of those objects that have no messages, except where somebody has just relied on one that came
 * back from the file.
 * @throws D1's error
 */
export async function forgetEmpty(d1: D1Database, keys: readonly string[], nowMs: number): Promise<void> {
  const { file, usedAt } = recalledMessages;
  const isEmpty = sql`${messageFiles.rows} = 0 AND ${messageFiles.dropAt} IS NULL
AND (${messageFiles.id}, ${messageFiles.token}) IN (
  SELECT value->>'id', value->>'token' FROM json_each(${namesJson(keys)}))
AND NOT EXISTS (SELECT 1 FROM ${recalledMessages}
  WHERE ${file} = ${messageFiles.id} AND ${usedAt} > ${nowMs - RELIED_ON_MS})`;
  const emptyIds = sql`(SELECT ${messageFiles.id} FROM ${messageFiles} WHERE ${isEmpty})`;
  await runBatch(d1, [
    // Left behind, they would keep their messages in D1 for ever.
    sql`DELETE FROM ${recalledMessages} WHERE ${file} IN ${emptyIds}`,
    sql`DELETE FROM ${messageFilters} WHERE ${messageFilters.file} IN ${emptyIds}`,
    sql`DELETE FROM ${messageFiles} WHERE ${isEmpty}`,
  ]);
}

/** What names of message files say, as a JSON array. */
function namesJson(keys: readonly string[]): string {
  return JSON.stringify(
    keys.flatMap((key) => {
      const parsed = parsedFileKey(key);
      return parsed === undefined ? [] : [{ key, ...parsed }];
    }),
  );
}

async function withoutFile(d1: D1Database, keys: readonly string[]): Promise<readonly string[]> {
  const query = sql`SELECT value->>'key' AS key FROM json_each(${namesJson(keys)})
LEFT JOIN ${messageFiles} ON ${messageFiles.id} = value->>'id'
WHERE ${messageFiles.id} IS NULL OR ${messageFiles.fileToken} <> value->>'fileToken'
OR (${messageFiles.token} <> value->>'token'
  AND ${messageFiles.version} >= value->>'version')`;
  return (await query.prepare(d1).all<{ key: string }>()).results.map(({ key }) => key);
}
