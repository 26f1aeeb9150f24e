/** GET /v1/reports/activity: opens and clicks by when they happened, or by hour and weekday. */
import * as v from "valibot";
import type { LogStores } from "../archive/index.ts";
import { events } from "../events/schema.ts";
import { ApiError } from "../http/errors.ts";
import { fields, IdParameter, TimeAnswer } from "../http/schemas.ts";
import { isoTime } from "../http/time.ts";
import { rawSql, type Sql, sql } from "../platform/sql.ts";
import type { TimeZone } from "../platform/time-zone.ts";
import {
  type ActivityCounts,
  type ActivityReportFilter,
  activityCounts,
  addActivity,
  messagesOfActivity,
  NO_ACTIVITY,
} from "./activity.ts";
import { BUCKET_UNITS, type Bucket, type Buckets, type BucketUnit, HOURS_A_WEEK, weekHourOf } from "./buckets.ts";
import {
  checkedBuckets,
  checkPeriod,
  DEFAULT_MS,
  invalidTime,
  MAX_BUCKETS,
  Moment,
  momentIn,
  Zone,
} from "./local-time-query.ts";
import type { ReadBounds } from "./message-events.ts";
import { report } from "./report.ts";
import { reportTooLarge } from "./statistics.ts";
import { archivedMessages } from "./totals.ts";

const MAX: ReadBounds = { events: 2_000_000, messages: 10_000_000 };
/**
 * Rows of up to so long a time, and a week, are one read. D1 answers it by the hour, 9,600 of them in this time, but
 * 168,000 in a thousand weeks, for each slice that is read.
 */
const TOGETHER_MS = 400 * 86_400_000;

type ActivityRow = ActivityCounts & Partial<Bucket> & { readonly weekday?: number; readonly hour?: number };

const COUNTS = {
  opened: v.number(),
  clicks: v.number(),
  bots: v.object({ opened: v.number(), clicks: v.number() }),
};

export const reportActivity = report({
  name: "activity",
  summary: "Report when emails were opened and clicked",
  description: [
    "By the time of the opens and clicks themselves, which `since` and `until` choose: events in the log, bots’ apart.",
    "`sentSince` and `sentUntil` choose messages by when they were sent, of an email or a campaign.",
    "`weekday_hour` adds up the hours of a week, from Monday, 1; `weekUntil` adds them to other rows.",
    `Up to ${MAX_BUCKETS} rows, empty ones, too; no pages. Of the archive up to 200,000 events are read.`,
  ].join(" "),
  query: fields({
    by: v.picklist([...BUCKET_UNITS, "weekday_hour"], 'must be "hour", "day", "week" or "weekday_hour"'),
    zone: v.optional(Zone, "UTC"),
    email: v.optional(IdParameter),
    campaign: v.optional(IdParameter),
    since: v.optional(Moment),
    until: v.optional(Moment),
    sentSince: v.optional(Moment),
    sentUntil: v.optional(Moment),
    weekUntil: v.pipe(
      v.optional(Moment),
      v.description("Adds `week`, the hours of a week from `since` until then, to rows by hour, day or week."),
    ),
  }),
  entry: v.object({
    from: v.optional(TimeAnswer),
    until: v.optional(TimeAnswer),
    local: v.optional(v.string()),
    weekday: v.optional(v.number()),
    hour: v.optional(v.number()),
    ...COUNTS,
  }),
  total: v.object(COUNTS),
  besides: {
    week: v.optional(
      v.object({
        data: v.array(v.object({ weekday: v.number(), hour: v.number(), ...COUNTS })),
        archived: v.optional(
          v.pipe(
            v.number(),
            v.description(
              "How many messages sent before `weekUntil` are archived, and not in these hours. Missing: none.",
            ),
          ),
        ),
        total: v.object(COUNTS),
      }),
    ),
  },
  columns: {
    Local: ({ local }: ActivityRow) => local ?? null,
    From: ({ fromMs }) => (fromMs === undefined ? null : isoTime(fromMs)),
    Until: ({ untilMs }) => (untilMs === undefined ? null : isoTime(untilMs)),
    Weekday: ({ weekday }) => weekday ?? null,
    Hour: ({ hour }) => hour ?? null,
    Opened: ({ opened }) => opened,
    Clicks: ({ clicks }) => clicks,
    "Bots: Opened": ({ bots }) => bots.opened,
    "Bots: Clicks": ({ bots }) => bots.clicks,
  },
  example: { by: "weekday_hour", zone: "Europe/Paris", email: "1042" },
  read: async (stores, query, _, nowMs) => {
    const { by, zone, weekUntil } = query;
    const filter = activityFilter(query, nowMs);
    const { sinceMs, untilMs } = filter;
    if (by === "weekday_hour") {
      if (weekUntil !== undefined) throw invalidTime("weekUntil goes with by=hour, by=day and by=week.", "weekUntil");
      checkPeriod(sinceMs, untilMs);
      return rowsOf(await countsBy(stores, filter, weekHourOf(zone, sinceMs, untilMs, AT)), WEEK_HOURS);
    }
    const buckets = checkedBuckets(by, zone, sinceMs, untilMs);
    const weekUntilMs = weekUntil && momentIn(zone, weekUntil);
    if (weekUntilMs !== undefined) return await withWeek(stores, filter, buckets, zone, weekUntilMs);
    return rowsOf(await countsBy(stores, filter, buckets.numberOf(AT)), buckets.all);
  },
  entryOf: ({ number: _, fromMs, untilMs, ...row }) => ({
    ...(fromMs === undefined || untilMs === undefined ? {} : { from: isoTime(fromMs), until: isoTime(untilMs) }),
    ...row,
  }),
  leavesOut: (query, nowMs) => messagesOfActivity(activityFilter(query, nowMs)),
});

