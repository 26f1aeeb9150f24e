/**
 * Link performance of an email, or of all emails of a campaign: the clicks on each link, and the people who clicked it.
 * A link that several emails have is one, by its id: of a name, or of a URL without what is personal. Honeypot links
 * are left out. Gives up links of different emails whose ids are equal by chance, 32 bits of a hash: of a thousand
 * links in one of ten thousand campaigns; and that a person is one whose clicks are on several messages, where some of
 * those are archived.
 */
import { occurrenceOf } from "../decorate/occurrence.ts";
import { withoutParameters } from "../decorate/query.ts";
import { links, messageStats } from "../events/schema.ts";
import { readBatch, sql } from "../platform/sql.ts";
import { HONEYPOT_LINK_ID } from "../tokens/claims.ts";
import { filterCondition, isOfEmails, type MailingFilter, type ReportFilter } from "./filter.ts";
import { archivedLinkClicks, type LinkTotal } from "./totals.ts";

export interface LinkCounts extends ClickCounts {
  readonly id: string;
  /** What its markup, or a description of the email, calls it. */
  readonly name: string | null;
  readonly url: string;
  /** Which of an email's links to its URL it is, from 1 on, where several rows have the URL and its id tells. */
  readonly occurrence?: number;
  /** How many of the emails have it. */
  readonly emails: number;
  /** The counts of all links of the emails. */
  readonly all: ClickCounts;
}

export interface ClickCounts {
  readonly clicks: number;
  /** People who clicked. */
  readonly people: number;
  /** What bots clicked, whether or not the other counts include it; `people` count only with bots. */
  readonly bots: { readonly clicks: number; readonly people: number };
}

/** The counts of nobody. */
export const NO_LINK_CLICKS: ClickCounts = { clicks: 0, people: 0, bots: { clicks: 0, people: 0 } };

interface LinkRow {
  readonly id: string;
  readonly name: string | null;
  readonly url: string;
  readonly emails: number;
  readonly clicks: number;
  readonly people: number;
  readonly botClicks: number;
  readonly botPeople: number;
  readonly allClicks: number;
  readonly allPeople: number;
  readonly allBotClicks: number;
  readonly allBotPeople: number;
}

/**
 * Every link of the emails that was described or ever clicked, even by bots alone, the most clicked first.
 * @param personalParameters are left out of URLs, which may be those of the first click
 * @throws D1's error
 */
export async function linkCounts(
  d1: D1Database,
  filter: MailingFilter,
  personalParameters: readonly string[] = [],
): Promise<readonly LinkCounts[]> {
  const counted = filter.bots === "include" ? sql`(byPeople + byBots)` : sql`byPeople`;
  // Counts rows that have each person once.
  const counts = sql`sum(${counted}) AS clicks, count(*) FILTER (WHERE ${counted} > 0) AS people,
  sum(byBots) AS botClicks, count(*) FILTER (WHERE byPeople = 0) AS botPeople`;
  const sums = sql`sum(byPeople) AS byPeople, sum(byBots) AS byBots`;
  // First by person, in whose order the messages of an email come: SQLite sorts them in a third of the time.
  const query = sql`WITH clicked AS MATERIALIZED (SELECT person, link, ${sums} FROM (
  SELECT ${messageStats.person} AS person, key AS link, value->>'people' AS byPeople, value->>'bots' AS byBots
  FROM ${messageStats}, json_each(${messageStats.clicks})
  WHERE ${messageStats.clicks} IS NOT NULL AND key <> ${HONEYPOT_LINK_ID} AND ${filterCondition(filter)})
  GROUP BY person, link
), everything AS MATERIALIZED (SELECT ${counts} FROM (SELECT ${sums} FROM clicked GROUP BY person)),
clickedLink AS MATERIALIZED (SELECT link AS id, ${counts} FROM clicked GROUP BY link)
SELECT link.*, coalesce(clickedLink.clicks, 0) AS clicks, coalesce(clickedLink.people, 0) AS people,
  coalesce(clickedLink.botClicks, 0) AS botClicks, coalesce(clickedLink.botPeople, 0) AS botPeople,
  coalesce(everything.clicks, 0) AS allClicks, everything.people AS allPeople,
  coalesce(everything.botClicks, 0) AS allBotClicks, everything.botPeople AS allBotPeople
FROM (SELECT ${links.id} AS id, min(${links.url}) AS url, max(${links.name}) AS name, count(*) AS emails FROM ${links}
  WHERE ${isOfEmails(links.email, filter)} AND ${links.id} <> ${HONEYPOT_LINK_ID} GROUP BY ${links.id}) AS link
CROSS JOIN everything LEFT JOIN clickedLink ON clickedLink.id = link.id
ORDER BY clicks DESC, link.id`;
  const [rows, totals] = await readBatch<[LinkRow, LinkTotal]>(d1, [query, archivedLinkClicks(filter)]);
  const shown = withTotals(rows, totals, filter.bots).map((row) => {
    return { ...row, url: withoutParameters(row.url, (parameter) => personalParameters.includes(parameter)) };
  });
  const perUrl = new Map<string, number>();
  for (const { url } of shown) perUrl.set(url, (perUrl.get(url) ?? 0) + 1);
  return shown.map((link) => {
    const isOneOfSeveral = link.name === null && (perUrl.get(link.url) ?? 0) > 1;
    return linkOf(link, isOneOfSeveral ? occurrenceOf(link) : undefined);
  });
}

/** The rows with the archived clicks on their links, in their order. */
function withTotals(
  rows: readonly LinkRow[],
  totals: readonly LinkTotal[],
  bots: ReportFilter["bots"],
): readonly LinkRow[] {
  if (totals.length === 0) return rows;
  const archived = new Map(totals.map((total) => [total.link, countedClicks(total, bots)]));
  const all = archived.get("") ?? NO_LINK_CLICKS;
  return rows
    .map((row) => {
      const ofLink = archived.get(row.id) ?? NO_LINK_CLICKS;
      return {
        ...row,
        clicks: row.clicks + ofLink.clicks,
        people: row.people + ofLink.people,
        botClicks: row.botClicks + ofLink.bots.clicks,
        botPeople: row.botPeople + ofLink.bots.people,
        allClicks: row.allClicks + all.clicks,
        allPeople: row.allPeople + all.people,
        allBotClicks: row.allBotClicks + all.bots.clicks,
        allBotPeople: row.allBotPeople + all.bots.people,
      };
    })
    .sort((one, other) => other.clicks - one.clicks || (one.id < other.id ? -1 : 1));
}

function countedClicks(
  { clicks, people, botClicks, botPeople }: LinkTotal,
  counted: ReportFilter["bots"],
): ClickCounts {
  const bots = { clicks: botClicks, people: botPeople };
  if (counted === "exclude") return { clicks, people, bots };
  return { clicks: clicks + botClicks, people: people + botPeople, bots };
}

function linkOf(
  { id, name, url, emails, clicks, people, botClicks, botPeople, ...all }: LinkRow,
  occurrence: number | undefined,
): LinkCounts {
  return {
    id,
    name,
    url,
    ...(occurrence === undefined ? {} : { occurrence }),
    emails,
    clicks,
    people,
    bots: { clicks: botClicks, people: botPeople },
    all: {
      clicks: all.allClicks,
      people: all.allPeople,
      bots: { clicks: all.allBotClicks, people: all.allBotPeople },
    },
  };
}
