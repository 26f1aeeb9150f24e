/** Exponential backoff, for alarms and queues that retry by themselves. */

export interface Backoff {
  /** Delay after the first failure, in ms. */
  readonly firstMs: number;
  /** The longest delay, in ms. */
  readonly maxMs: number;
  /** The largest part of a delay, 0 to 1, by which it is shortened at random, so that retries spread. Default: 0 */
  readonly jitter?: number;
}

/**
 * The delay before the next attempt, in ms: it doubles with each failure.
 * @param failures failed attempts so far, 1 or more
 * @example backoffMs({ firstMs: 1_000, maxMs: 300_000 }, 3) // 4_000
 */
export function backoffMs({ firstMs, maxMs, jitter = 0 }: Backoff, failures: number): number {
  const delayMs = Math.min(firstMs * 2 ** Math.max(0, failures - 1), maxMs);
  return Math.round(delayMs * (1 - jitter * Math.random()));
}
