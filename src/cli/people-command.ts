/** `waxseal people`: erasure and access. */
import type { Command } from "commander";
import pc from "picocolors";
import type { Schemas } from "../client/index.ts";
import { confirmIrreversible } from "./ask.ts";
import { usageError } from "./command-error.ts";
import { type Connection, findWorker, type Worker, withConnection } from "./connection.ts";
import { printable, printableJson } from "./printable.ts";
import { callApi, untilAnswered } from "./worker-api.ts";

type Erasure = Schemas["Erasure"];

const PAUSE_MS = 1_000;

export function addPeopleCommand(program: Command): void {
  const people = program
    .command("people")
    .description("erasure and access: erase a person, or export all that is held about them");
  withConnection(people.command("erase"))
    .description("erase everything that leads to a person; counts stay")
    .argument("[person]", "the person's id")
    .option("--address <address>", "everybody with an address, instead of a person")
    .option("--yes", "without asking")
    .option("--json", "one object, when it is done")
    .action(erase);
  withConnection(people.command("export"))
    .description("print everything held about a person, as one JSON document")
    .argument("<person>", "the person's id")
    .action(exportPerson);
}

interface EraseOptions extends Connection {
  readonly address?: string;
  readonly json?: boolean;
  readonly yes?: boolean;
}

async function erase(
  person: string | undefined,
  { address, json = false, yes, ...given }: EraseOptions,
): Promise<void> {
  if ((person === undefined) === (address === undefined)) {
    throw usageError(
      person === undefined ? "Which person?" : "A person and --address exclude each other.",
      "Give the id of a person, or --address marie@example.com for everybody who has it.",
    );
  }
  const worker = await findWorker(given);
  const whom = person === undefined ? `everybody with ${printable(address ?? "")}` : `person ${printable(person)}`;
  await confirmIrreversible(`Erase ${whom} at ${worker.origin}?`, yes);
  const body = { ...(person === undefined ? {} : { person }), ...(address === undefined ? {} : { address }) };
  const begun = await callApi(worker, (api) => api.POST("/v1/people/erase", { body }), { has: "erasure" });
  const erasure = await untilDone(worker, begun);
  if (json) return console.log(printableJson(erasure));
  console.log(`${pc.green("Erased")}: nothing in the log leads to ${whom} any more.`);
  console.error(`Events changed: ${erasure.events}. Files of bulk extracts may hold them until ${erasure.filesUntil}.`);
}

/** Polls until it is done: each request continues the erasure. */
async function untilDone(worker: Worker, begun: Erasure): Promise<Erasure> {
  let erasure = begun;
  while (!erasure.done) {
    showProgress(erasure);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    const query = { id: erasure.erasure };
    erasure = await untilAnswered(() =>
      callApi(worker, (api) => api.GET("/v1/people/erasures", { params: { query } }), { has: "erasure" }),
    );
  }
  if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
  return erasure;
}

/** One line, overwritten on a terminal. */
function showProgress({ erasure, events }: Erasure): void {
  const line = `${events} events changed`;
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${pc.dim(line)}`);
  else console.error(`${line} (${erasure})`);
}

async function exportPerson(person: string, given: Connection): Promise<void> {
  const worker = await findWorker(given);
  const addresses = new Set<string>();
  const held = { suppressions: new Map(), lifts: new Map(), messages: new Map(), retries: new Map() };
  const events: unknown[] = [];
  let named: unknown;
  for await (const page of exportPages(worker, person)) {
    for (const address of page.addresses) addresses.add(address);
    named = page.person;
    // A row may be on several pages.
    for (const row of page.suppressions)
      held.suppressions.set(JSON.stringify([subjectOf(row), row.reason, row.since, row.cause]), row);
    for (const row of page.lifts ?? []) held.lifts.set(JSON.stringify([subjectOf(row), row.reason]), row);
    for (const row of page.messages) held.messages.set(`${row.email.id}/${row.campaign.id}`, row);
    for (const row of page.retries) held.retries.set(`${row.email.id}/${row.campaign.id}/${row.send}`, row);
    events.push(...page.events);
  }
  const { suppressions, lifts, messages, retries } = held;
  const all = {
    person: named,
    addresses: [...addresses],
    suppressions: [...suppressions.values()],
    ...(lifts.size === 0 ? {} : { lifts: [...lifts.values()] }),
    messages: [...messages.values()],
    retries: [...retries.values()],
    events,
  };
  console.log(printableJson(all, 2));
}

function subjectOf({ person, address }: Pick<Schemas["Suppression"], "person" | "address">): unknown {
  return person?.id ?? address;
}

async function* exportPages(worker: Worker, person: string): AsyncGenerator<Schemas["ExportPage"]> {
  let cursor: string | undefined;
  do {
    const query = { person, ...(cursor === undefined ? {} : { cursor }) };
    const page = await callApi(worker, (api) => api.GET("/v1/people/export", { params: { query } }), { has: "events" });
    yield page;
    cursor = page.next;
  } while (cursor !== undefined);
}
