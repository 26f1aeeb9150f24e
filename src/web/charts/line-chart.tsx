/**
 * Lines over time. Its drawing has no width of its own: places along it are percentages and text has the page's size,
 * so that it reads as well on a phone as on a desk. Lines are drawn in a box of 1000 by 1000 that is stretched over it.
 */
import { cutText } from "../cut-text.ts";
import { formatTick, formatValue, type ValueFormat } from "../format.ts";
import { AxisRow } from "./axis-row.tsx";
import { ChartFrame, ChartTable, EmptyChart } from "./chart-frame.tsx";
import { ChartLegend, MAX_NAME } from "./chart-legend.tsx";
import { LineDrawing } from "./line-drawing.tsx";
import { type ChartLimit, type DrawnLine, drawnLines, isKnown, type LineSeries, lineSentence } from "./line-series.ts";
import type { ChartAxis } from "./time-axis.ts";
import { valueScale } from "./value-scale.ts";

export interface LineChartProps {
  /** What is shown: "Opens a day". */
  readonly title: string;
  /** Leaves the title out where the page has it as a heading above. */
  readonly untitled?: boolean;
  /** What `timeAxis` returns. */
  readonly axis: ChartAxis;
  /** The first is the one that matters: it has the accent's colour. Up to four can be distinguished. */
  readonly series: readonly LineSeries[];
  /** "count" by default. */
  readonly format?: ValueFormat;
  readonly limits?: readonly ChartLimit[];
  /** The last bucket of the axis is not over: the way to it is dotted, and its numbers are "so far". */
  readonly isUnfinished?: boolean;
  /** What is said instead, and what to do, where no value is known. */
  readonly empty?: string;
}

const NOTHING = "There are no numbers for this period.";

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
  const { title, untitled, format = "count", limits = [], isUnfinished = false, empty = NOTHING } = props;
  const axis = isUnfinished ? unfinished(props.axis) : props.axis;
  const lines = drawnLines(props.series, axis.labels.length, isUnfinished);
  const known = lines.flatMap(({ values }) => values.filter(isKnown));
  if (known.length === 0) return <EmptyChart title={title} untitled={untitled} kind="line-chart" empty={empty} />;
  const scale = valueScale([...known, ...limits.map(({ value }) => value)], format);
  const label = accessibleName({ ...props, axis }, lines);
  const texts = axis.labels.map((_, index) => lines.map((line) => valueText(line, index, format)));
  return (
    <ChartFrame title={title} untitled={untitled} kind="line-chart">
      {lines.length + limits.length > 1 ? <ChartLegend lines={lines} limits={limits} format={format} /> : null}
      <div class="line-body" role="img" aria-label={label}>
        <div class="line-y">
          {scale.ticks.map((tick) => (
            <span>{formatTick(tick, format)}</span>
          ))}
        </div>
        <div class="line-plot">
          <LineDrawing lines={lines} limits={limits} scale={scale} count={axis.labels.length} />
          <Tooltips axis={axis} lines={lines} texts={texts} />
        </div>
        <AxisRow tickSets={axis.tickSets} count={axis.labels.length} />
      </div>
      <ChartTable
        caption={title}
        columns={[axis.name, ...lines.map(({ label }) => label)]}
        rows={axis.labels.map((label, index) => [label, ...(texts[index] ?? [])])}
      />
    </ChartFrame>
  );
}

function unfinished(axis: ChartAxis): ChartAxis {
  const last = axis.labels.length - 1;
  return { ...axis, labels: axis.labels.map((label, index) => (index === last ? `${label}, so far` : label)) };
}

function accessibleName(
  { title, axis, format = "count", limits = [] }: LineChartProps,
  lines: readonly DrawnLine[],
): string {
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

interface TooltipsProps {
  readonly axis: ChartAxis;
  readonly lines: readonly DrawnLine[];
  /** For each bucket, the value of each line. */
  readonly texts: readonly (readonly string[])[];
}

/** The values of each bucket, which show under the pointer. CSS writes them, so that screen readers skip them. */
function Tooltips({ axis, lines, texts }: TooltipsProps) {
  const names = lines.map(({ label }) => cutText(label, MAX_NAME));
  const half = axis.labels.length / 2;
  return (
    <div class="line-bands">
      {axis.labels.map((label, index) => (
        <i
          class={index < half ? undefined : "line-late"}
          data-tip={[label, ...names.map((name, line) => `${name}: ${texts[index]?.[line]}`)].join("\n")}
        />
      ))}
    </div>
  );
}
