/** `waxseal dead-letters`: what the log refused for good, to look at, and to try again once the cause is mended. */
import Table from "cli-table3";
import { type Command, InvalidArgumentError } from "commander";
import * as v from "valibot";
import { CommandError, wordsOf } from "./command-error.ts";
import { findSetting } from "./settings.ts";

interface Connection {
  readonly origin?: string;
  readonly apiKey?: string;
}

const DeadLetters = v.object({
  deadLetters: v.array(v.object({ id: v.number(), at: v.number(), error: v.string(), body: v.string() })),
  next: v.optional(v.number()),
});
const Replayed = v.object({
  replayed: v.number(),
  failed: v.array(v.object({ id: v.number(), error: v.string() })),
});
const Refusal = v.object({ error: v.object({ message: v.string() }) });

const PATH = "/v1/dead-letters";

export function addDeadLettersCommand(program: Command): void {
  const deadLetters = program.command("dead-letters").description("events that the log refused for good");
  withConnection(deadLetters.command("list"))
    .description("show them, oldest first")
    .option("--json", "one object a line, whole")
    .action(list);
  withConnection(deadLetters.command("replay"))
    .description("try them again, all or those named; a replay twice over adds nothing to the log")
    .argument("[ids...]", "ids that list shows", readIds)
    .action(replay);
}

function withConnection(command: Command): Command {
  return command
    .option("--origin <url>", "where the Worker answers (default: TRACKING_ORIGIN)")
    .option("--api-key <key>", "one of its API_KEYS (default: WAXSEAL_API_KEY, or the first of API_KEYS)");
}

async function list({ json = false, ...given }: Connection & { readonly json?: boolean }): Promise<void> {
  const worker = await findWorker(given);
  const table = new Table({ head: ["id", "since", "events", "error"], style: { head: [], border: [] } });
  let after: number | undefined;
  do {
    const page = await ask(worker, DeadLetters, {
      path: after === undefined ? PATH : `${PATH}?after=${after}`,
    });
    for (const letter of page.deadLetters) {
      if (json) console.log(JSON.stringify(letter));
      else table.push([letter.id, new Date(letter.at).toISOString(), eventsIn(letter.body), letter.error]);
    }
    after = page.next;
  } while (after !== undefined);
  if (json) return;
  console.log(table.length === 0 ? "There are no dead letters." : table.toString());
}

async function replay(ids: readonly number[] | undefined, given: Connection): Promise<void> {
  const body = ids === undefined || ids.length === 0 ? {} : { ids };
  const worker = await findWorker(given);
  const { replayed, failed } = await ask(worker, Replayed, { path: `${PATH}/replay`, body });
  console.log(`${replayed} replayed.`);
  const gone = (ids?.length ?? 0) - replayed - failed.length;
  if (gone > 0) console.error(`${gone} of those named ${gone === 1 ? "is" : "are"} not there.`);
  if (failed.length === 0) return;
  const reasons = failed.map(({ id, error }) => `  ${id}: ${error}`).join("\n");
  throw new CommandError(`${failed.length} failed again and stay where they are:\n${reasons}`, {
    next: "Mend the cause (is the database migrated?), then replay again.",
  });
}

interface Worker {
  readonly origin: string;
  readonly apiKey: string;
}

async function findWorker(given: Connection): Promise<Worker> {
  const origin = (await findSetting("TRACKING_ORIGIN", given.origin))?.value;
  if (origin === undefined || !/^https?:\/\//.test(origin) || !URL.canParse(origin)) {
    throw new CommandError(origin === undefined ? "Which Worker?" : `--origin ${origin} is no web address.`, {
      next: "Give its address by --origin or in TRACKING_ORIGIN: https://t.example.com, or http://localhost:8787 for npm run dev.",
      blame: "usage",
    });
  }
  const keys = (await findSetting("WAXSEAL_API_KEY", given.apiKey)) ?? (await findSetting("API_KEYS"));
  const [apiKey] = keys?.value.split(/[\s,]+/).filter((key) => key !== "") ?? [];
  if (apiKey !== undefined) return { origin, apiKey };
  throw new CommandError("There is no API key.", {
    next: 'Give one of the Worker\'s API_KEYS by --api-key or in WAXSEAL_API_KEY; "waxseal keys api" makes one.',
    blame: "usage",
  });
}

interface Question {
  readonly path: string;
  /** Asked by POST when there is one. */
  readonly body?: unknown;
}

/** The Worker's answer, in the shape that is expected of it. */
async function ask<T>(
  { origin, apiKey }: Worker,
  expected: v.GenericSchema<unknown, T>,
  { path, body }: Question,
): Promise<T> {
  const { ok, status, text } = await send(origin, path, {
    headers: { Authorization: `Bearer ${apiKey}`, "Content-Type": "application/json" },
    ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
  });
  if (!ok) {
    throw new CommandError(`${origin} answered ${status}: ${messageIn(text)}`, {
      next: status === 401 ? "Check --api-key against the Worker's API_KEYS." : `Look at ${origin}/healthz.`,
    });
  }
  const answer = v.safeParse(v.pipe(v.string(), v.parseJson(), expected), text);
  if (answer.success) return answer.output;
  throw new CommandError(`${origin} answered, but not as a Waxseal Worker does.`, {
    next: `Is that its address? ${origin}/healthz would say "ok".`,
  });
}

async function send(origin: string, path: string, init: RequestInit) {
  try {
    const answer = await fetch(new URL(path, origin), { ...init, signal: AbortSignal.timeout(60_000) });
    return { ok: answer.ok, status: answer.status, text: await answer.text() };
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    throw new CommandError(`${origin} cannot be reached: ${wordsOf(cause)}.`, {
      next: "Is the Worker running, and the address right?",
    });
  }
}

/** What the Worker says of a refusal, in the form of /v1 or in any other. */
function messageIn(text: string): string {
  try {
    return v.parse(Refusal, JSON.parse(text)).error.message;
  } catch {
    return text.slice(0, 500).trim();
  }
}

/** A body is a version digit and rows (src/log/wire.ts). */
function eventsIn(body: string): number | "?" {
  try {
    const rows: unknown = JSON.parse(`[${body.slice(1)}]`);
    return Array.isArray(rows) ? rows.length : "?";
  } catch {
    return "?";
  }
}

function readIds(text: string, before: readonly number[] | undefined): number[] {
  const id = Number(text);
  if (!Number.isSafeInteger(id) || id < 1) throw new InvalidArgumentError("An id is a whole number.");
  return [...(before ?? []), id];
}
