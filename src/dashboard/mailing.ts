/** What the pages of an email and of a campaign ask `/v1`. */
import type { Schemas } from "../client/index.ts";
import { timeZone } from "../platform/time-zone.ts";
import type { Grouping, GroupRow } from "./group-table.tsx";
import type { MailingView } from "./mailing-view.ts";
import { ApiTrouble, answered, type Visit } from "./visit.ts";

export interface ActivityAnswer {
  readonly data: readonly Schemas["ActivityReportRow"][];
  readonly total: Pick<Schemas["ActivityReportRow"], "opened" | "clicks" | "bots">;
}

/** A report, or why it would read more than is read at once. */
export type OrTooLarge<Answer> = Answer | { readonly tooLarge: string };

const HOUR_MS = 3_600_000;
/** What is shown from the hour of the first message on. */
export const FIRST_MS = 48 * HOUR_MS;
const ROWS = 10;
const LINKS = 50;

/** Its counts; undefined when none of its messages is known in the period. */
export async function mailingCounts(visit: Visit, view: MailingView): Promise<GroupRow | undefined> {
  return (await groupsOf(visit, view, view.by, 1))[0];
}

/** The emails, or the campaigns, of a mailing, the latest first. */
export async function groupsOf(
  { api }: Visit,
  { mailing, span, bots }: MailingView,
  by: Grouping,
  limit: number,
): Promise<readonly GroupRow[]> {
  const query = { by, sort: "sent_at", bots, limit, ...mailing, ...span } as const;
  return (await answered(api.GET("/v1/reports/emails", { params: { query } }))).data;
}

export async function linksOf({ api }: Visit, { mailing, span, bots }: MailingView) {
  const query = { bots, limit: LINKS, ...mailing, ...span };
  return await answered(api.GET("/v1/reports/links", { params: { query } }));
}

/** One after the other: `/v1` reads one report at a time. */
export async function detailsOf({ api, zone, nowMs }: Visit, view: MailingView, firstSentAt: string | null) {
  const { mailing, span, bots } = view;
  const firstMs = firstSentAt === null ? undefined : Date.parse(firstSentAt);
  // Of the period's messages, whenever they were opened.
  const sent = {
    ...(span.since === undefined ? {} : { sentSince: span.since }),
    ...(span.until === undefined ? {} : { sentUntil: span.until }),
  };
  const activity = async (by: "hour" | "weekday_hour", sinceMs: number, untilMs: number) => {
    const query = { by, zone, since: timeText(sinceMs), until: timeText(untilMs), ...mailing, ...sent };
    return await orTooLarge<ActivityAnswer>(answered(api.GET("/v1/reports/activity", { params: { query } })));
  };
  const hours = firstMs === undefined ? undefined : await activity("hour", ...firstHours(firstMs, zone, nowMs));
  const week =
    firstMs === undefined ? undefined : await activity("weekday_hour", firstMs, Math.max(firstMs + 1, nowMs));
  const page = { limit: ROWS, ...mailing, ...span };
  const devices = await orTooLarge(answered(api.GET("/v1/reports/devices", { params: { query: page } })));
  const domains = await orTooLarge(answered(api.GET("/v1/reports/domains", { params: { query: { bots, ...page } } })));
  const bounces = await orTooLarge(answered(api.GET("/v1/reports/bounces", { params: { query: page } })));
  return { hours, week, devices, domains, bounces };
}

/** Whole hours of the zone, from that of the first message on. Those that are still to come have no number. */
function firstHours(firstMs: number, zoneName: string, nowMs: number): readonly [sinceMs: number, untilMs: number] {
  const localMs = firstMs + (timeZone(zoneName)?.offsetMsAt(firstMs) ?? 0);
  const sinceMs = firstMs - (localMs % HOUR_MS);
  return [sinceMs, Math.max(firstMs + 1, Math.min(sinceMs + FIRST_MS, nowMs))];
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
