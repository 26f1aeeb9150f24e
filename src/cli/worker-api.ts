/** A command's way to a Worker's /v1: where it answers, by which key, and what it says, checked. */
import type { Command } from "commander";
import * as v from "valibot";
import { CommandError, wordsOf } from "./command-error.ts";
import { findSetting } from "./settings.ts";

/** What the options of `withConnection` say. */
export interface Connection {
  readonly origin?: string;
  readonly apiKey?: string;
}

export interface Worker {
  readonly origin: string;
  readonly apiKey: string;
}

export function withConnection(command: Command): Command {
  return command
    .option("--origin <url>", "where the Worker answers (default: TRACKING_ORIGIN)")
    .option("--api-key <key>", "one of its API_KEYS (default: WAXSEAL_API_KEY, or the first of API_KEYS)");
}

export async function findWorker(given: Connection): Promise<Worker> {
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

export interface WorkerRequest {
  readonly path: string;
  readonly body?: unknown;
  /** Default: POST with a body, else GET. */
  readonly method?: "DELETE";
  /** What to do next when the Worker does not know what was asked for (404). */
  readonly whenNotFound?: string;
}

const Refusal = v.object({ error: v.object({ message: v.string() }) });

/** The Worker's answer, in the shape that is expected of it. */
export async function ask<T>(
  { origin, apiKey }: Worker,
  expected: v.GenericSchema<unknown, T>,
  { path, body, method, whenNotFound }: WorkerRequest,
): Promise<T> {
  const { ok, status, text } = await send(origin, path, {
    headers: { Authorization: `Bearer ${apiKey}`, "Content-Type": "application/json" },
    ...(body === undefined ? {} : { method: method ?? "POST", body: JSON.stringify(body) }),
  });
  if (!ok) {
    throw new CommandError(`${origin} answered ${status}: ${messageIn(text)}`, {
      next: nextStep(status, whenNotFound) ?? `Preview at ${origin}/healthz.`,
      blame: status === 400 ? "usage" : "failure",
    });
  }
  const answer = v.safeParse(v.pipe(v.string(), v.parseJson(), expected), text);
  if (answer.success) return answer.output;
  throw new CommandError(`${origin} answered, but not as a Waxseal Worker does.`, {
    next: `Is that its address? ${origin}/healthz would say "ok".`,
  });
}

function nextStep(status: number, whenNotFound: string | undefined): string | undefined {
  switch (status) {
    case 400:
      return "Nothing was changed. Mend what it names, and ask again.";
    case 401:
      return "Check --api-key against the Worker's API_KEYS.";
    case 403:
      return "Give one of the Worker's API_KEYS by --api-key, or the access token of a client that may.";
    case 404:
      return whenNotFound;
    default:
      return undefined;
  }
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
