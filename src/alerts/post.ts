/**
 * Posts an alert to ALERT_WEBHOOK: a message of Standard Webhooks 1.0.0, signed where there is a secret. Guarantees
 * that it takes 15 s at most, follows no redirect, and never rejects.
 */
import { WEBHOOKS_USER_AGENT } from "../http/webhooks-user-agent.ts";
import { MINUTE_MS } from "../platform/durations.ts";
import { ok, type Result, refused } from "../platform/result.ts";
import { POST_DEADLINE_MS, webhookHeaders } from "../platform/standard-webhooks.ts";
import { withDeadline } from "../platform/timeout.ts";

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

/** Refused when it was not accepted: why, without anything of the URL. */
export async function postAlert(
  { url, secret }: AlertReceiver,
  { id, body: content }: AlertMessage,
): Promise<Result<void, string>> {
  const abort = new AbortController();
  const body = JSON.stringify(content);
  const secrets = secret === undefined ? [] : [secret];
  const headers = webhookHeaders({ id, body }, { userAgent: WEBHOOKS_USER_AGENT, secrets, nowMs: Date.now() });
  const request = { method: "POST", headers, body, redirect: "manual", signal: abort.signal } as const;
  try {
    const answer = await withDeadline(fetch(url, request), POST_DEADLINE_MS, "ALERT_WEBHOOK");
    answer.body?.cancel().catch(() => undefined);
    return answer.ok ? ok(undefined) : refused(`status ${answer.status}`);
  } catch {
    abort.abort();
    return refused("no answer");
  }
}
