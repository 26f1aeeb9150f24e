/** GET /v1/reports/activity: opens and clicks by when they happened, or by hour and weekday. */
import * as v from "valibot";
import type { LogStores } from "../archive/index.ts";
import { events } from "../events/schema.ts";
import { ApiError, type ApiFailure } from "../http/errors.ts";
import { fields, IdParameter, TimeAnswer } from "../http/schemas.ts";
import { isoTime } from "../http/time.ts";
import { DAY_MS } from "../platform/durations.ts";
import { ok, type Result, refused } from "../platform/result.ts";
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
const TOGETHER_MS = 400 * DAY_MS;

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
  filterOf: (query, nowMs) => {
    const filter = activityFilter(query, nowMs);
    return { events: filter, ...shownRows(query, filter) };
  },
  read: async (stores, { filter: { events, buckets, week } }) => {
    if (buckets === undefined) return withRows(await countsBy(stores, events, week.hour), WEEK_HOURS);
    if (week !== undefined) return await readWithWeek(stores, { events, buckets, week });
    return withRows(await countsBy(stores, events, buckets.numberOf(AT)), buckets.all);
  },
  entryOf: ({ number: _, fromMs, untilMs, ...row }) => ({
    ...(fromMs === undefined || untilMs === undefined ? {} : { from: isoTime(fromMs), until: isoTime(untilMs) }),
    ...row,
  }),
  leavesOut: ({ events }) => messagesOfActivity(events),
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
  readonly weekUntil?: AskedMoment;
}

/** The hours of a week, of the events of `events`; `hour` is the number of an event's. */
interface Week {
  readonly events: ActivityReportFilter;
  readonly hour: Sql;
}

/** Rows by hour, day or week, perhaps with a week beside them, or the week's hours alone. */
type ShownRows =
  | { readonly buckets: Buckets; readonly week: Week | undefined }
  | { readonly buckets: undefined; readonly week: Week };

/** @throws {ApiError} 400 for a period that is too long, and for a week that ends before the rows do */
function shownRows({ by, zone, weekUntil }: ActivityQuery, events: ActivityReportFilter): ShownRows {
  const { sinceMs, untilMs } = events;
  const weekOf = (of: ActivityReportFilter): Week => {
    checkPeriod(of.sinceMs, of.untilMs);
    return { events: of, hour: weekHourOf(zone, of.sinceMs, of.untilMs, AT) };
  };
  if (by === "weekday_hour") {
    if (weekUntil !== undefined) throw invalidTime("weekUntil goes with by=hour, by=day and by=week.", "weekUntil");
    return { buckets: undefined, week: weekOf(events) };
  }
  const buckets = checkedBuckets(by, zone, sinceMs, untilMs);
  if (weekUntil === undefined) return { buckets, week: undefined };
  const weekUntilMs = momentIn(zone, weekUntil);
  if (weekUntilMs < untilMs) throw invalidTime("weekUntil must not be before until.", "weekUntil");
  return { buckets, week: weekOf({ ...events, untilMs: weekUntilMs }) };
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

interface BucketsAndWeek {
  readonly events: ActivityReportFilter;
  readonly buckets: Buckets;
  readonly week: Week;
}

interface BucketAndWeekCounts {
  readonly byBucket: CountsByNumber;
  readonly byWeekHour: CountsByNumber;
}

/** The rows of the buckets, and beside them the hours of a week, as two questions would answer them. */
async function readWithWeek(stores: LogStores, asked: BucketsAndWeek) {
  const { sinceMs, untilMs } = asked.events;
  const read = untilMs - sinceMs > TOGETHER_MS ? countsApart : countsTogether;
  const counted = await read(stores, asked);
  if (!counted.ok) return counted;
  const { rows, total } = rowsOf(counted.value.byWeekHour, WEEK_HOURS);
  const data = rows.map(({ number: _, ...row }) => row);
  const messages = messagesOfActivity(asked.week.events);
  const archived = messages === undefined ? 0 : await archivedMessages(stores.DB, messages);
  const week = { data, ...(archived === 0 ? {} : { archived }), total };
  return ok({ ...rowsOf(counted.value.byBucket, asked.buckets.all), besides: { week } });
}

/** Two reads. */
async function countsApart(
  stores: LogStores,
  { events: filter, buckets, week }: BucketsAndWeek,
): Promise<Result<BucketAndWeekCounts, ApiFailure>> {
  const byBucket = await countsBy(stores, filter, buckets.numberOf(AT));
  if (!byBucket.ok) return byBucket;
  const byWeekHour = await countsBy(stores, week.events, week.hour);
  return byWeekHour.ok ? ok({ byBucket: byBucket.value, byWeekHour: byWeekHour.value }) : byWeekHour;
}

/** The counts by bucket until its end, and those by hour of the week, of one read: an event's two numbers are one. */
async function countsTogether(
  stores: LogStores,
  { events: { untilMs }, buckets: { all, numberOf }, week }: BucketsAndWeek,
): Promise<Result<BucketAndWeekCounts, ApiFailure>> {
  const afterLast = rawSql(String((all.at(-1)?.number ?? 0) + 1));
  const bucket = sql`iif(${AT} < ${untilMs}, ${numberOf(AT)}, ${afterLast})`;
  const hours = rawSql(String(HOURS_A_WEEK));
  const counted = await countsBy(stores, week.events, sql`${bucket} * ${hours} + ${week.hour}`);
  if (!counted.ok) return counted;
  return ok({
    byBucket: addedUp(counted.value, (of) => Math.floor(of / HOURS_A_WEEK)),
    byWeekHour: addedUp(counted.value, (of) => of % HOURS_A_WEEK),
  });
}

type CountsByNumber = ReadonlyMap<number, ActivityCounts>;

async function countsBy(
  stores: LogStores,
  filter: ActivityReportFilter,
  number: Sql,
): Promise<Result<CountsByNumber, ApiFailure>> {
  const counted = await activityCounts(stores, filter, number, MAX);
  if (counted !== undefined) return ok(counted);
  return refused(reportTooLarge(`${MAX.events} events, or ${MAX.messages} messages`));
}

function withRows<Slot extends { readonly number: number }>(
  counted: Result<CountsByNumber, ApiFailure>,
  slots: readonly Slot[],
) {
  return counted.ok ? ok(rowsOf(counted.value, slots)) : counted;
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
