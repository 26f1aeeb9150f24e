/**
 * When opt-outs and invalid addresses were last lifted, by subject: what happened before and is reported afterwards
 * suppresses nothing. So who is suppressed does not depend on the order of reports.
 *
 * A lift is kept for as long as a reported time before it is believed. The next lift deletes older ones.
 */
import { MAX_REPORT_AGE_MS } from "../events/reported-time.ts";
import { lifts } from "../events/schema.ts";
import { DAY_MS } from "../platform/durations.ts";
import { assignExcluded, columnNames, excluded, type Sql, sql } from "../platform/sql.ts";

/** A day more, in which a report may wait for its commit. */
export const LIFT_KEPT_MS = MAX_REPORT_AGE_MS + DAY_MS;

const { subject, reason, at, person } = lifts;

/** Whether a subject was lifted at this time or later. */
export function isLifted(of: Sql, why: Sql, since: Sql): Sql {
  return sql`EXISTS (SELECT 1 FROM ${lifts} WHERE ${subject} = ${of} AND ${reason} = ${why} AND ${at} >= ${since})`;
}

export interface Lift {
  readonly atMs: number;
  /** Who subscribed again; null for an address that was removed. */
  readonly person: string | null;
}

/**
 * Statements that store a lift, for a transaction.
 * @param lifted a SELECT of subjects and reasons, with a WHERE clause
 */
export function storeLift(lifted: Sql, { atMs, person: who }: Lift): Sql[] {
  return [
    sql`INSERT INTO ${lifts} (${columnNames(subject, reason, at, person)})
      SELECT lifted.subject, lifted.reason, ${atMs}, ${who} FROM (${lifted}) AS lifted WHERE true
      ON CONFLICT (${columnNames(subject, reason)}) DO UPDATE SET ${assignExcluded(at, person)}
      WHERE ${excluded(at)} > ${at}`,
    sql`DELETE FROM ${lifts} WHERE ${at} < ${atMs - LIFT_KEPT_MS}`,
  ];
}

/**
 * Gives the lifts of subjects to others, for a transaction.
 * @param pairs a SELECT of the columns source, target and person, whose lift that of the target then is
 * @param which a condition on `lifts`
 */
export function copyLifts(pairs: Sql, which: Sql = sql`true`): Sql {
  return sql`INSERT INTO ${lifts} (${columnNames(subject, reason, at, person)})
    SELECT pairs.target, ${reason}, ${at}, pairs.person FROM (${pairs}) AS pairs
    CROSS JOIN ${lifts} ON ${subject} = pairs.source WHERE ${which}
    ON CONFLICT (${columnNames(subject, reason)}) DO UPDATE SET ${assignExcluded(at, person)}
    WHERE ${excluded(at)} > ${at}`;
}
