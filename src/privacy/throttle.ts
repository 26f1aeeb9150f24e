/** The pace of work that is in no hurry. */

/** Of the time, one part in so many is a step's. */
const PARTS = 8;
const SHORTEST_MS = 5;
/** A step that takes long has waited for D1 itself, or folded the log. */
const LONGEST_MS = 200;

/** Waits, after a step that began at `beganMs` (ms since 1970 UTC), so that most of the time D1 is there for others. */
export async function throttle(beganMs: number): Promise<void> {
  const pauseMs = (PARTS - 1) * (Date.now() - beganMs);
  await scheduler.wait(Math.min(Math.max(SHORTEST_MS, pauseMs), LONGEST_MS));
}
