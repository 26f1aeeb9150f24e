/** Cloudflare's list prices of November 2026, and what something costs by them. */
import type { Counts } from "./worker/counts.ts";

/** What something uses, by what Cloudflare bills. */
export type Usage = Readonly<Record<keyof Counts | "cpuMs", number>>;

/** Dollars. A Durable Object's duration is billed for 128 MB, 0.125 GB. */
export const PRICE: Usage = {
  requests: 0.3 / 1e6,
  cpuMs: 0.02 / 1e6,
  durableObjectRequests: 0.15 / 1e6,
  durableObjectMs: (12.5 / 1e6) * (0.125 / 1000),
  durableObjectRowsRead: 0.001 / 1e6,
  durableObjectRowsWritten: 1 / 1e6,
  queueOperations: 0.4 / 1e6,
  d1RowsRead: 0.001 / 1e6,
  d1RowsWritten: 1 / 1e6,
  r2ClassA: 4.5 / 1e6,
  r2ClassB: 0.36 / 1e6,
};

export const USED = Object.keys(PRICE) as (keyof Usage)[];

/** What `amountOf` says of each that is billed. */
export function usageOf(amountOf: (name: keyof Usage) => number): Usage {
  return Object.fromEntries(USED.map((name) => [name, amountOf(name)])) as Usage;
}

/** Dollars, but for storage. */
export function dollarsOf(usage: Usage): number {
  return USED.reduce((sum, name) => sum + usage[name] * PRICE[name], 0);
}
