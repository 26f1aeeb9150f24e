/**
 * Email performance, counted over messages. Each message is exactly one of Delivered, Hard Bounced, Soft Bounced,
 * Pending and No Response: delivered when its person opened, clicked or unsubscribed, whatever a mail server said;
 * otherwise a hard bounce wins over a soft one, and that over Delivered; without any outcome it is pending for three
 * days. Messages of pseudonyms (`anon-…`) count for Opened and Clicked only, because the message that was sent is
 * counted under its person. Gives up: an anonymous open does not make its message Delivered, so that Opened may
 * exceed Delivered where deliveries are not reported.
 */

import { messageStats, names } from "../events/schema.ts";
import { rawSql, type Sql, sql } from "../platform/sql.ts";
import { filterCondition, type ReportFilter } from "./filter.ts";
import { MESSAGE_FLAGS } from "./message-stats.ts";

export interface EmailCounts {
  /** The id of the email, or of the campaign. */
  readonly id: string;
  readonly name: string | null;
  readonly sent: number;
  readonly delivered: number;
  readonly hardBounced: number;
  readonly softBounced: number;
  readonly pending: number;
  readonly noResponse: number;
  readonly opened: number;
  readonly clicked: number;
  readonly unsubscribed: number;
}

/** One row for each email, or for each campaign. */
export type ReportGrouping = "email" | "campaign";

const PENDING_MS = 3 * 24 * 60 * 60 * 1000;

const flagsAmong = (flags: number): Sql => sql`${messageStats.flags} & ${rawSql(String(flags))}`;
const hasAny = (flags: number): Sql => sql`(${flagsAmong(flags)} <> 0)`;
const hasNone = (flags: number): Sql => sql`(${flagsAmong(flags)} = 0)`;
/** Whether a message has the flag and none of the others. */
const hasWithout = (flag: number, others: number): Sql => sql`(${flagsAmong(flag | others)} = ${rawSql(String(flag))})`;

/**
 * The groups whose ids follow `after`, in their order, at most `limit`.
 * @param nowMs decides which messages are still pending; ms since 1970 UTC
 * @throws D1's error
 */
export async function emailCounts(
  d1: D1Database,
  filter: ReportFilter,
  group: ReportGrouping,
  after: string,
  limit: number,
  nowMs: number,
): Promise<readonly EmailCounts[]> {
  const { delivered, hardBounced, softBounced, unsubscribed, anonymous, ...flags } = MESSAGE_FLAGS;
  const isByBot = filter.bots === "include";
  const clickedFlags = isByBot ? flags.clickedByPerson | flags.clickedByBot : flags.clickedByPerson;
  const openedFlags = isByBot ? flags.openedByPerson | flags.openedByBot : flags.openedByPerson;
  const opened = openedFlags | clickedFlags | unsubscribed;
  const noOutcome = hasNone(opened | delivered | hardBounced | softBounced | anonymous);
  const isDelivered = sql`(${hasAny(opened)} OR ${hasWithout(delivered, hardBounced | softBounced)})`;
  const query = sql`SELECT id,
  (SELECT ${names.name} FROM ${names} WHERE ${names.kind} = ${group} AND ${names.id} = counts.id) AS name,
  sent, delivered, hardBounced, softBounced, pending, noOutcome - pending AS noResponse, opened, clicked, unsubscribed
FROM (SELECT ${messageStats[group]} AS id,
  sum(${hasNone(anonymous)}) AS sent,
  sum(${hasNone(anonymous)} AND ${isDelivered}) AS delivered,
  sum(${hasWithout(hardBounced, opened | anonymous)}) AS hardBounced,
  sum(${hasWithout(softBounced, hardBounced | opened | anonymous)}) AS softBounced,
  sum(${noOutcome}) AS noOutcome,
  sum(${noOutcome} AND ${messageStats.since} > ${nowMs - PENDING_MS}) AS pending,
  sum(${hasAny(opened)}) AS opened,
  sum(${hasAny(clickedFlags)}) AS clicked,
  sum(${hasWithout(unsubscribed, anonymous)}) AS unsubscribed
  FROM ${messageStats} WHERE ${filterCondition(filter)} AND ${messageStats[group]} > ${after}
  GROUP BY ${messageStats[group]} ORDER BY ${messageStats[group]} LIMIT ${limit}) AS counts`;
  return (await query.prepare(d1).all<EmailCounts>()).results;
}
