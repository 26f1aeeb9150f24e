/** Deletes objects of the archive's bucket that nothing needs. */
import { withDeadline } from "../platform/timeout.ts";
import { ORPHAN_AGE_MS, R2_DEADLINE_MS } from "./verified.ts";

/**
 * Looks at the objects whose names begin so and which are a day old: a younger one may be about to be noted.
 * @param unneeded the names of those of some objects that nothing needs
 * @returns how many it deleted
 * @throws R2's error, and those of `unneeded`
 */
export async function deleteUnneeded(
  bucket: R2Bucket,
  prefix: string,
  nowMs: number,
  unneeded: (objects: readonly R2Object[]) => Promise<readonly string[]>,
): Promise<number> {
  let deleted = 0;
  for (let cursor: string | undefined, isMore = true; isMore; ) {
    const listed = bucket.list({ prefix, ...(cursor === undefined ? {} : { cursor }) });
    const page = await withDeadline(listed, R2_DEADLINE_MS, "R2");
    const old = page.objects.filter(({ uploaded }) => uploaded.getTime() < nowMs - ORPHAN_AGE_MS);
    const keys = await unneeded(old);
    if (keys.length > 0) await withDeadline(bucket.delete([...keys]), R2_DEADLINE_MS, "R2");
    deleted += keys.length;
    isMore = page.truncated;
    cursor = page.truncated ? page.cursor : undefined;
  }
  return deleted;
}
