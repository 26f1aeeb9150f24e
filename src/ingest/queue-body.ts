/**
 * The body of a queue message: a version digit and rows, `1[…],[…]`. Guarantees that a later version's consumer can
 * read what an earlier one sent. The consumer joins rows and binds them to D1's statement without parsing them.
 */
import { ok, type Result, refused } from "../platform/result.ts";

const VERSION = "1";

/** A queue message holds 128,000 bytes (Cloudflare Queues, "Limits"); its metadata takes some of them. */
export const MAX_BODY_BYTES = 120_000;

export function bodyOf(rows: readonly string[]): string {
  return VERSION + rows.join(",");
}

/** The rows of a body, as the inside of a JSON array. */
export function rowsIn(body: unknown): Result<string, "unknown_version"> {
  if (typeof body !== "string" || !body.startsWith(`${VERSION}[`)) return refused("unknown_version");
  return ok(body.slice(VERSION.length));
}
