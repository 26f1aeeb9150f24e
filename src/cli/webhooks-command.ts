/** `waxseal webhooks`: the endpoints to which a Worker posts events. A secret is shown once, when it is made. */
import type { Command } from "commander";
import type { Schemas } from "../client/index.ts";
import { confirmIrreversible } from "./ask.ts";
import { usageError } from "./command-error.ts";
import { type Connection, findWorker, type JsonOptions, withConnection } from "./connection.ts";
import { printable, printableJson } from "./printable.ts";
import { type ListForm, printList } from "./printed-list.ts";
import { tableText } from "./table.ts";
import { addDeliveryCommands } from "./webhook-deliveries.ts";
import { type EndpointOptions, endpointFields, NO_ENDPOINT, withEndpointOptions } from "./webhook-options.ts";
import { callApi } from "./worker-api.ts";

export function addWebhooksCommand(program: Command): void {
  const webhooks = program.command("webhooks").description("endpoints to which events are posted");
  withConnection(webhooks.command("list"))
    .description("list all endpoints")
    .option("--json", "one object a line")
    .action(list);
  withEndpointOptions(withConnection(webhooks.command("add")))
    .description("add one, and show the secret that signs its posts, once")
    .argument("<url>", "where events are posted")
    .option("--json", "one object")
    .action(add);
  withConnection(webhooks.command("show"))
    .description("show one, and how far it is")
    .argument("<id>", "the id that list shows")
    .option("--json", "one object")
    .action(show);
  withEndpointOptions(withConnection(webhooks.command("change")))
    .description('change one; an empty value ("") takes a filter or the description away')
    .argument("<id>", "the id that list shows")
    .option("--url <url>", "where events are posted from now on")
    .option("--ordered", "an event waits for those before it")
    .action(change);
  for (const [name, enabled, description] of [
    ["enable", true, "post again, from where it was"],
    ["disable", false, "post nothing until it is enabled"],
  ] as const) {
    withConnection(webhooks.command(name))
      .description(description)
      .argument("<id>", "the id that list shows")
      .action(async (id: string, given: Connection) => {
        await patch(id, { enabled }, given);
        console.log(`${enabled ? "Enabled" : "Disabled"}: ${printable(id)}.`);
      });
  }
  withConnection(webhooks.command("remove"))
    .description("delete one, with its deliveries")
    .argument("<id>", "the id that list shows")
    .option("--yes", "without asking")
    .action(remove);
  withConnection(webhooks.command("rotate"))
    .description("make another secret, and show it, once; the one before signs, too, for a day")
    .argument("<id>", "the id that list shows")
    .option("--json", "one object")
    .action(rotate);
  addDeliveryCommands(webhooks);
}

async function list({ json = false, ...given }: JsonOptions): Promise<void> {
  const worker = await findWorker(given);
  const { data: endpoints } = await callApi(worker, (api) => api.GET("/v1/webhook-endpoints"), { has: "data" });
  await printList(endpoints, ENDPOINTS, { json });
}

const ENDPOINTS: ListForm<Schemas["ListedWebhookEndpoint"]> = {
  head: ["id", "url", "events", "state", "description"],
  cells: ({ id, url, events, description = "", ...endpoint }) => [
    id,
    url,
    events?.join(", ") ?? "all",
    stateOf(endpoint),
    description,
  ],
  empty: 'There are no endpoints. "waxseal webhooks add" adds one.',
};

interface EndpointState {
  readonly status: string;
  readonly disabledReason?: string;
  readonly progress?: { readonly oldestUnpostedAt?: string };
}

function stateOf({ status, disabledReason, progress }: EndpointState): string {
  const { oldestUnpostedAt } = progress ?? {};
  if (status === "failing" || status === "lagging") return `${status}: the oldest event is of ${oldestUnpostedAt}`;
  if (status !== "disabled") return status;
  return disabledReason === undefined || disabledReason === "by_sender" ? "disabled" : `disabled: ${disabledReason}`;
}

