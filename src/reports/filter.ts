/** The messages that a report counts. */
import { messageStats } from "../events/schema.ts";
import { rawSql, type Sql, sql } from "../platform/sql.ts";
import { MESSAGE_FLAGS } from "./message-flags.ts";

export interface ReportFilter {
  readonly email?: string | undefined;
  readonly campaign?: string | undefined;
  /** Messages sent at this time or later. */
  readonly sinceMs?: number | undefined;
  /** Messages sent before this time. */
  readonly untilMs?: number | undefined;
  /** Whether opens and clicks of bots count. */
  readonly bots: "exclude" | "include";
}

/** Whether it has an event that counts. Every reader of `message_stats` that counts messages asks for it. */
export const IS_COUNTED = sql`(${messageStats.flags} & ${rawSql(String(MESSAGE_FLAGS.uncounted))} = 0)`;

/** The condition on `message_stats`, for a WHERE clause. */
export function filterCondition({ email, campaign, sinceMs, untilMs }: ReportFilter): Sql {
  const conditions = [
    ...(email === undefined ? [] : [sql`${messageStats.email} = ${email}`]),
    ...(campaign === undefined ? [] : [sql`${messageStats.campaign} = ${campaign}`]),
    ...(sinceMs === undefined ? [] : [sql`${messageStats.since} >= ${sinceMs}`]),
    ...(untilMs === undefined ? [] : [sql`${messageStats.since} < ${untilMs}`]),
  ];
  return conditions.reduce((all, condition) => sql`${all} AND ${condition}`, IS_COUNTED);
}
