/** What a benchmark is, and what it finds. */

/** One row of the report. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What the same run measured of the control, in the same unit. */
  readonly control?: number;
  /** The median over rounds of value / control, which is not the ratio of their medians. */
  readonly ratio?: number;
  /** What `ratio` (or `value`, where there is no control) has to reach or keep under. */
  readonly goal?: { readonly atLeast: number } | { readonly atMost: number } | { readonly exactly: number };
  /** CPU time of the server for one request, user and system, in µs. */
  readonly cpuUs?: number;
  readonly controlCpuUs?: number;
}

export interface Bench {
  readonly name: string;
  readonly about: string;
  /** `say` gets a line of progress that the next one replaces. */
  run(say: (line: string) => void): Promise<readonly Figure[]>;
  /** The figures for people, where one row each would not do. */
  table?(figures: readonly Figure[]): string;
}

/** Whether a figure reaches its goal; `undefined` where it has none. */
export function isReached({ value, ratio, goal }: Figure): boolean | undefined {
  if (goal === undefined) return undefined;
  const measured = ratio ?? value;
  if ("exactly" in goal) return measured === goal.exactly;
  return "atLeast" in goal ? measured >= goal.atLeast : measured <= goal.atMost;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
