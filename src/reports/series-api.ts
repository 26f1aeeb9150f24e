/** GET /v1/reports/series: email performance by hour, day or week, in a time zone. */
import * as v from "valibot";
import { ApiError } from "../http/errors.ts";
import { fields, IdParameter, TimeAnswer } from "../http/schemas.ts";
import { isoTime, timeOf } from "../http/time.ts";
import { midnightOf, type TimeZone, timeZone } from "../platform/time-zone.ts";
import { BUCKET_UNITS, type Buckets, type BucketUnit, bucketsOf } from "./buckets.ts";
import { COUNT_COLUMNS, COUNT_FIELDS, ratesOf } from "./count-entry.ts";
import { sumOf } from "./counts.ts";
import { report } from "./report.ts";
import { BOTS, filterOf } from "./report-query.ts";
import { type BucketCounts, seriesCounts } from "./series.ts";

const MAX_BUCKETS = 1_000;
const DAY_MS = 86_400_000;
/** How long a series is, unless `since` says it. */
const DEFAULT_MS: Readonly<Record<BucketUnit, number>> = { hour: 2 * DAY_MS, day: 30 * DAY_MS, week: 182 * DAY_MS };

const Zone = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const zone = timeZone(dataset.value);
    if (zone !== undefined) return zone;
    addIssue({ message: "must be a time zone of the IANA, like Europe/Paris" });
    return NEVER;
  }),
);

/** A date is one of the zone's. */
const Moment = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const text = dataset.value.trim();
    const atMs = timeOf(text);
    if (atMs !== undefined) return { atMs, date: /^\d{4}-\d\d-\d\d$/.test(text) ? text : undefined };
    addIssue({ message: "must be a date or a time, like 2026-11-20T09:30:00Z" });
    return NEVER;
  }),
);

const Query = fields({
  by: v.picklist(BUCKET_UNITS, 'must be "hour", "day" or "week"'),
  zone: v.optional(Zone, "UTC"),
  email: v.optional(IdParameter),
  campaign: v.optional(IdParameter),
  since: v.optional(Moment),
  until: v.optional(Moment),
  ...BOTS,
});

export const reportSeries = report({
  name: "series",
  summary: "Report how emails performed over time",
  description: `By when the messages were sent. Up to ${MAX_BUCKETS} hours, days or weeks, empty ones, too; no pages.`,
  query: Query,
  entry: v.object({ from: TimeAnswer, until: TimeAnswer, local: v.string(), ...COUNT_FIELDS }),
  total: v.object(COUNT_FIELDS),
  columns: {
    Local: ({ local }: BucketCounts) => local,
    From: ({ fromMs }) => isoTime(fromMs),
    Until: ({ untilMs }) => isoTime(untilMs),
    ...COUNT_COLUMNS,
  },
  example: { by: "day", zone: "Europe/Paris" },
  read: async (d1, { by, zone, email, campaign, since, until, bots }, _, nowMs) => {
    const untilMs = until === undefined ? nowMs : momentIn(zone, until);
    const sinceMs = since === undefined ? untilMs - DEFAULT_MS[by] : momentIn(zone, since);
    const filter = filterOf({ email, campaign, since: sinceMs, until: untilMs, bots });
    const rows = await seriesCounts(d1, filter, checkedBuckets(by, zone, sinceMs, untilMs), nowMs);
    const total = sumOf(rows);
    return { rows, total: { ...total, rates: ratesOf(total) } };
  },
  entryOf: ({ number: _, fromMs, untilMs, local, ...counts }) => ({
    from: isoTime(fromMs),
    until: isoTime(untilMs),
    local,
    ...counts,
    rates: ratesOf(counts),
  }),
});

function momentIn(zone: TimeZone, { atMs, date }: v.InferOutput<typeof Moment>): number {
  return date === undefined ? atMs : midnightOf(zone, date);
}

function checkedBuckets(by: BucketUnit, zone: TimeZone, sinceMs: number, untilMs: number): Buckets {
  if (sinceMs >= untilMs) {
    const message = "until must be after since.";
    throw new ApiError({ status: 400, code: "invalid_field", message, field: "until" });
  }
  const buckets = bucketsOf(by, zone, sinceMs, untilMs, MAX_BUCKETS);
  if (buckets !== undefined) return buckets;
  const message = `From since to until there are more than ${MAX_BUCKETS} ${by}s: ask for a shorter time.`;
  throw new ApiError({ status: 400, code: "invalid_field", message, field: "since" });
}
