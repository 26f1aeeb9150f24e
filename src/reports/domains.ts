/** Email performance by the domains of the recipients' addresses, as the sender last reported them. */
import { messageStats, people } from "../events/schema.ts";
import { sql } from "../platform/sql.ts";
import { type CountRow, countsOf, groupColumns, groupCountColumns, type MessageCounts } from "./counts.ts";
import { filterCondition, type ReportFilter } from "./filter.ts";

export interface DomainCounts extends MessageCounts {
  /** In ASCII; null for messages to people without an address. */
  readonly domain: string | null;
}

/**
 * The domains with the most messages first, from the `skip`ped on; undefined when the messages are more than `max`.
 * Reads two rows for each message.
 * @throws D1's error
 */
export async function domainCounts(
  d1: D1Database,
  filter: ReportFilter,
  { max, skip, limit }: { readonly max: number; readonly skip: number; readonly limit: number },
  nowMs: number,
): Promise<readonly DomainCounts[] | undefined> {
  const { person, flags, since, botClicks } = messageStats;
  const query = sql`SELECT domain, ${groupCountColumns(filter.bots)}, sum(sum(messages)) OVER () AS total
FROM (SELECT substr(${people.address}, instr(${people.address}, '@') + 1) AS domain, ${flags} AS flags,
  ${groupColumns(nowMs)}
  FROM (SELECT ${person}, ${flags}, ${since}, ${botClicks} FROM ${messageStats}
    WHERE ${filterCondition(filter)} LIMIT ${max + 1}) AS ${messageStats}
  LEFT JOIN ${people} ON ${people.person} = ${person} GROUP BY domain, ${flags})
GROUP BY domain ORDER BY sent DESC, opened DESC, domain LIMIT ${limit} OFFSET ${skip}`;
  const { results } = await query
    .prepare(d1)
    .all<CountRow & { readonly domain: string | null; readonly total: number }>();
  if ((results[0]?.total ?? 0) > max) return undefined;
  return results.map(({ domain, total: _, ...counts }) => ({ domain, ...countsOf(counts) }));
}
