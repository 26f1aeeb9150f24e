/**
 * `waxseal mailability`: who must not be mailed and why, and another chance for an address that bounced for ever. What mail
 * servers said reaches the terminal without control characters.
 */
import Table from "cli-table3";
import type { Command } from "commander";
import * as v from "valibot";
import { CommandError } from "./command-error.ts";
import { shown } from "./shown.ts";
import { ask, type Connection, findWorker, type Worker, withConnection } from "./worker-api.ts";

const Mailability = v.object({
  mailable: v.boolean(),
  reasons: v.array(
    v.object({ reason: v.string(), since: v.string(), until: v.optional(v.string()), cause: v.string() }),
  ),
});
type Mailability = v.InferOutput<typeof Mailability>;
const Done = v.object({ reset: v.literal(true) });

/** As /v1 names whom it is asked about. */
type Recipient = { readonly address: string } | { readonly person: string };

interface Given extends Connection {
  readonly person?: string;
}

const PATH = "/v1/mailability";
/** As many as the Worker takes at a time. */
const RECIPIENTS_A_QUESTION = 1_000;

export function addMailabilityCommand(program: Command): void {
  const mailability = program.command("mailability").description("who must not be mailed, and why");
  withConnection(mailability.command("show"))
    .description("show whether they may be mailed, and each reason against it")
    .argument("[addresses...]", "whose")
    .option("--person <id>", "a person by their id, instead of addresses")
    .option("--json", "one object a line")
    .action(show);
  withConnection(mailability.command("reset"))
    .description("let an address be mailed again that bounced for ever; who unsubscribed stays so")
    .argument("[address]", "which")
    .option("--person <id>", "the address of a person, by their id")
    .option("--by <who>", "who decides it, for the log (required)")
    .option("--why <why>", "and why (required)")
    .action(reset);
}

interface ShowGiven extends Given {
  readonly json?: boolean;
}

async function show(addresses: readonly string[], { json = false, person, ...given }: ShowGiven) {
  const recipients = named(addresses, person);
  const worker = await findWorker(given);
  const table = new Table({
    head: ["who", "mailable", "reason", "since", "until", "cause"],
    style: { head: [], border: [] },
  });
  for (let at = 0; at < recipients.length; at += RECIPIENTS_A_QUESTION) {
    const some = recipients.slice(at, at + RECIPIENTS_A_QUESTION);
    for (const [index, answer] of (await mailabilityOf(some, worker)).entries()) {
      const recipient = some[index];
      if (recipient === undefined) continue;
      if (json) console.log(JSON.stringify({ ...recipient, ...answer }));
      else table.push(...rowsOf(recipient, answer));
    }
  }
  if (!json) console.log(table.toString());
}

interface ResetGiven extends Given {
  readonly by?: string;
  readonly why?: string;
}

async function reset(address: string | undefined, { person, by, why, ...given }: ResetGiven): Promise<void> {
  const [recipient] = named(address === undefined ? [] : [address], person);
  if (recipient === undefined) return;
  if (by === undefined || why === undefined) {
    throw new CommandError(by === undefined ? "Who decides it?" : "Why?", {
      next: 'The log keeps who and why: --by "Odile" --why "she wrote from that address".',
      blame: "usage",
    });
  }
  const worker = await findWorker(given);
  const whom = "address" in recipient ? recipient.address : `--person ${recipient.person}`;
  await ask(worker, Done, {
    path: `${PATH}/reset`,
    body: { ...recipient, by, why },
    whenNotFound: `"waxseal mailability show ${whom}" says what stands against them.`,
  });
  console.log(`Reset: ${nameOf(recipient)} is no longer invalid. The log says who did it, and why.`);
  const [now] = await mailabilityOf([recipient], worker);
  const others = now?.reasons.map(({ reason, since, until, cause }) => {
    return `${reason} since ${since}${until === undefined ? "" : ` until ${until}`} (${shown(cause)})`;
  });
  if (others === undefined || others.length === 0) return;
  console.error(`They must not be mailed all the same: ${others.join("; ")}.`);
}

/** Addresses, or one person. */
function named(addresses: readonly string[], person: string | undefined): readonly Recipient[] {
  if (person !== undefined && addresses.length > 0) {
    throw new CommandError("An address and --person are two ways of saying whom.", {
      next: "Give one of them.",
      blame: "usage",
    });
  }
  if (person !== undefined) return [{ person }];
  if (addresses.length > 0) return addresses.map((address) => ({ address }));
  throw new CommandError("Whom?", {
    next: "Give an address, marie@example.com, or --person and the id of a person.",
    blame: "usage",
  });
}

/** In the order asked. */
async function mailabilityOf(recipients: readonly Recipient[], worker: Worker): Promise<Mailability[]> {
  const each = v.pipe(v.array(Mailability), v.length(recipients.length));
  const { results } = await ask(worker, v.object({ results: each }), { path: PATH, body: { recipients } });
  return results;
}

function rowsOf(recipient: Recipient, { mailable, reasons }: Mailability): string[][] {
  const who = nameOf(recipient);
  if (reasons.length === 0) return [[who, mailable ? "yes" : "no", "", "", "", ""]];
  return reasons.map(({ reason, since, until, cause }, index) => [
    index === 0 ? who : "",
    index === 0 ? (mailable ? "yes" : "no") : "",
    reason,
    since,
    until ?? "for ever",
    shown(cause),
  ]);
}

function nameOf(recipient: Recipient): string {
  return "address" in recipient ? shown(recipient.address) : `person ${recipient.person}`;
}
