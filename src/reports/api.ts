/**
 * GET /v1/reports/emails and /v1/reports/links: email and link performance, as JSON, or as CSV when the path ends in
 * ".csv" or Accept prefers it. Always up to date: the rest of the log is aggregated first.
 */
import type { Context } from "hono";
import * as v from "valibot";
import { STATISTICS_SETTINGS } from "../config/settings.ts";
import { readQuery } from "../http/body.ts";
import { configured } from "../http/configured.ts";
import { failureAnswer, orStorageUnavailable } from "../http/errors.ts";
import { fields, Id, integerParameter, TimeParameter } from "../http/schemas.ts";
import { csvText } from "../platform/csv.ts";
import { aggregateLog } from "./aggregate.ts";
import { type EmailCounts, emailCounts } from "./emails.ts";
import type { ReportFilter } from "./filter.ts";
import { type ClickCounts, type LinkCounts, linkCounts } from "./links.ts";

type ReportContext = Context<{ Bindings: Env }>;

/** The longest that a report aggregates the log before it gives up, for now. */
const AGGREGATE_MS = 20_000;
const MAX_REPORTS = 1_000;

const FILTER = {
  campaign: v.optional(Id),
  since: v.optional(TimeParameter),
  until: v.optional(TimeParameter),
  bots: v.optional(v.picklist(["exclude", "include"], 'must be "exclude" or "include"'), "exclude"),
};

const EmailsQuery = fields({
  email: v.optional(Id),
  ...FILTER,
  by: v.optional(v.picklist(["email", "campaign"], 'must be "email" or "campaign"'), "email"),
  cursor: v.optional(Id),
  limit: v.optional(
    integerParameter(1, MAX_REPORTS, `must be an integer from 1 to ${MAX_REPORTS}`),
    String(MAX_REPORTS),
  ),
});
const LinksQuery = fields({ email: Id, ...FILTER });

/** Answers `{reports, next?}`; `next` is the `cursor` of the next page, in CSV it is in the header Link (RFC 8288). */
export async function reportEmails(context: ReportContext): Promise<Response> {
  const { by, cursor = "", limit, ...filter } = readQuery(context, EmailsQuery);
  const now = Date.now();
  return await withStatistics(context, async (d1) => {
    const counts = await emailCounts(d1, filterOf(filter), by, cursor, limit + 1, now);
    const page = counts.slice(0, limit);
    const next = counts.length > limit ? page.at(-1)?.id : undefined;
    if (wantsCsv(context)) return csv("emails", EMAIL_COLUMNS, page, linkToNext(context, next));
    return context.json({
      reports: page.map((row) => emailReport(by, row)),
      ...(next === undefined ? {} : { next }),
    });
  });
}

/** Answers `{email, clicks, people, bots, links}`, the most clicked link first. */
export async function reportLinks(context: ReportContext): Promise<Response> {
  const filter = readQuery(context, LinksQuery);
  return await withStatistics(context, async (d1) => {
    const counts = await linkCounts(d1, { ...filterOf(filter), email: filter.email });
    if (wantsCsv(context)) return csv("links", LINK_COLUMNS, counts);
    const all = counts[0]?.all ?? NO_CLICKS;
    return context.json({ email: filter.email, ...all, links: counts.map(linkReport) });
  });
}

const NO_CLICKS: ClickCounts = { clicks: 0, people: 0, bots: { clicks: 0, people: 0 } };

type FilterParameters = Omit<v.InferOutput<typeof LinksQuery>, "email"> & {
  readonly email?: string | undefined;
};

function filterOf({ email, campaign, since, until, bots }: FilterParameters): ReportFilter {
  return { email, campaign, sinceMs: since, untilMs: until, bots };
}

/** Answers `report` over the whole log; 503 while D1 is out of reach, or too much of the log is not aggregated yet. */
async function withStatistics(
  context: ReportContext,
  report: (d1: D1Database) => Promise<Response>,
): Promise<Response> {
  const { env } = context;
  const { bots } = configured(env, ...STATISTICS_SETTINGS);
  return await orStorageUnavailable("The report could not be read", async () => {
    const left = await aggregateLog(env.DB, bots, Date.now() + AGGREGATE_MS);
    if (left === 0) return await report(env.DB);
    const message = `The report still has ${left} events of the log to count; try again in a moment.`;
    return failureAnswer(context, { status: 503, code: "storage_unavailable", message }, { "Retry-After": "10" });
  });
}

