/**
 * `waxseal suppressions`: checks who is suppressed and why, and removes suppressions. What mail servers said reaches
 * the terminal without control characters.
 */
import { type Command, Option } from "commander";
import type { Schemas } from "../client/index.ts";
import { confirmIrreversible } from "./ask.ts";
import { usageError } from "./command-error.ts";
import { type Connection, findWorker, type Worker, withConnection } from "./connection.ts";
import { printable, printableJson } from "./printable.ts";
import { addListCommands, REASON_CHOICES, type Reason } from "./suppression-lists.ts";
import { tableText } from "./table.ts";
import { callApi } from "./worker-api.ts";

interface SuppressionCheck {
  readonly suppressed: boolean;
  readonly reasons: readonly Schemas["SuppressionReason"][];
}

/** As /v1 takes it. */
type Recipient = { readonly address: string } | { readonly person: string };

interface RecipientOptions extends Connection {
  readonly person?: string;
}

/** As many as the Worker takes in a request. */
const MAX_RECIPIENTS = 1_000;

export function addSuppressionsCommand(program: Command): void {
  const suppressions = program.command("suppressions").description("who must not be mailed, and why");
  withConnection(suppressions.command("check"))
    .description("show whether recipients are suppressed, with every reason")
    .argument("[addresses...]", "the addresses")
    .option("--person <id>", "a person by their id, instead of addresses")
    .option("--json", "one object a line")
    .action(check);
  withConnection(suppressions.command("remove"))
    .description("remove a suppression; that of an invalid address unless --reason says another")
    .argument("[address]", "the address")
    .option("--person <id>", "a person by their id, instead of an address")
    .addOption(new Option("--reason <reason>", "what to remove").choices(REASON_CHOICES).default("invalid"))
    .option("--who <who>", "who decides it, for the log (required)")
    .option("--why <why>", "the reason, for the log (required)")
    .option("--yes", "do not ask before removing an opt-out")
    .action(remove);
  addListCommands(suppressions);
}

interface CheckOptions extends RecipientOptions {
  readonly json?: boolean;
}

async function check(addresses: readonly string[], { json = false, person, ...connection }: CheckOptions) {
  const recipients = recipientsOf(addresses, person);
  const worker = await findWorker(connection);
  const rows: string[][] = [];
  for (let start = 0; start < recipients.length; start += MAX_RECIPIENTS) {
    const some = recipients.slice(start, start + MAX_RECIPIENTS);
    for (const [index, answer] of (await checkSuppressions(some, worker)).entries()) {
      const recipient = some[index];
      if (recipient === undefined) continue;
      if (json) console.log(printableJson({ ...recipient, ...answer }));
      else rows.push(...tableRows(recipient, answer));
    }
  }
  if (!json) console.log(tableText(["who", "suppressed", "reason", "since", "until", "cause"], rows));
}

interface RemoveOptions extends RecipientOptions {
  readonly reason: Reason;
  readonly who?: string;
  readonly why?: string;
  readonly yes?: boolean;
}

async function remove(address: string | undefined, { person, reason, who, why, yes, ...connection }: RemoveOptions) {
  const [recipient] = recipientsOf(address === undefined ? [] : [address], person);
  if (recipient === undefined) return;
  if (who === undefined || why === undefined) {
    throw usageError(
      who === undefined ? "Who decides it?" : "Why?",
      'The log keeps who and why: --who "Odile" --why "she wrote from that address".',
    );
  }
  const worker = await findWorker(connection);
  const name = nameOf(recipient);
  if (reason === "unsubscribed") await confirmIrreversible(`Mail ${name} again, who has unsubscribed?`, yes);
  const argument = "address" in recipient ? recipient.address : `--person ${recipient.person}`;
  const body = { ...recipient, reason, who, why };
  await callApi(worker, (api) => api.DELETE("/v1/suppressions", { body }), {
    has: "removed",
    whenNotFound: `"waxseal suppressions check ${argument}" shows their suppressions.`,
  });
  console.log(`Removed: ${name} is no longer suppressed as ${reason}. The log says who did it, and why.`);
  const [remaining] = await checkSuppressions([recipient], worker);
  const others = remaining?.reasons.map(({ reason, since, until, cause }) => {
    return `${reason} since ${since}${until === undefined ? "" : ` until ${until}`} (${cause})`;
  });
  if (others === undefined || others.length === 0) return;
  console.error(printable(`They are still suppressed: ${others.join("; ")}.`));
}

/** Addresses, or one person. */
function recipientsOf(addresses: readonly string[], person: string | undefined): readonly Recipient[] {
  if (person !== undefined && addresses.length > 0) {
    throw usageError("An address and --person exclude each other.", "Give one of them.");
  }
  if (person !== undefined) return [{ person }];
  if (addresses.length > 0) return addresses.map((address) => ({ address }));
  throw usageError("Which recipient?", "Give an address, marie@example.com, or --person and the id of a person.");
}

/** In the order of `recipients`. */
async function checkSuppressions(recipients: readonly Recipient[], worker: Worker): Promise<SuppressionCheck[]> {
  const body = { recipients: [...recipients] };
  const { results } = await callApi(worker, (api) => api.POST("/v1/suppressions/check", { body }), { has: "results" });
  return results;
}

function tableRows(recipient: Recipient, { suppressed, reasons }: SuppressionCheck): string[][] {
  const who = nameOf(recipient);
  const answer = suppressed ? "yes" : "no";
  if (reasons.length === 0) return [[who, answer, "", "", "", ""]];
  return reasons.map(({ reason, since, until, cause }, index) => [
    ...(index === 0 ? [who, answer] : ["", ""]),
    reason,
    since,
    until ?? "for ever",
    cause,
  ]);
}

function nameOf(recipient: Recipient): string {
  return "address" in recipient ? printable(recipient.address) : `person ${recipient.person}`;
}
