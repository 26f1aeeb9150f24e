/** Which errors of D1, Queues and Durable Objects are worth a retry. */

const TRANSIENT = /network connection lost|reset|internal error|cannot resolve D1/i;
const OVERLOADED = /overloaded/i;
const REJECTED_ROW = /malformed JSON|constraint failed|datatype mismatch|too big|SQLITE_(CONSTRAINT|TOOBIG|MISMATCH)/i;
const RETRY_DELAY_MS = { min: 20, max: 100 } as const;

/**
 * Whether the same idempotent write may be retried at once. Never when overloaded: a retry feeds the overload.
 * Source: Cloudflare's D1 "Retry queries" and Durable Objects "Error handling" pages.
 */
export function isTransient(error: unknown): boolean {
  const { retryable, overloaded } = Object(error) as { retryable?: unknown; overloaded?: unknown };
  const text = String(error);
  if (overloaded === true || OVERLOADED.test(text)) return false;
  return retryable === true || TRANSIENT.test(text);
}

/** Whether D1 works but will never accept these rows. */
export function isRejectedRow(error: unknown): boolean {
  return REJECTED_ROW.test(String(error));
}

/** Whether D1 has no room: until something is deleted, it takes nothing that would make it larger. */
export function isStorageFull(error: unknown): boolean {
  return /maximum DB size|SQLITE_FULL|database or disk is full/i.test(String(error));
}

/** Retries once after a transient error and a short random delay; `work` must be idempotent. */
export async function retryOnce<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isTransient(error)) throw error;
    const { min, max } = RETRY_DELAY_MS;
    await scheduler.wait(min + Math.random() * (max - min));
    return await work();
  }
}
