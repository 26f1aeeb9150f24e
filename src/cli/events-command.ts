/** `waxseal events` and `waxseal tail`: what the log holds, and what it records from now on. */
import type { Command } from "commander";
import * as v from "valibot";
import { usageError } from "./command-error.ts";
import { type Connection, findWorker, type Worker, withConnection } from "./connection.ts";
import { eventLine, FeedEvent } from "./event-line.ts";
import { type ListQuery, listPath } from "./list-pages.ts";
import { printableJson } from "./printable.ts";
import { callWorker } from "./worker-api.ts";

const FeedPage = v.object({ data: v.array(FeedEvent), next: v.string(), more: v.boolean() });
type FeedPage = v.InferOutput<typeof FeedPage>;

const PATH = "/v1/events";
const DEFAULT_EVENTS = 100;
const EVENTS_PER_PAGE = 1_000;
/** How often tail asks. */
const PAUSE_MS = 1_000;

interface FilterOptions extends Connection {
  readonly type?: string;
  readonly email?: string;
  readonly campaign?: string;
  readonly person?: string;
  readonly address?: string;
  readonly bots?: string;
  readonly json?: boolean;
}

interface EventsOptions extends FilterOptions {
  readonly since?: string;
  readonly until?: string;
  readonly limit?: string;
}

export function addEventsCommands(program: Command): void {
  withFilter(program.command("events"))
    .description("show events of the log, in the order of recording")
    .option("--since <time>", "from then on: 2026-11-20, 2026-11-20T09:30:00Z")
    .option("--until <time>", "before then")
    .option("--limit <number>", `how many at most (default: ${DEFAULT_EVENTS})`)
    .action(showEvents);
  withFilter(program.command("tail")).description("show events as they are recorded, until Ctrl-C").action(tail);
}

function withFilter(command: Command): Command {
  return withConnection(command)
    .option("--type <types>", "sent, delivered, hard_bounced, soft_bounced, opened, clicked, … with commas between")
    .option("--email <id>", "of this email")
    .option("--campaign <id>", "of this campaign")
    .option("--person <id>", "of this person")
    .option("--address <address>", "of everybody with this address")
    .option("--bots <how>", "include (default) or exclude what bots did")
    .option("--json", "one object a line");
}

async function showEvents({ limit = String(DEFAULT_EVENTS), json = false, ...options }: EventsOptions): Promise<void> {
  const { origin, apiKey, profile, ...filter } = options;
  let left = Number(limit);
  if (!Number.isSafeInteger(left) || left < 1) throw usageError(`--limit ${limit} is no number.`, "Give 1 or more.");
  const worker = await findWorker(options);
  let shown = 0;
  let page: FeedPage | undefined;
  do {
    page = await readFeed(worker, { ...filter, limit: Math.min(left, EVENTS_PER_PAGE), cursor: page?.next });
    show(page, json);
    shown += page.data.length;
    left -= page.data.length;
  } while (page.more && left > 0);
  if (shown === 0) console.error("There are no such events.");
  else if (page.more) console.error(`There are more; --limit shows them, or --since from later on.`);
}

/** Ends when its process does. */
async function tail({ json = false, ...options }: FilterOptions): Promise<void> {
  const { origin, apiKey, profile, ...filter } = options;
  const worker = await findWorker(options);
  let cursor = "end";
  if (process.stderr.isTTY) console.error(`Waiting for events of ${worker.origin}. Ctrl-C ends it.`);
  for (;;) {
    const page = await readFeed(worker, { ...filter, limit: EVENTS_PER_PAGE, cursor });
    show(page, json);
    cursor = page.next;
    if (!page.more) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

async function readFeed(worker: Worker, query: ListQuery): Promise<FeedPage> {
  return await callWorker(worker, FeedPage, { path: listPath(PATH, query) });
}

function show({ data }: FeedPage, json: boolean): void {
  for (const event of data) console.log(json ? printableJson(event) : eventLine(event));
}
