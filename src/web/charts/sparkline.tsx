/** A line as small as a word, in the cell of a table. Its name says what the line does. */
import { line } from "d3-shape";
import { centreOf } from "./axis-labels.ts";
import { isKnown, lineSentence } from "./line-series.ts";
import { SeriesSymbol } from "./series-symbol.tsx";
import { valueScale } from "./value-scale.ts";

export interface SparklineProps {
  /** What is counted: "Opens a day". */
  readonly label: string;
  /** null where nothing is known. */
  readonly values: readonly (number | null)[];
  /** The name of each value, for the sentence: "2 Nov". */
  readonly names?: readonly string[];
}

/** The size of the box that the line is drawn in. */
const BOX = 100;

/** @example <td><Sparkline label="Opens a day" values={[3, 12, null, 40, 22]} names={axis.labels} /></td> */
export function Sparkline({ label, values, names = [] }: SparklineProps) {
  const known = values.filter(isKnown);
  const last = values.findLastIndex(isKnown);
  const named = names.length > 0 ? names : values.map((_, index) => `${index + 1} of ${values.length}`);
  const sentence = lineSentence({ label, values }, named, "count");
  if (last < 0)
    return (
      <span class="sparkline-none" role="img" aria-label={sentence}>
        –
      </span>
    );
  const scale = valueScale(known, "count");
  const y = (value: number | null) => BOX - (scale.percent(value ?? 0) * BOX) / 100;
  const shape = line<number | null>((_, index) => (centreOf(index, values.length) * BOX) / 100, y)
    .defined(isKnown)
    .digits(1);
  return (
    <svg class="sparkline" role="img" aria-label={sentence}>
      <svg
        aria-hidden="true"
        width="100%"
        height="100%"
        viewBox={`0 0 ${BOX} ${BOX}`}
        preserveAspectRatio="none"
        class="sparkline-box"
      >
        <path class="line-path series-1" d={shape(values) ?? ""} />
      </svg>
      <SeriesSymbol number={1} x={centreOf(last, values.length)} y={y(values[last] ?? 0)} />
    </svg>
  );
}
