/**
 * Email performance, counted over messages. Each message is exactly one of Delivered, Hard Bounced, Soft Bounced,
 * Pending and No Response: delivered when its person opened, clicked or unsubscribed, whatever a mail server said;
 * otherwise a hard bounce wins, and between a soft bounce and Delivered the later one; without any outcome it is
 * pending for three days. What bots opened and clicked is counted apart, or like a person's where a filter includes
 * bots. Messages of pseudonyms (`anon-…`) count for Opened and Clicked only, because the message that was sent is
 * counted under its person. Gives up: an anonymous open does not make its message Delivered, so that Opened may
 * exceed Delivered where deliveries are not reported.
 */

import { messageStats, names } from "../events/schema.ts";
import { rawSql, type Sql, sql } from "../platform/sql.ts";
import { filterCondition, type ReportFilter } from "./filter.ts";
import { MESSAGE_FLAGS } from "./message-flags.ts";

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
  /** Opened by the pixel, or because a click or an unsubscription implies it. */
  readonly opened: number;
  readonly openedByPixel: number;
  readonly clicked: number;
  /** By a complaint, too. */
  readonly unsubscribed: number;
  readonly complained: number;
  readonly bots: BotCounts;
}

/** What bots did, whether or not the other counts include it. */
export interface BotCounts {
  /** Messages that count as opened only with bots. */
  readonly opened: number;
  /** Messages that count as clicked only with bots. */
  readonly clicked: number;
  /** Clicks, those on honeypot links among them. */
  readonly clicks: number;
}

type EmailRow = Omit<EmailCounts, "bots"> & {
  readonly openedByBots: number;
  readonly clickedByBots: number;
  readonly clicksByBots: number;
};

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
  const { delivered, hardBounced, softBounced, softBouncedLast, unsubscribed, complained, anonymous } = MESSAGE_FLAGS;
  const { openedByPerson, openedByBot, clickedByPerson, clickedByBot } = MESSAGE_FLAGS;
  const byPerson = openedByPerson | clickedByPerson | unsubscribed;
  const byBot = openedByBot | clickedByBot;
  const isByBot = filter.bots === "include";
  const pixelFlags = isByBot ? openedByPerson | openedByBot : openedByPerson;
  const clickedFlags = isByBot ? clickedByPerson | clickedByBot : clickedByPerson;
  const opened = isByBot ? byPerson | byBot : byPerson;
  const noOutcome = hasNone(opened | delivered | hardBounced | softBounced | anonymous);
  const isDelivered = sql`(${hasAny(opened)} OR ${hasWithout(delivered, hardBounced | softBouncedLast)})`;
  const query = sql`SELECT id,
  (SELECT ${names.name} FROM ${names} WHERE ${names.kind} = ${group} AND ${names.id} = counts.id) AS name,
  sent, delivered, hardBounced, softBounced, pending, noOutcome - pending AS noResponse, opened, openedByPixel,
  clicked, unsubscribed, complained, openedByBots, clickedByBots, clicksByBots
FROM (SELECT ${messageStats[group]} AS id,
  sum(${hasNone(anonymous)}) AS sent,
  sum(${hasNone(anonymous)} AND ${isDelivered}) AS delivered,
  sum(${hasWithout(hardBounced, opened | anonymous)}) AS hardBounced,
  sum(${hasWithout(softBouncedLast, hardBounced | opened | anonymous)}) AS softBounced,
  sum(${noOutcome}) AS noOutcome,
  sum(${noOutcome} AND ${messageStats.since} > ${nowMs - PENDING_MS}) AS pending,
  sum(${hasAny(opened)}) AS opened,
  sum(${hasAny(pixelFlags)}) AS openedByPixel,
  sum(${hasAny(clickedFlags)}) AS clicked,
  sum(${hasWithout(unsubscribed, anonymous)}) AS unsubscribed,
  sum(${hasWithout(complained, anonymous)}) AS complained,
  sum(${hasAny(byBot)} AND ${hasNone(byPerson)}) AS openedByBots,
  sum(${hasWithout(clickedByBot, clickedByPerson)}) AS clickedByBots,
  sum(${messageStats.botClicks}) AS clicksByBots
  FROM ${messageStats} WHERE ${filterCondition(filter)} AND ${messageStats[group]} > ${after}
  GROUP BY ${messageStats[group]} ORDER BY ${messageStats[group]} LIMIT ${limit}) AS counts`;
  const { results } = await query.prepare(d1).all<EmailRow>();
  return results.map(({ openedByBots, clickedByBots, clicksByBots, ...counts }) => {
    return { ...counts, bots: { opened: openedByBots, clicked: clickedByBots, clicks: clicksByBots } };
  });
}
