/** Waiting with a time limit. */

export class DeadlineError extends Error {}

/** Rejects with a `DeadlineError` named after `what` when `work` has not settled after `ms`. The work goes on. */
export function withDeadline<T>(work: Promise<T>, ms: number, what: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new DeadlineError(`${what} did not answer within ${ms} ms`)), ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** D1 ends a query after 30 s; a write that never settles must not stop a queue or the outbox. */
export const INSERT_DEADLINE_MS = 30_000;
const D1_DEADLINE_MS = 20_000;

/** Rejects when D1 does not answer within 20 s: a call that never ends must not hold a Durable Object up for ever. */
export function fromD1<T>(work: Promise<T>): Promise<T> {
  return withDeadline(work, D1_DEADLINE_MS, "D1");
}

/**
 * Settles as `work` does, or resolves after `budgetMs`. The timer also keeps the runtime from cancelling a request as
 * hung while it waits for another request's commit. It ends with `work`, because a Durable Object with a timer stays in
 * memory, which is billed; by `clearTimeout`, because each click has one, and a signal costs it a sixth of its time.
 */
export async function settledWithin(work: Promise<unknown>, budgetMs: number): Promise<unknown> {
  const timeout = Promise.withResolvers<void>();
  const timer = setTimeout(timeout.resolve, budgetMs);
  try {
    return await Promise.race([work, timeout.promise]);
  } finally {
    clearTimeout(timer);
  }
}
