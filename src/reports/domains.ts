/** Email performance by the domains of the recipients' addresses, as the sender last reported them. */
import { messageStats, people } from "../events/schema.ts";
import { sql } from "../platform/sql.ts";
import { type CountRow, countsOf, groupColumns, groupCountColumns, type MessageCounts } from "./counts.ts";
import { filterCondition, type ReportFilter } from "./filter.ts";
import type { Rank } from "./rank.ts";

export interface DomainCounts extends MessageCounts {
  /** In ASCII, where IDNA knows it; null for messages to people without an address, or with one of no such domain. */
  readonly domain: string | null;
}

/** RFC 1035 §2.3.4, without the dot at its end. */
const MAX_DOMAIN_BYTES = 253;

/**
 * The domains with the most messages first, and of equal ones in the order of their letters; undefined when the
 * messages are more than `max`.
 * Reads two rows for each message.
 * @throws D1's error
 */
export async function domainCounts(
  d1: D1Database,
  filter: ReportFilter,
  max: number,
  { after, limit }: { readonly after: Rank | undefined; readonly limit: number },
  nowMs: number,
): Promise<readonly DomainCounts[] | undefined> {
  const { person, flags, since, botClicks } = messageStats;
  const domain = sql`substr(${people.address}, instr(${people.address}, '@') + 1)`;
  const counts = sql`SELECT domain, ${groupCountColumns(filter.bots)}, sum(sum(messages)) OVER () AS total
FROM (SELECT iif(octet_length(${domain}) <= ${MAX_DOMAIN_BYTES}, ${domain}, NULL) AS domain, ${flags} AS flags,
  ${groupColumns(nowMs)}
  FROM (SELECT ${person}, ${flags}, ${since}, ${botClicks} FROM ${messageStats}
    WHERE ${filterCondition(filter)} LIMIT ${max + 1}) AS ${messageStats}
  LEFT JOIN ${people} ON ${people.person} = ${person} GROUP BY 1, ${flags})
GROUP BY domain`;
  const key = sql`coalesce(domain, '')`;
  const isAfter = after === undefined ? sql`true` : sql`(-sent, ${key}) > (${-(after.counts[0] ?? 0)}, ${after.key})`;
  const query = sql`SELECT * FROM (${counts}) WHERE ${isAfter} ORDER BY sent DESC, ${key} LIMIT ${limit}`;
  const { results } = await query
    .prepare(d1)
    .all<CountRow & { readonly domain: string | null; readonly total: number }>();
  if ((results[0]?.total ?? 0) > max) return undefined;
  return results.map(({ domain: name, total: _, ...row }) => ({ domain: name, ...countsOf(row) }));
}
