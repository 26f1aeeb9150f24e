/** Reads of the archive that begin again, because segments are rewritten and deleted meanwhile. */
import { SegmentMissing } from "./objects.ts";

/** A segment is rewritten once a day, and an erasure's more often. */
const MAX_TRIES = 5;

/** A file is not in R2 as D1 notes it. */
export class FileLost extends Error {}

/** Whether an error says that a file of the archive is lost: trying again helps only once somebody has put it back. */
export function isFileLost(error: unknown): boolean {
  return error instanceof FileLost;
}

/**
 * Reads until no segment is missing and nothing has changed meanwhile.
 * @param read undefined: something has changed
 * @throws what `read` throws; when that never is so an error, of which `isFileLost` tells why
 */
export async function readUntilSteady<Answer>(
  read: () => Promise<{ readonly answer: Answer } | undefined>,
): Promise<Answer> {
  let missing: SegmentMissing | undefined;
  for (let tries = 1; tries <= MAX_TRIES; tries++) {
    try {
      const found = await read();
      if (found !== undefined) return found.answer;
      missing = undefined;
    } catch (error) {
      if (!(error instanceof SegmentMissing)) throw error;
      missing = error;
    }
  }
  if (missing !== undefined) throw new FileLost(`a file of the archive is lost: ${missing.message}`);
  throw new Error("segments of the archive change all the time");
}
