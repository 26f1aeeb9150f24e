/** Where readers of a period begin in the log, which is ordered by recording and not by time. */
import { aggregated, blocks, SEQS_PER_BLOCK } from "../events/schema.ts";
import { sql } from "../platform/sql.ts";

/** A seq behind which everything lies that happened at `sinceMs` or later. Throws D1's error. */
export async function seqBefore(d1: D1Database, sinceMs: number): Promise<number> {
  const query = sql`SELECT coalesce(
    (SELECT min(${blocks.block}) FROM ${blocks} WHERE ${blocks.latest} >= ${sinceMs}) * ${SEQS_PER_BLOCK} - 1,
    (SELECT ${aggregated.seq} FROM ${aggregated}), 0) AS seq`;
  return (await query.prepare(d1).first<number>("seq")) ?? 0;
}
