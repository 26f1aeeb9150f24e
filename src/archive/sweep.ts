/** Deletes objects of the archive's bucket that nothing needs. */
import { withDeadline } from "../platform/timeout.ts";
import { ORPHAN_AGE_MS, R2_DEADLINE_MS } from "./verified.ts";

/** How far the sweep goes in one go: a page at least. */
export interface Walk {
  /** The name behind which it begins; "" for the first one. */
  readonly after: string;
  readonly untilMs: number;
  /** Told the last name of each page that was looked at. */
  readonly note: (last: string) => Promise<unknown>;
}

/** From the first name to the last one. */
export const WHOLE_WALK: Walk = { after: "", untilMs: Number.POSITIVE_INFINITY, note: () => Promise.resolve() };

/**
 * Looks at the objects whose names begin so and which are a day old: a younger one may be about to be noted.
 * @param unneeded the names of those of some objects that nothing needs
 * @returns how many it deleted
 * @throws R2's error, and those of `unneeded` and `walk`
 */
export async function deleteUnneeded(
  bucket: R2Bucket,
  prefix: string,
  walk: Walk,
  nowMs: number,
  unneeded: (objects: readonly R2Object[]) => Promise<readonly string[]>,
): Promise<number> {
  let deleted = 0;
  for (let after: string | undefined = walk.after; after !== undefined; ) {
    const listed = bucket.list({ prefix, ...(after === "" ? {} : { startAfter: after }) });
    const page: R2Objects = await withDeadline(listed, R2_DEADLINE_MS, "R2");
    const old = page.objects.filter(({ uploaded }) => uploaded.getTime() < nowMs - ORPHAN_AGE_MS);
    const keys = await unneeded(old);
    if (keys.length > 0) await withDeadline(bucket.delete([...keys]), R2_DEADLINE_MS, "R2");
    deleted += keys.length;
    const last = page.objects.at(-1)?.key;
    if (last !== undefined) await walk.note(last);
    after = page.truncated && Date.now() < walk.untilMs ? last : undefined;
  }
  return deleted;
}
