/**
 * The log read in stretches, each by turns through the Worker and by a control. miniflare keeps the counts of a limiter
 * of calls on its disk, a write a call, where Cloudflare's are in the memory of the machine that the Worker runs on: so
 * every other stretch is read without it, which is a figure of its own.
 */
import { type Bench, type Figure, median } from "./bench.ts";

/** What one stretch took. */
export interface Stretch {
  /** Whether its calls were counted by the limiter. */
  readonly isCounted: boolean;
  /** Rows a second. */
  readonly rate: number;
  readonly controlRate: number;
  /** Of the server, for a page. */
  readonly cpuUs: number;
  readonly controlCpuUs: number;
}

/** What worker/reading.ts is asked with, for a call that no limiter counts. */
export const UNCOUNTED = { "X-Uncounted": "1" } as const;

type Say = Parameters<Bench["run"]>[0];

/** Says what a stretch has read so far. */
export function sayRead(say: Say, rows: number): void {
  say(`${rows.toLocaleString("en")} rows read`);
}

export function stretchFigures(name: string, stretches: readonly Stretch[], goal: Figure["goal"]): Figure[] {
  const [counted, uncounted] = [true, false].map((each) => stretches.filter(({ isCounted }) => isCounted === each));
  return [
    { name, unit: "rows/s", ...medians(counted ?? []), ...(goal === undefined ? {} : { goal }) },
    { name: "the same without the emulated limiter of calls", unit: "rows/s", ...medians(uncounted ?? []) },
  ];
}

function medians(stretches: readonly Stretch[]) {
  const of = (value: (stretch: Stretch) => number) => median(stretches.map(value));
  return {
    value: of(({ rate }) => rate),
    control: of(({ controlRate }) => controlRate),
    ratio: of(({ rate, controlRate }) => rate / controlRate),
    cpuUs: of(({ cpuUs }) => cpuUs),
    controlCpuUs: of(({ controlCpuUs }) => controlCpuUs),
  };
}
