/** GET /v1/reports/domains: email performance by the domains of the recipients' addresses. */
import * as v from "valibot";
import { fields, IdParameter } from "../http/schemas.ts";
import { ok, refused } from "../platform/result.ts";
import { COUNT_COLUMNS, COUNT_FIELDS, ratesOf } from "./count-entry.ts";
import { type DomainCounts, domainCounts } from "./domains.ts";
import { pageByRank, type Rank } from "./rank.ts";
import { report } from "./report.ts";
import { BOTS, filterOf, MESSAGES, PAGE } from "./report-query.ts";
import { reportTooLarge } from "./statistics.ts";

/** A slice takes D1 some tenths of a second; what is counted is held in memory until all is read. */
const MAX = { messages: 10_000_000, domains: 200_000, messagesAtATime: 100_000 };

/** Domains of addresses that Apple gives: iCloud Mail (https://support.apple.com/118230) and Hide My Email. */
const APPLE_DOMAINS: ReadonlySet<string> = new Set([
  "icloud.com",
  "me.com",
  "mac.com",
  "private.icloud.com",
  "privaterelay.appleid.com",
]);

export const reportDomains = report({
  name: "domains",
  summary: "Report how emails performed by the recipients' domains",
  description:
    "The domains with the most messages first; null for people whose address is not known. `deferred` counts " +
    "messages that bounced softly, whatever became of them, `blocked` those refused for their sender or content. " +
    "`proxiedOpens` says that the domain is Apple's: most of its people read in Apple Mail, whose privacy proxy " +
    "hides their opens, so that a low rate of opens says nothing.",
  query: fields({ email: v.optional(IdParameter), ...MESSAGES, ...BOTS, ...PAGE }),
  entry: v.object({
    domain: v.nullable(v.string()),
    ...COUNT_FIELDS,
    deferred: v.number(),
    blocked: v.number(),
    proxiedOpens: v.boolean(),
  }),
  columns: {
    Domain: ({ domain }: DomainCounts) => domain,
    ...COUNT_COLUMNS,
    Deferred: ({ deferred }: DomainCounts) => deferred,
    Blocked: ({ blocked }: DomainCounts) => blocked,
  },
  filterOf,
  read: async ({ DB }, { query: { limit }, filter, after, nowMs }) => {
    const counts = await domainCounts(DB, filter, MAX, nowMs);
    if (counts === undefined) return refused(reportTooLarge(`${MAX.messages} messages, or ${MAX.domains} domains`));
    return ok(pageByRank(counts, rankOf, after, limit));
  },
  entryOf: ({ domain, ...counts }) => ({
    domain,
    ...counts,
    rates: ratesOf(counts),
    proxiedOpens: domain !== null && APPLE_DOMAINS.has(domain),
  }),
  leavesOut: (filter) => filter,
});

function rankOf({ domain, sent }: DomainCounts): Rank {
  return { counts: [sent], key: domain ?? "" };
}
