/**
 * Hours, days and weeks of a time zone, as intervals of time. Guarantees that they follow one another without a gap,
 * whatever the clocks do: a day has 23 or 25 hours when they change, an hour that comes twice is two, a day that was
 * left out (Samoa, 30 December 2011) is none. Weeks begin on Monday (ISO 8601).
 *
 * Each bucket has a number, which SQL finds by an addition and a division: of a day or a week it counts those of the
 * local calendar, of an hour those of the local clock, as if the clock had never been changed by whole hours.
 */
import { DAY_MS, HOUR_MS } from "../platform/durations.ts";
import { rawSql, type Sql, sql } from "../platform/sql.ts";
import { offsetAt, segmentsOf, type TimeZone, type ZoneSegment } from "../platform/time-zone.ts";

export const BUCKET_UNITS = ["hour", "day", "week"] as const;
export type BucketUnit = (typeof BUCKET_UNITS)[number];

export interface Bucket {
  readonly number: number;
  readonly fromMs: number;
  readonly untilMs: number;
  /** As the zone's clock shows its beginning: "2026-10-25", or "2026-10-25T02:00+02:00" for an hour. */
  readonly local: string;
}

export const HOURS_A_WEEK = 168;
/** 1 January 1970 was a Thursday. */
const UNITS: Readonly<Record<BucketUnit, { readonly ms: number; readonly shiftMs: number }>> = {
  hour: { ms: HOUR_MS, shiftMs: 0 },
  day: { ms: DAY_MS, shiftMs: 0 },
  week: { ms: 7 * DAY_MS, shiftMs: 3 * DAY_MS },
};

/** The buckets of a period. */
export interface Buckets {
  readonly all: readonly Bucket[];
  /** The number of the bucket of a time, in SQL. */
  readonly numberOf: (at: Sql) => Sql;
}

/**
 * The buckets that a period has a part in; undefined when they are more than `max`.
 * @param fromMs must be before `untilMs`
 */
export function bucketsOf(
  unit: BucketUnit,
  zone: TimeZone,
  fromMs: number,
  untilMs: number,
  max: number,
): Buckets | undefined {
  const { ms, shiftMs } = UNITS[unit];
  if ((untilMs - fromMs) / ms > max + 1) return undefined;
  // From before the first bucket until after the last.
  const segments = segmentsOf(zone, fromMs - ms - DAY_MS, untilMs + ms + DAY_MS);
  // For an hour only what the offset adds to whole hours matters.
  const shifts = segments.map((segment) => ({
    ...segment,
    shiftMs: shiftMs + (unit === "hour" ? segment.offsetMs % HOUR_MS : segment.offsetMs),
  }));
  const byNumber = new Map<number, Bucket>();
  let startMs = startOf(shifts, ms, fromMs);
  while (startMs < untilMs) {
    const number = numberAt(shifts, ms, startMs);
    const endMs = endOf(shifts, ms, startMs);
    const local = localText(unit, startMs, offsetAt(segments, startMs));
    // Where clocks were put back a minute after midnight, a day goes on after the next one's first minute.
    const begun = byNumber.get(number) ?? { number, fromMs: startMs, local };
    byNumber.set(number, { ...begun, untilMs: endMs });
    startMs = endMs;
  }
  const all = [...byNumber.values()];
  return all.length > max ? undefined : { all, numberOf: (at) => numberSql(shifts, ms, at) };
}

/** The hour of the local week of a time, in SQL: 0 is Monday, 00:00 to 01:00, and 167 the last one of Sunday. */
export function weekHourOf(zone: TimeZone, fromMs: number, untilMs: number, at: Sql): Sql {
  const shifts = segmentsOf(zone, fromMs - DAY_MS, untilMs + DAY_MS).map((segment) => ({
    ...segment,
    shiftMs: UNITS.week.shiftMs + segment.offsetMs,
  }));
  return sql`(${numberSql(shifts, HOUR_MS, at)}) % ${integer(HOURS_A_WEEK)}`;
}

interface Shift extends ZoneSegment {
  /** What is added to a time before it is divided. */
  readonly shiftMs: number;
}

function shiftAt(shifts: readonly Shift[], atMs: number): number {
  return shifts.findLast(({ fromMs }) => fromMs <= atMs)?.shiftMs ?? 0;
}

function numberAt(shifts: readonly Shift[], ms: number, atMs: number): number {
  return Math.floor((atMs + shiftAt(shifts, atMs)) / ms);
}

/** Where the bucket of `atMs` begins: at a multiple of the unit, or with an offset that makes it another one. */
function startOf(shifts: readonly Shift[], ms: number, atMs: number): number {
  const number = numberAt(shifts, ms, atMs);
  const starts = shifts.map(({ fromMs, shiftMs }) => Math.max(fromMs, number * ms - shiftMs));
  return Math.min(...starts.filter((start) => start <= atMs && numberAt(shifts, ms, start) === number));
}

/** The first moment after `atMs` that belongs to another bucket. */
function endOf(shifts: readonly Shift[], ms: number, atMs: number): number {
  const number = numberAt(shifts, ms, atMs);
  const ends = shifts.flatMap(({ fromMs, shiftMs }) => [fromMs, (number + 1) * ms - shiftMs]);
  return Math.min(...ends.filter((end) => end > atMs && numberAt(shifts, ms, end) !== number));
}

function numberSql(shifts: readonly Shift[], ms: number, at: Sql): Sql {
  const [first, ...later] = shifts;
  const cases = later.reduce(
    (text, { fromMs }, index) =>
      sql`${text} WHEN ${at} < ${integer(fromMs)} THEN ${integer(shifts[index]?.shiftMs ?? 0)}`,
    sql`CASE`,
  );
  const isConstant = later.every(({ shiftMs }) => shiftMs === first?.shiftMs);
  const last = integer(shifts.at(-1)?.shiftMs ?? 0);
  const shift = isConstant ? last : sql`${cases} ELSE ${last} END`;
  return sql`(${at} + ${shift}) / ${integer(ms)}`;
}

/** D1 binds numbers as floating-point, whose division has a fraction. */
function integer(value: number): Sql {
  return rawSql(String(Math.trunc(value)));
}

function localText(unit: BucketUnit, atMs: number, offsetMs: number): string {
  const text = new Date(atMs + offsetMs).toISOString();
  if (unit !== "hour") return text.slice(0, "2026-10-25".length);
  const minutes = Math.abs(offsetMs) / 60_000;
  const [hour, minute] = [Math.floor(minutes / 60), Math.floor(minutes) % 60].map((part) => `${part}`.padStart(2, "0"));
  return `${text.slice(0, "2026-10-25T02:00".length)}${offsetMs < 0 ? "-" : "+"}${hour}:${minute}`;
}
