/** Opens and clicks by the devices that they came from, those of people and of bots apart. */
import { type LogStores, readSteadily, type SteadyArchive } from "../archive/index.ts";
import { type Device, deviceOf } from "../bots/device.ts";
import { isAppleProxyAgent } from "../bots/user-agent.ts";
import { EVENT_TYPES } from "../events/event.ts";
import { MESSAGE_FLAGS } from "../events/message-flags.ts";
import { events, messageStats } from "../events/schema.ts";
import { type Sql, sql } from "../platform/sql.ts";
import { HONEYPOT_LINK_ID } from "../tokens/claims.ts";
import { hasAny } from "./counts.ts";
import type { ReportFilter } from "./filter.ts";
import { eventsOfMailing, eventsOfMessages, type ReadBounds, readSelections } from "./message-events.ts";

interface Activities {
  readonly opened: number;
  readonly clicks: number;
}

export interface DeviceCounts extends Activities {
  /** "iOS", … null when it is not known, as of image proxies. */
  readonly platform: string | null;
  /** "iPhone", "desktop", … or Apple's mail privacy proxy, which hides it. */
  readonly device: string | null;
  readonly isMobile: boolean | null;
  readonly bots: Activities;
}

interface UserAgentRow {
  readonly userAgent: string | null;
  readonly opened: number;
  readonly clicks: number;
  readonly openedByBots: number;
  readonly clicksByBots: number;
}

const { openedByPerson, openedByBot, clickedByPerson, clickedByBot } = MESSAGE_FLAGS;
const HAS_ACTIVITY = hasAny(sql`${messageStats.flags}`, openedByPerson | openedByBot | clickedByPerson | clickedByBot);

/**
 * All devices. The device of a user agent beyond the `max.userAgents` most frequent of a statement is not looked for:
 * strangers can make up as many as they like.
 * @param max how much is read; undefined is returned when it is more. `messagesAtATime`: how many a statement reads
 * @throws the errors of D1 and R2
 */
export async function deviceCounts(
  stores: LogStores,
  filter: ReportFilter,
  max: ReadBounds & { readonly userAgents: number; readonly messagesAtATime?: number },
): Promise<readonly DeviceCounts[] | undefined> {
  const isBot = sql`(${events.isBot} OR ${events.linkId} IS ${HONEYPOT_LINK_ID})`;
  const isOpened = sql`${events.type} = ${EVENT_TYPES.opened.id}`;
  const isClicked = sql`(${events.type} = ${EVENT_TYPES.clicked.id} AND ${events.linkId} IS NOT NULL)`;
  const counts = sql`count(*) FILTER (WHERE ${isOpened} AND NOT ${isBot}) AS opened,
  count(*) FILTER (WHERE ${isClicked} AND NOT ${isBot}) AS clicks,
  count(*) FILTER (WHERE ${isOpened} AND ${isBot}) AS openedByBots,
  count(*) FILTER (WHERE ${isClicked} AND ${isBot}) AS clicksByBots`;
  const queryOf = (isSelected: Sql) => sql`SELECT iif(rank <= ${max.userAgents}, userAgent, NULL) AS userAgent,
  sum(opened) AS opened, sum(clicks) AS clicks, sum(openedByBots) AS openedByBots, sum(clicksByBots) AS clicksByBots
FROM (SELECT ${events.userAgent} AS userAgent, ${counts}, row_number() OVER (ORDER BY count(*) DESC) AS rank
  FROM ${events} WHERE ${isSelected} AND (${isOpened} OR ${isClicked}) GROUP BY ${events.userAgent}) GROUP BY 1`;
  const { DB } = stores;
  const rows = await readSteadily(stores, (archive) => {
    return readSelections<UserAgentRow>(DB, selectionsFor(DB, archive, filter, max.messagesAtATime), max, queryOf);
  });
  return rows === undefined ? undefined : devicesOf(rows);
}

function selectionsFor(
  d1: D1Database,
  archive: SteadyArchive,
  filter: ReportFilter,
  messagesAtATime: number | undefined,
) {
  const { email, campaign, sinceMs, untilMs } = filter;
  const isOfMailing = email !== undefined || campaign !== undefined;
  const isOfAllTime = sinceMs === undefined && untilMs === undefined;
  const messages = { filter, condition: HAS_ACTIVITY, messagesAtATime };
  return isOfMailing && isOfAllTime ? eventsOfMailing(d1, archive, messages) : eventsOfMessages(d1, archive, messages);
}

/** What it hides is the device. */
const APPLE_PROXY: Device = { device: "Apple’s mail privacy proxy" };

function devicesOf(rows: readonly UserAgentRow[]): readonly DeviceCounts[] {
  const byDevice = new Map<string, DeviceCounts>();
  for (const { userAgent, opened, clicks, openedByBots, clicksByBots } of rows) {
    const { platform, device, isMobile } = isAppleProxyAgent(userAgent ?? "") ? APPLE_PROXY : deviceOf(userAgent ?? "");
    const key = JSON.stringify([platform, device, isMobile]);
    const before = byDevice.get(key);
    byDevice.set(key, {
      platform: platform ?? null,
      device: device ?? null,
      isMobile: isMobile ?? null,
      opened: opened + (before?.opened ?? 0),
      clicks: clicks + (before?.clicks ?? 0),
      bots: {
        opened: openedByBots + (before?.bots.opened ?? 0),
        clicks: clicksByBots + (before?.bots.clicks ?? 0),
      },
    });
  }
  return [...byDevice.values()];
}
