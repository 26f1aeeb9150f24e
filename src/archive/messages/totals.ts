/** The totals of messages in files: reports count them as they count rows of `message_stats`. */
import { dayTotals, linkTotals } from "../../events/archive-schema.ts";
import { messageStats } from "../../events/schema.ts";
import { DAY_MS } from "../../platform/durations.ts";
import { assign, columnName, columnNames, excluded, rawSql, type Sql, sql } from "../../platform/sql.ts";
import { HONEYPOT_LINK_ID } from "../../tokens/claims.ts";

/** The noon of a message's UTC day. Integers as text: D1 binds floating-point, whose division has a fraction. */
const NOON = rawSql(`(since / ${DAY_MS} * ${DAY_MS} + ${DAY_MS / 2})`);
/** Stands for all links but honeypots together. */
const ANY_LINK = "";

const SINCE = columnName(messageStats.since);

/**
 * For a FROM: rows called `message_stats`, so that conditions on that table apply to them. Each stands for `messages`
 * of a day, of which noon is the time; `first_at` and `last_at` are when the first and the last was sent.
 */
export const DAY_TOTALS = sql`(SELECT ${dayTotals.email}, ${dayTotals.campaign}, ${dayTotals.at} AS ${SINCE},
  ${dayTotals.flags}, ${dayTotals.messages}, ${dayTotals.botClicks}, ${dayTotals.firstAt}, ${dayTotals.lastAt}
  FROM ${dayTotals}) AS ${messageStats}`;

/** Columns of it that `message_stats` does not have. */
export const DAY_TOTAL = {
  messages: columnName(dayTotals.messages),
  firstAt: columnName(dayTotals.firstAt),
  lastAt: columnName(dayTotals.lastAt),
};

/** The same of `link_totals`. Only messages that count have clicks on links. */
export const LINK_TOTALS = sql`(SELECT ${linkTotals.email}, ${linkTotals.campaign}, ${linkTotals.at} AS ${SINCE},
  0 AS ${columnName(messageStats.flags)}, ${linkTotals.link}, ${linkTotals.clicks}, ${linkTotals.botClicks},
  ${linkTotals.people}, ${linkTotals.botPeople} FROM ${linkTotals}) AS ${messageStats}`;

/** Its columns that `message_stats` does not have, and `bot_clicks`. */
export const LINK_TOTAL = {
  link: columnName(linkTotals.link),
  clicks: columnName(linkTotals.clicks),
  botClicks: columnName(linkTotals.botClicks),
  people: columnName(linkTotals.people),
  botPeople: columnName(linkTotals.botPeople),
};

/**
 * Statements that add messages to the totals, or take them out of them.
 * @param messages a subquery with the columns of `message_stats` that are counted
 */
export function changeTotals(messages: Sql, sign: 1 | -1, condition: Sql): Sql[] {
  const { email, campaign, at, flags, botClicks, firstAt, lastAt } = dayTotals;
  const times = rawSql(String(sign));
  const days = sql`INSERT INTO ${dayTotals}
(${columnNames(email, campaign, at, flags, dayTotals.messages, botClicks, firstAt, lastAt)})
SELECT email, campaign, ${NOON} AS noon, flags, ${times} * count(*), ${times} * sum(bot_clicks), min(since), max(since)
FROM ${messages} WHERE ${condition} GROUP BY email, campaign, noon, flags
ON CONFLICT (${columnNames(email, campaign, at, flags)}) DO UPDATE SET ${assign(dayTotals, {
    messages: sql`${dayTotals.messages} + ${excluded(dayTotals.messages)}`,
    botClicks: sql`${botClicks} + ${excluded(botClicks)}`,
    firstAt: sql`min(${firstAt}, ${excluded(firstAt)})`,
    lastAt: sql`max(${lastAt}, ${excluded(lastAt)})`,
  })}`;
  return [days, changeLinks(messages, times, condition)];
}

function changeLinks(messages: Sql, times: Sql, condition: Sql): Sql {
  const { email, campaign, at, link, clicks, botClicks, people, botPeople } = linkTotals;
  const clicked = sql`SELECT email, campaign, ${NOON} AS noon, person, each.key AS link,
  each.value->>'people' AS byPeople, each.value->>'bots' AS byBots
FROM ${messages} AS clicked CROSS JOIN json_each(clicked.clicks) AS each WHERE ${condition}`;
  return sql`INSERT INTO ${linkTotals}
(${columnNames(email, campaign, at, link, clicks, botClicks, people, botPeople)})
SELECT email, campaign, noon, link, ${times} * sum(byPeople), ${times} * sum(byBots),
  ${times} * count(*) FILTER (WHERE byPeople > 0), ${times} * count(*) FILTER (WHERE byPeople = 0)
FROM (${clicked}
  UNION ALL SELECT email, campaign, noon, person, ${ANY_LINK}, sum(byPeople), sum(byBots) FROM (${clicked})
  WHERE link <> ${HONEYPOT_LINK_ID} GROUP BY email, campaign, person)
WHERE true GROUP BY email, campaign, noon, link
ON CONFLICT (${columnNames(email, campaign, at, link)}) DO UPDATE SET ${assign(linkTotals, {
    clicks: sql`${clicks} + ${excluded(clicks)}`,
    botClicks: sql`${botClicks} + ${excluded(botClicks)}`,
    people: sql`${people} + ${excluded(people)}`,
    botPeople: sql`${botPeople} + ${excluded(botPeople)}`,
  })}`;
}

/**
 * Statements that delete totals of nothing.
 * @param messages as for `changeTotals`
 */
export function deleteEmptyTotals(messages: Sql, condition: Sql): Sql[] {
  const mailings = sql`(SELECT email, campaign FROM ${messages} WHERE ${condition})`;
  return [
    sql`DELETE FROM ${dayTotals}
WHERE ${dayTotals.messages} = 0 AND (${dayTotals.email}, ${dayTotals.campaign}) IN ${mailings}`,
    sql`DELETE FROM ${linkTotals} WHERE ${linkTotals.people} = 0 AND ${linkTotals.botPeople} = 0
AND (${linkTotals.email}, ${linkTotals.campaign}) IN ${mailings}`,
  ];
}
