/** `waxseal webhooks test`, `replay`, `stop-replay`, `skip` and `deliveries`: posts on demand, and what was posted. */
import { type Command, Option } from "commander";
import type { Schemas } from "../client/index.ts";
import { CommandError, usageError } from "./command-error.ts";
import { type Connection, findWorker, withConnection } from "./connection.ts";
import { printable, printableJson } from "./printable.ts";
import { type ListForm, printList } from "./printed-list.ts";
import { tableText } from "./table.ts";
import { NO_ENDPOINT } from "./webhook-options.ts";
import { apiEntries, callApi, withoutUndefined } from "./worker-api.ts";

type Delivery = Schemas["WebhookDelivery"];

const DEFAULT_DELIVERIES = 20;
const DELIVERIES_PER_PAGE = 100;
const STATES = [
  "delivered",
  "waiting",
  "given_up",
  "skipped",
  "stopped",
  "filtered",
  "replaced",
  "failed",
  "deleted",
] as const satisfies readonly Delivery["state"][];
/** An answer may have a KB. */
const ANSWER_CHARS = 60;

export function addDeliveryCommands(webhooks: Command): void {
  withConnection(webhooks.command("test"))
    .description("post a sample of each type that it gets, and show what it answered")
    .argument("<id>", "the id that list shows")
    .option("--type <type>", "of this type alone, like email.opened")
    .option("--json", "one object a line")
    .action(postSamples);
  withConnection(webhooks.command("replay"))
    .description("post again what was recorded in a time, or behind a cursor of the feed")
    .argument("<id>", "the id that list shows")
    .requiredOption("--from <time>", "recorded from then on: 2026-11-20, 2026-11-20T09:30:00Z; or a cursor")
    .option("--to <time>", "recorded before then, or up to a cursor (default: where the endpoint is)")
    .action(replay);
  withConnection(webhooks.command("stop-replay"))
    .description("stop the replay, and those that wait")
    .argument("<id>", "the id that list shows")
    .action(stopReplay);
  withConnection(webhooks.command("skip"))
    .description("post an event no more that is not accepted, and go on behind it")
    .argument("<id>", "the id that list shows")
    .argument("<event>", "the event's id, like evt_4711_…, as its post has it")
    .action(skipWaiting);
  withConnection(webhooks.command("deliveries"))
    .description("show what was posted, the latest first")
    .argument("<id>", "the id that list shows")
    .addOption(new Option("--state <state>", "only those").choices(STATES))
    .option("--limit <number>", `how many at most (default: ${DEFAULT_DELIVERIES})`)
    .option("--json", "one object a line")
    .action(showDeliveries);
}

interface TestOptions extends Connection {
  readonly type?: string;
  readonly json?: boolean;
}

async function postSamples(id: string, { type, json = false, ...given }: TestOptions): Promise<void> {
  const worker = await findWorker(given);
  // The Worker names the types when it is none of them.
  const query: object = withoutUndefined({ type });
  const params = { path: { id }, query };
  const { data } = await callApi(worker, (api) => api.POST("/v1/webhook-endpoints/{id}/test", { params }), {
    has: "data",
    ...NO_ENDPOINT,
  });
  if (json) for (const sample of data) console.log(printableJson(sample));
  else {
    const rows = data.map(({ type, accepted, durationMs, ...result }) => [
      type,
      accepted ? "accepted" : "not accepted",
      answerOf(result),
      `${durationMs} ms`,
    ]);
    console.log(tableText(["type", "result", "answer", "after"], rows));
  }
  const refused = data.filter(({ accepted }) => !accepted).length;
  if (refused > 0) throw new CommandError(`Not accepted: ${refused} of ${data.length} posts.`, "Answer each with 2xx.");
}

interface ReplayOptions extends Connection {
  readonly from: string;
  readonly to?: string;
}

async function replay(id: string, { from, to, ...given }: ReplayOptions): Promise<void> {
  const worker = await findWorker(given);
  const params = { path: { id } };
  const body = { from, ...withoutUndefined({ to }) };
  const progress = await callApi(worker, (api) => api.POST("/v1/webhook-endpoints/{id}/replay", { params, body }), {
    has: "replays",
    ...NO_ENDPOINT,
  });
  const waiting = progress.replays.length - 1;
  const turn = waiting > 0 ? ` It waits for ${waiting} other ${waiting === 1 ? "replay" : "replays"}.` : "";
  console.log(
    printable(`Posting again: the events from ${from} on.${turn} "waxseal webhooks show ${id}" says how far.`),
  );
}

async function stopReplay(id: string, given: Connection): Promise<void> {
  const worker = await findWorker(given);
  const params = { path: { id } };
  const { stopped } = await callApi(worker, (api) => api.DELETE("/v1/webhook-endpoints/{id}/replay", { params }), {
    has: "stopped",
    ...NO_ENDPOINT,
  });
  console.log(stopped === 0 ? "There was no replay." : `Stopped: ${stopped} ${stopped === 1 ? "replay" : "replays"}.`);
}

async function skipWaiting(id: string, event: string, given: Connection): Promise<void> {
  const worker = await findWorker(given);
  const input = { params: { path: { id } }, body: { event } };
  await callApi(worker, (api) => api.POST("/v1/webhook-endpoints/{id}/skip", input), {
    has: "seq",
    ...NO_ENDPOINT,
  });
  console.log(printable(`Skipped: ${event}. What waited behind it is posted.`));
}

interface DeliveriesOptions extends Connection {
  readonly state?: Delivery["state"];
  readonly limit?: string;
  readonly json?: boolean;
}

async function showDeliveries(id: string, options: DeliveriesOptions): Promise<void> {
  const { state, limit = String(DEFAULT_DELIVERIES), json = false, ...given } = options;
  const most = Number(limit);
  if (!Number.isSafeInteger(most) || most < 1) throw usageError(`--limit ${limit} is no number.`, "Give 1 or more.");
  const worker = await findWorker(given);
  const filter = { limit: Math.min(most, DELIVERIES_PER_PAGE), ...withoutUndefined({ state }) };
  const deliveries = apiEntries(worker, (api, page) =>
    api.GET("/v1/webhook-endpoints/{id}/deliveries", { params: { path: { id }, query: { ...filter, ...page } } }),
  );
  await printList(deliveries, DELIVERIES, { json, most });
}

const DELIVERIES: ListForm<Delivery> = {
  head: ["time", "what", "seq", "state", "tries", "next try", "answer"],
  cells: cellsOf,
  empty: "Nothing was posted to it.",
};

function cellsOf({
  lastTryAt,
  kind,
  type,
  events,
  possibleGap,
  state,
  tries,
  nextTryAt = "",
  ...result
}: Delivery): string[] {
  const what = kind === "live" ? type : `${type} (${kind})`;
  const seqs = possibleGap === undefined ? seqsOf(events) : `${possibleGap.from} … ${possibleGap.to}`;
  return [lastTryAt, what, seqs, state, String(tries), nextTryAt, answerOf(result)];
}

/** "4711", or of several "4711 … 4810". */
function seqsOf(events: Delivery["events"]): string {
  const [first, last] = [events[0]?.seq, events.at(-1)?.seq];
  return first === last ? String(first ?? "") : `${first} … ${last}`;
}

function answerOf({ status, answer = "", error }: Pick<Delivery, "status" | "answer" | "error">): string {
  const words = status === undefined ? (error ?? "") : `${status} ${answer}`;
  return words.trim().slice(0, ANSWER_CHARS);
}
