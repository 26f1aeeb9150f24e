/** GET /v1/reports/bounces: why messages bounced, and what mail servers said, the most frequent first. */
import * as v from "valibot";
import { fields, IdParameter } from "../http/schemas.ts";
import { ok, refused } from "../platform/result.ts";
import { BOUNCE_REASONS, type BounceCounts, bounceCounts } from "./bounces.ts";
import { pageByRank } from "./rank.ts";
import { report } from "./report.ts";
import { filterOf, MESSAGES, PAGE } from "./report-query.ts";
import { reportTooLarge } from "./statistics.ts";

/** In ASCII, as `domains` answers it. */
const DomainParameter = v.pipe(v.string(), v.minLength(1), v.maxLength(253));

const MAX = { bounces: 200_000, words: 20_000 };

export const reportBounces = report({
  name: "bounces",
  summary: "Report why messages bounced",
  description: "By reason and by the mail servers' words, of which there is one example each, without addresses.",
  query: fields({ email: v.optional(IdParameter), domain: v.optional(DomainParameter), ...MESSAGES, ...PAGE }),
  entry: v.object({
    type: v.picklist(["hard_bounced", "soft_bounced"]),
    category: v.number(),
    reason: v.picklist(BOUNCE_REASONS),
    subcategory: v.nullable(v.string()),
    status: v.nullable(v.string()),
    words: v.string(),
    bounces: v.number(),
  }),
  columns: {
    Type: ({ type }: BounceCounts) => type,
    Category: ({ category }) => category,
    Reason: ({ reason }) => reason,
    Subcategory: ({ subcategory }) => subcategory,
    Status: ({ status }) => status,
    Words: ({ words }) => words,
    Bounces: ({ bounces }) => bounces,
  },
  filterOf,
  read: async ({ DB }, { query: { domain, limit }, filter, after }) => {
    const counts = await bounceCounts(DB, { ...filter, domain }, MAX);
    if (counts === undefined) return refused(reportTooLarge(`${MAX.bounces} bounces, or ${MAX.words} different ones`));
    return ok(pageByRank(counts, ({ bounces, key }) => ({ counts: [bounces], key }), after, limit));
  },
  entryOf: ({ key: _, ...counts }) => counts,
  leavesOut: (filter) => filter,
});
