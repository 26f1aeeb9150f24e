/** The day's round of retention: how far it is, and how the next one begins. */
import { retention } from "../events/privacy-schema.ts";
import { events } from "../events/schema.ts";
import { DAY_MS } from "../platform/durations.ts";
import { assign, columnNames, everyColumn, type Sql, sql } from "../platform/sql.ts";

/** Statistics are aggregated once a minute: what waits for longer waits because they fail. */
const MIN_WAIT_MS = DAY_MS / 2;

export type Round = typeof retention.$inferSelect;

/**
 * Begins a round, unless another run has begun one since `last` was read.
 * @param deletedSeq the last seq that was deleted while there was no room for this
 */
export function beginStatement(last: Round | undefined, keptFromMs: number, deletedSeq: number): Sql {
  const nowMs = Date.now();
  const { before, stage, endSeq, endAt, waitedSeq, deletedSeq: lastDeleted } = retention;
  const end = sql`(SELECT coalesce(max(${events.seq}), 0) FROM ${events})`;
  if (last === undefined) {
    return sql`INSERT INTO ${retention} (${columnNames(before, stage, waitedSeq, endSeq, endAt, lastDeleted)})
SELECT ${keptFromMs}, 'sends', 0, ${end}, ${nowMs}, ${deletedSeq} WHERE NOT EXISTS (SELECT 1 FROM ${retention})`;
  }
  const hasWaited = sql`${endAt} <= ${nowMs - MIN_WAIT_MS}`;
  const begun = {
    before: keptFromMs,
    stage: "sends",
    cursor: null,
    waitedSeq: sql`iif(${hasWaited}, ${endSeq}, ${waitedSeq})`,
    endSeq: sql`iif(${hasWaited}, ${end}, ${endSeq})`,
    endAt: sql`iif(${hasWaited}, ${nowMs}, ${endAt})`,
    deletedSeq: sql`max(${lastDeleted}, ${deletedSeq})`,
  } as const;
  return sql`UPDATE ${retention} SET ${assign(retention, begun)}
WHERE ${before} = ${last.before} AND ${stage} = 'done'`;
}

export async function lastRound(d1: D1Database): Promise<Round | undefined> {
  const round = await sql`SELECT ${everyColumn(retention)} FROM ${retention}`.prepare(d1).first<Round>();
  return round ?? undefined;
}
