/** Which errors of D1, Queues and Durable Objects are worth a retry. */
import { DrizzleQueryError } from "drizzle-orm";

const TRANSIENT = /network connection lost|reset|internal error|cannot resolve D1/i;
const OVERLOADED = /overloaded/i;
const REJECTED_ROW = /malformed JSON|constraint failed|datatype mismatch|too big|SQLITE_(CONSTRAINT|TOOBIG|MISMATCH)/i;
const RETRY_DELAY_MS = { min: 20, max: 100 } as const;

/** D1's own error: drizzle wraps it in one whose message holds the statement and its bound parameters. */
export function causeOf(error: unknown): unknown {
  return error instanceof DrizzleQueryError && error.cause !== undefined ? error.cause : error;
}

/**
 * Whether the same idempotent write may be retried at once. Never when overloaded: a retry feeds the overload.
 * Source: Cloudflare's D1 "Retry queries" and Durable Objects "Error handling" pages.
 */
export function isTransient(error: unknown): boolean {
  const cause = causeOf(error);
  const { retryable, overloaded } = Object(cause) as { retryable?: unknown; overloaded?: unknown };
  const text = String(cause);
  if (overloaded === true || OVERLOADED.test(text)) return false;
  return retryable === true || TRANSIENT.test(text);
}

/** Whether D1 works but will never accept these rows. */
export function isRejectedRow(error: unknown): boolean {
  return REJECTED_ROW.test(String(causeOf(error)));
}

/** Whether D1 has no room: until something is deleted, it takes nothing that would make it larger. */
export function isStorageFull(error: unknown): boolean {
  return /maximum DB size|SQLITE_FULL|database or disk is full/i.test(String(causeOf(error)));
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
