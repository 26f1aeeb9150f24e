/** Messages of `message_stats` become totals, as the archive makes them. */
import { env } from "cloudflare:workers";

/** @param condition on `message_stats`, in SQL */
export async function archiveMessages(condition: string): Promise<void> {
  const noon = "since / 86400000 * 86400000 + 43200000";
  const clicked = `FROM message_stats, json_each(clicks) AS each WHERE clicks IS NOT NULL AND ${condition}`;
  const sums = `sum(people), sum(bots), count(*) FILTER (WHERE people > 0), count(*) FILTER (WHERE people = 0)`;
  const addTo = (...columns: readonly string[]) =>
    columns.map((column) => `${column} = ${column} + excluded.${column}`).join(", ");
  await env.DB.batch(
    [
      `INSERT INTO day_totals SELECT email, campaign, ${noon}, flags, count(*), sum(bot_clicks), min(since), max(since)
FROM message_stats WHERE ${condition} GROUP BY 1, 2, 3, 4
ON CONFLICT DO UPDATE SET ${addTo("messages", "bot_clicks")},
  first_at = min(first_at, excluded.first_at), last_at = max(last_at, excluded.last_at)`,
      `INSERT INTO link_totals SELECT email, campaign, at, link, ${sums} FROM (
  SELECT email, campaign, ${noon} AS at, key AS link, value->>'people' AS people, value->>'bots' AS bots ${clicked}
  UNION ALL SELECT email, campaign, ${noon}, '', sum(value->>'people'), sum(value->>'bots')
    ${clicked} AND key <> 'honeypot' GROUP BY email, campaign, person)
WHERE true GROUP BY 1, 2, 3, 4
ON CONFLICT DO UPDATE SET ${addTo("clicks", "bot_clicks", "people", "bot_people")}`,
      `DELETE FROM message_stats WHERE ${condition}`,
    ].map((text) => env.DB.prepare(text)),
  );
}
