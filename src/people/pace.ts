/** The pace of work that is in no hurry. */

/** Of the time, one part in so many is a step's. */
const PARTS = 8;
const SHORTEST_MS = 5;

/** Waits, after a step that began at `beganMs` (ms since 1970 UTC), so that most of the time D1 is there for others. */
export async function pauseAfter(beganMs: number): Promise<void> {
  await scheduler.wait(Math.max(SHORTEST_MS, (PARTS - 1) * (Date.now() - beganMs)));
}
