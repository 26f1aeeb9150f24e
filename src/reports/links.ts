/**
 * Link performance of an email: the clicks on each link, and the people who clicked it. Honeypot links are left out.
 */
import { links, messageStats } from "../events/schema.ts";
import { sql } from "../platform/sql.ts";
import { HONEYPOT_LINK_ID } from "../tokens/claims.ts";
import { filterCondition, type ReportFilter } from "./filter.ts";

export interface LinkCounts {
  readonly id: string;
  readonly url: string;
  readonly clicks: number;
  /** People who clicked the link. */
  readonly people: number;
  /** Clicks on all links of the email. */
  readonly allClicks: number;
  /** People who clicked any link of the email. */
  readonly allPeople: number;
}

/**
 * Every link of the email that was ever clicked, even by bots alone, the most clicked first.
 * @throws D1's error
 */
export async function linkCounts(
  d1: D1Database,
  filter: ReportFilter & { readonly email: string },
): Promise<readonly LinkCounts[]> {
  const clicks = filter.bots === "include" ? sql`value->>'people' + value->>'bots'` : sql`value->>'people'`;
  const query = sql`WITH clicked AS MATERIALIZED (
  SELECT ${messageStats.person}, key AS link, ${clicks} AS clicks
  FROM ${messageStats}, json_each(${messageStats.clicks})
  WHERE ${messageStats.clicks} IS NOT NULL AND key <> ${HONEYPOT_LINK_ID} AND ${clicks} > 0
    AND ${filterCondition(filter)}
)
SELECT ${links.id}, ${links.url}, coalesce(sum(clicks), 0) AS clicks, count(DISTINCT person) AS people,
(SELECT coalesce(sum(clicks), 0) FROM clicked) AS allClicks,
(SELECT count(DISTINCT person) FROM clicked) AS allPeople
FROM ${links} LEFT JOIN clicked ON link = ${links.id}
WHERE ${links.email} = ${filter.email} AND ${links.id} <> ${HONEYPOT_LINK_ID}
GROUP BY ${links.id} ORDER BY clicks DESC, ${links.id}`;
  return (await query.prepare(d1).all<LinkCounts>()).results;
}
