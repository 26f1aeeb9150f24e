/** Link performance of one email: how often each link was clicked, and by how many people. The honeypot is no link of the email. */
import { HONEYPOT_LINK_ID } from "../tokens/claims.ts";
import { filterCondition, filterValues, type ReportFilter } from "./filter.ts";

export interface LinkCounts {
  readonly id: string;
  readonly url: string;
  readonly clicks: number;
  /** How many persons clicked it. */
  readonly people: number;
  /** Clicks of all links of the email. */
  readonly allClicks: number;
  /** Persons who clicked any of them. */
  readonly allPeople: number;
}

/** Every link that was ever clicked, by whomever, the most clicked first. Throws D1's error. */
export async function linkCounts(
  d1: D1Database,
  filter: ReportFilter & { readonly email: string },
): Promise<readonly LinkCounts[]> {
  const counted = filter.bots === "include" ? "value->>0 + value->>1" : "value->>0";
  const query = `WITH clicked AS MATERIALIZED (
  SELECT person, key AS link, ${counted} AS clicks FROM message_stats, json_each(clicks)
  WHERE clicks IS NOT NULL AND key <> '${HONEYPOT_LINK_ID}' AND ${counted} > 0 AND ${filterCondition(filter)}
)
SELECT id, url, coalesce(sum(clicks), 0) AS clicks, count(DISTINCT person) AS people,
(SELECT coalesce(sum(clicks), 0) FROM clicked) AS allClicks,
(SELECT count(DISTINCT person) FROM clicked) AS allPeople
FROM links LEFT JOIN clicked ON link = id WHERE email = ?1 AND id <> '${HONEYPOT_LINK_ID}'
GROUP BY id ORDER BY clicks DESC, id`;
  return (
    await d1
      .prepare(query)
      .bind(...filterValues(filter))
      .all<LinkCounts>()
  ).results;
}
