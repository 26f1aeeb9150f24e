/** Message files that D1 does not note: of writers that died, and versions that were replaced. */
import { messageFiles } from "../../events/archive-schema.ts";
import { sql } from "../../platform/sql.ts";
import { withDeadline } from "../../platform/timeout.ts";
import type { LogStores } from "../segments.ts";
import { ORPHAN_AGE_MS, R2_DEADLINE_MS } from "../verified.ts";
import { MESSAGES_PREFIX, parsedFileKey } from "./message-key.ts";

/**
 * Deletes objects that D1 does not note, once they are a day old; later versions of a noted file stay, because D1 may
 * have been restored to an earlier time. Returns how many it deleted.
 * @throws the errors of D1 and R2
 */
export async function sweepMessageFiles({ DB, ARCHIVE }: LogStores, nowMs: number): Promise<number> {
  let swept = 0;
  for (let cursor: string | undefined, isMore = true; isMore; ) {
    const listed = ARCHIVE.list({ prefix: MESSAGES_PREFIX, ...(cursor === undefined ? {} : { cursor }) });
    const page = await withDeadline(listed, R2_DEADLINE_MS, "R2");
    const old = page.objects.filter(({ uploaded }) => uploaded.getTime() < nowMs - ORPHAN_AGE_MS);
    const named = old.flatMap(({ key }) => {
      const parsed = parsedFileKey(key);
      return parsed === undefined ? [] : [{ key, ...parsed }];
    });
    const query = sql`SELECT value->>'key' AS key FROM json_each(${JSON.stringify(named)})
LEFT JOIN ${messageFiles} ON ${messageFiles.id} = value->>'id'
WHERE ${messageFiles.id} IS NULL OR (${messageFiles.token} <> value->>'token'
  AND ${messageFiles.version} >= value->>'version')`;
    const keys = (await query.prepare(DB).all<{ key: string }>()).results.map(({ key }) => key);
    if (keys.length > 0) await withDeadline(ARCHIVE.delete(keys), R2_DEADLINE_MS, "R2");
    swept += keys.length;
    isMore = page.truncated;
    cursor = page.truncated ? page.cursor : undefined;
  }
  return swept;
}
