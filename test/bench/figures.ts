/** The two figures that all benchmarks of events have: the rate, and that no event was lost or stored twice. */
import type { Figure } from "./bench.ts";
import type { DuelResult } from "./duel.ts";

export function rateFigure(name: string, result: DuelResult, atLeast: number): Figure {
  const { rate, controlRate, ratio, cpuUs, controlCpuUs } = result;
  return {
    name,
    value: rate,
    unit: "1/s",
    control: controlRate,
    ratio,
    goal: { atLeast },
    cpuUs,
    controlCpuUs,
  };
}

/** Rows in D1 of as many that have to be there. */
export function countFigure(name: string, rows: number, expected: number): Figure {
  return { name, value: rows, unit: "rows", control: expected, ratio: rows / expected, goal: { exactly: 1 } };
}
