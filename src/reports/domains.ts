/** Email performance by the domains of the recipients' addresses, as the sender last reported them. */
import { MESSAGE_FLAGS } from "../events/message-flags.ts";
import { messageStats, people } from "../events/schema.ts";
import { rawSql, readBatch, type Sql, sql } from "../platform/sql.ts";
import type { Message } from "../tokens/claims.ts";
import {
  type CountRow,
  countsOf,
  groupColumns,
  groupCountColumns,
  hasAny,
  type MessageCounts,
  sumOf,
} from "./counts.ts";
import { periodCondition, type ReportFilter } from "./filter.ts";
import { BEFORE_MESSAGES, lastOfSlice, messagesAfter } from "./messages-after.ts";

export interface DomainCounts extends MessageCounts {
  /** In ASCII, where IDNA knows it; null for messages to people without an address, or with one of no such domain. */
  readonly domain: string | null;
  /** Messages that bounced softly at least once, whatever became of them. */
  readonly deferred: number;
  /** Messages that were refused because of their sender or what they say. */
  readonly blocked: number;
}

interface DomainRow extends CountRow, Pick<DomainCounts, "domain" | "deferred" | "blocked"> {}

/** RFC 1035 §2.3.4, without the dot at its end. */
const MAX_DOMAIN_BYTES = 253;
const AFTER_AT = sql`substr(${people.address}, instr(${people.address}, '@') + 1)`;

/** The domain of a person's current address, where `people` is joined; null without one that DNS can have. */
export const DOMAIN = domainOf(AFTER_AT);

function domainOf(afterAt: Sql): Sql {
  return sql`iif(octet_length(${afterAt}) <= ${MAX_DOMAIN_BYTES}, ${afterAt}, NULL)`;
}

/** How much is counted at most. */
export interface DomainBounds {
  /** That are read, those outside of the period, too. */
  readonly messages: number;
  readonly domains: number;
  /** Messages that one statement reads, with a row of `people` for each of the period. */
  readonly messagesAtATime: number;
}

/**
 * All domains, in no order; undefined when the messages or the domains are more than is counted. Reads two rows for
 * each message, in slices. Gives up one moment for all: a message that an erasure moves meanwhile may count twice, or
 * not at all.
 * @throws D1's error
 */
export async function domainCounts(
  d1: D1Database,
  filter: ReportFilter,
  { messages, domains, messagesAtATime }: DomainBounds,
  nowMs: number,
): Promise<readonly DomainCounts[] | undefined> {
  const counted = new Map<string | null, DomainCounts>();
  let after: Message | undefined = BEFORE_MESSAGES;
  for (let read = 0; after !== undefined; read += messagesAtATime) {
    if (read >= messages || counted.size > domains) return undefined;
    const { rows, end }: Slice = await countSlice(d1, filter, after, messagesAtATime, nowMs);
    for (const row of rows) counted.set(row.domain, added(counted.get(row.domain), row));
    after = end;
  }
  return [...counted.values()];
}

function added(one: DomainCounts | undefined, { domain, deferred, blocked, ...row }: DomainRow): DomainCounts {
  const counts = countsOf(row);
  if (one === undefined) return { domain, ...counts, deferred, blocked };
  return { domain, ...sumOf([one, counts]), deferred: one.deferred + deferred, blocked: one.blocked + blocked };
}

interface Slice {
  readonly rows: readonly DomainRow[];
  /** Its last message; undefined when it is not full. */
  readonly end: Message | undefined;
}

async function countSlice(
  d1: D1Database,
  filter: ReportFilter,
  after: Message,
  messagesAtATime: number,
  nowMs: number,
): Promise<Slice> {
  const { person, flags } = messageStats;
  const read = messagesAfter(filter, after);
  const messages = (flag: number) => sql`coalesce(sum(messages) FILTER (WHERE ${hasAny(sql`flags`, flag)}), 0)`;
  // What is no domain is known of each group, and not of each message.
  const counts = sql`SELECT ${domainOf(rawSql("afterAt"))} AS domain, ${groupCountColumns(filter.bots)},
  ${messages(MESSAGE_FLAGS.softBounced)} AS deferred, ${messages(MESSAGE_FLAGS.blocked)} AS blocked
FROM (SELECT ${AFTER_AT} AS afterAt, ${flags} AS flags, ${groupColumns(nowMs)}
  FROM (${read} LIMIT ${messagesAtATime}) AS ${messageStats}
  LEFT JOIN ${people} ON ${people.person} = ${person} WHERE ${periodCondition(filter)} GROUP BY 1, ${flags})
GROUP BY 1`;
  const [rows, [end]] = await readBatch<[DomainRow, Message]>(d1, [counts, lastOfSlice(read, messagesAtATime)]);
  return { rows, end };
}
