/** GET /v1/reports/series: email performance by hour, day or week, in a time zone. */
import * as v from "valibot";
import { ApiError } from "../http/errors.ts";
import { fields, IdParameter, TimeAnswer } from "../http/schemas.ts";
import { isoTime } from "../http/time.ts";
import { BUCKET_UNITS } from "./buckets.ts";
import { COUNT_COLUMNS, COUNT_FIELDS, ratesOf } from "./count-entry.ts";
import { sumOf } from "./counts.ts";
import { checkedBuckets, DEFAULT_MS, MAX_BUCKETS, Moment, momentIn, Zone } from "./local-time-query.ts";
import { report } from "./report.ts";
import { BOTS, filterOf } from "./report-query.ts";
import { type BucketCounts, seriesCounts } from "./series.ts";
import { hasArchived } from "./totals.ts";

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
  read: async ({ DB }, { by, zone, email, campaign, since, until, bots }, _, nowMs, { archive }) => {
    const untilMs = until === undefined ? nowMs : momentIn(zone, until);
    const sinceMs = since === undefined ? untilMs - DEFAULT_MS[by] : momentIn(zone, since);
    const filter = filterOf({ email, campaign, since: sinceMs, until: untilMs, bots });
    const rows = await seriesCounts(DB, filter, checkedBuckets(by, zone, sinceMs, untilMs), nowMs);
    // Afterwards, so that no message is archived between the two.
    if (by === "hour" && (await hasArchived(DB, filter))) throw hoursArchived(archive.messageDays);
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

function hoursArchived(days: number): ApiError {
  const message = `Some of these messages are archived: hours are known of the last ${days} days only. Ask for days.`;
  return new ApiError({ status: 400, code: "hours_archived", message, field: "by" });
}
