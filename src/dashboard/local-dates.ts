/** Days and times as viewers write them into forms: of their own calendar and clock. */
import { DAY_MS } from "../platform/durations.ts";
import { lastMomentAt, midnightOf, momentAt, type TimeZone, timeZone } from "../platform/time-zone.ts";

const DATE = /^\d{4}-\d\d-\d\d$/;
/** As `<input type="datetime-local">` sends it; with seconds where it has some. */
const DATE_AND_TIME = /^(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?$/;
/** Before them there was no mail of ours. */
const FIRST_DAY = "2000-01-01";
const LAST_DAY = "2200-01-01";
const UTC: TimeZone = { offsetMsAt: () => 0 };

/** The zone of a visit; UTC for a name that the runtime does not know. */
export function zoneNamed(name: string): TimeZone {
  return timeZone(name) ?? UTC;
}

/** Whether a text is a day, like "2026-11-01". `Date.parse` reads 2026-02-30 as March 2. */
export function isDay(text: string): boolean {
  if (!DATE.test(text) || text < FIRST_DAY || text > LAST_DAY) return false;
  const ms = Date.parse(text);
  return !Number.isNaN(ms) && dayOf(ms) === text;
}

/** The day that a clock shows, by what it shows as ms since its 1 January 1970, 00:00. */
function dayOf(clockMs: number): string {
  return new Date(clockMs).toISOString().slice(0, "2026-11-01".length);
}

/** What the zone's clock shows, as ms since its 1 January 1970, 00:00. */
export function clockMsAt(zone: TimeZone, atMs: number): number {
  return atMs + zone.offsetMsAt(atMs);
}

/** The day that the zone's clock shows. */
export function dayAt(zone: TimeZone, atMs: number): string {
  return dayOf(clockMsAt(zone, atMs));
}

export function addDays(day: string, days: number): string {
  return dayOf(Date.parse(day) + days * DAY_MS);
}

export interface DayRange {
  /** When the first day begins; undefined without one. */
  readonly sinceMs: number | undefined;
  /** When the last day ends; undefined without one. */
  readonly untilMs: number | undefined;
  /** What is wrong with a field: then the range is all of time. */
  readonly problem?: { readonly field: "from" | "to"; readonly message: string };
}

/** The time of the days from `from` to `to`, both included, in a zone. Either may be empty. */
export function dayRange(from: string, to: string, zoneName: string): DayRange {
  const wrong = (field: "from" | "to", message: string): DayRange => ({
    sinceMs: undefined,
    untilMs: undefined,
    problem: { field, message },
  });
  if (from !== "" && !isDay(from)) return wrong("from", "Must be a date, like 2026-11-01.");
  if (to !== "" && !isDay(to)) return wrong("to", "Must be a date, like 2026-11-30.");
  if (from !== "" && to !== "" && from > to) return wrong("to", "Is before the first day.");
  const zone = zoneNamed(zoneName);
  return {
    sinceMs: from === "" ? undefined : midnightOf(zone, from),
    untilMs: to === "" ? undefined : midnightOf(zone, addDays(to, 1)),
  };
}

/**
 * When a zone's clock shows a date and time; undefined for a text that is none. A time that the clocks leave out in
 * spring is when they go on; of one that they show twice in autumn it is the `first` or the `last`.
 *
 * @example momentOf("2026-10-25T02:30", "Europe/Paris", "first") // 2026-10-25T00:30:00Z in ms
 */
export function momentOf(text: string, zoneName: string, which: "first" | "last"): number | undefined {
  const [, day = ""] = DATE_AND_TIME.exec(text) ?? [];
  if (!isDay(day)) return undefined;
  const clockMs = Date.parse(`${text}Z`);
  return which === "first" ? momentAt(zoneNamed(zoneName), clockMs) : lastMomentAt(zoneNamed(zoneName), clockMs);
}
