/** `waxseal suppressions list`, `add` and `import`: many at once. */
import { type Command, Option } from "commander";
import type { Schemas, WaxsealClient } from "../client/index.ts";
import { confirmIrreversible } from "./ask.ts";
import { CommandError, usageError } from "./command-error.ts";
import { type Connection, findWorker, type Worker, withConnection } from "./connection.ts";
import { printableJson } from "./printable.ts";
import { type ListForm, printList } from "./printed-list.ts";
import { readSuppressionFile } from "./suppression-file.ts";
import { tableText } from "./table.ts";
import { apiEntries, callApi } from "./worker-api.ts";

export type Reason = Schemas["SuppressionReason"]["reason"];
export const REASON_CHOICES = ["unsubscribed", "invalid", "blocked"] as const satisfies readonly Reason[];

/** As many as the Worker takes in a request. */
const MAX_ADDED = 1_000;

interface Added {
  readonly accepted: number;
  readonly rejected: readonly { readonly index: number; readonly error: { readonly message: string } }[];
}

interface AddedSoFar extends Added {
  /** Undefined: all were sent. */
  readonly failure: { readonly error: CommandError; readonly remaining: number } | undefined;
}

export function addListCommands(suppressions: Command): void {
  const reason = (what: string) => new Option("--reason <reason>", what).choices(REASON_CHOICES);
  withConnection(suppressions.command("list"))
    .description("list who is suppressed, the latest first")
    .addOption(reason("only these"))
    .option("--since <time>", "only those from then on: 2026-11-20, 2026-11-20T09:30:00Z")
    .option("--json", "one object a line")
    .action(list);
  withConnection(suppressions.command("add"))
    .description("suppress addresses, or a person")
    .argument("[addresses...]", "the addresses")
    .option("--person <id>", "a person by their id, instead of addresses")
    .addOption(reason("why they must not be mailed").makeOptionMandatory())
    .option("--cause <text>", "how it came, for people to read (default: sender)")
    .option("--who <who>", "who decides it")
    .option("--at <time>", "when it happened (default: now)")
    .option("--until <time>", "of blocked: until when (default: for 24 hours)")
    .option("--json", "one object")
    .action(add);
  withConnection(suppressions.command("import"))
    .description("suppress everybody in a CSV file with a header: address, person, reason, cause, who, at, until")
    .argument("<file>", "the file; - is standard input")
    .addOption(reason("of rows without one"))
    .option("--cause <text>", "of rows without one")
    .option("--who <who>", "of rows without one")
    .option("--at <time>", "of rows without one")
    .option("--yes", "do not ask")
    .option("--json", "one object")
    .action(importFile);
}

interface ListOptions extends Connection {
  readonly reason?: Reason;
  readonly since?: string;
  readonly json?: boolean;
}

async function list({ reason, since, json = false, ...given }: ListOptions): Promise<void> {
  const worker = await findWorker(given);
  const filter = { ...(reason && { reason }), ...(since && { since }), limit: MAX_ADDED };
  const page = (api: WaxsealClient, query: object) =>
    api.GET("/v1/suppressions", { params: { query: { ...filter, ...query } } });
  await printList(apiEntries(worker, page), SUPPRESSIONS, { json });
}

const SUPPRESSIONS: ListForm<Entry> = {
  head: ["who", "reason", "since", "until", "cause", "decided by"],
  cells: cellsOf,
  empty: "Nobody is suppressed.",
};

interface Entry {
  readonly person?: { readonly id: string | number };
  readonly address?: string;
  readonly reason: string;
  readonly since: string;
  readonly until?: string;
  readonly cause: string;
  readonly who?: string;
}

function cellsOf({ person, address, reason, since, until = "for ever", cause, who = "" }: Entry): string[] {
  const name = address ?? (person === undefined ? "erased" : `person ${person.id}`);
  return [name, reason, since, until, cause, who];
}

/** What entries have in common. */
interface Defaults {
  readonly reason?: Reason;
  readonly cause?: string;
  readonly who?: string;
  readonly at?: string;
  readonly until?: string;
}

interface AddOptions extends Connection, Defaults {
  readonly person?: string;
  readonly json?: boolean;
}

async function add(addresses: readonly string[], options: AddOptions): Promise<void> {
  const { person, json = false, reason, cause, who, at, until, ...given } = options;
  if ((person === undefined) === (addresses.length === 0))
    throw usageError("Which recipient?", "Give addresses, or --person and the id of a person.");
  const entries = person === undefined ? addresses.map((address) => ({ address })) : [{ person }];
  const worker = await findWorker(given);
  const added = await addAll(worker, entries, { reason, cause, who, at, until });
  const nameOf = (index: number) => addresses[index] ?? `person ${person}`;
  const wrong = added.rejected.map(({ index, error }) => ({ name: nameOf(index), at: { index }, error }));
  report({ ...added, wrong, json });
  if (person !== undefined) await warnOfUnknown(worker, person);
}

