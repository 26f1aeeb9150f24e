/** Waiting with a time limit. */

/** Rejects with an error named after `what` when `work` has not settled after `ms`. The work itself continues. */
export function withDeadline<T>(work: Promise<T>, ms: number, what: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${what} did not answer within ${ms} ms`)), ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/**
 * Resolves when `work` has settled, either way, or after `budgetMs`. The timer also keeps the runtime from cancelling a
 * request as hung while it waits for another request's commit. It ends with `work`, because a Durable Object with a
 * timer stays in memory, which is billed.
 */
export async function settledWithin(work: Promise<unknown>, budgetMs: number): Promise<unknown> {
  const timer = new AbortController();
  try {
    return await Promise.race([work, scheduler.wait(budgetMs, { signal: timer.signal })]);
  } finally {
    timer.abort();
  }
}
