/** Reads of the archive that begin again, because segments are rewritten and deleted meanwhile. */
import { SegmentMissing } from "./objects.ts";

/** A segment is rewritten once a day, and an erasure's more often. */
const MAX_TRIES = 5;

/**
 * Reads until no segment is missing and nothing has changed meanwhile.
 * @param read undefined: something has changed
 * @throws what `read` throws; an error when that never is so
 */
export async function readUntilSteady<Answer>(
  read: () => Promise<{ readonly answer: Answer } | undefined>,
): Promise<Answer> {
  for (let tries = 1; tries <= MAX_TRIES; tries++) {
    try {
      const found = await read();
      if (found !== undefined) return found.answer;
    } catch (error) {
      if (!(error instanceof SegmentMissing)) throw error;
    }
  }
  throw new Error("segments of the archive are missing, or change all the time");
}
