/**
 * A server on this machine that speaks Cloudflare's API as wrangler 4.155 asks it (`CLOUDFLARE_API_BASE_URL`), for one
 * account. What it answers was recorded: calls that wrangler does not make for a deploy are refused. It keeps what it
 * is given, executes SQL, and runs the Worker that was uploaded in workerd.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { text } from "node:stream/consumers";
import { type Account, createAccount } from "./account.ts";
import type { AccountState } from "./account-state.ts";
import { ApiFault, type Call, RawAnswer } from "./api.ts";

export const API_TOKEN = "token-of-the-test";
export const ACCOUNT_ID = "0123456789abcdef0123456789abcdef";

/**
 * What a call is answered instead: an error of the API; "hang up", as a network does that goes away; "answer lost", the
 * same when all is done; "never": nothing, while the connection is open.
 */
export type Failure = ApiFault | "hang up" | "answer lost" | "never";

export interface Cloudflare {
  /** For wrangler's environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly account: AccountState;
  /** Each call since the last `forget`: "POST /accounts/…/queues", the account's id left out. */
  readonly calls: readonly string[];
  /** How many programs wait for an answer that never comes. */
  waiting(): number;
  forget(): void;
  /** Answers the calls that the pattern matches with a failure, until it is undone. */
  failAt(call: Pick<RegExp, "test">, failure: Failure): void;
  recover(): void;
  stop(): Promise<void>;
}

/** @see {accountState} for its parameters */
export async function startCloudflare(storage: string, from?: AccountState): Promise<Cloudflare> {
  const account = createAccount(storage, from);
  const calls: string[] = [];
  let failing: { readonly call: Pick<RegExp, "test">; readonly failure: Failure } | undefined;
  let waiting = 0;
  const server = createServer(async (request, response) => {
    const call = await callIn(request);
    const name = `${call.method} ${call.path}`;
    calls.push(name);
    const failure = failing?.call.test(name) ? failing.failure : undefined;
    if (failure === "never") {
      waiting += 1;
      request.socket.once("close", () => {
        waiting -= 1;
      });
      return;
    }
    if (failure === "hang up" || failure === "answer lost") {
      if (failure === "answer lost") await answerOf(account, call);
      request.socket.destroy();
      return;
    }
    const answer = failure === undefined ? await answerOf(account, call) : refusal(failure);
    if (answer instanceof RawAnswer) {
      response.writeHead(answer.status, answer.headers);
      response.end(answer.body);
      return;
    }
    response.writeHead(answer.status, { "Content-Type": "application/json" });
    response.end(JSON.stringify(answer.body));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    env: {
      CLOUDFLARE_API_BASE_URL: addressOf(server),
      CLOUDFLARE_API_TOKEN: API_TOKEN,
      WRANGLER_SEND_METRICS: "false",
    },
    account: account.state,
    calls,
    waiting: () => waiting,
    forget: () => void calls.splice(0),
    failAt: (call, failure) => {
      failing = { call, failure };
    },
    recover: () => {
      failing = undefined;
    },
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await Promise.all([once(server, "close"), account.stop()]);
    },
  };
}

function addressOf(server: Server): string {
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
}

async function callIn(request: IncomingMessage): Promise<Call> {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://api.test");
  const type = request.headers["content-type"] ?? "";
  const chunks = type.startsWith("multipart/") ? await formOf(request, type) : undefined;
  const written = chunks === undefined ? await text(request) : "";
  return {
    method: request.method ?? "GET",
    path: pathname.replace(`/accounts/${ACCOUNT_ID}`, "/accounts/…"),
    query: searchParams,
    headers: request.headers,
    form: chunks,
    text: written,
    json: /^[{[]/.test(written) ? JSON.parse(written) : undefined,
    isAuthorized: request.headers.authorization === `Bearer ${API_TOKEN}`,
  };
}

async function formOf(request: IncomingMessage, type: string): Promise<FormData> {
  const body = await new Response(request as unknown as ReadableStream, {
    headers: { "Content-Type": type },
  }).formData();
  return body;
}

async function answerOf(account: Account, call: Call) {
  // The address of a file is secret: it needs no token.
  if (!call.isAuthorized && !call.path.startsWith("/files/"))
    return refusal(new ApiFault(401, 10000, "Authentication error"));
  try {
    const result = await account.answer(call);
    if (result instanceof RawAnswer) return result;
    const count = Array.isArray(result) ? result.length : 1;
    const page = { page: 1, per_page: 100, count, total_count: count, total_pages: 1 };
    return { status: 200, body: { success: true, errors: [], messages: [], result, result_info: page } };
  } catch (error) {
    if (error instanceof ApiFault) return refusal(error);
    return refusal(new ApiFault(500, 10013, `the server of the test failed: ${error}`));
  }
}

function refusal({ status, code, message }: ApiFault) {
  return { status, body: { success: false, errors: [{ code, message }], messages: [], result: null } };
}
