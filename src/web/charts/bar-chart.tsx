/** Values of things by their names, the longest bar on top where the caller sorts them. */
import { cutText } from "../cut-text.ts";
import { countWords, formatCount, formatShare, formatValue, type ValueFormat } from "../format.ts";
import { ChartFrame, ChartTable, EmptyChart } from "./chart-frame.tsx";
import { LimitName } from "./chart-legend.tsx";
import type { ChartLimit } from "./line-series.ts";
import { barLength } from "./percent-text.ts";

export interface BarRow {
  /** Whatever it is called, of whatever length, in whatever script. */
  readonly label: string;
  readonly value: number;
  /** Where the label leads. */
  readonly href?: string;
}

export interface BarChartProps {
  readonly title: string;
  readonly untitled?: boolean;
  /** What labels are: "Domain". */
  readonly labelName: string;
  /** What values are: "Clicks". */
  readonly valueName: string;
  readonly rows: readonly BarRow[];
  /** What values are shares of; without it, no shares are shown. `noun`: "clicks". */
  readonly whole?: { readonly count: number; readonly noun: string };
  /** "count" by default. A chart of shares has no `whole`. */
  readonly format?: ValueFormat;
  readonly limits?: readonly ChartLimit[];
  /** How many bars are drawn; the table has all. 10 by default. */
  readonly shown?: number;
  readonly empty?: string;
}

const NOTHING = "There is nothing to compare yet.";
const SHOWN = 10;
const NAMELESS = "(no name)";
/** Longer labels cannot be seen whole on any screen. */
const MAX_LABEL = 120;

/**
 * @example
 * <BarChart
 *   title="Clicks by link"
 *   labelName="Link"
 *   valueName="Clicks"
 *   rows={links.map(({ url, clicks, id }) => ({ label: url, value: clicks, href: `?link=${id}` }))}
 *   whole={{ count: allClicks, noun: "clicks" }}
 *   empty="Nobody has clicked a link of this email yet."
 * />
 */
export function BarChart(props: BarChartProps) {
  const { title, untitled, rows, whole, format = "count", limits = [], shown = SHOWN, empty = NOTHING } = props;
  if (rows.length === 0) return <EmptyChart title={title} untitled={untitled} kind="bar-chart" empty={empty} />;
  const drawn = rows.slice(0, shown);
  const more = rows.length - drawn.length;
  return (
    <ChartFrame title={title} untitled={untitled} kind="bar-chart">
      {limits.length > 0 ? <LimitLegend limits={limits} format={format} /> : null}
      <Bars {...props} rows={drawn} name={nameOf(props)} />
      {more > 0 ? (
        <p class="chart-note">{`${formatCount(more)} more ${more === 1 ? "is" : "are"} in the table.`}</p>
      ) : null}
      <ChartTable
        caption={title}
        columns={[props.labelName, props.valueName, ...(whole === undefined ? [] : [`Share of ${wholeText(whole)}`])]}
        rows={rows.map(({ label, value }) => [
          <bdi>{label || NAMELESS}</bdi>,
          formatValue(value, format),
          ...(whole === undefined ? [] : [formatShare(value, whole.count)]),
        ])}
      />
    </ChartFrame>
  );
}

function Bars({ rows, whole, format = "count", limits = [], name }: BarChartProps & { readonly name: string }) {
  const most = Math.max(...rows.map(({ value }) => value), ...limits.map(({ value }) => value));
  // A picture's links cannot be reached by a screen reader.
  const role = rows.some(({ href }) => href !== undefined) ? "group" : "img";
  const named = { role, "aria-label": name };
  return (
    <div class={whole === undefined ? "bar-body" : "bar-body with-shares"} {...named}>
      {rows.map((row) => (
        <div class="bar-row">
          <BarLabel {...row} />
          <svg class="bar-track" aria-hidden="true">
            <rect class="bar" width={barLength(row.value, most)} height="100%" />
            {limits.map(({ value }, index) => (
              <rect class={limitClass(index)} x={barLength(value, most)} />
            ))}
          </svg>
          <span class="bar-value">{formatValue(row.value, format)}</span>
          {whole === undefined ? null : <span class="bar-share">{formatShare(row.value, whole.count)}</span>}
        </div>
      ))}
    </div>
  );
}

const wholeText = ({ count, noun }: NonNullable<BarChartProps["whole"]>) => `${formatCount(count)} ${noun}`;

/** The first limit is a thin line across the bars, the second a thick one. */
const limitClass = (index: number) => `bar-limit limit-${(index % 2) + 1}`;

function LimitLegend({ limits, format }: { readonly limits: readonly ChartLimit[]; readonly format: ValueFormat }) {
  return (
    <ul class="chart-legend">
      {limits.map((limit, index) => (
        <li>
          <svg class="bar-key" aria-hidden="true">
            <rect class={limitClass(index)} x="50%" />
          </svg>
          <LimitName limit={limit} format={format} />
        </li>
      ))}
    </ul>
  );
}

function BarLabel({ label, href }: BarRow) {
  const text = cutText(label, MAX_LABEL) || NAMELESS;
  return href === undefined ? (
    <span class="bar-label" dir="auto" title={label}>
      {text}
    </span>
  ) : (
    <a class="bar-label" dir="auto" title={label} href={href}>
      {text}
    </a>
  );
}

function nameOf({ title, rows, whole, format = "count" }: BarChartProps): string {
  const text = ({ label, value }: BarRow) => `${cutText(label, MAX_LABEL) || NAMELESS} ${formatValue(value, format)}`;
  const highest = rows.reduce<BarRow | undefined>(
    (high, row) => (row.value > (high?.value ?? -1) ? row : high),
    undefined,
  );
  const of = whole === undefined ? "" : ` of ${wholeText(whole)}`;
  const most = highest === undefined ? "" : ` Highest: ${text(highest)}${of}.`;
  return `${title}, ${countWords(rows.length, "bar")}.${most}`;
}
