/**
 * Lines over time. Its drawing has no width of its own: places along it are percentages and text has the page's size,
 * so that it reads as well on a phone as on a desk. Lines are drawn in a box of 1000 by 1000 that is stretched over it.
 */
import { area as areaShape, line as lineShape } from "d3-shape";
import { formatTick, formatValue, type ValueFormat } from "../format.ts";
import { centreOf } from "./axis-labels.ts";
import { AxisRow } from "./axis-row.tsx";
import { ChartFrame, ChartTable, EmptyChart } from "./chart-frame.tsx";
import { ChartLegend, MAX_NAME } from "./chart-legend.tsx";
import {
  type ChartLimit,
  type DrawnLine,
  drawnLines,
  isKnown,
  type LineSeries,
  limitClass,
  lineClass,
  lineSentence,
} from "./line-series.ts";
import { Mark } from "./mark.tsx";
import { percentText } from "./percent-text.ts";
import { cutText } from "./text-width.ts";
import type { ChartAxis } from "./time-axis.ts";
import { type ValueScale, valueScale } from "./value-scale.ts";

export interface LineChartProps {
  /** What is shown: "Opens a day". */
  readonly title: string;
  /** Leaves the title out where the page has it as a heading above. */
  readonly untitled?: boolean;
  /** Of `timeAxis`. */
  readonly axis: ChartAxis;
  /** The first is the one that matters: it has the accent's colour. Up to four can be told apart. */
  readonly series: readonly LineSeries[];
  /** "count" by default. */
  readonly format?: ValueFormat;
  readonly limits?: readonly ChartLimit[];
  /** What is said instead, and what to do, where no value is known. */
  readonly empty?: string;
}

const NOTHING = "There are no numbers for this period.";

/** The box that lines are drawn in. */
const BOX = 1000;
/** So few points are all marked. */
const FEW = 8;

/**
 * @example
 * <LineChart
 *   title="Opens a day"
 *   axis={timeAxis("day", rows.map(({ local }) => local))}
 *   series={[
 *     { label: "People", values: rows.map(({ opened }) => opened), before: rowsBefore.map(({ opened }) => opened) },
 *     { label: "Bots", values: rows.map(({ bots }) => bots.opened) },
 *   ]}
 *   empty="Nobody has opened an email yet. Send one to yourself to see it here."
 * />
 * @example
 * <LineChart title="Complaint rate at gmail.com" axis={axis} format="share"
 *   series={[{ label: "Complaints", values: rates }]}
 *   limits={[{ label: "Gmail asks for less than", value: 0.001 }, { label: "Gmail blocks from", value: 0.003 }]} />
 */
export function LineChart(props: LineChartProps) {
  const { title, untitled, axis, series, format = "count", limits = [], empty = NOTHING } = props;
  const lines = drawnLines(series);
  const known = lines.flatMap(({ values }) => values.filter(isKnown));
  if (known.length === 0) return <EmptyChart title={title} untitled={untitled} kind="line-chart" empty={empty} />;
  const scale = valueScale([...known, ...limits.map(({ value }) => value)], format);
  const name = nameOf(props, lines);
  return (
    <ChartFrame title={title} untitled={untitled} kind="line-chart">
      {lines.length + limits.length > 1 ? <ChartLegend lines={lines} limits={limits} format={format} /> : null}
      <div class="line-body" role="img" aria-label={name}>
        <div class="line-y">
          {scale.ticks.map((tick) => (
            <span>{formatTick(tick, format)}</span>
          ))}
        </div>
        <div class="line-plot">
          <Drawing lines={lines} limits={limits} scale={scale} count={axis.labels.length} />
          <Bands axis={axis} lines={lines} format={format} />
        </div>
        <AxisRow tickSets={axis.tickSets} count={axis.labels.length} />
      </div>
      <ChartTable
        caption={title}
        columns={[axis.name, ...lines.map(({ label }) => label)]}
        rows={axis.labels.map((label, index) => [label, ...lines.map((line) => valueText(line, index, format))])}
      />
    </ChartFrame>
  );
}

