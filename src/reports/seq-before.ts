/** Where readers of a period begin in the log, which is ordered by recording and not by time. */
import { firstSeqSince } from "../archive/index.ts";
import { aggregated, blocks, SEQS_PER_BLOCK } from "../events/schema.ts";
import { rawSql, sql } from "../platform/sql.ts";

/** A seq behind which everything lies that happened at `sinceMs` or later. Throws D1's error. */
export async function seqBefore(d1: D1Database, sinceMs: number): Promise<number> {
  const inD1 = sql`coalesce(
    (SELECT min(${blocks.block}) FROM ${blocks} WHERE ${blocks.latest} >= ${sinceMs}) * ${SEQS_PER_BLOCK} - 1,
    (SELECT ${aggregated.seq} FROM ${aggregated}), 0)`;
  // Retention deletes a block when D1 has none of its events any more.
  const inArchive = sql`coalesce(${firstSeqSince(sinceMs)} - 1, ${rawSql("9e15")})`;
  const seq = await sql`SELECT min(${inD1}, ${inArchive}) AS seq`.prepare(d1).first<number>("seq");
  return seq ?? 0;
}
