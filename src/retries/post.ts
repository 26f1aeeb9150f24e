/**
 * A due retry, posted to the sender: Standard Webhooks 1.0.0. The webhook-id is the retry's, the same however often it is
 * posted; the timestamp is that of the post.
 *
 * Redirects are not followed, the answer's body is not read, and nothing of URL, secret or body is in what this says.
 */
import type { RetryWebhook } from "../config/settings.ts";
import { signWebhook } from "../platform/standard-webhooks.ts";
import { withDeadline } from "../platform/timeout.ts";
import type { Retry } from "./retry.ts";

/** The specification recommends 15 to 30 s. */
const POST_DEADLINE_MS = 15_000;

/** "gone": the receiver wants no more posts, of anything. */
export type Posted =
  | { readonly type: "taken" }
  | { readonly type: "gone" }
  | { readonly type: "failed"; readonly why: string; readonly askedPauseMs: number };

/** Resolves when the receiver's headers are there, or it is known that they will not be. Never rejects for the receiver's faults. */
export async function postRetry(retry: Retry, { url, secret }: RetryWebhook, nowMs: number): Promise<Posted> {
  const body = JSON.stringify({ type: "send.retry", timestamp: retry.dueAt, data: retry });
  const timestamp = String(Math.floor(nowMs / 1_000));
  const headers = {
    "Content-Type": "application/json",
    "webhook-id": retry.id,
    "webhook-timestamp": timestamp,
    "webhook-signature": signWebhook(secret, { id: retry.id, timestamp, body }),
  };
  // Not AbortSignal.timeout: its timer goes on behind the answer, and keeps the object from sleeping.
  const end = new AbortController();
  const request = { method: "POST", headers, body, redirect: "manual", signal: end.signal } as const;
  let answer: Response;
  try {
    answer = await withDeadline(fetch(url, request), POST_DEADLINE_MS, "receiver");
  } catch {
    end.abort();
    return { type: "failed", why: "no answer", askedPauseMs: 0 };
  }
  // Not awaited: whoever asked has to note first that it was taken.
  answer.body?.cancel().catch(() => undefined);
  if (answer.ok) return { type: "taken" };
  if (answer.status === 410) return { type: "gone" };
  return { type: "failed", why: `status ${answer.status}`, askedPauseMs: retryAfterMs(answer, nowMs) };
}

/** Seconds or a date (RFC 9110 §10.2.3); 0 when there is none. */
function retryAfterMs({ headers }: Response, nowMs: number): number {
  const value = headers.get("Retry-After") ?? "";
  const ms = /^\d+$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - nowMs;
  return Number.isNaN(ms) ? 0 : Math.max(0, ms);
}
