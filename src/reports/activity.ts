/**
 * Opens and clicks by when they happened, those of people and of bots apart. Events are counted, not messages: an open
 * that a click only implies is none. Reads the events of an email's or a campaign's messages by their seqs, otherwise
 * the log from the period's first range on.
 */
import { type ArchivedEvent, type LogStores, readSteadily, type SteadyArchive } from "../archive/index.ts";
import { EVENT_TYPES } from "../events/event.ts";
import { MESSAGE_FLAGS } from "../events/message-flags.ts";
import { events, messageStats } from "../events/schema.ts";
import { rawSql, type Sql, sql } from "../platform/sql.ts";
import { HONEYPOT_LINK_ID } from "../tokens/claims.ts";
import { hasAny } from "./counts.ts";
import type { ReportFilter } from "./filter.ts";
import {
  type EventSelection,
  eventsBehind,
  eventsOfMailing,
  eventsOfMessages,
  type ReadBounds,
  readSelections,
} from "./message-events.ts";
import { seqBefore } from "./seq-before.ts";

export interface ActivityCounts {
  readonly opened: number;
  readonly clicks: number;
  readonly bots: { readonly opened: number; readonly clicks: number };
}

export interface ActivityReportFilter {
  readonly email?: string | undefined;
  readonly campaign?: string | undefined;
  /** Events that happened at this time or later. */
  readonly sinceMs: number;
  readonly untilMs: number;
  /** Only messages sent at this time or later, and before the other one; only with an email or a campaign. */
  readonly sentSinceMs?: number | undefined;
  readonly sentUntilMs?: number | undefined;
}

interface ActivityRow {
  readonly number: number;
  readonly opened: number;
  readonly clicks: number;
  readonly openedByBots: number;
  readonly clicksByBots: number;
}

export const NO_ACTIVITY: ActivityCounts = { opened: 0, clicks: 0, bots: { opened: 0, clicks: 0 } };

const { openedByPerson, openedByBot, clickedByPerson, clickedByBot } = MESSAGE_FLAGS;
const HAS_ACTIVITY = hasAny(sql`${messageStats.flags}`, openedByPerson | openedByBot | clickedByPerson | clickedByBot);
const IS_BOT = sql`(${events.isBot} OR ${events.linkId} IS ${HONEYPOT_LINK_ID})`;
// In the text, because D1 binds numbers as floating-point, which every row would be compared with.
const OPENED = rawSql(String(EVENT_TYPES.opened.id));
const CLICKED = rawSql(String(EVENT_TYPES.clicked.id));
const IS_OPENED = sql`${events.type} = ${OPENED}`;
const IS_ACTIVITY = sql`(${IS_OPENED} OR (${events.type} = ${CLICKED} AND ${events.linkId} IS NOT NULL))`;

const ACTIVITY: ReadonlySet<number> = new Set([EVENT_TYPES.opened.id, EVENT_TYPES.clicked.id]);

/**
 * By number.
 * @param number of an event: an integer by which it is counted
 * @param max how much is read; undefined is returned when it is more
 * @throws the errors of D1 and R2
 */
export async function activityCounts(
  stores: LogStores,
  filter: ActivityReportFilter,
  number: Sql,
  max: ReadBounds,
): Promise<ReadonlyMap<number, ActivityCounts> | undefined> {
  const { sinceMs, untilMs } = filter;
  const countOf = (kind: number) => sql`coalesce(sum(events) FILTER (WHERE key & 3 = ${rawSql(String(kind))}), 0)`;
  // Number and kind are one integer, by which SQLite sorts less than by rows that each count looks at.
  const queryOf = (isSelected: Sql) => sql`SELECT key >> 2 AS number, ${countOf(2)} AS opened, ${countOf(0)} AS clicks,
  ${countOf(3)} AS openedByBots, ${countOf(1)} AS clicksByBots
FROM (SELECT ((${number}) << 2) | ((${IS_OPENED}) << 1) | ${IS_BOT} AS key, count(*) AS events
  FROM ${events} WHERE ${isSelected} AND ${IS_ACTIVITY}
  AND ${events.at} >= ${sinceMs} AND ${events.at} < ${untilMs} GROUP BY key)
GROUP BY 1`;
  const rows = await readSteadily(stores, async (archive) => {
    const selections = await selectionsFor(stores.DB, archive, filter);
    return await readSelections<ActivityRow>(stores.DB, selections, max, queryOf);
  });
  if (rows === undefined) return undefined;
  const counted = new Map<number, ActivityCounts>();
  for (const { number: of, opened, clicks, openedByBots, clicksByBots } of rows) {
    const more = { opened, clicks, bots: { opened: openedByBots, clicks: clicksByBots } };
    counted.set(of, addActivity(counted.get(of) ?? NO_ACTIVITY, more));
  }
  return counted;
}

/** Events among which all of the filter's are. */
async function selectionsFor(
  d1: D1Database,
  archive: SteadyArchive,
  filter: ActivityReportFilter,
): Promise<AsyncIterable<EventSelection>> {
  const { sinceMs, untilMs, sentSinceMs, sentUntilMs } = filter;
  const messages = messagesOfActivity(filter);
  if (messages === undefined) {
    const mayPass = ({ type, at }: ArchivedEvent) => ACTIVITY.has(type) && at >= sinceMs && at < untilMs;
    return eventsBehind(d1, archive, await seqBefore(d1, sinceMs), mayPass);
  }
  const selected = { filter: messages, condition: HAS_ACTIVITY };
  if (sentSinceMs === undefined && sentUntilMs === undefined)
    return eventsOfMailing(d1, archive, { ...selected, period: { sinceMs, untilMs } });
  return eventsOfMessages(d1, archive, selected);
}

/** The messages of an email or a campaign that are read for it; undefined of all, for which the log is read. */
export function messagesOfActivity(filter: ActivityReportFilter): ReportFilter | undefined {
  const { email, campaign, untilMs, sentSinceMs, sentUntilMs = untilMs } = filter;
  if (email === undefined && campaign === undefined) return undefined;
  return { email, campaign, sinceMs: sentSinceMs, untilMs: Math.min(untilMs, sentUntilMs), bots: "include" };
}

export function addActivity(one: ActivityCounts, other: ActivityCounts): ActivityCounts {
  return {
    opened: one.opened + other.opened,
    clicks: one.clicks + other.clicks,
    bots: { opened: one.bots.opened + other.bots.opened, clicks: one.bots.clicks + other.bots.clicks },
  };
}
