/** How commands call a Worker's /v1, and check its answer. */
import pc from "picocolors";
import * as v from "valibot";
import { createClient, entries, type ListPage, type PageQuery, type WaxsealClient } from "../client/index.ts";
import { backoffMs } from "../platform/backoff.ts";
import { CommandError, errorMessage, PassingError } from "./command-error.ts";
import { printable } from "./printable.ts";
import type { Profile } from "./profiles.ts";

export interface WorkerRequest {
  readonly path: string;
  readonly body?: unknown;
  /** Default: POST with a body, else GET. */
  readonly method?: "DELETE";
}

/** What to do about a status. */
const ADVICE: Readonly<Record<number, string>> = {
  400: "Nothing was changed. Correct what it names, and try again.",
  401: "Check --api-key against the Worker's API_KEYS.",
  403: "Give one of the Worker's API_KEYS by --api-key, or the access token of a client that may.",
  409: "Nothing was changed.",
};

const ApiFailure = v.object({ error: v.object({ message: v.string() }) });

/** What a call of the API's client answers. */
interface ApiAnswer<Answer> {
  readonly data?: Answer;
  readonly error?: unknown;
  readonly response: Response;
}

interface ApiCallOptions<Answer> {
  /** A field that the answer has, by which a Worker differs from whatever else may answer there. */
  readonly has: keyof Answer & string;
  /** A status that is an answer with this field, too, although the API's client takes it for an error. */
  readonly alsoStatus?: number;
  /** The advice for a 404. */
  readonly whenNotFound?: string;
}

/**
 * Calls an operation of a Worker.
 * @throws {CommandError} when it cannot be reached, refuses, or is no Worker
 *
 * @example
 * const { data } = await callApi(worker, (api) => api.GET("/v1/clients"), { has: "data" });
 */
export async function callApi<Answer extends object>(
  worker: Profile,
  call: (api: WaxsealClient) => Promise<ApiAnswer<Answer>>,
  { has, alsoStatus, whenNotFound }: ApiCallOptions<Answer>,
): Promise<Answer> {
  const { origin } = worker;
  const api = createClient({ ...worker, fetch: (request) => reach(origin, request) });
  const { data, error, response } = await call(api).catch((failure: unknown) => {
    throw failure instanceof SyntaxError ? notAWorker(origin) : failure;
  });
  if (response.status === alsoStatus && isAnswer<Answer>(error, has)) return error;
  if (!response.ok) throw refusal(origin, response.status, messageOf(error), whenNotFound);
  if (isAnswer<Answer>(data, has)) return data;
  throw notAWorker(origin);
}

function isAnswer<Answer extends object>(body: unknown, has: keyof Answer & string): body is Answer {
  return typeof body === "object" && body !== null && has in body;
}

const RETRY_BACKOFF = { firstMs: 1_000, maxMs: 30_000 };

/**
 * What `ask` resolves to. Of a failure that may pass it says so once, waits and asks again.
 * @throws {CommandError} of any other failure
 */
export async function untilAnswered<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (let failures = 1; ; failures++) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof PassingError)) throw error;
      if (failures === 1)
        console.error(`${pc.yellow("note")} ${printable(error.message)} Trying again until it answers.`);
      await new Promise((resolve) => setTimeout(resolve, backoffMs(RETRY_BACKOFF, failures)));
    }
  }
}

/**
 * The entries of all pages of a list.
 * @throws {CommandError} as `callApi`
 */
export function apiEntries<Entry>(
  worker: Profile,
  page: (api: WaxsealClient, query: PageQuery) => Promise<ApiAnswer<ListPage<Entry>>>,
): AsyncGenerator<Entry> {
  return entries(async (query) => ({ data: await callApi(worker, (api) => page(api, query), { has: "data" }) }));
}

/** A query as the API's client takes it: without what is undefined. */
export function withoutUndefined<Query extends object>(
  query: Query,
): { [Name in keyof Query]?: Exclude<Query[Name], undefined> } {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as { [Name in keyof Query]?: Exclude<Query[Name], undefined> };
}

function refusal(origin: string, status: number, message: string, whenNotFound?: string): CommandError {
  const kind = status === 429 || status >= 500 ? PassingError : CommandError;
  return new kind(
    `${origin} answered ${status}${message === "" ? "." : `: ${message}`}`,
    (status === 404 ? whenNotFound : ADVICE[status]) ?? `Look at ${origin}/healthz.`,
    status === 400 ? 2 : 1,
  );
}

function notAWorker(origin: string): CommandError {
  return new CommandError(
    `${origin} answered, but not as a Waxseal Worker does.`,
    `Is that its address? ${origin}/healthz would say "ok".`,
  );
}

/**
 * Calls a Worker, whatever it answers.
 * @throws {CommandError} when it cannot be reached
 */
export async function sendRequest({ origin, apiKey }: Profile, { path, body, method }: WorkerRequest) {
  const request = new Request(new URL(path, origin), {
    headers: { Authorization: `Bearer ${apiKey}`, "Content-Type": "application/json" },
    ...(body === undefined ? {} : { method: method ?? "POST", body: JSON.stringify(body) }),
  });
  const answer = await reach(origin, request);
  return { ok: answer.ok, status: answer.status, text: await answer.text() };
}

/** @throws {CommandError} when nobody answers */
async function reach(origin: string, request: Request): Promise<Response> {
  try {
    return await fetch(request, { signal: AbortSignal.timeout(60_000) });
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    throw new PassingError(
      `${origin} cannot be reached: ${errorMessage(cause)}.`,
      "Is the Worker running, and the address right?",
    );
  }
}

/** The message of a failure of /v1, or what else was answered: nothing by a proxy, for instance. */
function messageOf(answer: unknown): string {
  if (answer === undefined) return "";
  const failure = v.safeParse(ApiFailure, answer);
  if (failure.success) return failure.output.error.message;
  const text = typeof answer === "string" ? answer : JSON.stringify(answer);
  return text.slice(0, 500).trim();
}
