/** drizzle's query builder on D1: columns by reference, so that a renamed one does not compile. */
import { type DrizzleD1Database, drizzle } from "drizzle-orm/d1";

/**
 * Queries reject with a DrizzleQueryError around D1's own error: `causeOf` (errors.ts) unwraps it, and so do
 * `retryOnce` and the logger.
 */
export function database(d1: D1Database): DrizzleD1Database {
  return drizzle(d1);
}
