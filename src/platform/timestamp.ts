/** Times that others give: whether they are any, and whether a signature's is believed. */
import { MINUTE_MS } from "./durations.ts";
import { ok, type Result, refused } from "./result.ts";

/** How far somebody else's clock may be ahead of ours. */
export const MAX_CLOCK_SKEW_MS = 5 * MINUTE_MS;

const FIRST_MS = Date.parse("0000-01-01T00:00:00.000Z");
const LAST_MS = Date.parse("9999-12-31T23:59:59.999Z");

/** Whether ISO 8601 writes a time with a year of four digits: not one in microseconds by mistake, for instance. */
export function isCalendarTime(atMs: number): boolean {
  return FIRST_MS <= atMs && atMs <= LAST_MS;
}

export type TimestampRejection = "expired" | "from_the_future";

/**
 * Checks that a signature's time lies within `windowMs` before `nowMs`; all in ms. NaN is expired. A second protection
 * against repeats: what is signed is recorded idempotently anyway.
 */
export function checkTimestamp(atMs: number, windowMs: number, nowMs: number): Result<void, TimestampRejection> {
  if (atMs > nowMs + MAX_CLOCK_SKEW_MS) return refused("from_the_future");
  return atMs >= nowMs - windowMs ? ok(undefined) : refused("expired");
}
