/** Email performance by the domains of the recipients' addresses, as the sender last reported them. */
import { messageStats, people } from "../events/schema.ts";
import { sql } from "../platform/sql.ts";
import { type CountRow, countsOf, groupColumns, groupCountColumns, hasAny, type MessageCounts } from "./counts.ts";
import { filterCondition, type ReportFilter } from "./filter.ts";
import { MESSAGE_FLAGS } from "./message-flags.ts";
import type { Rank } from "./rank.ts";

export interface DomainCounts extends MessageCounts {
  /** In ASCII, where IDNA knows it; null for messages to people without an address, or with one of no such domain. */
  readonly domain: string | null;
  /** Messages that bounced softly at least once, whatever became of them. */
  readonly deferred: number;
  /** Messages that were refused because of their sender or what they say. */
  readonly blocked: number;
}

interface DomainRow extends CountRow, Pick<DomainCounts, "domain" | "deferred" | "blocked"> {
  /** Messages of all domains. */
  readonly total: number;
}

/** RFC 1035 §2.3.4, without the dot at its end. */
const MAX_DOMAIN_BYTES = 253;
const AFTER_AT = sql`substr(${people.address}, instr(${people.address}, '@') + 1)`;

/** The domain of a person's current address, where `people` is joined; null without one that DNS can have. */
export const DOMAIN = sql`iif(octet_length(${AFTER_AT}) <= ${MAX_DOMAIN_BYTES}, ${AFTER_AT}, NULL)`;

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
  const messages = (flag: number) => sql`coalesce(sum(messages) FILTER (WHERE ${hasAny(sql`flags`, flag)}), 0)`;
  const counts = sql`SELECT domain, ${groupCountColumns(filter.bots)},
  ${messages(MESSAGE_FLAGS.softBounced)} AS deferred, ${messages(MESSAGE_FLAGS.blocked)} AS blocked,
  sum(sum(messages)) OVER () AS total
FROM (SELECT ${DOMAIN} AS domain, ${flags} AS flags,
  ${groupColumns(nowMs)}
  FROM (SELECT ${person}, ${flags}, ${since}, ${botClicks} FROM ${messageStats}
    WHERE ${filterCondition(filter)} LIMIT ${max + 1}) AS ${messageStats}
  LEFT JOIN ${people} ON ${people.person} = ${person} GROUP BY 1, ${flags})
GROUP BY domain`;
  const key = sql`coalesce(domain, '')`;
  const isAfter = after === undefined ? sql`true` : sql`(-sent, ${key}) > (${-(after.counts[0] ?? 0)}, ${after.key})`;
  const query = sql`SELECT * FROM (${counts}) WHERE ${isAfter} ORDER BY sent DESC, ${key} LIMIT ${limit}`;
  const { results } = await query.prepare(d1).all<DomainRow>();
  if ((results[0]?.total ?? 0) > max) return undefined;
  return results.map(({ domain, deferred, blocked, total: _, ...row }) => ({
    domain,
    ...countsOf(row),
    deferred,
    blocked,
  }));
}
