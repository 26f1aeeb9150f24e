/**
 * Link performance over time: the clicks on one link, by when the messages were sent. Gives up that a person is one
 * whose clicks are on several messages, where some of those are archived.
 */
import { LINK_TOTAL, LINK_TOTALS } from "../archive/index.ts";
import { messageStats } from "../events/schema.ts";
import { readBatch, type Sql, sql } from "../platform/sql.ts";
import { HONEYPOT_LINK_ID } from "../tokens/claims.ts";
import { filterCondition, type MailingFilter } from "./filter.ts";
import { type ClickCounts, NO_LINK_CLICKS } from "./links.ts";

/** The clicks on the link, and on all links. */
export interface LinkAndAll {
  readonly link: ClickCounts;
  readonly all: ClickCounts;
}

export const NO_CLICKS_ON_LINKS: LinkAndAll = { link: NO_LINK_CLICKS, all: NO_LINK_CLICKS };

export interface LinkSeries {
  readonly byNumber: ReadonlyMap<number, LinkAndAll>;
  /** Each person once. */
  readonly total: LinkAndAll;
}

/** Clicks of a group of messages: on the link, or on all links. */
interface CountedGroup {
  /** Null for all messages. */
  readonly number: number | null;
  readonly isAll: 0 | 1;
  readonly byPeople: number;
  readonly byBots: number;
  readonly people: number;
  /** For whom only bots clicked. */
  readonly botPeople: number;
}

/**
 * By the numbers of the buckets that messages were sent in.
 * @param numberOf the number of a time's bucket
 * @throws D1's error
 */
export async function linkSeries(
  d1: D1Database,
  filter: MailingFilter,
  link: string,
  numberOf: (at: Sql) => Sql,
): Promise<LinkSeries> {
  const number = numberOf(sql`${messageStats.since}`);
  const isOfFilter = filterCondition(filter);
  const sums = sql`sum(byPeople) AS byPeople, sum(byBots) AS byBots`;
  // Counts rows that have each person once.
  const counts = sql`${sums}, count(*) FILTER (WHERE byPeople > 0) AS people,
  count(*) FILTER (WHERE byPeople = 0 AND byBots > 0) AS botPeople`;
  const clicked = sql`WITH clicked AS MATERIALIZED (SELECT number, person, isLink, ${sums} FROM (
  SELECT ${number} AS number, ${messageStats.person} AS person, key = ${link} AS isLink,
    value->>'people' AS byPeople, value->>'bots' AS byBots
  FROM ${messageStats}, json_each(${messageStats.clicks})
  WHERE ${messageStats.clicks} IS NOT NULL AND key <> ${HONEYPOT_LINK_ID} AND ${isOfFilter})
  GROUP BY number, person, isLink)`;
  const groups = (isAll: 0 | 1, source: Sql) => sql`SELECT number, ${isAll} AS isAll, ${counts} FROM (${source})
GROUP BY number`;
  const ofLink = sql`SELECT number, person, byPeople, byBots FROM clicked WHERE isLink
UNION ALL SELECT NULL, person, ${sums} FROM clicked WHERE isLink GROUP BY person`;
  const ofAll = sql`SELECT number, person, ${sums} FROM clicked GROUP BY number, person
UNION ALL SELECT NULL, person, ${sums} FROM clicked GROUP BY person`;
  const { link: linkId, people } = LINK_TOTAL;
  const archived = sql`SELECT ${number} AS number, ${linkId} = '' AS isAll,
  ${LINK_TOTAL.clicks} AS byPeople, ${LINK_TOTAL.botClicks} AS byBots,
  ${people} AS people, ${LINK_TOTAL.botPeople} AS botPeople
FROM ${LINK_TOTALS} WHERE ${linkId} IN ('', ${link}) AND ${isOfFilter}`;
  const totals = sql`sum(byPeople) AS byPeople, sum(byBots) AS byBots, sum(people) AS people,
  sum(botPeople) AS botPeople`;
  const [rows, archivedRows] = await readBatch<[CountedGroup, CountedGroup]>(d1, [
    sql`${clicked} ${groups(0, ofLink)} UNION ALL ${groups(1, ofAll)}`,
    sql`SELECT number, isAll, ${totals} FROM (${archived}) GROUP BY number, isAll
UNION ALL SELECT NULL, isAll, ${totals} FROM (${archived}) GROUP BY isAll`,
  ]);
  const byNumber = new Map<number | null, LinkAndAll>();
  for (const row of [...rows, ...archivedRows]) {
    const known = byNumber.get(row.number) ?? NO_CLICKS_ON_LINKS;
    const which = row.isAll === 1 ? "all" : "link";
    byNumber.set(row.number, { ...known, [which]: withGroup(known[which], row, filter.bots) });
  }
  const total = byNumber.get(null) ?? NO_CLICKS_ON_LINKS;
  return { total, byNumber: new Map([...byNumber].flatMap(([of, both]) => (of === null ? [] : [[of, both]]))) };
}

function withGroup(known: ClickCounts, row: CountedGroup, bots: MailingFilter["bots"]): ClickCounts {
  const { byPeople, byBots, people, botPeople } = row;
  const isWithBots = bots === "include";
  return {
    clicks: known.clicks + byPeople + (isWithBots ? byBots : 0),
    people: known.people + people + (isWithBots ? botPeople : 0),
    bots: { clicks: known.bots.clicks + byBots, people: known.bots.people + botPeople },
  };
}
