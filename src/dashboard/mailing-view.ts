/**
 * Which messages the pages of an email and of a campaign are about, and the addresses of pages about the same ones: a
 * link from one to another keeps the period, the zone and whether bots count.
 */
import { withParameters } from "../web/components/content.tsx";
import type { Grouping } from "./group-table.tsx";
import { type AllTime, chosenQuery, type Period, periodOrAll } from "./period.ts";
import { botsIn } from "./report-choices.tsx";
import type { Visit } from "./visit.ts";

/** Parameters of `/v1`. */
export interface Mailing {
  readonly email?: string;
  readonly campaign?: string;
}

export interface MailingView {
  readonly by: Grouping;
  readonly id: string;
  readonly period: Period | AllTime;
  /** Parameters of `/v1`: its messages, and those of the period. */
  readonly mailing: Mailing;
  readonly span: ReturnType<typeof chosenQuery>;
  readonly bots: "exclude" | "include";
}

/** The view that the page's path and query ask for; all time, unless a period is chosen. */
export function mailingView({ url, params, zone, nowMs }: Visit, by: Grouping): MailingView {
  const id = params[by] ?? "";
  const period = periodOrAll(url.searchParams, zone, nowMs, "all");
  return { by, id, period, mailing: { [by]: id }, span: chosenQuery(period), bots: botsIn(url) };
}

type Parameters = Readonly<Record<string, string | undefined>>;

const KEPT = ["period", "from", "to", "bots", "zone"];

/**
 * The address of another page about the same messages.
 * @param path from /app on
 */
export function sameMessages(url: URL, path: string, parameters: Parameters = {}): string {
  const target = new URL(path, url.origin);
  const kept = KEPT.flatMap((name) => {
    const value = url.searchParams.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  return withParameters(target, { ...Object.fromEntries(kept), ...parameters });
}

/**
 * As `sameMessages`, from a page whose bare address shows another period than the other page's does: it says which.
 * @example inPeriod(url, period, "/app/emails", { sort: "opened" }) // "/app/emails?period=month&sort=opened"
 */
export function inPeriod(url: URL, period: Period | AllTime, path: string, parameters: Parameters = {}): string {
  const chosen = period.choice === "own" ? { from: period.firstDay, to: period.lastDay } : { period: period.choice };
  return sameMessages(url, path, { period: undefined, from: undefined, to: undefined, ...chosen, ...parameters });
}
