/** Parameters of reports over time: a zone, and a period of it, in hours, days or weeks. */
import * as v from "valibot";
import { ApiError } from "../http/errors.ts";
import { timeOf } from "../http/time.ts";
import { DAY_MS } from "../platform/durations.ts";
import { midnightOf, type TimeZone, timeZone } from "../platform/time-zone.ts";
import { type Buckets, type BucketUnit, bucketsOf } from "./buckets.ts";

export const MAX_BUCKETS = 1_000;
const MAX_MS = MAX_BUCKETS * 7 * DAY_MS;

/** How long a period is, unless `since` says it. */
export const DEFAULT_MS: Readonly<Record<BucketUnit, number>> = {
  hour: 2 * DAY_MS,
  day: 30 * DAY_MS,
  week: 182 * DAY_MS,
};

export const Zone = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const zone = timeZone(dataset.value);
    if (zone !== undefined) return zone;
    addIssue({ message: "must be a time zone of the IANA, like Europe/Paris" });
    return NEVER;
  }),
);

/** A date is one of the zone's. */
export const Moment = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const text = dataset.value.trim();
    const atMs = timeOf(text);
    if (atMs !== undefined) return { atMs, date: /^\d{4}-\d\d-\d\d$/.test(text) ? text : undefined };
    addIssue({ message: "must be a date or a time, like 2026-11-20T09:30:00Z" });
    return NEVER;
  }),
);

export function momentIn(zone: TimeZone, { atMs, date }: v.InferOutput<typeof Moment>): number {
  return date === undefined ? atMs : midnightOf(zone, date);
}

/** @throws {ApiError} 400 when there is no such period, or too long a one */
export function checkedBuckets(by: BucketUnit, zone: TimeZone, sinceMs: number, untilMs: number): Buckets {
  checkOrder(sinceMs, untilMs);
  const buckets = bucketsOf(by, zone, sinceMs, untilMs, MAX_BUCKETS);
  if (buckets !== undefined) return buckets;
  throw invalidTime(`From since to until there are more than ${MAX_BUCKETS} ${by}s: ask for a shorter time.`, "since");
}

/** @throws {ApiError} 400 when there is no such period, or one of more than a thousand weeks */
export function checkPeriod(sinceMs: number, untilMs: number): void {
  checkOrder(sinceMs, untilMs);
  if (untilMs - sinceMs > MAX_MS)
    throw invalidTime(`From since to until there are more than ${MAX_BUCKETS} weeks: ask for a shorter time.`, "since");
}

function checkOrder(sinceMs: number, untilMs: number): void {
  if (sinceMs >= untilMs) throw invalidTime("until must be after since.", "until");
}

/** An answer 400 about a parameter. */
export function invalidTime(message: string, field: "since" | "until" | "weekUntil"): ApiError {
  return new ApiError({ status: 400, code: "invalid_field", message, field });
}
