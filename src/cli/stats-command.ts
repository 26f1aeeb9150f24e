/** `waxseal stats`: how emails performed, one email's links, and performance over time. */
import { type Command, Option } from "commander";
import * as v from "valibot";
import { usageError } from "./command-error.ts";
import { type Connection, findWorker, type Worker, withConnection } from "./connection.ts";
import { entriesOf, type ListQuery } from "./list-pages.ts";
import { printableJson } from "./printable.ts";
import { tableText } from "./table.ts";

const Named = v.object({ id: v.union([v.number(), v.string()]), name: v.optional(v.string()) });
const Counts = {
  sent: v.number(),
  delivered: v.number(),
  hardBounced: v.number(),
  softBounced: v.number(),
  opened: v.number(),
  clicked: v.number(),
  unsubscribed: v.number(),
  complained: v.number(),
};
type Counts = Readonly<Record<keyof typeof Counts, number>>;

const EmailRow = v.looseObject({ email: Named, ...Counts });
type EmailRow = v.InferOutput<typeof EmailRow>;
const BucketRow = v.looseObject({ local: v.string(), ...Counts });
type BucketRow = v.InferOutput<typeof BucketRow>;
const LinkRow = v.looseObject({
  url: v.string(),
  name: v.optional(v.string()),
  clicks: v.number(),
  people: v.number(),
});
type LinkRow = v.InferOutput<typeof LinkRow>;

const HEAD = ["sent", "delivered", "opened", "clicked", "unsubscribed", "complained", "bounced"];

interface StatsOptions extends Connection {
  readonly campaign?: string;
  readonly since?: string;
  readonly until?: string;
  readonly bots?: string;
  readonly by?: string;
  readonly zone?: string;
  readonly json?: boolean;
}

export function addStatsCommand(program: Command): void {
  withConnection(program.command("stats"))
    .description("show how emails performed; with an email's id its links, with --by its course")
    .argument("[email]", "the email's id (default: all emails)")
    .option("--campaign <id>", "only messages of this campaign")
    .option("--since <time>", "only messages sent from then on: 2026-11-20, 2026-11-20T09:30:00Z")
    .option("--until <time>", "only messages sent before")
    .option("--bots <how>", "exclude (default) or include what bots did")
    .addOption(new Option("--by <unit>", "a row for each").choices(["hour", "day", "week"]))
    .option("--zone <zone>", "the time zone of --by, like Europe/Paris (default: UTC)")
    .option("--json", "one object a line")
    .action(showStats);
}

async function showStats(email: string | undefined, options: StatsOptions): Promise<void> {
  const { campaign, since, until, bots, by, zone, json = false, ...given } = options;
  if (zone !== undefined && by === undefined) throw usageError("--zone needs --by.", "Give --by hour, day or week.");
  const worker = await findWorker(given);
  const query = { email, campaign, since, until, bots };
  if (by !== undefined) {
    const course = { head: [by, ...HEAD], cells: ({ local, ...counts }: BucketRow) => [local, ...countCells(counts)] };
    return await showReport(worker, BucketRow, "series", { ...query, by, zone }, course, json);
  }
  await showReport(worker, EmailRow, "emails", query, EMAILS, json);
  if (email !== undefined) await showReport(worker, LinkRow, "links", query, LINKS, json);
}

/** How rows become a table. */
interface TableForm<Row> {
  readonly head: readonly string[];
  readonly cells: (row: Row) => readonly string[];
}

const EMAILS: TableForm<EmailRow> = {
  head: ["email", "name", ...HEAD],
  cells: ({ email, ...counts }) => [String(email.id), email.name ?? "", ...countCells(counts)],
};
const LINKS: TableForm<LinkRow> = {
  head: ["link", "name", "clicks", "people"],
  cells: ({ url, name = "", clicks, people }) => [url, name, grouped(clicks), grouped(people)],
};

async function showReport<Row>(
  worker: Worker,
  row: v.GenericSchema<unknown, Row>,
  name: string,
  query: ListQuery,
  { head, cells }: TableForm<Row>,
  json: boolean,
): Promise<void> {
  const rows: (readonly string[])[] = [];
  for await (const each of entriesOf(worker, row, `/v1/reports/${name}`, query)) {
    if (json) console.log(printableJson({ report: name, ...each }));
    else rows.push(cells(each));
  }
  if (json) return;
  if (rows.length === 0) console.error(`Nothing to report on ${name}.`);
  else console.log(tableText(head, rows));
}

/** Counts, and what share of all delivered they are. */
function countCells({ sent, delivered, hardBounced, softBounced, ...counts }: Counts): string[] {
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
