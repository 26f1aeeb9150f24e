/**
 * The body of a queue message: a version digit and rows, `1[…],[…]`. Guarantees that a later version's consumer can
 * read what an earlier one sent. The consumer joins rows and binds them to D1's statement without parsing them.
 */
import { ok, type Result, refused } from "../platform/result.ts";
import type { RowGroup } from "./row-group.ts";

const VERSION = { each: "1", first: "2" } as const satisfies Record<RowGroup["unique"], string>;

/** A queue message holds 128,000 bytes (Cloudflare Queues, "Limits"); its metadata takes some of them. */
export const MAX_BODY_BYTES = 120_000;

export function bodyOf({ rows, unique }: RowGroup): string {
  return VERSION[unique] + rows;
}

export function rowsIn(body: unknown): Result<RowGroup, "unknown_version"> {
  if (typeof body !== "string") return refused("unknown_version");
  const rows = body.slice(1);
  if (body.startsWith(`${VERSION.each}[`)) return ok({ rows, unique: "each" });
  if (body.startsWith(`${VERSION.first}[`)) return ok({ rows, unique: "first" });
  return refused("unknown_version");
}
