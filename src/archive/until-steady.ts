/** Reads of the archive that begin again, because segments are rewritten and deleted meanwhile. */
import { isSegmentLost, SegmentLost } from "./objects.ts";

/** A segment is rewritten once a day, and an erasure's more often. */
const MAX_TRIES = 5;

/** What has been read so far is of another state of the archive than what follows. */
export class ArchiveChanged extends Error {}

/**
 * Reads until nothing has changed meanwhile.
 * @param read undefined: something has changed
 * @throws what `read` throws: {FileLost} only of what D1 notes still
 */
export async function readUntilSteady<Answer>(
  d1: D1Database,
  read: () => Promise<{ readonly answer: Answer } | undefined>,
): Promise<Answer> {
  for (let tries = 1; tries <= MAX_TRIES; tries++) {
    try {
      const found = await read();
      if (found !== undefined) return found.answer;
    } catch (error) {
      const isPassing =
        error instanceof SegmentLost ? !(await isSegmentLost(d1, error)) : error instanceof ArchiveChanged;
      if (!isPassing) throw error;
    }
  }
  throw new Error("segments of the archive change all the time");
}
