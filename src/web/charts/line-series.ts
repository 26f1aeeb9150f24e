/** The lines of a chart over time, and what a sentence says about them. */
import { formatValue, type ValueFormat } from "../format.ts";

export interface LineSeries {
  /** "People" */
  readonly label: string;
  /** One for each label of the axis; null where nothing is known, which is not 0. */
  readonly values: readonly (number | null)[];
  /** The same for the period before, drawn dotted in the same colour. */
  readonly before?: readonly (number | null)[] | undefined;
}

/** A value that is not to be exceeded, drawn across the chart: "Gmail's limit", 0.003. */
export interface ChartLimit {
  readonly label: string;
  readonly value: number;
}

/** One line as it is drawn. */
export interface DrawnLine {
  readonly label: string;
  readonly values: readonly (number | null)[];
  /** From 1; it chooses the colour, the dashes and the symbol. */
  readonly number: number;
  readonly isBefore: boolean;
  /** The last value is of a time that is not over. */
  readonly isUnfinished: boolean;
}

/** Series differ by colour, dashes and symbol; further ones repeat them. */
const LINE_STYLES = 4;

/**
 * The lines in the order in which they are named: each series and what it was before. What is beyond the axis is left
 * out: the period before may have had an hour more.
 */
export function drawnLines(series: readonly LineSeries[], count: number, isUnfinished = false): readonly DrawnLine[] {
  return series.flatMap(({ label, values, before }, index) => {
    const number = (index % LINE_STYLES) + 1;
    const reachesEnd = isUnfinished && values.length >= count;
    const line = { label, values: values.slice(0, count), number, isBefore: false, isUnfinished: reachesEnd };
    if (before === undefined) return [line];
    const earlier = { label: `${label}, period before`, values: before.slice(0, count), number };
    return [line, { ...earlier, isBefore: true, isUnfinished: false }];
  });
}

/** The classes of series.css. */
export function lineClass({ number, isBefore }: DrawnLine): string {
  return `line-path series-${number}${isBefore ? " line-before" : ""}`;
}

/** Limits differ by their dashes; a third one repeats the first's. */
export function limitClass(index: number): string {
  return `chart-limit limit-${(index % 2) + 1}`;
}

/** A rate of nothing, which is NaN, is not known. */
export function isKnown(value: number | null | undefined): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

/** "People: 120 at first, 340 at last, highest 512 (Sat, 14 Nov 2026)." */
export function lineSentence({ label, values }: LineSeries, names: readonly string[], format: ValueFormat): string {
  const known = values.filter(isKnown);
  const [first] = known;
  const last = known.at(-1);
  if (first === undefined || last === undefined) return `${label}: no numbers.`;
  const highest = known.reduce((high, value) => Math.max(high, value), first);
  const text = (value: number) => formatValue(value, format);
  if (known.every((value) => value === first)) return `${label}: ${text(first)} throughout.`;
  const where = names[values.indexOf(highest)] ?? "";
  return `${label}: ${text(first)} at first, ${text(last)} at last, highest ${text(highest)} (${where}).`;
}
