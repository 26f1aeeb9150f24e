/** GET /v1/reports/domains: email performance by the domains of the recipients' addresses. */
import * as v from "valibot";
import { fields, IdParameter } from "../http/schemas.ts";
import { COUNT_COLUMNS, COUNT_FIELDS, ratesOf } from "./count-entry.ts";
import { type DomainCounts, domainCounts } from "./domains.ts";
import { type Rank, rankedPage, readRank } from "./rank.ts";
import { report } from "./report.ts";
import { BOTS, filterOf, MESSAGES, PAGE } from "./report-query.ts";
import { reportTooLarge } from "./statistics.ts";

const MAX_MESSAGES = 250_000;

export const reportDomains = report({
  name: "domains",
  summary: "Report how emails performed by the recipients' domains",
  description:
    "The domains with the most messages first; null for people whose address is not known. `deferred` counts " +
    "messages that bounced softly, whatever became of them, `blocked` those refused for their sender or content.",
  query: fields({ email: v.optional(IdParameter), ...MESSAGES, ...BOTS, ...PAGE }),
  entry: v.object({ domain: v.nullable(v.string()), ...COUNT_FIELDS, deferred: v.number(), blocked: v.number() }),
  columns: {
    Domain: ({ domain }: DomainCounts) => domain,
    ...COUNT_COLUMNS,
    Deferred: ({ deferred }: DomainCounts) => deferred,
    Blocked: ({ blocked }: DomainCounts) => blocked,
  },
  read: async (d1, { limit, cursor: _, ...filter }, after, nowMs) => {
    const page = { after: after === undefined ? undefined : readRank(after), limit: limit + 1 };
    const counts = await domainCounts(d1, filterOf(filter), MAX_MESSAGES, page, nowMs);
    if (counts === undefined) throw reportTooLarge(`${MAX_MESSAGES} messages`);
    return rankedPage(counts, rankOf, limit);
  },
  entryOf: ({ domain, ...counts }) => ({ domain, ...counts, rates: ratesOf(counts) }),
});

/** A domain fits into a cursor: those that are too long for DNS count as none. */
function rankOf({ domain, sent }: DomainCounts): Rank {
  return { counts: [sent], key: domain ?? "" };
}
