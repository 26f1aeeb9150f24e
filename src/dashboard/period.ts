/**
 * The period that a page shows, and the one before it. Periods are of whole days of the viewer's calendar, whatever the
 * clocks do; one that is not over yet is compared with as much of the one before: what was sent by noon today with
 * what was sent by noon then.
 */
import { DAY_MS } from "../platform/durations.ts";
import { midnightOf, momentAt, type TimeZone } from "../platform/time-zone.ts";
import { addDays, clockMsAt, dayAt, isDay, zoneNamed } from "./local-dates.ts";

export const PRESETS = {
  today: { days: 1, label: "Today" },
  week: { days: 7, label: "7 days" },
  month: { days: 30, label: "30 days" },
  quarter: { days: 90, label: "90 days" },
  year: { days: 365, label: "12 months" },
} as const satisfies Record<string, { readonly days: number; readonly label: string }>;
export type Preset = keyof typeof PRESETS;

export interface Span {
  readonly sinceMs: number;
  /** Not included. */
  readonly untilMs: number;
}

export interface Period extends Span {
  /** "own" when its dates were chosen. */
  readonly choice: Preset | "own";
  /** Its first and last day, "2026-11-01". */
  readonly firstDay: string;
  readonly lastDay: string;
  /** It includes now. */
  readonly isGoingOn: boolean;
  /** When its last day ends. */
  readonly endMs: number;
  /** As many days before its first one. */
  readonly before: Span;
  /** Why the dates that were asked for are not the ones shown. */
  readonly problem?: string;
}

/** Without beginning or end. */
export interface AllTime {
  readonly choice: "all";
  /** As in a `Period`. */
  readonly problem?: string;
}

export type Unit = "hour" | "day" | "week";

/** Buckets of a chart beyond which it is no longer read but only seen. */
const MAX_BUCKETS: Readonly<Record<Unit, number>> = { hour: 14 * 24, day: 400, week: 520 };
const UNIT_MS: Readonly<Record<Unit, number>> = { hour: DAY_MS / 24, day: DAY_MS, week: 7 * DAY_MS };

/**
 * The period that the parameters `period`, or `from` and `to`, ask for.
 * @param zoneName one that the runtime knows
 *
 * @example periodOf(new URLSearchParams("period=week"), "Europe/Paris", Date.now())
 */
export function periodOf(query: URLSearchParams, zoneName: string, nowMs: number, byDefault: Preset = "month"): Period {
  const zone = zoneNamed(zoneName);
  const today = dayAt(zone, nowMs);
  const preset = presetOf(query.get("period")) ?? byDefault;
  const ofPreset = periodFrom(zone, addDays(today, 1 - PRESETS[preset].days), today, nowMs, preset);
  const [from, to] = [query.get("from") ?? "", query.get("to") ?? ""];
  if (from === "" && to === "") return ofPreset;
  const last = to === "" ? today : to;
  const problem = problemOf(from, last);
  return problem === undefined ? periodFrom(zone, from, last, nowMs, "own") : { ...ofPreset, problem };
}

/**
 * As `periodOf`, for pages that also show all time: with the parameter `period=all`, or by default.
 *
 * @example periodOrAll(url.searchParams, "Europe/Paris", Date.now(), "all")
 */
export function periodOrAll(
  query: URLSearchParams,
  zoneName: string,
  nowMs: number,
  byDefault: Preset | "all",
): Period | AllTime {
  const asked = query.get("period");
  const isAll = asked === "all" || (presetOf(asked) === undefined && byDefault === "all");
  const period = periodOf(query, zoneName, nowMs, byDefault === "all" ? "month" : byDefault);
  if (!isAll || period.choice === "own") return period;
  return { choice: "all", ...(period.problem === undefined ? {} : { problem: period.problem }) };
}

/** For `/v1`: `since` and `until` of its lists; none for all time. */
export function chosenQuery(period: Period | AllTime): { readonly since?: string; readonly until?: string } {
  return period.choice === "all" ? {} : listQuery(period);
}

/** Hours, days or weeks: what `by` asks for where the period has not too many of them. */
export function unitOf(period: Span, by: string | null): Unit {
  const possible = unitsOf(period);
  const asked = possible.find((unit) => unit === by);
  if (asked !== undefined) return asked;
  const days = (period.untilMs - period.sinceMs) / DAY_MS;
  if (days <= 2) return "hour";
  return days <= 100 ? "day" : "week";
}

/** Those that a chart of this period can show. */
export function unitsOf({ sinceMs, untilMs }: Span): readonly Unit[] {
  const units: readonly Unit[] = ["hour", "day", "week"];
  const fitting = units.filter((unit) => (untilMs - sinceMs) / UNIT_MS[unit] <= MAX_BUCKETS[unit]);
  return fitting.length > 0 ? fitting : ["week"];
}

/** For `/v1`: `since` and `until` of its queries. */
export function spanQuery({ sinceMs, untilMs }: Span): { readonly since: string; readonly until: string } {
  return { since: new Date(sinceMs).toISOString(), until: new Date(untilMs).toISOString() };
}

/**
 * As `spanQuery`, for lists of several pages: a cursor belongs to one query, and the end of today does not move from
 * page to page as now does. Nothing is sent after now.
 */
export function listQuery({ sinceMs, endMs }: Period): { readonly since: string; readonly until: string } {
  return spanQuery({ sinceMs, untilMs: endMs });
}

function periodFrom(zone: TimeZone, firstDay: string, lastDay: string, nowMs: number, choice: Preset | "own"): Period {
  const days = daysBetween(firstDay, lastDay) + 1;
  const sinceMs = midnightOf(zone, firstDay);
  const endMs = midnightOf(zone, addDays(lastDay, 1));
  const isOver = endMs <= nowMs || sinceMs >= nowMs;
  const firstDayBefore = addDays(firstDay, -days);
  const clockBefore = clockMsAt(zone, nowMs) - days * DAY_MS;
  return {
    choice,
    firstDay,
    lastDay,
    sinceMs,
    untilMs: isOver ? endMs : nowMs,
    endMs,
    isGoingOn: !isOver,
    before: {
      sinceMs: midnightOf(zone, firstDayBefore),
      untilMs: isOver ? sinceMs : Math.max(momentAt(zone, clockBefore), midnightOf(zone, firstDayBefore) + 1),
    },
  };
}

function presetOf(text: string | null): Preset | undefined {
  return text !== null && Object.hasOwn(PRESETS, text) ? (text as Preset) : undefined;
}

function problemOf(from: string, to: string): string | undefined {
  if (!isDay(from)) return "The first day must be a date, like 2026-11-01.";
  if (!isDay(to)) return "The last day must be a date, like 2026-11-30.";
  return from > to ? "The first day is after the last one." : undefined;
}

function daysBetween(one: string, other: string): number {
  return Math.round((Date.parse(other) - Date.parse(one)) / DAY_MS);
}
