/** GET /v1/reports/links: the clicks on each link of an email, or of a campaign, the most clicked first. */
import * as v from "valibot";
import { holds } from "../http/holds.ts";
import { fields, IdParameter, Label } from "../http/schemas.ts";
import { ok } from "../platform/result.ts";
import { type ClickCounts, type LinkCounts, linkCounts, NO_LINK_CLICKS } from "./links.ts";
import { pageByRank } from "./rank.ts";
import { report, share } from "./report.ts";
import { BOTS, MESSAGES, mailingFilter, PAGE } from "./report-query.ts";

const BotClicks = v.object({ clicks: v.number(), people: v.number() });
const Rate = v.nullable(v.number());

/** The clicks on a link, as shares of those on all links. */
export const LINK_CLICKS = {
  clicks: v.number(),
  clicksShare: Rate,
  people: v.number(),
  peopleShare: Rate,
  bots: BotClicks,
};

export function linkClicksEntry({ clicks, people, bots }: ClickCounts, all: ClickCounts) {
  return {
    clicks,
    clicksShare: share(clicks, all.clicks),
    people,
    peopleShare: share(people, all.people),
    bots: { clicks: bots.clicks, people: bots.people },
  };
}

export const reportLinks = report({
  name: "links",
  summary: "Report the clicks on the links of an email or a campaign",
  description: "Of an email, a campaign, or an email in a campaign. A link that several of its emails have is one row.",
  query: fields({ email: v.optional(IdParameter), ...MESSAGES, ...BOTS, ...PAGE }),
  entry: v.object({
    id: v.pipe(v.string(), holds("id")),
    name: v.optional(Label),
    url: v.string(),
    occurrence: v.pipe(
      v.optional(v.number()),
      v.description("Which of an email's links to `url` it is, from 1 on, where several rows have the same."),
    ),
    emails: v.pipe(v.number(), v.description("How many of the emails have it.")),
    ...LINK_CLICKS,
  }),
  total: v.object({ clicks: v.number(), people: v.number(), bots: BotClicks }),
  columns: {
    "Link ID": ({ id }: LinkCounts) => id,
    "Link Name": ({ name }) => name,
    Link: ({ url }) => url,
    Occurrence: ({ occurrence }) => occurrence ?? null,
    Emails: ({ emails }) => emails,
    Clicks: ({ clicks }) => clicks,
    "Share of Clicks": (row) => linkEntry(row).clicksShare,
    People: ({ people }) => people,
    "Share of People": (row) => linkEntry(row).peopleShare,
    "Bots: Clicks": ({ bots }) => bots.clicks,
    "Bots: People": ({ bots }) => bots.people,
  },
  holds: { "Link ID": "id", "Link Name": "label" },
  example: { email: "1042" },
  filterOf: mailingFilter,
  read: async ({ DB }, { query: { limit }, filter, after, settings }) => {
    const counts = await linkCounts(DB, filter, settings.personalParameters);
    const page = pageByRank(counts, ({ id, clicks }) => ({ counts: [clicks], key: id }), after, limit);
    return ok({ ...page, total: counts[0]?.all ?? NO_LINK_CLICKS });
  },
  entryOf: linkEntry,
});

function linkEntry({ id, name, url, occurrence, emails, all, ...clicked }: LinkCounts) {
  const link = { id, ...(name === null ? {} : { name }), url, ...(occurrence === undefined ? {} : { occurrence }) };
  return { ...link, emails, ...linkClicksEntry(clicked, all) };
}
