/** Email performance by the domains of the recipients' addresses, as the sender last reported them. */
import { CATEGORY } from "../events/bounce.ts";
import { EVENT_TYPES } from "../events/event.ts";
import { events, messageStats, people } from "../events/schema.ts";
import { sql } from "../platform/sql.ts";
import { type CountRow, countsOf, groupColumns, groupCountColumns, hasAny, type MessageCounts } from "./counts.ts";
import { filterCondition, type ReportFilter } from "./filter.ts";
import { readMessageEvents } from "./message-events.ts";
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
  const deferred = sql`coalesce(sum(messages) FILTER (WHERE ${hasAny(sql`flags`, MESSAGE_FLAGS.softBounced)}), 0)`;
  const counts = sql`SELECT domain, ${groupCountColumns(filter.bots)}, ${deferred} AS deferred,
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
  const { results } = await query
    .prepare(d1)
    .all<CountRow & { readonly domain: string | null; readonly deferred: number; readonly total: number }>();
  if ((results[0]?.total ?? 0) > max) return undefined;
  const blocked = await blockedMessages(d1, filter, max);
  if (blocked === undefined) return undefined;
  return results.map(({ domain, deferred: wasDeferred, total: _, ...row }) => ({
    domain,
    ...countsOf(row),
    deferred: wasDeferred,
    blocked: blocked.get(domain) ?? 0,
  }));
}

/** By domain; undefined when the events of the messages that bounced hard are more than `max`. */
async function blockedMessages(
  d1: D1Database,
  filter: ReportFilter,
  max: number,
): Promise<ReadonlyMap<string | null, number> | undefined> {
  const isRead = sql`${filterCondition(filter)} AND ${hasAny(sql`${messageStats.flags}`, MESSAGE_FLAGS.hardBounced)}`;
  const { email, person, campaign, type, detail } = events;
  const rows = await readMessageEvents<{ readonly domain: string | null; readonly blocked: number }>(
    d1,
    isRead,
    max,
    (from) => sql`SELECT ${DOMAIN} AS domain, count(*) AS blocked
FROM (SELECT DISTINCT ${email} AS email, ${person} AS person, ${campaign} AS campaign FROM ${from}
  WHERE ${type} = ${EVENT_TYPES.hardBounced.id} AND ${detail}->>'category' = ${CATEGORY.blocked}) AS refused
LEFT JOIN ${people} ON ${people.person} = refused.person GROUP BY 1`,
  );
  return rows === undefined ? undefined : new Map(rows.map(({ domain, blocked }) => [domain, blocked]));
}
