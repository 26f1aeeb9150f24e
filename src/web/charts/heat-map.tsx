/**
 * When in the week something happens: 7 days of 24 hours. Its shades are steps of equal size, so that twice as dark is
 * twice as many; where colours are forced or lacking, cells differ in size.
 */
import { formatCount } from "../format.ts";
import { AxisRow } from "./axis-row.tsx";
import { ChartFrame, ChartTable, EmptyChart } from "./chart-frame.tsx";
import { type HeatSteps, heatSteps } from "./heat-steps.ts";
import { percentText } from "./percent-text.ts";

export interface HeatCell {
  /** 1 is Monday (ISO 8601). */
  readonly weekday: number;
  /** 0 to 23. */
  readonly hour: number;
  /** null where nothing is known. */
  readonly count: number | null;
}

export interface HeatMapProps {
  readonly title: string;
  readonly untitled?: boolean;
  /** In any order; an hour without a cell has 0. */
  readonly cells: readonly HeatCell[];
  /** Whose hours they are: "Europe/Paris". */
  readonly zone: string;
  readonly empty?: string;
}

const NOTHING = "Nothing happened in this period.";
const WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"] as const;
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);
/** Labels for every hour, every second, … */
const HOUR_SETS = [1, 2, 3, 6, 12].map((step) =>
  HOURS.filter((hour) => hour % step === 0).map((hour) => ({ index: hour, text: clock(hour).slice(0, "00".length) })),
);

/**
 * @example
 * <HeatMap title="Opens by hour and weekday" zone="Europe/Paris"
 *   cells={[{ weekday: 1, hour: 9, count: 120 }, { weekday: 2, hour: 14, count: 75 }]}
 *   empty="Nobody has opened this email yet." />
 */
export function HeatMap({ title, untitled, cells, zone, empty = NOTHING }: HeatMapProps) {
  const known = cells.filter((cell): cell is KnownCell => cell.count !== null);
  const highest = known.reduce<KnownCell | undefined>(
    (high, cell) => (cell.count > (high?.count ?? 0) ? cell : high),
    undefined,
  );
  if (highest === undefined) return <EmptyChart title={title} untitled={untitled} kind="heat-map" empty={empty} />;
  const steps = heatSteps(highest.count);
  const counts = new Map(cells.map(({ weekday, hour, count }) => [`${weekday} ${hour}`, count]));
  const week = WEEKDAYS.map((name, day) => ({
    name,
    counts: HOURS.map((hour) => {
      const count = counts.get(`${day + 1} ${hour}`);
      return count === undefined ? 0 : count;
    }),
  }));
  const when = `${WEEKDAYS[highest.weekday - 1]}, ${hoursText(highest.hour)}`;
  const name = `${title}, hours of ${zone}. Highest: ${formatCount(highest.count)} (${when}).`;
  return (
    <ChartFrame title={title} untitled={untitled} kind="heat-map">
      <div class="heat-body" role="img" aria-label={name}>
        <div class="heat-y">
          {WEEKDAYS.map((day) => (
            <span>{shortDay(day)}</span>
          ))}
        </div>
        <Cells week={week} steps={steps} />
        <AxisRow tickSets={HOUR_SETS} count={HOURS.length} />
      </div>
      <HeatLegend steps={steps} zone={zone} hasUnknown={known.length < cells.length} />
      <ChartTable
        caption={`${title}, hours of ${zone}`}
        columns={["Hour", ...WEEKDAYS.map(shortDay)]}
        rows={HOURS.map((hour) => [clock(hour), ...week.map((day) => countText(day.counts[hour], "–"))])}
      />
    </ChartFrame>
  );
}

type KnownCell = HeatCell & { readonly count: number };

interface Weekday {
  readonly name: string;
  /** One for each hour. */
  readonly counts: readonly (number | null)[];
}

function Cells({ week, steps }: { readonly week: readonly Weekday[]; readonly steps: HeatSteps }) {
  return (
    <svg class="heat-plot" aria-hidden="true">
      {week.flatMap(({ name, counts }, day) =>
        counts.map((count, hour) => (
          <rect
            class={count === null ? "heat-unknown" : `heat-${steps.levelOf(count)}`}
            x={percentText((hour / HOURS.length) * 100)}
            y={percentText((day / WEEKDAYS.length) * 100)}
          >
            <title>{`${name}, ${hoursText(hour)}: ${countText(count, "not known")}`}</title>
          </rect>
        )),
      )}
    </svg>
  );
}

interface HeatLegendProps {
  readonly steps: HeatSteps;
  readonly zone: string;
  readonly hasUnknown: boolean;
}

function HeatLegend({ steps, zone, hasUnknown }: HeatLegendProps) {
  const keys = steps.levels.map(({ level, text }) => ({ kind: `heat-${level}`, text }));
  const all = hasUnknown ? [...keys, { kind: "heat-unknown", text: "not known" }] : keys;
  return (
    <ul class="chart-legend">
      {all.map(({ kind, text }) => (
        <li>
          <svg class="heat-key" aria-hidden="true">
            <rect class={kind} />
          </svg>
          {text}
        </li>
      ))}
      <li class="heat-zone">{`Hours of ${zone}`}</li>
    </ul>
  );
}

const shortDay = (day: string) => day.slice(0, 3);
const countText = (count: number | null | undefined, unknown: string) =>
  typeof count === "number" ? formatCount(count) : unknown;
function clock(hour: number): string {
  return `${String(hour).padStart(2, "0")}:00`;
}

const hoursText = (hour: number) => `${clock(hour)} to ${clock(hour + 1)}`;
