/** Which line is which, by its colour, its dashes and its symbol. */
import { cutText } from "../cut-text.ts";
import { formatTick, type ValueFormat } from "../format.ts";
import { type ChartLimit, type DrawnLine, limitClass, lineClass } from "./line-series.ts";
import { SeriesSymbol } from "./series-symbol.tsx";

export interface ChartLegendProps {
  readonly lines: readonly DrawnLine[];
  readonly limits: readonly ChartLimit[];
  readonly format: ValueFormat;
}

/** The most characters of a series' name in the legend and in what the pointer shows. */
export const MAX_NAME = 40;

export function ChartLegend({ lines, limits, format }: ChartLegendProps) {
  return (
    <ul class="chart-legend">
      {lines.map((line) => (
        <li>
          <svg class="chart-key" aria-hidden="true">
            <line class={lineClass(line)} x1="0" x2="100%" y1="50%" y2="50%" />
            {line.isBefore ? null : <SeriesSymbol number={line.number} x={50} y={50} />}
          </svg>
          <bdi title={line.label}>{cutText(line.label, MAX_NAME)}</bdi>
        </li>
      ))}
      {limits.map((limit, index) => (
        <li>
          <svg class="chart-key" aria-hidden="true">
            <line class={limitClass(index)} x1="0" x2="100%" y1="50%" y2="50%" />
          </svg>
          <LimitName limit={limit} format={format} />
        </li>
      ))}
    </ul>
  );
}

export function LimitName({ limit, format }: { readonly limit: ChartLimit; readonly format: ValueFormat }) {
  return (
    <span>
      <bdi>{cutText(limit.label, MAX_NAME)}</bdi> {formatTick(limit.value, format)}
    </span>
  );
}
