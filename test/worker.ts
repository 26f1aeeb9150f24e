/** The Worker under test: its requests, tokens signed with its keys, and what its log holds. */
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import worker from "../src/index.ts";
import type { Message, TokenClaims, TokenUse } from "../src/tokens/claims.ts";
import { parseTokenKeys } from "../src/tokens/keys.ts";
import { signToken } from "../src/tokens/sign.ts";
import { AnswerCheck, type OpenApiDocument } from "./http/answer-check.ts";
import { ORIGIN } from "./origin.ts";

export { ORIGIN };

/** The Worker's environment with some bindings replaced: by ones that fail, say. An isolate of its own is behind it. */
export function environment(replaced: Partial<Env> = {}): Env {
  return { ...env, ...replaced };
}

/** The Worker's environment while D1 is out of reach. */
export function withoutD1(): Env {
  const failing = () => {
    throw new Error("D1 is down");
  };
  return environment({ DB: { prepare: failing, batch: failing } as unknown as D1Database });
}

/** A person's user agent: a request without one is a bot's. */
export const PHONE =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148";

/**
 * One answer, to a person's browser unless the headers name another, after the work in `waitUntil` is done. Answers of
 * `/v1` are checked against the OpenAPI document.
 */
export async function ask(
  path: string,
  init: RequestInit<IncomingRequestCfProperties> = {},
  environmentOf: Env = env,
  origin = ORIGIN,
): Promise<Response> {
  const context = createExecutionContext();
  const headers = new Headers(init.headers);
  if (!headers.has("User-Agent")) headers.set("User-Agent", PHONE);
  const request = new Request<unknown, IncomingRequestCfProperties>(origin + path, {
    redirect: "manual",
    ...init,
    headers,
  });
  const answer = await worker.fetch(request, environmentOf, context);
  await waitOnExecutionContext(context);
  return await documented(request, answer);
}

let document: Promise<OpenApiDocument> | undefined;
let answerCheck: AnswerCheck | undefined;

/** The OpenAPI document of the Worker under test. */
export async function openApiDocument(): Promise<OpenApiDocument> {
  document ??= (async () => {
    const request = new Request<unknown, IncomingRequestCfProperties>(`${ORIGIN}/v1/openapi.json`);
    return await (await worker.fetch(request, env, createExecutionContext())).json<OpenApiDocument>();
  })();
  return await document;
}

/**
 * Returns an answer, unread.
 * @throws {Error} when it is one of `/v1` that the document does not have; of a stream, when its end is read
 */
async function documented({ method, url }: Request, answer: Response): Promise<Response> {
  const { pathname: path } = new URL(url);
  const contentType = answer.headers.get("Content-Type");
  if (!path.startsWith("/v1/") || UNDOCUMENTED.test(path)) return answer;
  const { status, headers, body } = answer;
  answerCheck ??= new AnswerCheck(await openApiDocument());
  const check = answerCheck;
  const requireDocumented = (bytes: Uint8Array) => {
    const fault = check.faultOf({ method, path, status, contentType, text: new TextDecoder().decode(bytes) });
    if (fault !== undefined) throw new Error(fault);
  };
  const isStream = contentType?.startsWith("application/x-ndjson") === true;
  if (isStream && body !== null) return new Response(checkedAtEnd(body, requireDocumented), { status, headers });
  const bytes = await answer.bytes();
  requireDocumented(bytes);
  return new Response(method === "HEAD" || bytes.byteLength === 0 ? null : bytes, { status, headers });
}

/** Reads no more than is read of it. */
function checkedAtEnd(stream: ReadableStream<Uint8Array>, check: (bytes: Uint8Array) => void) {
  const chunks: Uint8Array[] = [];
  const passed = new TransformStream<Uint8Array, Uint8Array>(
    {
      transform(chunk, controller) {
        chunks.push(chunk);
        controller.enqueue(chunk);
      },
      flush: () => check(Buffer.concat(chunks)),
    },
    { highWaterMark: 0 },
    { highWaterMark: 0 },
  );
  return stream.pipeThrough(passed);
}

/**
 * Checks what an endpoint is posted.
 * @throws {Error} when the OpenAPI document does not have it
 */
export async function requireDocumentedPost(body: { readonly type: string }): Promise<void> {
  const described = await openApiDocument();
  answerCheck ??= new AnswerCheck(described);
  const { post } = described.webhooks[body.type === "batch" ? "batch" : "event"] ?? {};
  const { schema } = post?.requestBody?.content["application/json"] ?? {};
  const faults = schema === undefined ? ["no such post"] : answerCheck.faultsOf(body, schema);
  if (faults.length > 0) throw new Error([...faults, JSON.stringify(body)].join("\n"));
}

/** The document itself, and its page. */
const UNDOCUMENTED = /^\/v1\/(?:openapi\.json|docs)/;

export function token<U extends TokenUse>(use: U, claims: TokenClaims[U]): string {
  const keys = parseTokenKeys(env.TOKEN_KEYS ?? "");
  if (!keys.ok) throw new Error(keys.reason);
  return signToken(keys.value, use, claims);
}

let persons = 0;

/** A message to a person that no test has had before. */
export function newMessage(): Message {
  return { email: "7", person: `p${++persons}-${crypto.randomUUID().slice(0, 8)}`, campaign: "42" };
}

export interface Logged {
  readonly seq: number;
  readonly id: string;
  readonly type: number;
  readonly at: number;
  readonly link: string | null;
  readonly link_id: string | null;
  readonly user_agent: string | null;
  readonly is_bot: number;
  readonly bot_pattern: string | null;
  readonly detail: string | null;
}

/** What D1 holds of a person now, in the order of recording. */
export async function logOf(person: string): Promise<Logged[]> {
  const { results } = await env.DB.prepare(
    `SELECT seq, id, type, at, link, link_id, user_agent, is_bot, bot_pattern, detail
    FROM events WHERE person = ? ORDER BY seq`,
  )
    .bind(person)
    .all<Logged>();
  return results;
}

/**
 * The rows of a person once everything sent to the log so far is in D1: a marker is sent last, the queue keeps the
 * order, and the marker has arrived. So a test sees one event too many as well as one too few.
 */
export async function settledLogOf(person: string): Promise<Logged[]> {
  const link = { id: "marker", url: `https://marker.example/${crypto.randomUUID()}` };
  await ask(`/c/${token("click", { email: "7", person, campaign: "42", link })}`);
  for (;;) {
    const log = await logOf(person);
    if (log.some((event) => event.link === link.url)) return log.filter((event) => event.link_id !== link.id);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
