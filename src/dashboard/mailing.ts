/** What the pages of an email and of a campaign ask `/v1`. */
import type { Schemas } from "../client/index.ts";
import { DAY_MS, HOUR_MS } from "../platform/durations.ts";
import { midnightOf } from "../platform/time-zone.ts";
import type { Grouping, GroupRow } from "./group-table.tsx";
import { clockMsAt, dayAt, zoneNamed } from "./local-dates.ts";
import type { MailingView } from "./mailing-view.ts";
import { nameOf } from "./message-parts.tsx";
import { type Unit, unitOf } from "./period.ts";
import { ApiTrouble, answered, type Visit } from "./visit.ts";

interface Counts {
  readonly opened: number;
  readonly clicks: number;
  readonly bots: { readonly opened: number; readonly clicks: number };
}

export interface ActivityAnswer {
  readonly data: readonly Schemas["ActivityReportRow"][];
  readonly total: Counts;
  readonly archived?: number;
  readonly week?: WeekAnswer;
}

/** The hours of a week, from Monday on. */
export interface WeekAnswer extends Pick<ActivityAnswer, "total" | "archived"> {
  readonly data: readonly (Counts & { readonly weekday: number; readonly hour: number })[];
}

/** A report, or why it would read more than is read at once. */
export type OrTooLarge<Answer> = Answer | { readonly tooLarge: string };

/** What is shown from the hour of the first message on. */
const FIRST_MS = 48 * HOUR_MS;
/** What is shown of several emails: until so long after the last message. */
const AFTER_LAST_MS = 14 * DAY_MS;
const ROWS = 10;
const LINKS = 50;

/** Its counts; undefined when none of its messages is known in the period. */
export async function mailingCounts(visit: Visit, view: MailingView): Promise<GroupRow | undefined> {
  return (await groupsOf(visit, view, view.by, 1)).data[0];
}

/** The first emails or campaigns; with `next` when there are more. */
export interface Groups {
  readonly data: readonly GroupRow[];
  readonly next?: string;
}

/** The emails, or the campaigns, of a mailing, the latest first. */
export async function groupsOf(
  { api }: Visit,
  { mailing, span, bots }: MailingView,
  by: Grouping,
  limit: number,
): Promise<Groups> {
  const query = { by, sort: "sent_at", bots, limit, ...mailing, ...span } as const;
  return await answered(api.GET("/v1/reports/emails", { params: { query } }));
}

/** Its name, or "Email 1042": a report of all its messages, for pages that have none of them at hand. */
export async function mailingName({ api }: Visit, by: Grouping, id: string): Promise<string> {
  const query = { by, limit: 1, [by]: id };
  const { data } = await answered(api.GET("/v1/reports/emails", { params: { query } }));
  return nameOf(data[0]?.[by] ?? { id }, by);
}

export async function linksOf({ api }: Visit, { mailing, span, bots }: MailingView) {
  const query = { bots, limit: LINKS, ...mailing, ...span };
  return await answered(api.GET("/v1/reports/links", { params: { query } }));
}

/** Opens and clicks in their course. */
export interface Course {
  readonly activity: OrTooLarge<ActivityAnswer>;
  readonly by: Unit;
  /** When the last bucket ends, once it is over. */
  readonly endMs: number;
}

/**
 * One after the other: `/v1` reads one report at a time.
 * @param isOfSeveral whether several emails were sent, each with first hours of its own: then all of the time is shown
 */
export async function detailsOf(visit: Visit, view: MailingView, row: GroupRow, isOfSeveral: boolean) {
  const { api } = visit;
  const { mailing, span, bots } = view;
  const opens = row.firstSentAt === null ? undefined : await opensOf(visit, view, row.firstSentAt, row, isOfSeveral);
  const page = { limit: ROWS, ...mailing, ...span };
  const devices = await orTooLarge(answered(api.GET("/v1/reports/devices", { params: { query: page } })));
  const domains = await orTooLarge(answered(api.GET("/v1/reports/domains", { params: { query: { bots, ...page } } })));
  const bounces = await orTooLarge(answered(api.GET("/v1/reports/bounces", { params: { query: page } })));
  return { opens, devices, domains, bounces };
}

export interface Opens {
  readonly course: Course;
  /** From the first message until now. */
  readonly week: OrTooLarge<WeekAnswer> | undefined;
}

/** Their course and the hours of a week, of the period's messages, whenever they were opened, in one read. */
async function opensOf(
  { api, zone, nowMs }: Visit,
  { mailing, span }: MailingView,
  firstSentAt: string,
  { lastSentAt }: GroupRow,
  isOfSeveral: boolean,
): Promise<Opens> {
  const firstMs = Date.parse(firstSentAt);
  const lastMs = Date.parse(lastSentAt ?? firstSentAt);
  const shown = isOfSeveral ? wholeTime(firstMs, lastMs, zone, nowMs) : firstHours(firstMs, zone);
  const untilMs = Math.max(firstMs + 1, Math.min(shown.endMs, nowMs));
  const query = {
    by: shown.by,
    zone,
    since: timeText(shown.sinceMs),
    until: timeText(untilMs),
    ...mailing,
    ...(span.since === undefined ? {} : { sentSince: span.since }),
    ...(span.until === undefined ? {} : { sentUntil: span.until }),
  };
  const ask = async (more: { readonly weekUntil?: string }) =>
    await orTooLarge<ActivityAnswer>(
      answered(api.GET("/v1/reports/activity", { params: { query: { ...query, ...more } } })),
    );
  const both = await ask({ weekUntil: timeText(Math.max(untilMs, nowMs)) });
  // The course alone may be small enough.
  if ("tooLarge" in both) return { course: { ...shown, activity: await ask({}) }, week: both };
  return { course: { ...shown, activity: both }, week: both.week };
}

/** Whole hours of the zone, from that of the first message on. Those that are still to come have no number. */
function firstHours(firstMs: number, zoneName: string) {
  const sinceMs = firstMs - (clockMsAt(zoneNamed(zoneName), firstMs) % HOUR_MS);
  return { by: "hour" as const, sinceMs, endMs: sinceMs + FIRST_MS };
}

/** From the day of the first message on, in hours, days or weeks: by how much of it has passed. */
function wholeTime(firstMs: number, lastMs: number, zoneName: string, nowMs: number) {
  const zone = zoneNamed(zoneName);
  const sinceMs = midnightOf(zone, dayAt(zone, firstMs));
  const endMs = lastMs + AFTER_LAST_MS;
  return { by: unitOf({ sinceMs, untilMs: Math.min(endMs, nowMs) }, null), sinceMs, endMs };
}

const timeText = (ms: number) => new Date(ms).toISOString();

async function orTooLarge<Answer>(answer: Promise<Answer>): Promise<OrTooLarge<Answer>> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ApiTrouble && error.code === "report_too_large") return { tooLarge: error.message };
    throw error;
  }
}