function wantsCsv({ req }: ReportContext): boolean {
  return req.path.endsWith(".csv") || /^text\/csv\b/i.test(req.header("Accept") ?? "");
}

/** From 0 to 1; null when there is no whole. */
function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

function ratesOf({ sent, delivered, opened, clicked, unsubscribed }: Omit<EmailCounts, "id" | "name">) {
  return {
    delivered: share(delivered, sent),
    opened: share(opened, delivered),
    clicked: share(clicked, delivered),
    unsubscribed: share(unsubscribed, delivered),
    clickedOfOpened: share(clicked, opened),
  };
}

function emailReport(by: "email" | "campaign", { id, name, ...counts }: EmailCounts) {
  const named = name === null ? { id } : { id, name };
  return { [by]: named, ...counts, rates: ratesOf(counts) };
}

function linkReport({ id, url, clicks, people, bots, all }: LinkCounts) {
  const peopleShare = share(people, all.people);
  return { id, url, clicks, clicksShare: share(clicks, all.clicks), people, peopleShare, bots };
}

/** The columns of a CSV: the cell of a row under each header. */
type Columns<Row> = Readonly<Record<string, (row: Row) => string | number | null>>;

const EMAIL_COLUMNS: Columns<EmailCounts> = {
  Id: ({ id }) => id,
  Name: ({ name }) => name,
  Sent: ({ sent }) => sent,
  Delivered: ({ delivered }) => delivered,
  "Hard Bounced": ({ hardBounced }) => hardBounced,
  "Soft Bounced": ({ softBounced }) => softBounced,
  Pending: ({ pending }) => pending,
  "No Response": ({ noResponse }) => noResponse,
  Opened: ({ opened }) => opened,
  "Opened by Pixel": ({ openedByPixel }) => openedByPixel,
  "Clicked Link": ({ clicked }) => clicked,
  Unsubscribed: ({ unsubscribed }) => unsubscribed,
  Complained: ({ complained }) => complained,
  "Delivered of Sent": (row) => ratesOf(row).delivered,
  "Opened of Delivered": (row) => ratesOf(row).opened,
  "Clicked of Delivered": (row) => ratesOf(row).clicked,
  "Unsubscribed of Delivered": (row) => ratesOf(row).unsubscribed,
  "Clicked of Opened": (row) => ratesOf(row).clickedOfOpened,
  "Bots: Opened": ({ bots }) => bots.opened,
  "Bots: Clicked": ({ bots }) => bots.clicked,
  "Bots: Clicks": ({ bots }) => bots.clicks,
};

const LINK_COLUMNS: Columns<LinkCounts> = {
  "Link ID": ({ id }) => id,
  Link: ({ url }) => url,
  Clicks: ({ clicks }) => clicks,
  "Share of Clicks": (row) => linkReport(row).clicksShare,
  People: ({ people }) => people,
  "Share of People": (row) => linkReport(row).peopleShare,
  "Bots: Clicks": ({ bots }) => bots.clicks,
  "Bots: People": ({ bots }) => bots.people,
};

function csv<Row>(
  name: string,
  columns: Columns<Row>,
  rows: readonly Row[],
  headers: Record<string, string> = {},
): Response {
  const cells = rows.map((row) => Object.values(columns).map((cellOf) => cellOf(row)));
  return new Response(csvText([Object.keys(columns), ...cells]), {
    headers: {
      "Content-Type": "text/csv; charset=utf-8; header=present",
      "Content-Disposition": `attachment; filename="${name}.csv"`,
      ...headers,
    },
  });
}

function linkToNext({ req }: ReportContext, next: string | undefined): Record<string, string> {
  if (next === undefined) return {};
  const url = new URL(req.url);
  url.searchParams.set("cursor", next);
  return { Link: `<${url.pathname}${url.search}>; rel="next"` };
}
