/** Where readers of a period begin in the log, which is ordered by recording and not by time. */
import { ARCHIVE_START, FLOOR, firstSeqSince } from "../archive/index.ts";
import { aggregated, SEQS_PER_RANGE, seqRanges } from "../events/schema.ts";
import { rawSql, type Sql, sql } from "../platform/sql.ts";

/** A seq behind which everything lies that happened at `sinceMs` or later. Throws D1's error. */
export async function seqBefore(d1: D1Database, sinceMs: number): Promise<number> {
  const firstRange = (isRead: Sql) => sql`SELECT min(${seqRanges.number}) AS number FROM ${seqRanges}
    WHERE ${isRead} AND ${seqRanges.latest} >= ${sinceMs}`;
  // The archive knows of its own events, by a fifth of the rows.
  const first = sql`SELECT min(number) FROM (
    ${firstRange(sql`${seqRanges.number} <= ${rangeOf(ARCHIVE_START)}`)}
    UNION ALL ${firstRange(sql`${seqRanges.number} >= ${rangeOf(FLOOR)}`)})`;
  const inD1 = sql`coalesce((${first}) * ${SEQS_PER_RANGE} - 1, (SELECT ${aggregated.seq} FROM ${aggregated}), 0)`;
  // Retention deletes a range when D1 has none of its events any more.
  const inArchive = sql`coalesce(${firstSeqSince(sinceMs)} - 1, ${rawSql("9e15")})`;
  const seq = await sql`SELECT min(${inD1}, ${inArchive}) AS seq`.prepare(d1).first<number>("seq");
  return seq ?? 0;
}

/** D1 binds numbers as floating-point, whose division has a fraction. */
function rangeOf(seq: Sql): Sql {
  return sql`${seq} / ${rawSql(String(SEQS_PER_RANGE))}`;
}
