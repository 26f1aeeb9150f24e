/** Objects of the archive's bucket that no segment names. */
import { segments } from "../events/archive-schema.ts";
import { sql } from "../platform/sql.ts";
import { withDeadline } from "../platform/timeout.ts";
import { PREFIX, parsedKey } from "./segment-key.ts";
import { archiveEnd, type LogStores } from "./segments.ts";
import { R2_DEADLINE_MS } from "./verified.ts";

export interface UnnamedObject {
  readonly key: string;
  readonly bytes: number;
  readonly uploadedAtMs: number;
  /** It holds events behind the archive's end: it was written after the moment to which D1 was restored. */
  readonly isNewer: boolean;
}

/** The names of a page of objects, in order. */
interface CheckedObjects {
  readonly count: number;
  readonly unnamed: readonly UnnamedObject[];
  /** Where the next page begins; undefined: this is the last one. */
  readonly last: string | undefined;
}

/**
 * @param after the name behind which the page begins
 * @throws the errors of D1 and R2
 */
export async function checkObjects({ DB, ARCHIVE }: LogStores, after: string, limit: number): Promise<CheckedObjects> {
  const list = ARCHIVE.list({ prefix: PREFIX, limit, ...(after === "" ? {} : { startAfter: after }) });
  const { objects, truncated } = await withDeadline(list, R2_DEADLINE_MS, "R2");
  const named = await namedKeys(
    DB,
    objects.map(({ key }) => key),
  );
  const floor = await archiveEnd(DB);
  const unnamed = objects
    .filter(({ key }) => !named.has(key))
    .map(({ key, size, uploaded }) => ({
      key,
      bytes: size,
      uploadedAtMs: uploaded.getTime(),
      isNewer: (parsedKey(key)?.first ?? 0) > floor,
    }));
  return { count: objects.length, unnamed, last: truncated ? objects.at(-1)?.key : undefined };
}

/** Those of these names that are of noted objects. */
async function namedKeys(d1: D1Database, keys: readonly string[]): Promise<ReadonlySet<string>> {
  const parsed = keys.flatMap((key) => {
    const name = parsedKey(key);
    return name === undefined ? [] : [{ key, ...name }];
  });
  const query = sql`SELECT value->>'key' AS key FROM json_each(${JSON.stringify(parsed)})
CROSS JOIN ${segments} ON ${segments.first} = value->>'first'
WHERE ${segments.last} = value->>'last' AND ${segments.day} = value->>'day'
AND ${segments.fileToken} = value->>'fileToken' AND ${segments.version} = value->>'version'
AND ${segments.token} = value->>'token'`;
  return new Set((await query.prepare(d1).all<{ key: string }>()).results.map(({ key }) => key));
}
