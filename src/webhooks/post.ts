/**
 * Posts a message: Standard Webhooks 1.0.0. Guarantees that a post takes 15 s at most, with the answer's body, of which
 * 64 KB are read; that no redirect is followed; and that results hold nothing of the URL and the secrets. Never rejects
 * for the receiver's faults.
 */
import { WEBHOOKS_USER_AGENT } from "../http/webhooks-user-agent.ts";
import { POST_DEADLINE_MS, webhookHeaders } from "../platform/standard-webhooks.ts";
import type { WebhookMessage } from "./message.ts";
import { demandedDelayMs } from "./schedule.ts";

const MAX_ANSWER_BYTES = 64 * 1024;
const KEPT_ANSWER_BYTES = 1024;

/** "gone": the receiver answered 410 and wants no more posts. */
export interface WebhookPost {
  readonly type: "accepted" | "gone" | "failed";
  /** Undefined: there was no answer. */
  readonly status: number | undefined;
  /** The first KB of the answer; without an answer, why. */
  readonly text: string;
  /** The delay that the receiver demands before the next try. */
  readonly demandedMs: number;
  readonly durationMs: number;
}

export interface Receiver {
  readonly url: URL;
  /** Each signs: several while one is rotated. */
  readonly secrets: readonly string[];
}

/** The result of a post that is not made. */
export function refusedPost(why: string): WebhookPost {
  return { type: "failed", status: undefined, text: why, demandedMs: 0, durationMs: 0 };
}

export async function postMessage(
  { id, body }: Pick<WebhookMessage, "id" | "body">,
  { url, secrets }: Receiver,
): Promise<WebhookPost> {
  const startedAtMs = Date.now();
  const headers = webhookHeaders({ id, body }, { userAgent: WEBHOOKS_USER_AGENT, secrets, nowMs: startedAtMs });
  // Not AbortSignal.timeout: its timer runs on after the answer, and keeps the Durable Object in memory.
  const abort = new AbortController();
  const { promise: deadline, reject } = Promise.withResolvers<never>();
  // It may pass while nothing waits for it.
  deadline.catch(() => undefined);
  const timer = setTimeout(() => {
    reject(new DeadlineError());
    abort.abort();
  }, POST_DEADLINE_MS);
  try {
    const posting = fetch(url, { method: "POST", headers, body, redirect: "manual", signal: abort.signal });
    // A fetch that settles after the deadline has nobody to tell.
    posting.catch(() => undefined);
    const answer = await Promise.race([posting, deadline]);
    const text = withoutWordsOf(body, await firstText(answer, deadline));
    const result = { status: answer.status, text, durationMs: Date.now() - startedAtMs };
    const demandedMs = demandedDelayMs(answer.headers.get("Retry-After"), Date.now());
    if (answer.ok) return { ...result, type: "accepted", demandedMs: 0 };
    return { ...result, type: answer.status === 410 ? "gone" : "failed", demandedMs };
  } catch (error) {
    const text = error instanceof DeadlineError ? "no answer within 15 s" : "no connection";
    return { type: "failed", status: undefined, text, demandedMs: 0, durationMs: Date.now() - startedAtMs };
  } finally {
    clearTimeout(timer);
  }
}

class DeadlineError extends Error {}

/** The first KB of an answer, once 64 KB of it, all of it, or what came before the deadline is read. */
async function firstText({ body }: Response, deadline: Promise<never>): Promise<string> {
  if (body === null) return "";
  const reader = body.getReader();
  const kept: Uint8Array[] = [];
  let keptBytes = 0;
  try {
    for (let bytes = 0; bytes < MAX_ANSWER_BYTES; ) {
      const { done, value } = await Promise.race([reader.read(), deadline]);
      if (done) break;
      bytes += value.byteLength;
      if (keptBytes < KEPT_ANSWER_BYTES) kept.push(value.slice(0, KEPT_ANSWER_BYTES - keptBytes));
      keptBytes += value.byteLength;
    }
  } catch {
    // Its status counts: the receiver has said what it had to say.
  }
  reader.cancel().catch(() => undefined);
  return printable(kept);
}

const WORD = /[\p{L}\p{N}_]+/gu;

/**
 * An answer without what it repeats of the values that were posted: it is kept for days, also after an erasure. Reads
 * through JSON's and URLs' escapes.
 */
function withoutWordsOf(body: string, answer: string): string {
  if (answer === "") return answer;
  const posted = new Set<string>();
  JSON.parse(body, (name, value: unknown) => {
    if (name === "type" || typeof value === "object") return value;
    for (const [word] of String(value).toLowerCase().matchAll(WORD)) posted.add(word);
    return value;
  });
  const plain = answer
    .replaceAll(/\\{1,2}u([0-9a-f]{4})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .replaceAll(/(?:%[0-9a-f]{2})+/gi, (escaped) => decoded(escaped));
  return plain.replaceAll(WORD, (word) => (posted.has(word.toLowerCase()) ? "…" : word));
}

function decoded(escaped: string): string {
  try {
    return decodeURIComponent(escaped);
  } catch {
    return " ";
  }
}

/** Without control characters, and without addresses: an answer is kept for days, also after an erasure. */
function printable(chunks: readonly Uint8Array[]): string {
  const decoder = new TextDecoder();
  const text = chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join("");
  return text
    .replaceAll(/[\p{Cc}\p{Cs}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, " ")
    .replaceAll(/[^\s<>()[\]:;,"']+/g, (word) => (word.slice(1, -1).includes("@") ? "…@…" : word))
    .trim();
}