async function add(url: string, { json = false, ...options }: EndpointOptions & JsonOptions): Promise<void> {
  const worker = await findWorker(options);
  const body = { ...endpointFields(options), url };
  const added = await callApi(worker, (api) => api.POST("/v1/webhook-endpoints", { body }), { has: "secret" });
  if (json) return console.log(printableJson(added));
  console.log(printable(`id      ${added.id}\nsecret  ${added.secret}`));
  console.error(
    "\nThe secret is not shown again: your receiver checks signatures with it.\n" +
      `"waxseal webhooks test ${added.id}" posts samples.`,
  );
}

async function show(id: string, { json = false, ...given }: JsonOptions): Promise<void> {
  const worker = await findWorker(given);
  const params = { path: { id } };
  const endpoint = await callApi(worker, (api) => api.GET("/v1/webhook-endpoints/{id}", { params }), {
    has: "status",
    ...NO_ENDPOINT,
  });
  if (json) return console.log(printableJson(endpoint));
  const { progress, events, email, campaign } = endpoint;
  const rows: readonly ShownRow[] = [
    ["url", endpoint.url],
    ["description", endpoint.description],
    ["events", events?.join(", ") ?? "all"],
    ["email", email?.id],
    ["campaign", campaign?.id],
    ["bots", endpoint.bots],
    ["ordered", endpoint.ordered ? "yes" : "no"],
    ["batch", endpoint.batch],
    ["since", endpoint.createdAt],
    ["state", stateOf(endpoint)],
    ["disabled", endpoint.disabledAt],
    ...progressRows(progress),
  ];
  const known = rows.flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  console.log(tableText(["endpoint", endpoint.id], known));
}

type ShownRow = readonly [name: string, value: string | number | undefined];

function progressRows(progress: NonNullable<Schemas["ListedWebhookEndpoint"]["progress"]>): readonly ShownRow[] {
  const { seq, behind, failingSince, nextTryAt, oldestUnpostedAt, retrying, givenUp, possibleGaps, replays } = progress;
  return [
    ["posted up to seq", seq],
    ["behind the log", behind],
    ["oldest not posted", oldestUnpostedAt],
    ["failing since", failingSince],
    ["next try", nextTryAt],
    ["in the retry queue", retrying === 0 ? undefined : retrying],
    ["given up in 30 days", givenUp === 0 ? undefined : givenUp],
    [
      "maybe deleted before",
      possibleGaps.length === 0 ? undefined : possibleGaps.map(({ from, to }) => `${from} to ${to}`).join(", "),
    ],
    ["replays", replays.length === 0 ? undefined : replays.map(({ after, to }) => `${after} to ${to}`).join(", ")],
  ];
}

interface ChangeOptions extends EndpointOptions, Connection {
  readonly url?: string;
}

async function change(id: string, { url, ...options }: ChangeOptions): Promise<void> {
  const body = { ...endpointFields(options), ...(url === undefined ? {} : { url }) };
  if (Object.keys(body).length === 0) throw usageError("Change what?", "--help shows the options.");
  await patch(id, body, options);
  console.log(`Changed: ${printable(id)}. It applies to what is posted from now on.`);
}

async function patch(id: string, body: object, given: Connection) {
  const params = { path: { id } };
  const worker = await findWorker(given);
  return await callApi(worker, (api) => api.PATCH("/v1/webhook-endpoints/{id}", { params, body }), {
    has: "url",
    ...NO_ENDPOINT,
  });
}

async function remove(id: string, { yes, ...given }: Connection & { readonly yes?: boolean }): Promise<void> {
  const worker = await findWorker(given);
  await confirmIrreversible(`Delete the endpoint ${printable(id)} at ${worker.origin}?`, yes);
  const params = { path: { id } };
  await callApi(worker, (api) => api.DELETE("/v1/webhook-endpoints/{id}", { params }), {
    has: "deleted",
    ...NO_ENDPOINT,
  });
  console.log(`Deleted: ${printable(id)}. Nothing is posted to it any more.`);
}

async function rotate(id: string, { json = false, ...given }: JsonOptions): Promise<void> {
  const worker = await findWorker(given);
  const params = { path: { id } };
  const rotated = await callApi(worker, (api) => api.POST("/v1/webhook-endpoints/{id}/rotate", { params }), {
    has: "secret",
    ...NO_ENDPOINT,
  });
  if (json) return console.log(printableJson(rotated));
  console.log(printable(rotated.secret));
  console.error(`It is not shown again. Until ${rotated.previousUntil} the secret before signs, too.`);
}
