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
 * request as hung while it waits for another request's commit.
 */
export function settledWithin(work: Promise<unknown>, budgetMs: number): Promise<unknown> {
  return Promise.race([work, scheduler.wait(budgetMs)]);
}
