/** How commands call a Worker's /v1: where it answers, with which key, and its answer, checked. */
import type { Command } from "commander";
import * as v from "valibot";
import { CommandError, errorMessage, usageError } from "./command-error.ts";
import { findSetting } from "./settings.ts";

/** The values of the options that `withConnection` adds. */
export interface Connection {
  readonly origin?: string;
  readonly apiKey?: string;
}

export interface Worker {
  readonly origin: string;
  readonly apiKey: string;
}

/** What to do when there is no origin. */
export const NAME_ORIGIN =
  "Give the Worker's address by --origin or in TRACKING_ORIGIN: https://t.example.com, " +
  "or http://localhost:8787 for npm run dev.";

/** Adds the options that name a Worker and its key. */
export function withConnection(command: Command): Command {
  return command
    .option("--origin <url>", "where the Worker answers (default: TRACKING_ORIGIN)")
    .option("--api-key <key>", "one of its API_KEYS (default: WAXSEAL_API_KEY, or the first of API_KEYS)");
}

export async function findWorker(given: Connection): Promise<Worker> {
  const origin = (await findSetting("TRACKING_ORIGIN", given.origin))?.value;
  if (origin === undefined || !/^https?:\/\//.test(origin) || !URL.canParse(origin)) {
    throw usageError(origin === undefined ? "Which Worker?" : `--origin ${origin} is not a web address.`, NAME_ORIGIN);
  }
  const keys = (await findSetting("WAXSEAL_API_KEY", given.apiKey)) ?? (await findSetting("API_KEYS"));
  const [apiKey] = keys?.value.split(/[\s,]+/).filter((key) => key !== "") ?? [];
  if (apiKey !== undefined) return { origin, apiKey };
  throw usageError(
    "There is no API key.",
    'Give one of the Worker\'s API_KEYS by --api-key or in WAXSEAL_API_KEY; "waxseal keys api" makes one.',
  );
}

export interface WorkerRequest {
  readonly path: string;
  readonly body?: unknown;
  /** Default: POST with a body, else GET. */
  readonly method?: "DELETE";
  /** The advice for a 404. */
  readonly whenNotFound?: string;
}

/** What to do about a status. */
const ADVICE: Readonly<Record<number, string>> = {
  400: "Nothing was changed. Correct what it names, and try again.",
  401: "Check --api-key against the Worker's API_KEYS.",
  403: "Give one of the Worker's API_KEYS by --api-key, or the access token of a client that may.",
};

const ApiFailure = v.object({ error: v.object({ message: v.string() }) });

/**
 * Calls a Worker and checks its answer.
 * @param expected the schema of the answer
 * @throws {CommandError} when it cannot be reached, refuses, or answers in another form
 */
export async function callWorker<T>(
  worker: Worker,
  expected: v.GenericSchema<unknown, T>,
  request: WorkerRequest,
): Promise<T> {
  const { origin } = worker;
  const { ok, status, text } = await sendRequest(worker, request);
  if (!ok) {
    throw new CommandError(
      `${origin} answered ${status}: ${messageIn(text)}`,
      (status === 404 ? request.whenNotFound : ADVICE[status]) ?? `Look at ${origin}/healthz.`,
      status === 400 ? 2 : 1,
    );
  }
  const answer = v.safeParse(v.pipe(v.string(), v.parseJson(), expected), text);
  if (answer.success) return answer.output;
  throw new CommandError(
    `${origin} answered, but not as a Waxseal Worker does.`,
    `Is that its address? ${origin}/healthz would say "ok".`,
  );
}

/**
 * Calls a Worker, whatever it answers.
 * @throws {CommandError} when it cannot be reached
 */
export async function sendRequest({ origin, apiKey }: Worker, { path, body, method }: WorkerRequest) {
  try {
    const answer = await fetch(new URL(path, origin), {
      headers: { Authorization: `Bearer ${apiKey}`, "Content-Type": "application/json" },
      ...(body === undefined ? {} : { method: method ?? "POST", body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(60_000),
    });
    return { ok: answer.ok, status: answer.status, text: await answer.text() };
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    throw new CommandError(
      `${origin} cannot be reached: ${errorMessage(cause)}.`,
      "Is the Worker running, and the address right?",
    );
  }
}

/** The message of a failure of /v1, or the text of another answer. */
function messageIn(text: string): string {
  try {
    return v.parse(ApiFailure, JSON.parse(text)).error.message;
  } catch {
    return text.slice(0, 500).trim();
  }
}
