/**
 * The length of random tests: a quarter of their number of runs for `npm test`, all of them with FUZZ=4, or more.
 *
 * `npm test` draws the same inputs each time, so that a change fails for what it changes. With FUZZ, also FUZZ=1, they
 * are new ones each time; a test that fails prints its seed.
 */
import { inject } from "vitest";

declare module "vitest" {
  interface ProvidedContext {
    /** The environment's FUZZ; undefined without it. */
    fuzz: number | undefined;
  }
}

const FULL = 4;
/** Any number will do. */
const SEED = 2026;

/** How many of `full` random inputs are tried. */
export function countOf(full: number): number {
  return Math.max(1, Math.ceil((full * (inject("fuzz") ?? 1)) / FULL));
}

/** Parameters for `fc.assert`. */
export function runs(full: number): { readonly numRuns: number; readonly seed?: number } {
  const numRuns = countOf(full);
  return inject("fuzz") === undefined ? { numRuns, seed: SEED } : { numRuns };
}

/**
 * Which calls of a binding fail, one at a time: all numbers below `count` with FUZZ=4; otherwise every second one
 * from `first` on, where another kind of failure tests the others.
 */
export function callsOf(count: number, first: 0 | 1): number[] {
  const all = Array.from({ length: count }, (_, call) => call);
  return (inject("fuzz") ?? 1) >= FULL ? all : all.filter((call) => call % 2 === first);
}
