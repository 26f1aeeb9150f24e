/** Limits of background work: pauses between its batches, which leave D1 to requests. */

/** Retention considers no more seqs that are not aggregated: each batch reads them. */
export const MAX_UNAGGREGATED = 10_000;

/** Short batches take one part of the time in so many. */
const WORK_SHARE = 8;
const MIN_PAUSE_MS = 5;
/** A batch that took longer waited for D1 itself, or aggregated the log. */
const MAX_PAUSE_MS = 200;

/** Waits in proportion to the batch that began at `startedAtMs`. */
export async function throttle(startedAtMs: number): Promise<void> {
  const pauseMs = (WORK_SHARE - 1) * (Date.now() - startedAtMs);
  await scheduler.wait(Math.min(Math.max(MIN_PAUSE_MS, pauseMs), MAX_PAUSE_MS));
}
