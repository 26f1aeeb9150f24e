/** When a post that failed is repeated, and how long an endpoint may fail. Pure: times in, times out. */
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../platform/durations.ts";

/** Delays before each repetition: the Standard Webhooks specification's table. Not exponential: no backoff.ts. */
const DELAYS_MS = [5_000, 5 * MINUTE_MS, 30 * MINUTE_MS, 2 * HOUR_MS, 5 * HOUR_MS, 10 * HOUR_MS, 10 * HOUR_MS];
/** Behind the table. */
const LAST_DELAY_MS = 10 * HOUR_MS;
/** The longest delay that a receiver can demand with Retry-After. */
const MAX_DEMANDED_MS = 24 * HOUR_MS;
/** The largest part of a delay that is added at random: posts that failed together are not repeated together. */
const JITTER = 0.1;

const MAX_FAILING_MS = 5 * DAY_MS;

/** Whether it fails for so long that an endpoint is disabled, or a post of the retry queue given up. */
export function hasFailedForDays(failingSinceMs: number, nowMs: number): boolean {
  return nowMs - failingSinceMs >= MAX_FAILING_MS;
}

/**
 * When to repeat a post.
 * @param tries how often it failed, 1 or more
 * @param demandedMs the delay that the receiver demands; 0: none
 */
export function nextTryAtMs(tries: number, nowMs: number, demandedMs = 0, random = Math.random): number {
  const delayMs = DELAYS_MS[tries - 1] ?? LAST_DELAY_MS;
  const longerMs = Math.max(delayMs, Math.min(demandedMs, MAX_DEMANDED_MS));
  return nowMs + Math.round(longerMs * (1 + JITTER * random()));
}

/** Seconds or a date (RFC 9110 §10.2.3); 0 when the header is missing or unreadable. */
export function demandedDelayMs(retryAfter: string | null, nowMs: number): number {
  if (retryAfter === null) return 0;
  const ms = /^\s*\d+\s*$/.test(retryAfter) ? Number(retryAfter) * 1_000 : Date.parse(retryAfter) - nowMs;
  return Number.isNaN(ms) ? 0 : Math.max(0, ms);
}
