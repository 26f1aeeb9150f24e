/** Waiting with an end. */

/** Rejects with an error named after `what` when `work` has not settled after `ms`. The work itself goes on. */
export function withDeadline<T>(work: Promise<T>, ms: number, what: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${what} did not answer within ${ms} ms`)), ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/**
 * Resolves when `work` has settled, either way, or after `budgetMs`. The timer also tells the runtime that a request
 * that waits for another request's commit is alive and not hung.
 */
export function settledWithin(work: Promise<unknown>, budgetMs: number): Promise<unknown> {
  return Promise.race([work, scheduler.wait(budgetMs)]);
}
