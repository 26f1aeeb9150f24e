/** What the pages of an email and of a campaign ask `/v1`. */
import type { Schemas } from "../client/index.ts";
import type { Grouping, GroupRow } from "./group-table.tsx";
import { botsIn } from "./report-choices.tsx";
import { ApiTrouble, answered, type Visit } from "./visit.ts";

export interface ActivityAnswer {
  readonly data: readonly Schemas["ActivityReportRow"][];
  readonly total: Pick<Schemas["ActivityReportRow"], "opened" | "clicks" | "bots">;
}

/** A report, or why it would read more than is read at once. */
export type OrTooLarge<Answer> = Answer | { readonly tooLarge: string };

/** The messages that a page is about. */
export interface Mailing {
  readonly email?: string;
  readonly campaign?: string;
}

/** What is shown from the first message on. */
export const FIRST_MS = 48 * 3_600_000;
const ROWS = 10;

/** Its counts; undefined when none of its messages is known. */
export async function mailingCounts(visit: Visit, by: Grouping, mailing: Mailing): Promise<GroupRow | undefined> {
  return (await groupsOf(visit, by, mailing, 1))[0];
}

/** The emails, or the campaigns, of a mailing, the latest first. */
export async function groupsOf(
  { api, url }: Visit,
  by: Grouping,
  mailing: Mailing,
  limit: number,
): Promise<readonly GroupRow[]> {
  const query = { by, sort: "sent_at", bots: botsIn(url), limit, ...mailing } as const;
  return (await answered(api.GET("/v1/reports/emails", { params: { query } }))).data;
}

/** One after the other: `/v1` reads one report at a time. */
export async function detailsOf({ api, url, zone, nowMs }: Visit, mailing: Mailing, firstSentAt: string | null) {
  const firstMs = firstSentAt === null ? undefined : Date.parse(firstSentAt);
  const bots = botsIn(url);
  const activity = async (by: "hour" | "weekday_hour", sinceMs: number, untilMs: number) => {
    const query = { by, zone, since: timeText(sinceMs), until: timeText(untilMs), ...mailing };
    return await orTooLarge<ActivityAnswer>(answered(api.GET("/v1/reports/activity", { params: { query } })));
  };
  const hours = firstMs === undefined ? undefined : await activity("hour", firstMs, endOfFirst(firstMs, nowMs));
  const week =
    firstMs === undefined ? undefined : await activity("weekday_hour", firstMs, Math.max(firstMs + 1, nowMs));
  const page = { limit: ROWS, ...mailing };
  const devices = await orTooLarge(answered(api.GET("/v1/reports/devices", { params: { query: page } })));
  const domains = await orTooLarge(answered(api.GET("/v1/reports/domains", { params: { query: { bots, ...page } } })));
  const bounces = await orTooLarge(answered(api.GET("/v1/reports/bounces", { params: { query: page } })));
  return { hours, week, devices, domains, bounces };
}

/** Hours that are still to come have no number. */
function endOfFirst(firstMs: number, nowMs: number): number {
  return Math.max(firstMs + 1, Math.min(firstMs + FIRST_MS, nowMs));
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
