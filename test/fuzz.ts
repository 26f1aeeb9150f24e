/** The length of random tests: a quarter of their number of runs for `npm test`, all of them with FUZZ=4, or more. */
import { inject } from "vitest";

declare module "vitest" {
  interface ProvidedContext {
    /** The environment's FUZZ; 1 without it. */
    fuzz: number;
  }
}

const FULL = 4;

/** `numRuns` for fast-check. */
export function runs(full: number): number {
  return Math.max(1, Math.ceil((full * inject("fuzz")) / FULL));
}

/**
 * Which calls of a binding fail, one at a time: all numbers below `count` with FUZZ=4; otherwise every second one
 * from `first` on, where another kind of failure tests the others.
 */
export function callsOf(count: number, first: 0 | 1): number[] {
  const all = Array.from({ length: count }, (_, call) => call);
  return inject("fuzz") >= FULL ? all : all.filter((call) => call % 2 === first);
}
