/**
 * Posts to ALERT_WEBHOOK that an endpoint was disabled. Guarantees one post that is accepted, unless the
 * object dies between the answer and its write; gives up after four tries, because /healthz shows it, too. The post
 * holds of the endpoint's URL the origin only: the rest may be a secret.
 */
import { ALERT_DELAYS_MS, type AlertReceiver, postAlert } from "../alerts/index.ts";
import type { Settings } from "../config/settings.ts";
import { isoTime } from "../http/time.ts";
import { logger } from "../platform/logger.ts";
import type { EndpointRow } from "./endpoints.ts";
import type { Alert, EndpointState } from "./state.ts";

const REASONS: Readonly<Record<NonNullable<EndpointRow["disabledReason"]>, string>> = {
  by_sender: "the sender disabled it",
  gone: "it answered 410 Gone",
  failing: "it has accepted nothing for five days",
};

/**
 * Posts the alert about a disabled endpoint, unless that is done or to be tried later. Never rejects.
 * @returns when to try again, in ms since 1970 UTC; Infinity: never
 */
export async function alertDisabled(
  state: EndpointState,
  row: EndpointRow,
  { alertWebhook }: Pick<Settings, "alertWebhook">,
): Promise<number> {
  const before = state.alert;
  if (before === undefined || before.nextAtMs > Date.now()) return before?.nextAtMs ?? Number.POSITIVE_INFINITY;
  // Enabled, and disabled by the sender, before the alert was accepted.
  const isOver = alertWebhook === undefined || row.disabledReason === "by_sender";
  const next = isOver ? undefined : await nextAlert(before, alertWebhook, row);
  // A deleted endpoint has no state any more.
  if (state.alert !== undefined) state.alert = next;
  return next?.nextAtMs ?? Number.POSITIVE_INFINITY;
}

/** Posts an alert. Returns the alert to try later; undefined: it was accepted, or is given up. */
async function nextAlert(alert: Alert, receiver: AlertReceiver, endpoint: EndpointRow): Promise<Alert | undefined> {
  const tries = alert.tries + 1;
  const id = `alert_${endpoint.id}_${endpoint.disabledAt}`;
  const posted = await postAlert(receiver, { id, body: alertBody(endpoint, Date.now()) });
  if (posted.ok) return undefined;
  const delayMs = ALERT_DELAYS_MS[tries - 1];
  logger.error("alert not accepted", {
    endpoint: endpoint.id,
    tries,
    why: posted.reason,
    isGivenUp: delayMs === undefined,
  });
  return delayMs === undefined ? undefined : { tries, nextAtMs: Date.now() + delayMs };
}

/** `text` is what Slack and Mattermost show. */
function alertBody({ id, url, disabledReason }: EndpointRow, nowMs: number) {
  const { origin } = new URL(url);
  const reason = disabledReason ?? "failing";
  const text =
    `Waxseal has disabled the webhook endpoint ${id} at ${origin}: ${REASONS[reason]}. ` +
    `"waxseal webhooks enable ${id}" goes on from where it was.`;
  return {
    type: "webhook_endpoint.disabled",
    timestamp: isoTime(nowMs),
    text,
    data: { id, origin, reason },
  };
}
