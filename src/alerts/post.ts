/**
 * Posts an alert to ALERT_WEBHOOK: a message of Standard Webhooks 1.0.0, signed where there is a secret. Guarantees
 * that it takes 15 s at most, follows no redirect, and never rejects.
 */
import { signWebhook } from "../platform/standard-webhooks.ts";
import { withDeadline } from "../platform/timeout.ts";

const DEADLINE_MS = 15_000;
const MINUTE_MS = 60_000;
/** Before each repetition of a post that was not accepted. */
export const ALERT_DELAYS_MS: readonly number[] = [MINUTE_MS, 5 * MINUTE_MS, 30 * MINUTE_MS];

/** The settings ALERT_WEBHOOK and ALERT_WEBHOOK_SECRET. */
export interface AlertReceiver {
  readonly url: string;
  readonly secret: string | undefined;
}

export interface AlertMessage {
  /** The same each time that it is posted. */
  readonly id: string;
  readonly body: {
    readonly type: string;
    /** ISO 8601. */
    readonly timestamp: string;
    /** What Slack and Mattermost show. */
    readonly text: string;
    readonly data: object;
  };
}

/** @returns undefined when it was accepted, otherwise why not, without anything of the URL */
export async function postAlert(
  { url, secret }: AlertReceiver,
  { id, body: content }: AlertMessage,
): Promise<string | undefined> {
  const abort = new AbortController();
  const body = JSON.stringify(content);
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const headers = {
    "Content-Type": "application/json",
    "User-Agent": "Waxseal-Webhooks/1",
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    ...(secret === undefined ? {} : { "webhook-signature": signWebhook(secret, { id, timestamp, body }) }),
  };
  const request = { method: "POST", headers, body, redirect: "manual", signal: abort.signal } as const;
  try {
    const answer = await withDeadline(fetch(url, request), DEADLINE_MS, "ALERT_WEBHOOK");
    answer.body?.cancel().catch(() => undefined);
    return answer.ok ? undefined : `status ${answer.status}`;
  } catch {
    abort.abort();
    return "no answer";
  }
}
