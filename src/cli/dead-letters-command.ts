/** `waxseal dead-letters`: lists the events that D1 rejected, and replays them. */
import { type Command, InvalidArgumentError } from "commander";
import * as v from "valibot";
import { CommandError } from "./command-error.ts";
import { type Connection, findWorker, withConnection } from "./connection.ts";
import { printableJson } from "./printable.ts";
import { tableText } from "./table.ts";
import { apiEntries, callApi } from "./worker-api.ts";

export function addDeadLettersCommand(program: Command): void {
  const deadLetters = program.command("dead-letters").description("events that the log rejected");
  withConnection(deadLetters.command("list"))
    .description("list them, oldest first")
    .option("--json", "one object a line, with the whole body")
    .action(list);
  withConnection(deadLetters.command("replay"))
    .description("insert them again, all or some; a second replay adds nothing")
    .argument("[ids...]", "ids that list shows", readIds)
    .action(replay);
}

async function list({ json = false, ...given }: Connection & { readonly json?: boolean }): Promise<void> {
  const worker = await findWorker(given);
  const rows: string[][] = [];
  for await (const letter of apiEntries(worker, (api, query) => api.GET("/v1/dead-letters", { params: { query } }))) {
    if (json) console.log(printableJson(letter));
    rows.push([String(letter.id), letter.at, eventsIn(letter.body), letter.error]);
  }
  if (json) return;
  const head = ["id", "at", "events", "error"];
  console.log(rows.length === 0 ? "There are no dead letters." : tableText(head, rows));
}

async function replay(ids: readonly number[] | undefined, given: Connection): Promise<void> {
  const body = ids === undefined || ids.length === 0 ? {} : { ids: [...ids] };
  const worker = await findWorker(given);
  const { replayed, failed } = await callApi(worker, (api) => api.POST("/v1/dead-letters/replay", { body }), {
    has: "replayed",
  });
  console.log(`${replayed} replayed.`);
  const unknown = (ids?.length ?? 0) - replayed - failed.length;
  if (unknown > 0) console.error(`${unknown} of these ids ${unknown === 1 ? "does" : "do"} not exist.`);
  if (failed.length === 0) return;
  const reasons = failed.map(({ id, error }) => `  ${id}: ${error}`).join("\n");
  throw new CommandError(
    `${failed.length} failed again and stay dead letters:\n${reasons}`,
    "Fix the cause (is the database migrated?), then replay again.",
  );
}

/** How many events a body holds: a version digit, and rows (src/ingest/queue-body.ts); "?" when it is damaged. */
function eventsIn(body: string): string {
  const rows = v.safeParse(v.pipe(v.string(), v.parseJson(), v.array(v.unknown())), `[${body.slice(1)}]`);
  return rows.success ? String(rows.output.length) : "?";
}

function readIds(text: string, before: readonly number[] | undefined): number[] {
  const id = Number(text);
  if (!Number.isSafeInteger(id) || id < 1) throw new InvalidArgumentError("An id is a whole number.");
  return [...(before ?? []), id];
}
