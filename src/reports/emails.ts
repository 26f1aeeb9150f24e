/**
 * Email performance, counted over messages: each is exactly one of Delivered, Hard Bounced, Soft Bounced, Pending, Aborted. Whoever
 * opened, clicked or unsubscribed has it, whatever a mail server said; without that a hard bounce wins over a soft one, and
 * that over Delivered. Of what nothing was heard in three days nothing is expected any more. A stand-in's message adds to Opened and
 * Clicked and to nothing else, since the message that was sent is counted under its person. Gives up: an anonymous open does not make
 * its message Delivered, so that there may be more Opened than Delivered where nobody tells of deliveries.
 */

import { filterCondition, filterValues, type ReportFilter } from "./filter.ts";
import { FLAG } from "./message-stats.ts";

export interface EmailCounts {
  /** An email's id, or a campaign's. */
  readonly id: string;
  readonly name: string | null;
  /** All messages but stand-ins': whatever became of one, it was sent. */
  readonly sent: number;
  readonly delivered: number;
  readonly hardBounced: number;
  readonly softBounced: number;
  readonly pending: number;
  readonly aborted: number;
  readonly opened: number;
  readonly clicked: number;
  readonly unsubscribed: number;
}

/** A row for each email, or for each campaign. */
export type Grouping = "email" | "campaign";

const PENDING_MS = 3 * 24 * 60 * 60 * 1000;

function clickedMarks({ bots }: ReportFilter): number {
  return bots === "include" ? FLAG.clickedByPerson | FLAG.clickedByMachine : FLAG.clickedByPerson;
}

function openedMarks(filter: ReportFilter): number {
  const opened = filter.bots === "include" ? FLAG.openedByPerson | FLAG.openedByMachine : FLAG.openedByPerson;
  return opened | clickedMarks(filter) | FLAG.unsubscribed;
}

/** The groups behind `after`, by their ids, at most `limit`; `nowMs` decides what is still pending. Throws D1's error. */
export async function emailCounts(
  d1: D1Database,
  filter: ReportFilter,
  group: Grouping,
  after: string,
  limit: number,
  nowMs: number,
): Promise<readonly EmailCounts[]> {
  const opened = `(flags & ${openedMarks(filter)} <> 0)`;
  const outcome = FLAG.delivered | FLAG.hardBounced | FLAG.softBounced;
  const bounced = FLAG.hardBounced | FLAG.softBounced;
  const named = (condition: string) => `sum(${condition} AND flags & ${FLAG.anonymous} = 0)`;
  const heardNothing = `(NOT ${opened} AND flags & ${outcome} = 0)`;
  const query = `SELECT id, (SELECT name FROM names WHERE kind = '${group}' AND names.id = counts.id) AS name,
sent, delivered, hardBounced, softBounced, pending, silent - pending AS aborted, opened, clicked, unsubscribed
FROM (SELECT ${group} AS id, ${named("true")} AS sent,
  ${named(`(${opened} OR flags & ${outcome} = ${FLAG.delivered})`)} AS delivered,
  ${named(`NOT ${opened} AND flags & ${FLAG.hardBounced} <> 0`)} AS hardBounced,
  ${named(`NOT ${opened} AND flags & ${bounced} = ${FLAG.softBounced}`)} AS softBounced,
  ${named(heardNothing)} AS silent,
  ${named(`${heardNothing} AND since > ?6`)} AS pending,
  sum(${opened}) AS opened,
  sum(flags & ${clickedMarks(filter)} <> 0) AS clicked,
  ${named(`flags & ${FLAG.unsubscribed} <> 0`)} AS unsubscribed
  FROM message_stats WHERE ${filterCondition(filter)} AND ${group} > ?5
  GROUP BY ${group} ORDER BY ${group} LIMIT ?7) AS counts`;
  const values = [...filterValues(filter), after, nowMs - PENDING_MS, limit];
  return (
    await d1
      .prepare(query)
      .bind(...values)
      .all<EmailCounts>()
  ).results;
}