type AskedMoment = v.InferOutput<typeof Moment> | undefined;

interface ActivityQuery {
  readonly by: BucketUnit | "weekday_hour";
  readonly zone: TimeZone;
  readonly email?: string | undefined;
  readonly campaign?: string | undefined;
  readonly since?: AskedMoment;
  readonly until?: AskedMoment;
  readonly sentSince?: AskedMoment;
  readonly sentUntil?: AskedMoment;
}

/** @throws {ApiError} 400 for messages by when they were sent of all emails, which would read the whole log */
function activityFilter(query: ActivityQuery, nowMs: number): ActivityReportFilter {
  const { by, zone, email, campaign, since, until, sentSince, sentUntil } = query;
  const untilMs = until === undefined ? nowMs : momentIn(zone, until);
  const defaultMs = DEFAULT_MS[by === "weekday_hour" ? "week" : by];
  const field = sentSince !== undefined ? "sentSince" : "sentUntil";
  if (email === undefined && campaign === undefined && (sentSince ?? sentUntil) !== undefined) {
    const message = `${field} needs an email or a campaign.`;
    throw new ApiError({ status: 400, code: "missing_field", message, field: "email" });
  }
  return {
    email,
    campaign,
    sinceMs: since === undefined ? untilMs - defaultMs : momentIn(zone, since),
    untilMs,
    sentSinceMs: sentSince && momentIn(zone, sentSince),
    sentUntilMs: sentUntil && momentIn(zone, sentUntil),
  };
}

const AT = sql`${events.at}`;

const WEEK_HOURS = Array.from({ length: HOURS_A_WEEK }, (_, number) => ({
  number,
  weekday: 1 + Math.floor(number / 24),
  hour: number % 24,
}));

/**
 * The rows of the buckets, and beside them the hours of a week, as two questions would answer them.
 * @throws {ApiError} 400 for a week that ends before the rows do, or is too long
 */
async function withWeek(
  stores: LogStores,
  filter: ActivityReportFilter,
  buckets: Buckets,
  zone: TimeZone,
  weekUntilMs: number,
) {
  const { sinceMs, untilMs } = filter;
  if (weekUntilMs < untilMs) throw invalidTime("weekUntil must not be before until.", "weekUntil");
  checkPeriod(sinceMs, weekUntilMs);
  const ofWeek = { ...filter, untilMs: weekUntilMs };
  const weekHour = weekHourOf(zone, sinceMs, weekUntilMs, AT);
  const { byBucket, byWeekHour } =
    untilMs - sinceMs > TOGETHER_MS
      ? {
          byBucket: await countsBy(stores, filter, buckets.numberOf(AT)),
          byWeekHour: await countsBy(stores, ofWeek, weekHour),
        }
      : await countsTogether(stores, ofWeek, buckets, untilMs, weekHour);
  const { rows, total } = rowsOf(byWeekHour, WEEK_HOURS);
  const data = rows.map(({ number: _, ...row }) => row);
  const messages = messagesOfActivity(ofWeek);
  const archived = messages === undefined ? 0 : await archivedMessages(stores.DB, messages);
  const week = { data, ...(archived === 0 ? {} : { archived }), total };
  return { ...rowsOf(byBucket, buckets.all), besides: { week } };
}

/** The counts by bucket until `untilMs`, and those by hour of the week, of one read: an event's two numbers are one. */
async function countsTogether(
  stores: LogStores,
  ofWeek: ActivityReportFilter,
  { all, numberOf }: Buckets,
  untilMs: number,
  weekHour: Sql,
) {
  const afterLast = rawSql(String((all.at(-1)?.number ?? 0) + 1));
  const bucket = sql`iif(${AT} < ${untilMs}, ${numberOf(AT)}, ${afterLast})`;
  const counted = await countsBy(stores, ofWeek, sql`${bucket} * ${rawSql(String(HOURS_A_WEEK))} + ${weekHour}`);
  return {
    byBucket: addedUp(counted, (of) => Math.floor(of / HOURS_A_WEEK)),
    byWeekHour: addedUp(counted, (of) => of % HOURS_A_WEEK),
  };
}

type CountsByNumber = ReadonlyMap<number, ActivityCounts>;

async function countsBy(stores: LogStores, filter: ActivityReportFilter, number: Sql): Promise<CountsByNumber> {
  const counted = await activityCounts(stores, filter, number, MAX);
  if (counted === undefined) throw reportTooLarge(`${MAX.events} events, or ${MAX.messages} messages`);
  return counted;
}

function addedUp(counted: CountsByNumber, numberOf: (number: number) => number): CountsByNumber {
  const sums = new Map<number, ActivityCounts>();
  for (const [of, counts] of counted) {
    const number = numberOf(of);
    sums.set(number, addActivity(sums.get(number) ?? NO_ACTIVITY, counts));
  }
  return sums;
}

/** A row for each of `slots`, in their order, and their sum. */
function rowsOf<Slot extends { readonly number: number }>(counted: CountsByNumber, slots: readonly Slot[]) {
  const rows = slots.map((slot) => ({ ...slot, ...(counted.get(slot.number) ?? NO_ACTIVITY) }));
  return { rows, total: rows.reduce<ActivityCounts>(addActivity, NO_ACTIVITY) };
}
