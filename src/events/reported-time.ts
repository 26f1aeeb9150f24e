/** Which times of events that others report are believed. */
import { DAY_MS } from "../platform/durations.ts";
import { MAX_CLOCK_SKEW_MS } from "../platform/timestamp.ts";

/** How old a time that somebody else reports may be. Providers try for days, mail servers, too. */
export const MAX_REPORT_AGE_MS = 31 * DAY_MS;

/** Whether something that somebody else reports now may have happened at this time. */
export function isBelievable(atMs: number, nowMs: number): boolean {
  return nowMs - MAX_REPORT_AGE_MS <= atMs && atMs <= nowMs + MAX_CLOCK_SKEW_MS;
}
