/** GET /v1/reports/series: email performance, and that of a link, by hour, day or week, in a time zone. */
import * as v from "valibot";
import type { ApiFailure } from "../http/errors.ts";
import { fields, IdParameter, TimeAnswer } from "../http/schemas.ts";
import { isoTime } from "../http/time.ts";
import { ok, refused } from "../platform/result.ts";
import { BUCKET_UNITS } from "./buckets.ts";
import { COUNT_COLUMNS, COUNT_FIELDS, ratesOf } from "./count-entry.ts";
import { sumOf } from "./counts.ts";
import { type LinkAndAll, linkSeries, NO_CLICKS_ON_LINKS } from "./link-series.ts";
import { LINK_CLICKS, linkClicksEntry } from "./links-api.ts";
import { checkedBuckets, DEFAULT_MS, MAX_BUCKETS, Moment, momentIn, Zone } from "./local-time-query.ts";
import { type Columns, report } from "./report.ts";
import { BOTS, filterOf, mailingFilter } from "./report-query.ts";
import { type BucketCounts, seriesCounts } from "./series.ts";
import { hasArchived } from "./totals.ts";

const MAX_LINK_CHARS = 64;

const Query = fields({
  by: v.picklist(BUCKET_UNITS, 'must be "hour", "day" or "week"'),
  zone: v.optional(Zone, "UTC"),
  email: v.optional(IdParameter),
  link: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(MAX_LINK_CHARS))),
  campaign: v.optional(IdParameter),
  since: v.optional(Moment),
  until: v.optional(Moment),
  ...BOTS,
});

const Link = v.optional(
  v.pipe(v.object(LINK_CLICKS), v.description("The clicks on `link`, with what they are of those on all links.")),
);

type SeriesRow = BucketCounts & { readonly link: LinkAndAll | undefined };

const COLUMNS: Columns<SeriesRow> = {
  Local: ({ local }) => local,
  From: ({ fromMs }) => isoTime(fromMs),
  Until: ({ untilMs }) => isoTime(untilMs),
  ...COUNT_COLUMNS,
};
const ofLinkOrZero = ({ link: { link, all } = NO_CLICKS_ON_LINKS }: SeriesRow) => linkClicksEntry(link, all);
const LINK_COLUMNS: Columns<SeriesRow> = {
  "Link: Clicks": (row) => ofLinkOrZero(row).clicks,
  "Link: Share of Clicks": (row) => ofLinkOrZero(row).clicksShare,
  "Link: People": (row) => ofLinkOrZero(row).people,
  "Link: Share of People": (row) => ofLinkOrZero(row).peopleShare,
  "Link: Bots: Clicks": (row) => ofLinkOrZero(row).bots.clicks,
  "Link: Bots: People": (row) => ofLinkOrZero(row).bots.people,
};

export const reportSeries = report({
  name: "series",
  summary: "Report how emails performed over time",
  description: [
    `By when the messages were sent. Up to ${MAX_BUCKETS} hours, days or weeks, empty ones, too; no pages.`,
    "`link`, the `id` of a row of the links of an email or a campaign, adds the clicks on it in these messages.",
  ].join(" "),
  query: Query,
  entry: v.object({ from: TimeAnswer, until: TimeAnswer, local: v.string(), ...COUNT_FIELDS, link: Link }),
  total: v.object({ ...COUNT_FIELDS, link: Link }),
  columns: ({ link }) => (link === undefined ? COLUMNS : { ...COLUMNS, ...LINK_COLUMNS }),
  example: { by: "day", zone: "Europe/Paris" },
  filterOf: ({ by, zone, email, campaign, link, since, until, bots }, nowMs) => {
    const untilMs = until === undefined ? nowMs : momentIn(zone, until);
    const sinceMs = since === undefined ? untilMs - DEFAULT_MS[by] : momentIn(zone, since);
    const query = { email, campaign, since: sinceMs, until: untilMs, bots };
    return {
      messages: filterOf(query),
      buckets: checkedBuckets(by, zone, sinceMs, untilMs),
      ofLink: link === undefined ? undefined : { link, mailing: mailingFilter(query) },
    };
  },
  read: async ({ DB }, { query: { by }, filter: { messages, buckets, ofLink: asked }, nowMs, settings }) => {
    const ofLink = asked && (await linkSeries(DB, asked.mailing, asked.link, buckets.numberOf));
    const rows = (await seriesCounts(DB, messages, buckets, nowMs)).map((row) => ({
      ...row,
      link: ofLink && (ofLink.byNumber.get(row.number) ?? NO_CLICKS_ON_LINKS),
    }));
    // Afterwards, so that no message is archived between the two.
    if (by === "hour" && (await hasArchived(DB, messages))) return refused(hoursArchived(settings.archive.messageDays));
    const total = sumOf(rows);
    return ok({ rows, total: { ...total, rates: ratesOf(total), ...linkEntryOf(ofLink?.total) } });
  },
  entryOf: ({ number: _, fromMs, untilMs, local, link, ...counts }: SeriesRow) => ({
    from: isoTime(fromMs),
    until: isoTime(untilMs),
    local,
    ...counts,
    rates: ratesOf(counts),
    ...linkEntryOf(link),
  }),
});

/** Without the field where no link was named. */
function linkEntryOf(clicks: LinkAndAll | undefined) {
  return clicks === undefined ? {} : { link: linkClicksEntry(clicks.link, clicks.all) };
}

function hoursArchived(days: number): ApiFailure {
  const message = `Some of these messages are archived: hours are known of the last ${days} days only. Ask for days.`;
  return { status: 400, code: "hours_archived", message, field: "by" };
}
