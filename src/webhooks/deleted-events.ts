/** How far retention has deleted old events. */
import { retention } from "../events/privacy-schema.ts";
import { sql } from "../platform/sql.ts";
import type { Delivery } from "./delivery.ts";

/** The last seq of those that it has deleted: of what was recorded before, some is there. 0: it never has. */
export const DELETED_SEQ = sql`coalesce((SELECT max(${retention.deletedSeq}) FROM ${retention}), 0)`;

interface LastRetention {
  /** What happened earlier is deleted. */
  readonly beforeMs: number;
  readonly deletedSeq: number;
}

export async function readRetention(d1: D1Database): Promise<LastRetention> {
  const query = sql`SELECT coalesce((SELECT max(${retention.before}) FROM ${retention}), 0) AS beforeMs,
    ${DELETED_SEQ} AS deletedSeq`;
  return (await query.prepare(d1).first<LastRetention>()) ?? { beforeMs: 0, deletedSeq: 0 };
}

/** An event that has changed has left its seq, too, but long before it is old enough to be deleted. */
export function isDeletedBy({ beforeMs, deletedSeq }: LastRetention, { events, recordedAtMs }: Delivery): boolean {
  return events.some(({ seq }) => seq <= deletedSeq) && recordedAtMs < beforeMs;
}
