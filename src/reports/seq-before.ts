/** Where readers of a period begin in the log, which is ordered by recording and not by time. */
import { ARCHIVE_START, FLOOR, firstSeqSince } from "../archive/index.ts";
import { aggregated, blocks, SEQS_PER_BLOCK } from "../events/schema.ts";
import { rawSql, type Sql, sql } from "../platform/sql.ts";

/** A seq behind which everything lies that happened at `sinceMs` or later. Throws D1's error. */
export async function seqBefore(d1: D1Database, sinceMs: number): Promise<number> {
  const firstBlock = (isRead: Sql) => sql`SELECT min(${blocks.block}) AS block FROM ${blocks}
    WHERE ${isRead} AND ${blocks.latest} >= ${sinceMs}`;
  // The archive knows of its own events, by a fifth of the rows.
  const block = sql`SELECT min(block) FROM (
    ${firstBlock(sql`${blocks.block} <= ${blockOf(ARCHIVE_START)}`)}
    UNION ALL ${firstBlock(sql`${blocks.block} >= ${blockOf(FLOOR)}`)})`;
  const inD1 = sql`coalesce((${block}) * ${SEQS_PER_BLOCK} - 1, (SELECT ${aggregated.seq} FROM ${aggregated}), 0)`;
  // Retention deletes a block when D1 has none of its events any more.
  const inArchive = sql`coalesce(${firstSeqSince(sinceMs)} - 1, ${rawSql("9e15")})`;
  const seq = await sql`SELECT min(${inD1}, ${inArchive}) AS seq`.prepare(d1).first<number>("seq");
  return seq ?? 0;
}

/** D1 binds numbers as floating-point, whose division has a fraction. */
function blockOf(seq: Sql): Sql {
  return sql`${seq} / ${rawSql(String(SEQS_PER_BLOCK))}`;
}
