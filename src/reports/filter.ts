/** The messages that a report counts. */
import type { Column } from "drizzle-orm";
import { mailings } from "../events/mailing-schema.ts";
import { MESSAGE_FLAGS } from "../events/message-flags.ts";
import { messageStats } from "../events/schema.ts";
import { joined, rawSql, type Sql, sql } from "../platform/sql.ts";

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

/** The messages of an email, perhaps of one campaign; or of all emails of a campaign. */
export type MailingFilter = ReportFilter & ({ readonly email: string } | { readonly campaign: string });

/** Whether it has an event that counts. Every reader of `message_stats` that counts messages asks for it. */
export const IS_COUNTED = sql`(${messageStats.flags} & ${rawSql(String(MESSAGE_FLAGS.uncounted))} = 0)`;

/** Flags of messages that were not sent to a person. */
export const UNSENT_FLAGS = MESSAGE_FLAGS.uncounted | MESSAGE_FLAGS.anonymous;
/** Whether it was sent to a person, and is no anonymous copy: its time is one at which its email was sent. */
export const IS_SENT = sql`(${messageStats.flags} & ${rawSql(String(UNSENT_FLAGS))} = 0)`;

/** The condition on `message_stats`, for a WHERE clause. */
export function filterCondition(filter: ReportFilter): Sql {
  const { campaign } = filter;
  const isOfCampaign = campaign === undefined ? sql`true` : sql`${messageStats.campaign} = ${campaign}`;
  return sql`${isOfEmails(messageStats.email, filter)} AND ${isOfCampaign} AND ${periodCondition(filter)}`;
}

/** The same where the messages are of its email and campaign already: whether they count, and are of its period. */
export function periodCondition({ sinceMs, untilMs }: Pick<ReportFilter, "sinceMs" | "untilMs">): Sql {
  const conditions = [
    IS_COUNTED,
    ...(sinceMs === undefined ? [] : [sql`${messageStats.since} >= ${sinceMs}`]),
    ...(untilMs === undefined ? [] : [sql`${messageStats.since} < ${untilMs}`]),
  ];
  return joined(conditions, " AND ");
}

/** Whether `column` is the email, or an email of the campaign, by which keys that begin with the email are searched. */
export function isOfEmails(column: Column, { email, campaign }: Pick<ReportFilter, "email" | "campaign">): Sql {
  if (email !== undefined) return sql`${column} = ${email}`;
  return campaign === undefined ? sql`true` : sql`${column} IN ${emailsOf(sql`${mailings.campaign} = ${campaign}`)}`;
}

/**
 * The emails of some campaigns, as a subquery.
 * @param condition on `mailings`
 */
export function emailsOf(condition: Sql): Sql {
  return sql`(SELECT ${mailings.email} FROM ${mailings} WHERE ${condition})`;
}
