/** Round numbers for the values of a chart. Every scale begins at 0, so that twice as much is twice as high. */
import { nice, ticks } from "d3-array";
import type { ValueFormat } from "../format.ts";

export interface ValueScale {
  /** From 0 to `top`, in equal steps. */
  readonly ticks: readonly number[];
  readonly top: number;
  /** Percent of the way from 0 to `top`. */
  readonly percent: (value: number) => number;
}

/** The top of a scale without any value but 0. */
const LEAST = { count: 1, share: 0.01 } as const;

/**
 * @param values not negative
 * @param steps about how many steps there are
 */
export function valueScale(values: readonly number[], format: ValueFormat, steps = 4): ValueScale {
  const max = values.reduce((highest, value) => Math.max(highest, value), 0) || LEAST[format];
  const [, top] = nice(0, max, steps);
  const all = ticks(0, top, steps);
  // Half a person opens nothing.
  const shown = format === "count" ? all.filter(Number.isInteger) : all;
  return { ticks: shown, top: shown.at(-1) ?? max, percent: (value) => (100 * value) / top };
}
