/** Which labels an axis shows at which width. Guarantees that none overlaps another and none leaves the plot. */
import { textWidth } from "./text-width.ts";
import type { AxisTick, ChartAxis } from "./time-axis.ts";

/**
 * The narrowest plot, in rem, at which each group of labels is shown: the container queries of line-chart.css. Below
 * the first, no label is shown.
 */
export const LABEL_WIDTHS_REM = [8, 12, 16, 22, 32, 46, 64] as const;

/** --text-xs of tokens.css. */
export const LABEL_SIZE_REM = 0.75;

/** Between two labels. */
const GAP_REM = 0.75;

export interface PlacedLabel {
  readonly text: string;
  /** Percent of the plot's width. */
  readonly at: number;
  /** Where `at` is in the text, as SVG's text-anchor has it. */
  readonly anchor: "start" | "middle" | "end";
}

/** The labels of an axis of `count` buckets in a plot of at least `widthRem`. */
export function labelsFor(tickSets: ChartAxis["tickSets"], count: number, widthRem: number): readonly PlacedLabel[] {
  const place = (set: readonly AxisTick[]) => set.map((tick) => placed(tick, count, widthRem));
  // What has no room for its gaps alone need not be measured.
  const fitting = tickSets
    .filter((set) => set.length * GAP_REM < widthRem)
    .map(place)
    .filter((set) => fits(set, widthRem));
  const several = fitting.find((set) => set.length > 1);
  if (several !== undefined) return several;
  // Every second, third, … of the densest set that has one too many.
  const crowded = tickSets.findLast((set) => set.length > 1) ?? tickSets[0] ?? [];
  for (let step = 2; step < crowded.length; step++) {
    const thinned = place(crowded.filter((_, index) => index % step === 0));
    if (fits(thinned, widthRem)) return thinned;
  }
  return place(crowded.slice(0, 1)).filter((label) => fits([label], widthRem));
}

/** The middle of a bucket among `count`, in percent of the plot's width. */
export function centreOf(index: number, count: number): number {
  return ((index + 0.5) / count) * 100;
}

/** Where a label begins and ends in a plot of a width. */
export function extentOf({ text, at, anchor }: PlacedLabel, widthRem: number): readonly [number, number] {
  const width = textWidth(text, LABEL_SIZE_REM);
  const x = (at / 100) * widthRem;
  const start = { start: x, middle: x - width / 2, end: x - width }[anchor];
  return [start, start + width];
}

function placed({ index, text }: AxisTick, count: number, widthRem: number): PlacedLabel {
  const middle: PlacedLabel = { text, at: centreOf(index, count), anchor: "middle" };
  const [start, end] = extentOf(middle, widthRem);
  if (start < 0) return { ...middle, anchor: "start" };
  return end > widthRem ? { ...middle, anchor: "end" } : middle;
}

function fits(labels: readonly PlacedLabel[], widthRem: number): boolean {
  const extents = labels.map((label) => extentOf(label, widthRem));
  return extents.every(([start, end], index) => {
    const next = extents[index + 1]?.[0] ?? Number.POSITIVE_INFINITY;
    return start >= 0 && end <= widthRem && end + GAP_REM <= next;
  });
}