function nameOf({ title, axis, format = "count", limits = [] }: LineChartProps, lines: readonly DrawnLine[]): string {
  const { labels } = axis;
  const [first = "", last = ""] = [labels[0], labels.at(-1)];
  const period = first === last ? first : `${first} to ${last}`;
  return [
    `${title}, ${period}.`,
    ...lines.map((line) => lineSentence(line, labels, format)),
    ...limits.map(({ label, value }) => `${label}: ${formatValue(value, format)}.`),
  ].join(" ");
}

/** "–" where nothing is known. */
function valueText({ values }: DrawnLine, index: number, format: ValueFormat): string {
  const value = values[index];
  return isKnown(value) ? formatValue(value, format) : "–";
}

interface DrawingProps {
  readonly lines: readonly DrawnLine[];
  readonly limits: readonly ChartLimit[];
  readonly scale: ValueScale;
  readonly count: number;
}

function Drawing({ lines, limits, scale, count }: DrawingProps) {
  const y = (value: number) => 100 - scale.percent(value);
  // The first series lies on top of the others.
  const drawn = lines.toReversed();
  return (
    <svg class="line-drawing" aria-hidden="true">
      {scale.ticks.map((tick) => (
        <line
          class={tick === 0 ? "line-zero" : "line-grid"}
          x1="0"
          x2="100%"
          y1={percentText(y(tick))}
          y2={percentText(y(tick))}
        />
      ))}
      <svg aria-hidden="true" width="100%" height="100%" viewBox={`0 0 ${BOX} ${BOX}`} preserveAspectRatio="none">
        {drawn.map((line, index) => (
          <>
            {index === drawn.length - 1 ? <path class="line-area" d={areaPath(line, scale, count)} /> : null}
            <path class={lineClass(line)} d={linePath(line, scale, count)} />
          </>
        ))}
      </svg>
      {limits.map(({ value }, index) => (
        <line class={limitClass(index)} x1="0" x2="100%" y1={percentText(y(value))} y2={percentText(y(value))} />
      ))}
      {drawn.flatMap((line) =>
        markedOf(line).map(([index, value]) => (
          <Mark number={line.number} x={centreOf(index, count)} y={y(value)} isBefore={line.isBefore} />
        )),
      )}
    </svg>
  );
}

function linePath({ values }: DrawnLine, scale: ValueScale, count: number): string {
  const shape = lineShape<number | null>((_, index) => (centreOf(index, count) / 100) * BOX, boxY(scale))
    .defined(isKnown)
    .digits(1);
  return shape(values) ?? "";
}

function areaPath({ values }: DrawnLine, scale: ValueScale, count: number): string {
  const shape = areaShape<number | null>((_, index) => (centreOf(index, count) / 100) * BOX, BOX, boxY(scale))
    .defined(isKnown)
    .digits(1);
  return shape(values) ?? "";
}

const boxY = (scale: ValueScale) => (value: number | null) => (1 - scale.percent(value ?? 0) / 100) * BOX;

/** The last point, points that no line leads to, and all where they are few. */
function markedOf({ values, isBefore }: DrawnLine): readonly (readonly [number, number])[] {
  const last = values.findLastIndex(isKnown);
  const isFew = values.length <= FEW;
  return values.flatMap((value, index) => {
    if (!isKnown(value)) return [];
    const isAlone = !isKnown(values[index - 1]) && !isKnown(values[index + 1]);
    return isAlone || (!isBefore && (isFew || index === last)) ? [[index, value] as const] : [];
  });
}

interface BandsProps {
  readonly axis: ChartAxis;
  readonly lines: readonly DrawnLine[];
  readonly format: ValueFormat;
}

/** What the pointer shows of each bucket. Style sheets write it: without them, nobody reads it twice. */
function Bands({ axis, lines, format }: BandsProps) {
  const named = lines.map((line) => ({ line, name: cutText(line.label, MAX_NAME) }));
  const half = axis.labels.length / 2;
  return (
    <div class="line-bands">
      {axis.labels.map((label, index) => (
        <i
          class={index < half ? undefined : "line-late"}
          data-tip={[label, ...named.map(({ line, name }) => `${name}: ${valueText(line, index, format)}`)].join("\n")}
        />
      ))}
    </div>
  );
}
