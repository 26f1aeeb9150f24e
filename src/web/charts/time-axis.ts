/**
 * The axis of a chart over time: a name for each hour, day or week, and its ticks. Those are at the beginnings of local
 * days, weeks, months and years, whatever the clocks do: the local times come with the buckets.
 */

/** The label of one bucket of the axis. */
export interface AxisTick {
  /** The number of the bucket, from 0. */
  readonly index: number;
  readonly text: string;
}

export interface ChartAxis {
  /** Over the column of labels in the table: "Day". */
  readonly name: string;
  /** Each bucket's whole name. */
  readonly labels: readonly string[];
  /** Sets of labels below the axis, the densest first: a chart takes the first that it has room for. */
  readonly tickSets: readonly (readonly AxisTick[])[];
}

interface Moment {
  readonly index: number;
  /** "2026-10-25" */
  readonly date: string;
  readonly hour: number;
  /** "02:00" */
  readonly clock: string;
  /** "+02:00"; empty for a day or a week. */
  readonly offset: string;
  /** The first of its date and hour: an hour that comes twice has a tick once. */
  readonly isFirst: boolean;
  /** The day begins here. The first bucket of an axis may be in the middle of one. */
  readonly isFirstOfDay: boolean;
  /** Midnight UTC of the date, to write it by. */
  readonly atMs: number;
}

const dateFormat = (options: Intl.DateTimeFormatOptions) =>
  new Intl.DateTimeFormat("en-GB", { ...options, timeZone: "UTC" });
const DAY = dateFormat({ day: "numeric", month: "short" });
const LONG_DAY = dateFormat({ weekday: "short", day: "numeric", month: "short", year: "numeric" });
const WHOLE_DAY = dateFormat({ day: "numeric", month: "short", year: "numeric" });
const MONTH = dateFormat({ month: "short" });
const MONTH_OF_YEAR = dateFormat({ month: "short", year: "numeric" });

type TickRule = readonly [hasTick: (moment: Moment) => boolean, text: (moment: Moment) => string];

const month = ({ date }: Moment) => Number(date.slice(5, 7));
const dayOfMonth = ({ date }: Moment) => Number(date.slice(8, 10));
const isMonday = ({ atMs }: Moment) => new Date(atMs).getUTCDay() === 1;
const isFirstOfMonth = (moment: Moment) => dayOfMonth(moment) === 1;
const isFirstWeekOfMonth = (moment: Moment) => dayOfMonth(moment) <= 7;

const dayText = ({ atMs }: Moment) => DAY.format(atMs);
const monthText = (moment: Moment) => (month(moment) === 1 ? yearText(moment) : MONTH.format(moment.atMs));
const monthOfYearText = ({ atMs }: Moment) => MONTH_OF_YEAR.format(atMs);
const yearText = ({ date }: Moment) => date.slice(0, 4);
const hourText = (moment: Moment) => (moment.isFirstOfDay ? dayText(moment) : moment.clock);

const everyHours = (hours: number): TickRule => [
  (moment) => moment.isFirstOfDay || (moment.isFirst && moment.hour > 0 && moment.hour % hours === 0),
  hourText,
];
/** Months say their year in January; every third month says it, too, because January may be left out. */
const MONTH_TEXTS = [
  [1, monthText],
  [3, monthOfYearText],
  [12, yearText],
] as const;
const everyMonths = (isStart: (moment: Moment) => boolean): readonly TickRule[] =>
  MONTH_TEXTS.map(([months, text]) => [(moment) => isStart(moment) && (month(moment) - 1) % months === 0, text]);

const TICK_RULES: Readonly<Record<"hour" | "day" | "week", readonly TickRule[]>> = {
  hour: [
    everyHours(3),
    everyHours(6),
    everyHours(12),
    [({ isFirstOfDay }) => isFirstOfDay, dayText],
    [(moment) => moment.isFirstOfDay && isMonday(moment), dayText],
  ],
  day: [[() => true, dayText], [isMonday, dayText], ...everyMonths(isFirstOfMonth)],
  week: [[() => true, dayText], ...everyMonths(isFirstWeekOfMonth)],
};

const NAMES = { hour: "Hour", day: "Day", week: "Week" } as const;

/**
 * @param by what a bucket is
 * @param locals the beginning of each by the local clock, as /v1/reports/series answers it: "2026-10-25", or
 * "2026-10-25T02:00+02:00" for an hour
 * @example timeAxis("day", rows.map(({ local }) => local))
 */
export function timeAxis(by: "hour" | "day" | "week", locals: readonly string[]): ChartAxis {
  const moments = locals.map((local, index) => momentOf(local, index, locals[index - 1]));
  const namesOffset = new Set(moments.map(({ offset }) => offset)).size > 1;
  const hasDate = by !== "hour" || moments.some(({ isFirstOfDay }) => isFirstOfDay);
  const sets = TICK_RULES[by].map(([hasTick, text]) =>
    moments.filter(hasTick).map((moment, index) => {
      const isUndated = !hasDate && index === 0;
      return { index: moment.index, text: isUndated ? `${dayText(moment)}, ${moment.clock}` : text(moment) };
    }),
  );
  return {
    name: NAMES[by],
    labels: moments.map((moment) => labelOf(by, moment, namesOffset)),
    tickSets: sets.filter((set) => set.length > 0),
  };
}

function momentOf(local: string, index: number, before = ""): Moment {
  const date = local.slice(0, "2026-10-25".length);
  const clock = local.slice("2026-10-25T".length, "2026-10-25T02:00".length);
  const isFirstOfDay = before === "" ? Number(clock.slice(0, 2)) === 0 : date !== before.slice(0, date.length);
  const hourEnd = "2026-10-25T02".length;
  return {
    index,
    date,
    clock,
    hour: Number(clock.slice(0, 2)),
    offset: local.slice("2026-10-25T02:00".length),
    isFirst: local.slice(0, hourEnd) !== before.slice(0, hourEnd),
    isFirstOfDay,
    atMs: Date.parse(date),
  };
}

function labelOf(by: "hour" | "day" | "week", { atMs, clock, offset }: Moment, namesOffset: boolean): string {
  if (by === "week") return `Week of ${WHOLE_DAY.format(atMs)}`;
  if (by === "day") return LONG_DAY.format(atMs);
  return `${LONG_DAY.format(atMs)}, ${clock}${namesOffset ? ` UTC${offset}` : ""}`;
}
