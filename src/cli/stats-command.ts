/** `waxseal stats`: how emails performed, one email's links, and performance over time. */
import { type Command, Option } from "commander";
import type { Schemas } from "../client/index.ts";
import { usageError } from "./command-error.ts";
import { type Connection, findWorker, withConnection } from "./connection.ts";
import { type ListForm, printList } from "./printed-list.ts";
import { apiEntries, withoutUndefined } from "./worker-api.ts";

type EmailRow = Schemas["EmailsReportRow"];
type BucketRow = Schemas["SeriesReportRow"];
type LinkRow = Schemas["LinksReportRow"];

type TableForm<Row> = Omit<ListForm<Row>, "empty">;

/** What the rows of emails and of a course have in common. */
type MessageCounts = Omit<EmailRow, "email" | "firstSentAt" | "lastSentAt">;

const HEAD = ["sent", "delivered", "opened", "clicked", "unsubscribed", "complained", "bounced"];

interface StatsOptions extends Connection {
  readonly campaign?: string;
  readonly since?: string;
  readonly until?: string;
  readonly bots?: "exclude" | "include";
  readonly by?: "hour" | "day" | "week";
  readonly zone?: string;
  readonly json?: boolean;
}

export function addStatsCommand(program: Command): void {
  withConnection(program.command("stats"))
    .description("show how emails performed; given an email's id, its links, too; with --by, over time")
    .argument("[email]", "the email's id (default: all emails)")
    .option("--campaign <id>", "only messages of this campaign")
    .option("--since <time>", "only messages sent from then on: 2026-11-20, 2026-11-20T09:30:00Z")
    .option("--until <time>", "only messages sent before")
    .addOption(new Option("--bots <how>", "what bots did (default: exclude)").choices(["exclude", "include"]))
    .addOption(new Option("--by <unit>", "a row for each").choices(["hour", "day", "week"]))
    .option("--zone <zone>", "the time zone of --by, like Europe/Paris (default: UTC)")
    .option("--json", "one object a line")
    .action(showStats);
}

async function showStats(email: string | undefined, options: StatsOptions): Promise<void> {
  const { campaign, since, until, bots, by, zone, json = false, ...given } = options;
  if (zone !== undefined && by === undefined) throw usageError("--zone needs --by.", "Give --by hour, day or week.");
  const worker = await findWorker(given);
  const query = withoutUndefined({ email, campaign, since, until, bots });
  if (by !== undefined) {
    const rows = apiEntries(worker, (api, page) =>
      api.GET("/v1/reports/series", { params: { query: { ...query, ...withoutUndefined({ zone }), by, ...page } } }),
    );
    const course = { head: [by, ...HEAD], cells: (row: BucketRow) => [row.local, ...countCells(row)] };
    return await showReport("series", rows, course, json);
  }
  const emails = apiEntries(worker, (api, page) =>
    api.GET("/v1/reports/emails", { params: { query: { ...query, ...page } } }),
  );
  await showReport("emails", emails, EMAILS, json);
  if (email === undefined) return;
  const links = apiEntries(worker, (api, page) =>
    api.GET("/v1/reports/links", { params: { query: { ...query, email, ...page } } }),
  );
  await showReport("links", links, LINKS, json);
}

const EMAILS: TableForm<EmailRow> = {
  head: ["email", "name", ...HEAD],
  cells: ({ email, ...counts }) => [String(email?.id ?? ""), email?.name ?? "", ...countCells(counts)],
};
const LINKS: TableForm<LinkRow> = {
  head: ["link", "name", "clicks", "people"],
  cells: ({ url, name = "", clicks, people }) => [url, name, grouped(clicks), grouped(people)],
};

async function showReport<Row extends object>(
  name: string,
  entries: AsyncIterable<Row>,
  table: TableForm<Row>,
  json: boolean,
): Promise<void> {
  const form = { ...table, empty: `Nothing to report on ${name}.` };
  await printList(named(name, entries), form, { json });
}

/** The rows, which say of which report they are. */
async function* named<Row extends object>(report: string, entries: AsyncIterable<Row>) {
  for await (const each of entries) yield { report, ...each };
}

/** Counts, and what share of all delivered they are. */
function countCells({ sent, delivered, hardBounced, softBounced, ...counts }: MessageCounts): string[] {
  const ofDelivered = (count: number) => {
    return delivered === 0 ? grouped(count) : `${grouped(count)} (${((100 * count) / delivered).toFixed(1)} %)`;
  };
  const { opened, clicked, unsubscribed, complained } = counts;
  return [
    grouped(sent),
    grouped(delivered),
    ...[opened, clicked, unsubscribed, complained].map(ofDelivered),
    grouped(hardBounced + softBounced),
  ];
}

function grouped(count: number): string {
  return count.toLocaleString("en");
}
