/**
 * Time zones by their IANA names, from the runtime's own data (`Intl`, because workerd has no `Temporal`): offsets from
 * UTC, and when they change.
 */
import { DAY_MS, MINUTE_MS } from "./durations.ts";

/** An offset that holds from a moment until the next segment. */
export interface ZoneSegment {
  /** -Infinity for the first. */
  readonly fromMs: number;
  /** Local time minus UTC. */
  readonly offsetMs: number;
}

export interface TimeZone {
  readonly offsetMsAt: (atMs: number) => number;
}

const OFFSET = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/;
/** No zone changes its offset twice within a week: summer time that pauses for Ramadan pauses for a month. */
const STEP_MS = 7 * DAY_MS;

/** Undefined when the runtime knows no zone of that name. */
export function timeZone(name: string): TimeZone | undefined {
  const format = formatOf(name);
  if (format === undefined) return undefined;
  return { offsetMsAt: (atMs) => offsetMsIn(format.format(atMs)) };
}

function formatOf(name: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone: name, timeZoneName: "longOffset" });
  } catch {
    return undefined;
  }
}

/** @param text "10/25/2026, GMT+01:00" */
function offsetMsIn(text: string): number {
  const [, sign, hours = 0, minutes = 0, seconds = 0] = OFFSET.exec(text) ?? [];
  const ms = (Number(hours) * 60 + Number(minutes)) * MINUTE_MS + Number(seconds) * 1_000;
  return sign === "-" ? -ms : ms;
}

/** The offsets of a period, one segment for each time at which they change. */
export function segmentsOf({ offsetMsAt }: TimeZone, fromMs: number, untilMs: number): readonly ZoneSegment[] {
  const segments: ZoneSegment[] = [{ fromMs: Number.NEGATIVE_INFINITY, offsetMs: offsetMsAt(fromMs) }];
  for (let beforeMs = fromMs; beforeMs < untilMs; beforeMs += STEP_MS) {
    const last = segments.at(-1)?.offsetMs;
    const afterMs = Math.min(beforeMs + STEP_MS, untilMs);
    const offsetMs = offsetMsAt(afterMs);
    if (offsetMs !== last) segments.push({ fromMs: changeBetween(offsetMsAt, beforeMs, afterMs), offsetMs });
  }
  return segments;
}

/** Midnight of a day of the calendar in the zone; the end of the gap where the clocks leave it out. */
export function midnightOf(zone: TimeZone, date: string): number {
  return momentAt(zone, Date.parse(date));
}

/**
 * The first moment at which the zone's clock shows this time, or a later one where the clocks leave it out.
 * @param clockMs what the clock shows, as ms since its 1 January 1970, 00:00
 */
export function momentAt(zone: TimeZone, clockMs: number): number {
  const segments = segmentsOf(zone, clockMs - 2 * DAY_MS, clockMs + 2 * DAY_MS);
  const starts = segments.map(({ fromMs, offsetMs }) => Math.max(fromMs, clockMs - offsetMs));
  return Math.min(...starts.filter((ms) => ms + offsetAt(segments, ms) >= clockMs));
}

/** As `momentAt`, but the last moment where the clock shows this time twice. */
export function lastMomentAt(zone: TimeZone, clockMs: number): number {
  const segments = segmentsOf(zone, clockMs - 2 * DAY_MS, clockMs + 2 * DAY_MS);
  const moments = segments.map(({ offsetMs }) => clockMs - offsetMs);
  const shown = moments.filter((ms) => ms + offsetAt(segments, ms) === clockMs);
  return shown.length === 0 ? momentAt(zone, clockMs) : Math.max(...shown);
}

export function offsetAt(segments: readonly ZoneSegment[], atMs: number): number {
  return segments.findLast(({ fromMs }) => fromMs <= atMs)?.offsetMs ?? 0;
}

/** The first moment after `beforeMs` with the offset that `afterMs` has. */
function changeBetween(offsetMsAt: TimeZone["offsetMsAt"], beforeMs: number, afterMs: number): number {
  const offsetMs = offsetMsAt(afterMs);
  let [low, high] = [beforeMs, afterMs];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetMsAt(middle) === offsetMs) high = middle;
    else low = middle;
  }
  return high;
}
