/** `waxseal status`: which Worker commands talk to, and its health. */
import type { Command } from "commander";
import pc from "picocolors";
import * as v from "valibot";
import { CommandError } from "./command-error.ts";
import { findWorker, type JsonOptions, withConnection } from "./connection.ts";
import { printable, printableJson } from "./printable.ts";
import { sendRequest } from "./worker-api.ts";

const Count = v.nullable(v.number());
/** What GET /healthz answers, with 200 and with 503. */
const Health = v.object({
  ok: v.boolean(),
  parts: v.record(v.string(), v.string()),
  bytes: Count,
  unaggregated: Count,
  waiting: Count,
  deadLetters: Count,
  webhookEndpoints: v.nullable(v.looseObject({ disabled: v.number(), failing: v.number(), lagging: v.number() })),
  lost: v.number(),
  settings: v.array(v.object({ name: v.string(), problem: v.string() })),
  warnings: v.array(v.string()),
});
type Health = v.InferOutput<typeof Health>;

export function addStatusCommand(program: Command): void {
  withConnection(program.command("status"))
    .description("show which Worker commands talk to, and its health")
    .option("--json", "one object")
    .action(showStatus);
}

async function showStatus({ json = false, ...given }: JsonOptions): Promise<void> {
  const worker = await findWorker(given);
  const { text } = await sendRequest(worker, { path: "/healthz" });
  const read = v.safeParse(v.pipe(v.string(), v.parseJson(), Health), text);
  if (!read.success) {
    throw new CommandError(
      `${worker.origin} answers no check of its health: ${text.slice(0, 300).trim()}`,
      "Is that its address, and is it set up?",
    );
  }
  const health = read.output;
  if (json) console.log(printableJson({ origin: worker.origin, foundBy: worker.foundBy, ...health }));
  else {
    const summary = health.ok ? pc.green("works") : pc.red("does not work");
    console.log(`${worker.origin} (${worker.foundBy}) ${summary}`);
    console.log(printable(statusLines(health).join("\n")));
  }
  if (!health.ok) throw new CommandError("The Worker does not take every event.", "See what is wrong above.");
}

function statusLines(health: Health): string[] {
  const { parts, bytes, unaggregated, waiting, deadLetters, webhookEndpoints, lost, warnings } = health;
  const number = (count: number | null) => (count === null ? "unknown" : count.toLocaleString("en"));
  const rows = [
    ...Object.entries(parts),
    ["size of D1", bytes === null ? "unknown" : `${(bytes / 1e6).toFixed(1)} MB`],
    ["not in statistics yet", number(unaggregated)],
    ["waiting in the outbox", number(waiting)],
    ["dead letters", number(deadLetters)],
    ["webhook endpoints", webhookEndpoints === null ? "unknown" : endpointsText(webhookEndpoints)],
    ["lost", number(lost)],
  ];
  return [
    ...rows.map(([name = "", state]) => `  ${name.padEnd(24)}${state}`),
    ...warnings.map((warning) => `  Warning: ${warning}`),
  ];
}

/** "1 failing, 2 lagging", or "ok". */
function endpointsText({ disabled, failing, lagging }: NonNullable<Health["webhookEndpoints"]>): string {
  const faults = Object.entries({ disabled, failing, lagging }).filter(([, count]) => count > 0);
  return faults.map(([fault, count]) => `${count} ${fault}`).join(", ") || "ok";
}
