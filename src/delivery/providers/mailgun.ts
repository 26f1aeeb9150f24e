/**
 * Mailgun's webhooks. The token travels in the user variable `waxseal`. A temporary failure is a deferral: Mailgun
 * tries again by itself, and says "permanent" when it gives up. The signature does not cover the event, so that
 * somebody who has seen one webhook could sign other events with it while the window is open: the URL of the
 * webhook must be https. Source: Mailgun documentation, "Events", "Webhooks" and "Securing webhooks".
 */
import { Buffer } from "node:buffer";
import * as v from "valibot";
import { isSameSecret } from "../../platform/constant-time.ts";
import { HOUR_MS } from "../../platform/durations.ts";
import { hmacSha256 } from "../../platform/hmac.ts";
import { refused } from "../../platform/result.ts";
import { checkTimestamp } from "../../platform/timestamp.ts";
import { CATEGORY, OUTCOME } from "../outcome.ts";
import { jsonOrFormBody } from "./body.ts";
import { bounced, type ProviderOutcome } from "./bounced.ts";
import * as field from "./fields.ts";
import { fromLegacyForm } from "./mailgun-legacy.ts";
import { provider } from "./provider.ts";
import { automatedOpens, eventReader } from "./reader.ts";
import { shownKey } from "./setting.ts";

/**
 * Mailgun tries again for 8 hours, and its documentation does not say that it signs each attempt anew: so the
 * window covers all attempts, and one hour for its own queues.
 */
const WINDOW_MS = 9 * HOUR_MS;

const Event = v.object({
  event: v.string(),
  id: field.text,
  timestamp: field.unixTime,
  recipient: field.text,
  severity: field.text,
  reason: field.text,
  "user-variables": field.ownData,
  message: field.object({ headers: field.object({ "message-id": field.messageId }) }),
  "delivery-status": field.object({
    code: field.textOrNumber,
    message: field.text,
    description: field.text,
    "enhanced-code": field.text,
  }),
  reject: field.object({ reason: field.text }),
  "client-info": field.object({ "user-agent": field.text, bot: field.text }),
  /** Headers of the mail, in legacy webhooks. */
  "message-headers": field.headers,
});
type Event = v.InferOutput<typeof Event>;

export const mailgun = provider({
  setting: shownKey("MAILGUN_SIGNING_KEY", "Mailgun"),
  readBody: jsonOrFormBody(fromLegacyForm),
  /** Hexadecimal HMAC-SHA256 over timestamp and token, with the account's "HTTP webhook signing key". */
  signature: {
    in: "body",
    schema: v.object({ signature: v.object({ timestamp: v.string(), token: v.string(), signature: v.string() }) }),
    check({ signature: { timestamp, token, signature } }, key, { nowMs }) {
      const expected = hmacSha256(new TextEncoder().encode(key), timestamp, token);
      if (!isSameSecret(signature, Buffer.from(expected).toString("hex"))) return refused("bad_signature");
      return checkTimestamp(Number(timestamp) * 1000, WINDOW_MS, nowMs);
    },
  },
  read: eventReader({
    schema: v.pipe(
      v.object({ "event-data": Event }),
      v.transform((webhook) => webhook["event-data"]),
    ),
    nameOf: ({ event }) => event,
    outcomes: {
      accepted: OUTCOME.sent,
      delivered: OUTCOME.delivered,
      complained: OUTCOME.complained,
      unsubscribed: OUTCOME.unsubscribed,
      failed: (event) => (event.severity === "temporary" ? [OUTCOME.deferred] : failed(event)),
      opened: ({ "client-info": client, timestamp }) =>
        automatedOpens("mailgun", BOTS.has(client?.bot), client?.["user-agent"], timestamp),
      // Mailgun did not send it, for reasons of the account.
      rejected: ({ reject }) => [bounced(CATEGORY.technical, { subcategory: "rejected", details: reject?.reason })],
    },
    factsOf: (event) => ({
      tokens: [event["user-variables"], ...event["message-headers"], event.message?.headers?.["message-id"]],
      address: event.recipient,
      atMs: event.timestamp,
      sourceId: `mailgun:${event.id ?? `${event.event}:${event.timestamp}`}`,
    }),
  }),
});

/**
 * "Apple MPP bot", and "unknown bot (mostly likely a firewall or anti-virus scan)". Not "gmail", whose proxy loads
 * pictures for readers.
 */
const BOTS: ReadonlySet<string | undefined> = new Set(["apple", "generic"]);

function failed({ reason, "delivery-status": delivery }: Event): ProviderOutcome[] {
  const code = delivery?.code;
  const facts = {
    subcategory: reason,
    status: delivery?.["enhanced-code"],
    replyCode: code,
    details: delivery?.message ?? delivery?.description,
  };
  // On one of Mailgun's suppression lists (codes 605 to 607), that of bounces of whatever kind.
  if (reason === "suppress-bounce" || code === "605") return [bounced("permanent", facts)];
  if (reason === "suppress-unsubscribe" || code === "606") return [bounced(CATEGORY.blocked, facts)];
  if (reason === "suppress-complaint" || code === "607") return [bounced(CATEGORY.blocked, facts), OUTCOME.complained];
  if (reason === "espblock") return [bounced(CATEGORY.blocked, facts)];
  if (reason === "old" || reason === "greylisted" || code === "602") return [bounced("expired", facts)];
  // Mailgun's code for a domain without a mail server, which may have one again tomorrow.
  if (code === "498") return [bounced(CATEGORY.technical, facts)];
  // A temporary answer that Mailgun gave up on.
  return [bounced(code?.startsWith("4") ? "temporary" : "permanent", facts)];
}
