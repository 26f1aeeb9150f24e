/** `waxseal events` and `waxseal tail`: what the log holds, and what it records from now on. */
import { type Command, Option } from "commander";
import type { Schemas } from "../client/index.ts";
import { usageError } from "./command-error.ts";
import { type Connection, findWorker, withConnection } from "./connection.ts";
import { eventLine } from "./event-line.ts";
import { printableJson } from "./printable.ts";
import type { Profile } from "./profiles.ts";
import { callApi, untilAnswered, withoutUndefined } from "./worker-api.ts";

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
  readonly bots?: "include" | "exclude";
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
    .option("--since <time>", "only events from then on: 2026-11-20, 2026-11-20T09:30:00Z")
    .option("--until <time>", "only events before then")
    .option("--limit <number>", `how many at most (default: ${DEFAULT_EVENTS})`)
    .action(showEvents);
  withFilter(program.command("tail"))
    .description("follow the log: show each event when it is recorded, until Ctrl-C")
    .action(tail);
}

function withFilter(command: Command): Command {
  return withConnection(command)
    .option(
      "--type <types>",
      "only these: sent, delivered, hard_bounced, soft_bounced, opened, clicked, complained, … with commas between",
    )
    .option("--email <id>", "only events of this email")
    .option("--campaign <id>", "only events of this campaign")
    .option("--person <id>", "only events of this person")
    .option("--address <address>", "only events of everybody with this address")
    .addOption(new Option("--bots <how>", "what bots did (default: include)").choices(["include", "exclude"]))
    .option("--json", "one object a line");
}

async function showEvents({ limit = String(DEFAULT_EVENTS), json = false, ...options }: EventsOptions): Promise<void> {
  const most = Number(limit);
  if (!Number.isSafeInteger(most) || most < 1) throw usageError(`--limit ${limit} is no number.`, "Give 1 or more.");
  const worker = await findWorker(options);
  const { since, until } = options;
  const filter = { ...filterOf(options), ...withoutUndefined({ since, until }) };
  let found = 0;
  let cursor: string | undefined;
  for (let isAtEnd = false; !isAtEnd && found <= most; ) {
    const left = most - found;
    // One more than is shown says whether there are more.
    const page = await readFeed(worker, {
      ...filter,
      ...withoutUndefined({ cursor }),
      limit: Math.min(left + 1, EVENTS_PER_PAGE),
    });
    show(page.data.slice(0, left), json);
    found += page.data.length;
    isAtEnd = !page.more;
    cursor = page.next;
  }
  if (found === 0) console.error("There are no such events.");
  else if (found > most) console.error("There are more: --limit shows them, or --since from later on.");
}

/** Ends when its process does. */
async function tail({ json = false, ...options }: FilterOptions): Promise<void> {
  const worker = await findWorker(options);
  const filter = filterOf(options);
  let cursor = "end";
  if (process.stderr.isTTY) console.error(`Waiting for events of ${worker.origin}. Ctrl-C ends it.`);
  for (;;) {
    const query = { ...filter, limit: EVENTS_PER_PAGE, cursor };
    const read = () => readFeed(worker, query);
    // What fails at once is most likely a wrong address or key.
    const page = cursor === "end" ? await read() : await untilAnswered(read);
    show(page.data, json);
    cursor = page.next;
    if (!page.more) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

/** The parameters that choose events. */
interface FeedQuery extends Omit<FilterOptions, keyof Connection | "json"> {
  readonly since?: string;
  readonly until?: string;
  readonly limit: number;
  readonly cursor?: string;
}

function filterOf({ type, email, campaign, person, address, bots }: FilterOptions) {
  return withoutUndefined({ type, email, campaign, person, address, bots });
}

async function readFeed(worker: Profile, query: FeedQuery) {
  return await callApi(worker, (api) => api.GET("/v1/events", { params: { query } }), { has: "more" });
}

function show(events: readonly Schemas["Event"][], json: boolean): void {
  for (const event of events) console.log(json ? printableJson(event) : eventLine(event));
}
