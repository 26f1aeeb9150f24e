/**
 * Posts a due retry to the sender: Standard Webhooks 1.0.0. The webhook-id is the retry's id, the same in each
 * repetition; the timestamp is the time of the post. Redirects are not followed, the answer's body is not read, and
 * results hold nothing of URL, secret or body.
 */
import type { RetryWebhook } from "../config/settings.ts";
import { signWebhook } from "../platform/standard-webhooks.ts";
import { withDeadline } from "../platform/timeout.ts";
import type { Retry } from "./retry.ts";

/** The specification recommends 15 to 30 s. */
const POST_DEADLINE_MS = 15_000;

/** "gone": the receiver answered 410 and wants no more posts. */
export type PostResult =
  | { readonly type: "accepted" }
  | { readonly type: "gone" }
  | { readonly type: "failed"; readonly reason: string; readonly demandedDelayMs: number };

/**
 * Resolves when the receiver's headers have arrived, or cannot arrive any more. Never rejects for the receiver's
 * faults.
 */
export async function postRetry(retry: Retry, { url, secret }: RetryWebhook, nowMs: number): Promise<PostResult> {
  const body = JSON.stringify({ type: "send.retry", timestamp: retry.dueAt, data: retry });
  const timestamp = String(Math.floor(nowMs / 1_000));
  const headers = {
    "Content-Type": "application/json",
    "webhook-id": retry.id,
    "webhook-timestamp": timestamp,
    "webhook-signature": signWebhook(secret, { id: retry.id, timestamp, body }),
  };
  // Not AbortSignal.timeout: its timer runs on after the answer, and keeps the Durable Object in memory.
  const abort = new AbortController();
  const request = { method: "POST", headers, body, redirect: "manual", signal: abort.signal } as const;
  let answer: Response;
  try {
    answer = await withDeadline(fetch(url, request), POST_DEADLINE_MS, "receiver");
  } catch {
    abort.abort();
    return { type: "failed", reason: "no answer", demandedDelayMs: 0 };
  }
  // Not awaited: the caller must store first that the retry was accepted.
  answer.body?.cancel().catch(() => undefined);
  if (answer.ok) return { type: "accepted" };
  if (answer.status === 410) return { type: "gone" };
  return { type: "failed", reason: `status ${answer.status}`, demandedDelayMs: retryAfterMs(answer, nowMs) };
}

/** Seconds or a date (RFC 9110 §10.2.3); 0 when the header is missing or unreadable. */
function retryAfterMs({ headers }: Response, nowMs: number): number {
  const value = headers.get("Retry-After") ?? "";
  const ms = /^\d+$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - nowMs;
  return Number.isNaN(ms) ? 0 : Math.max(0, ms);
}
