/**
 * What reports count of messages. Each message is exactly one of Delivered, Hard Bounced, Soft Bounced, Pending and No
 * Response: delivered when its person opened, clicked or unsubscribed, whatever a mail server said; otherwise a hard
 * bounce wins, and between a soft bounce and Delivered the later one; without any outcome it is pending for three days.
 * What bots opened and clicked is counted apart, or like a person's where a filter includes bots. Messages of
 * anonymous copies (`~anon-…`) count for Opened and Clicked only, because the message that was sent is counted under
 * its person. Gives up: an anonymous open does not make its message Delivered, so that Opened may exceed Delivered
 * where deliveries are not reported.
 */
import { DAY_TOTALS } from "../archive/index.ts";
import { MESSAGE_FLAGS } from "../events/message-flags.ts";
import { messageStats } from "../events/schema.ts";
import { DAY_MS } from "../platform/durations.ts";
import { joined, rawSql, type Sql, sql } from "../platform/sql.ts";
import type { ReportFilter } from "./filter.ts";
import { FLAG_BITS } from "./message-flags.ts";

export interface MessageCounts {
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

/** What the columns of `countColumns` and `groupCountColumns` hold. */
export interface CountRow {
  readonly sent: number;
  readonly hardBounced: number;
  readonly softBounced: number;
  readonly noOutcome: number;
  readonly pending: number;
  readonly opened: number;
  readonly openedByPixel: number;
  readonly clicked: number;
  readonly unsubscribed: number;
  readonly complained: number;
  readonly openedByBots: number;
  readonly clickedByBots: number;
  readonly clicksByBots: number;
}

/** Messages without an outcome are pending for three days. */
const PENDING_MS = 3 * DAY_MS;

/** What became of a message: exactly one of these. */
export const MESSAGE_STATUSES = ["delivered", "hard_bounced", "soft_bounced", "pending", "no_response"] as const;
export type MessageStatus = (typeof MESSAGE_STATUSES)[number];

const { delivered, hardBounced, softBounced, softBouncedLast, unsubscribed, complained, anonymous } = MESSAGE_FLAGS;
const { openedByPerson, openedByBot, clickedByPerson, clickedByBot } = MESSAGE_FLAGS;
const BY_PERSON = openedByPerson | clickedByPerson | unsubscribed;
const BY_BOT = openedByBot | clickedByBot;
const OUTCOMES = delivered | hardBounced | softBounced;

/** The flags of each of which a message counts as opened, and those for its pixel and for clicks alone. */
export function activityFlags(bots: ReportFilter["bots"]) {
  const isByBot = bots === "include";
  return {
    opened: isByBot ? BY_PERSON | BY_BOT : BY_PERSON,
    openedByPixel: isByBot ? openedByPerson | openedByBot : openedByPerson,
    clicked: isByBot ? clickedByPerson | clickedByBot : clickedByPerson,
  };
}

/** Whether `flags`, a column, has one of these. Cheaper than a comparison, where only truth counts. */
export function hasAny(flags: Sql, some: number): Sql {
  return sql`(${flags} & ${rawSql(String(some))})`;
}

export function hasNone(flags: Sql, some: number): Sql {
  return sql`(${flags} & ${rawSql(String(some))} = 0)`;
}

/** Whether a message counts as opened only with bots. */
export function isOpenedByBots(flags: Sql): Sql {
  return sql`(${hasAny(flags, BY_BOT)} AND ${hasNone(flags, BY_PERSON)})`;
}

/** Whether it has the flag and none of the others. */
function hasWithout(flags: Sql, flag: number, others: number): Sql {
  return sql`(${flags} & ${rawSql(String(flag | others))} = ${rawSql(String(flag))})`;
}

/**
 * Columns that count rows of `message_stats`. FILTER, because a sum of conditions takes twice as long.
 * @param nowMs decides which messages are still pending
 */
export function countColumns(bots: ReportFilter["bots"], nowMs: number): Sql {
  const isRecent = isRecentAt(nowMs);
  return columns(sql`${messageStats.flags}`, bots, {
    count: (condition) => sql`count(*) FILTER (WHERE ${condition})`,
    // First the time: few messages are recent.
    countRecent: (condition) => sql`count(*) FILTER (WHERE ${isRecent} AND ${condition})`,
    clicksByBots: sql`sum(${messageStats.botClicks})`,
  });
}

function isRecentAt(nowMs: number): Sql {
  return sql`${messageStats.since} > ${nowMs - PENDING_MS}`;
}

/** The same columns of `DAY_TOTALS`. */
export function totalColumns(bots: ReportFilter["bots"], nowMs: number): Sql {
  const sum = (condition: Sql) => sql`coalesce(sum(messages) FILTER (WHERE ${condition}), 0)`;
  return columns(sql`${messageStats.flags}`, bots, {
    count: sum,
    countRecent: (condition) => sum(sql`${isRecentAt(nowMs)} AND ${condition}`),
    clicksByBots: sql`sum(${messageStats.botClicks})`,
  });
}

/** Columns that count the groups of `groupedByFlags`, or of another query with the same columns. */
export function groupCountColumns(bots: ReportFilter["bots"]): Sql {
  return columns(rawSql("flags"), bots, {
    count: (condition) => sql`coalesce(sum(messages) FILTER (WHERE ${condition}), 0)`,
    countRecent: (condition) => sql`coalesce(sum(recent) FILTER (WHERE ${condition}), 0)`,
    clicksByBots: sql`sum(clicksByBots)`,
  });
}

/** The columns of a group of messages of equal flags: how many, how many of them are recent, bots' clicks. */
export function groupColumns(nowMs: number): Sql {
  return sql`count(*) AS messages, count(*) FILTER (WHERE ${isRecentAt(nowMs)}) AS recent,
  sum(${messageStats.botClicks}) AS clicksByBots`;
}

/**
 * Groups `message_stats`, and apart from it `DAY_TOTALS`, by an integer and by flags: rows of `number`, `flags`,
 * `messages`, `recent`, `clicksByBots`. Both are one integer for SQLite, which sorts integers in half the time of two
 * columns.
 */
export function groupedByFlags(number: Sql, condition: Sql, nowMs: number): Sql {
  const [bits, mask] = [FLAG_BITS, 2 ** FLAG_BITS - 1].map((integer) => rawSql(String(integer)));
  if (bits === undefined || mask === undefined) throw new TypeError("There are no flags.");
  const key = sql`(${number}) << ${bits} | ${messageStats.flags} AS key`;
  return sql`SELECT key >> ${bits} AS number, key & ${mask} AS flags, messages, recent, clicksByBots
FROM (SELECT ${key}, ${groupColumns(nowMs)} FROM ${messageStats} WHERE ${condition} GROUP BY key
  UNION ALL SELECT ${key}, messages, iif(${isRecentAt(nowMs)}, messages, 0), ${messageStats.botClicks}
  FROM ${DAY_TOTALS} WHERE ${condition})`;
}

interface Counting {
  readonly count: (condition: Sql) => Sql;
  readonly countRecent: (condition: Sql) => Sql;
  readonly clicksByBots: Sql;
}

function columns(flags: Sql, bots: ReportFilter["bots"], { count, countRecent, clicksByBots }: Counting): Sql {
  const activity = activityFlags(bots);
  const noOutcome = hasNone(flags, activity.opened | OUTCOMES | anonymous);
  return sql`${count(hasNone(flags, anonymous))} AS sent,
  ${count(hasWithout(flags, hardBounced, activity.opened | anonymous))} AS hardBounced,
  ${count(hasWithout(flags, softBouncedLast, hardBounced | activity.opened | anonymous))} AS softBounced,
  ${count(noOutcome)} AS noOutcome, ${countRecent(noOutcome)} AS pending,
  ${count(hasAny(flags, activity.opened))} AS opened,
  ${count(hasAny(flags, activity.openedByPixel))} AS openedByPixel,
  ${count(hasAny(flags, activity.clicked))} AS clicked,
  ${count(hasWithout(flags, unsubscribed, anonymous))} AS unsubscribed,
  ${count(hasWithout(flags, complained, anonymous))} AS complained,
  ${count(isOpenedByBots(flags))} AS openedByBots,
  ${count(hasWithout(flags, clickedByBot, clickedByPerson))} AS clickedByBots, ${clicksByBots} AS clicksByBots`;
}

/** The counts of a row of these columns. What was sent and has no other status was delivered. */
export function countsOf(row: CountRow): MessageCounts {
  const { sent, hardBounced, softBounced, noOutcome, pending, opened, openedByPixel, clicked } = row;
  return {
    sent,
    delivered: sent - hardBounced - softBounced - noOutcome,
    hardBounced,
    softBounced,
    pending,
    noResponse: noOutcome - pending,
    opened,
    openedByPixel,
    clicked,
    unsubscribed: row.unsubscribed,
    complained: row.complained,
    bots: { opened: row.openedByBots, clicked: row.clickedByBots, clicks: row.clicksByBots },
  };
}

const NO_ROW: CountRow = {
  sent: 0,
  hardBounced: 0,
  softBounced: 0,
  noOutcome: 0,
  pending: 0,
  opened: 0,
  openedByPixel: 0,
  clicked: 0,
  unsubscribed: 0,
  complained: 0,
  openedByBots: 0,
  clickedByBots: 0,
  clicksByBots: 0,
};
export const NO_MESSAGES: MessageCounts = countsOf(NO_ROW);

/** Adds up the columns of rows that count different messages. */
export const SUMMED_COUNTS: Sql = joined(
  Object.keys(NO_ROW).map((name) => sql`sum(${rawSql(name)}) AS ${rawSql(name)}`),
);

/** The counts of all messages of these groups, of which no two have the same message. */
export function sumOf(groups: readonly MessageCounts[]): MessageCounts {
  return groups.reduce(addCounts, NO_MESSAGES);
}

function addCounts(one: MessageCounts, other: MessageCounts): MessageCounts {
  return {
    sent: one.sent + other.sent,
    delivered: one.delivered + other.delivered,
    hardBounced: one.hardBounced + other.hardBounced,
    softBounced: one.softBounced + other.softBounced,
    pending: one.pending + other.pending,
    noResponse: one.noResponse + other.noResponse,
    opened: one.opened + other.opened,
    openedByPixel: one.openedByPixel + other.openedByPixel,
    clicked: one.clicked + other.clicked,
    unsubscribed: one.unsubscribed + other.unsubscribed,
    complained: one.complained + other.complained,
    bots: {
      opened: one.bots.opened + other.bots.opened,
      clicked: one.bots.clicked + other.bots.clicked,
      clicks: one.bots.clicks + other.bots.clicks,
    },
  };
}

/** Whether a message has this status, and is no pseudonym's; a condition on `message_stats`. */
export function hasStatus(status: MessageStatus, bots: ReportFilter["bots"], nowMs: number): Sql {
  const flags = sql`${messageStats.flags}`;
  const { opened } = activityFlags(bots);
  const noOutcome = hasNone(flags, opened | OUTCOMES | anonymous);
  switch (status) {
    case "delivered": {
      const isAccepted = sql`${hasAny(flags, OUTCOMES)} AND ${hasNone(flags, hardBounced | softBouncedLast)}`;
      return sql`(${hasNone(flags, anonymous)} AND (${hasAny(flags, opened)} OR (${isAccepted})))`;
    }
    case "hard_bounced":
      return hasWithout(flags, hardBounced, opened | anonymous);
    case "soft_bounced":
      return hasWithout(flags, softBouncedLast, hardBounced | opened | anonymous);
    case "pending":
      return sql`(${noOutcome} AND ${messageStats.since} > ${nowMs - PENDING_MS})`;
    case "no_response":
      return sql`(${noOutcome} AND ${messageStats.since} <= ${nowMs - PENDING_MS})`;
  }
}

/** The status of a message by its flags. */
export function messageStatusOf(
  flags: number,
  sinceMs: number,
  bots: ReportFilter["bots"],
  nowMs: number,
): MessageStatus {
  if ((flags & activityFlags(bots).opened) !== 0) return "delivered";
  if ((flags & hardBounced) !== 0) return "hard_bounced";
  if ((flags & softBouncedLast) !== 0) return "soft_bounced";
  if ((flags & OUTCOMES) !== 0) return "delivered";
  return sinceMs > nowMs - PENDING_MS ? "pending" : "no_response";
}