/** An opt-out that is added under a mistyped id holds no mail back. */
async function warnOfUnknown(worker: Worker, person: string): Promise<void> {
  const query = { person };
  const { known } = await callApi(worker, (api) => api.GET("/v1/suppressions/check", { params: { query } }), {
    has: "known",
  });
  if (known) return;
  console.error(`No person ${person} is known: no message, no address. Only mail to exactly this id is held back.`);
}

interface ImportOptions extends Connection, Defaults {
  readonly yes?: boolean;
  readonly json?: boolean;
}

async function importFile(file: string, options: ImportOptions): Promise<void> {
  const { yes, json = false, reason, cause, who, at, ...given } = options;
  const { entries: rows, wrong } = await readSuppressionFile(file);
  if (rows.length + wrong.length === 0)
    throw usageError(`${file} has no rows.`, "Below its header, each row is one suppression.");
  const worker = await findWorker(given);
  if (rows.length > 0)
    await confirmIrreversible(`Suppress the ${rows.length} recipients of ${file} at ${worker.origin}?`, yes);
  const entries = rows.map(({ entry }) => entry);
  const { rejected, ...added } = await addAll(worker, entries, { reason, cause, who, at });
  const refused = [
    ...wrong.map(({ line, why }) => ({ line, error: { message: why } })),
    ...rejected.map(({ index, error }) => ({ line: rows[index]?.line ?? 0, error })),
  ];
  report({
    ...added,
    json,
    wrong: refused.map(({ line, error }) => ({ name: `line ${line}`, at: { line }, error })),
  });
}

/**
 * Adds them in requests of as many as the Worker takes. Ends with the first that fails: what those before it came to is
 * known, and adding all anew changes nothing of it.
 */
async function addAll(worker: Worker, entries: readonly object[], defaults: object): Promise<AddedSoFar> {
  let accepted = 0;
  const rejected: Added["rejected"][number][] = [];
  for (let start = 0; start < entries.length; start += MAX_ADDED) {
    const suppressions = entries.slice(start, start + MAX_ADDED);
    try {
      const added = await addSome(worker, { ...defaults, suppressions });
      accepted += added.accepted;
      rejected.push(...added.rejected.map(({ index, error }) => ({ index: start + index, error })));
    } catch (error) {
      if (!(error instanceof CommandError) || start === 0) throw error;
      return { accepted, rejected, failure: { error, remaining: entries.length - start } };
    }
  }
  return { accepted, rejected, failure: undefined };
}

/** Takes a refusal as an answer, too: when no entry is right, it says what is wrong with each. */
async function addSome(worker: Worker, body: object): Promise<Added> {
  const options = { has: "accepted", alsoStatus: 422 } as const;
  return await callApi<Added>(worker, (api) => api.POST("/v1/suppressions", { body }), options);
}

interface WrongEntry {
  /** For people. */
  readonly name: string;
  /** For programs. */
  readonly at: { readonly index: number } | { readonly line: number };
  readonly error: { readonly message: string };
}

interface Reported extends Pick<AddedSoFar, "accepted" | "failure"> {
  readonly wrong: readonly WrongEntry[];
  readonly json: boolean;
}

function report({ accepted, failure, wrong, json }: Reported): void {
  const rejected = wrong.map(({ at, error }) => ({ ...at, error }));
  const remaining = failure === undefined ? {} : { remaining: failure.remaining };
  if (json) console.log(printableJson({ accepted, rejected, ...remaining }));
  else console.log(`Suppressed: ${accepted}, those that were suppressed before included.`);
  const rows = wrong.map(({ name, error }) => [name, withoutIndex(error.message)]);
  if (rows.length > 0 && !json) console.error(tableText(["what is wrong", "why"], rows));
  if (failure !== undefined)
    throw new CommandError(
      `${failure.error.message} The last ${failure.remaining} were not added.`,
      `${failure.error.next} Then add all again: it changes nothing of those that were added.`,
      failure.error.exitCode,
    );
  if (wrong.length > 0)
    throw new CommandError(`Wrong, and not suppressed: ${wrong.length}.`, "Correct them, and add them again.");
}

/** "suppressions.3.address: must be an address", of the fourth in its request, which nobody sees. */
const withoutIndex = (message: string) => message.replace(/^suppressions\.\d+\./, "");
