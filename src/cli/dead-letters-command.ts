/** `waxseal dead-letters`: lists the events that D1 rejected, and replays them. */
import { type Command, InvalidArgumentError } from "commander";
import * as v from "valibot";
import type { Schemas } from "../client/index.ts";
import { CommandError } from "./command-error.ts";
import { type Connection, findWorker, type JsonOptions, withConnection } from "./connection.ts";
import { type ListForm, printList } from "./printed-list.ts";
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

async function list({ json = false, ...given }: JsonOptions): Promise<void> {
  const worker = await findWorker(given);
  const letters = apiEntries(worker, (api, query) => api.GET("/v1/dead-letters", { params: { query } }));
  await printList(letters, LETTERS, { json });
}

const LETTERS: ListForm<Schemas["DeadLetter"]> = {
  head: ["id", "at", "events", "error"],
  cells: ({ id, at, body, error }) => [String(id), at, eventsIn(body), error],
  empty: "There are no dead letters.",
};

async function replay(ids: readonly number[] | undefined, given: Connection): Promise<void> {
  const asked = ids === undefined || ids.length === 0 ? {} : { ids: [...ids] };
  const worker = await findWorker(given);
  let replayed = 0;
  const failed: { id: number; error: string }[] = [];
  for (let cursor: string | undefined, isMore = true; isMore; isMore = cursor !== undefined) {
    const body = { ...asked, ...(cursor === undefined ? {} : { cursor }) };
    const answer = await callApi(worker, (api) => api.POST("/v1/dead-letters/replay", { body }), { has: "replayed" });
    replayed += answer.replayed;
    failed.push(...answer.failed);
    cursor = answer.next;
  }
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
