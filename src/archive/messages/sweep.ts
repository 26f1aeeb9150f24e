/** Message files that D1 does not note: of writers that died, and versions that were replaced. */
import { messageFiles } from "../../events/archive-schema.ts";
import { sql } from "../../platform/sql.ts";
import type { LogStores } from "../segments.ts";
import { deleteUnneeded } from "../sweep.ts";
import { MESSAGES_PREFIX, parsedFileKey } from "./message-key.ts";

/**
 * Deletes objects that D1 does not note, once they are a day old; later versions of a noted file stay, because D1 may
 * have been restored to an earlier time. Returns how many it deleted.
 * @throws the errors of D1 and R2
 */
export async function sweepMessageFiles({ DB, ARCHIVE }: LogStores, nowMs: number): Promise<number> {
  return await deleteUnneeded(ARCHIVE, MESSAGES_PREFIX, nowMs, (keys) => withoutFile(DB, keys));
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
