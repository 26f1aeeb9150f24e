/** How commands call a Worker's /v1, and check its answer. */
import * as v from "valibot";
import { CommandError, errorMessage } from "./command-error.ts";
import type { Profile } from "./profiles.ts";

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
  worker: Profile,
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
export async function sendRequest({ origin, apiKey }: Profile, { path, body, method }: WorkerRequest) {
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
