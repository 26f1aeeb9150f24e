/** Values of things by their names, the longest bar on top where the caller sorts them. */
import { formatCount, formatShare, formatValue, type ValueFormat } from "../format.ts";
import { ChartFrame, ChartTable, EmptyChart } from "./chart-frame.tsx";
import { cutText } from "./text-width.ts";
import { valueScale } from "./value-scale.ts";

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
  /** How many bars are drawn; the table has all. 10 by default. */
  readonly shown?: number;
  readonly empty?: string;
}

const NOTHING = "There is nothing to compare yet.";
const SHOWN = 10;
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
  const {
    title,
    untitled,
    labelName,
    valueName,
    rows,
    whole,
    format = "count",
    shown = SHOWN,
    empty = NOTHING,
  } = props;
  if (rows.length === 0) return <EmptyChart title={title} untitled={untitled} kind="bar-chart" empty={empty} />;
  const drawn = rows.slice(0, shown);
  const scale = valueScale(
    drawn.map(({ value }) => value),
    format,
  );
  const isLinked = drawn.some(({ href }) => href !== undefined);
  // A picture's links cannot be reached by a screen reader.
  const named = { role: isLinked ? "group" : "img", "aria-label": nameOf(props) };
  return (
    <ChartFrame title={title} untitled={untitled} kind="bar-chart">
      <div class="bar-body" {...named}>
        {drawn.map((row) => (
          <div class="bar-row">
            <BarLabel {...row} />
            <svg class="bar-track" aria-hidden="true">
              <rect width={`${Math.round(scale.percent(row.value) * 100) / 100}%`} height="100%" />
            </svg>
            <span class="bar-value">{formatValue(row.value, format)}</span>
            {whole === undefined ? null : <span class="bar-share">{formatShare(row.value, whole.count)}</span>}
          </div>
        ))}
      </div>
      {rows.length > drawn.length ? (
        <p class="chart-note">{formatCount(rows.length - drawn.length)} more are in the table.</p>
      ) : null}
      <ChartTable
        caption={title}
        columns={[labelName, valueName, ...(whole === undefined ? [] : [`Share of ${wholeText(whole)}`])]}
        rows={rows.map(({ label, value }) => [
          <bdi>{label}</bdi>,
          formatValue(value, format),
          ...(whole === undefined ? [] : [formatShare(value, whole.count)]),
        ])}
      />
    </ChartFrame>
  );
}

const wholeText = ({ count, noun }: NonNullable<BarChartProps["whole"]>) => `${formatCount(count)} ${noun}`;

function BarLabel({ label, href }: BarRow) {
  const text = cutText(label, MAX_LABEL);
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
  const text = ({ label, value }: BarRow) => `${cutText(label, MAX_LABEL)} ${formatValue(value, format)}`;
  const highest = rows.reduce<BarRow | undefined>(
    (high, row) => (row.value > (high?.value ?? -1) ? row : high),
    undefined,
  );
  const of = whole === undefined ? "" : ` of ${wholeText(whole)}`;
  const most = highest === undefined ? "" : ` Highest: ${text(highest)}${of}.`;
  return `${title}, ${formatCount(rows.length)} ${rows.length === 1 ? "bar" : "bars"}.${most}`;
}
