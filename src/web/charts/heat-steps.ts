/** The shades of a heat map: steps of one round size, from nothing to the highest count. */
import { nice, ticks } from "d3-array";
import { formatCount } from "../format.ts";

/** Shades besides that of nothing; more are hard to tell apart. */
const SHADES = 5;

export interface HeatLevel {
  /** From 0, nothing, to SHADES, the darkest. */
  readonly level: number;
  /** "101–200" */
  readonly text: string;
}

export interface HeatSteps {
  readonly levels: readonly HeatLevel[];
  readonly levelOf: (count: number) => number;
}

/** @param max at least 1 */
export function heatSteps(max: number): HeatSteps {
  const size = stepSize(max);
  const count = Math.ceil(max / size);
  // The last of few steps is the darkest all the same.
  const levelOf = (value: number) => Math.round((Math.ceil(value / size) * SHADES) / count);
  const steps = Array.from({ length: count }, (_, index) => {
    const [from, to] = [index * size + 1, (index + 1) * size];
    return { level: levelOf(to), text: from === to ? formatCount(to) : `${formatCount(from)}–${formatCount(to)}` };
  });
  return { levels: [{ level: 0, text: "0" }, ...steps], levelOf };
}

function stepSize(max: number): number {
  for (let wanted = SHADES; wanted > 0; wanted--) {
    const [, top] = nice(0, max, wanted);
    const [, size = max] = ticks(0, top, wanted);
    if (Number.isInteger(size) && Math.ceil(max / size) <= SHADES) return size;
  }
  return Math.ceil(max / SHADES);
}
