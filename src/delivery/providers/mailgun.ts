/**
 * Mailgun's webhooks. The token travels in the user variable `waxseal`. A temporary failure is a deferral: Mailgun
 * tries again by itself, and says "permanent" when it gives up. The signature does not cover the event, so that
 * somebody who has seen one webhook could sign other events with it while the window is open: the URL of the
 * webhook must be https. Source: Mailgun documentation, "Events", "Webhooks" and "Securing webhooks".
 */
import { Buffer } from "node:buffer";
import * as v from "valibot";
import { isSameSecret } from "../../platform/constant-time.ts";
import { hmacSha256 } from "../../platform/hmac.ts";
import { refused } from "../../platform/result.ts";
import { checkTimestamp } from "../../platform/timestamp.ts";
import { CATEGORY, type Outcome } from "../outcome.ts";
import {
  bounced,
  COMPLAINED,
  categoryByKind,
  DEFERRED,
  DELIVERED,
  distinctTokens,
  messageIdToken,
  OptionalFields,
  OptionalNumberOrText,
  OptionalText,
  oneEvent,
  reader,
  SENT,
  secondsMs,
  TOKEN_NAME,
} from "./payload.ts";
import { jsonOf, type Provider } from "./provider.ts";

/**
 * Mailgun tries again for 8 hours, and its documentation does not say that it signs each attempt anew: so the
 * window covers all attempts, and one hour for its own queues.
 */
const WINDOW_MS = 9 * 60 * 60 * 1000;

const Signed = v.object({
  signature: v.object({ timestamp: v.string(), token: v.string(), signature: v.string() }),
});

const Event = v.object({
  event: v.string(),
  id: OptionalText,
  timestamp: OptionalNumberOrText,
  recipient: OptionalText,
  severity: OptionalText,
  reason: OptionalText,
  "user-variables": OptionalFields({ [TOKEN_NAME]: OptionalText }),
  message: OptionalFields({ headers: OptionalFields({ "message-id": OptionalText }) }),
  "delivery-status": OptionalFields({
    code: OptionalNumberOrText,
    message: OptionalText,
    description: OptionalText,
    "enhanced-code": OptionalText,
  }),
  reject: OptionalFields({ reason: OptionalText }),
});
type Event = v.InferOutput<typeof Event>;

export const mailgun: Provider = {
  /** Hexadecimal HMAC-SHA256 over timestamp and token, with the account's "HTTP webhook signing key". */
  async verify({ body }, { mailgunSigningKey }, { nowMs }) {
    if (mailgunSigningKey === undefined) return refused("not_configured");
    const read = v.safeParse(Signed, jsonOf(body));
    if (!read.success) return refused("unsigned");
    const { timestamp, token, signature } = read.output.signature;
    const expected = Buffer.from(hmacSha256(new TextEncoder().encode(mailgunSigningKey), timestamp, token)).toString(
      "hex",
    );
    if (!isSameSecret(signature, expected)) return refused("bad_signature");
    return checkTimestamp(Number(timestamp) * 1000, WINDOW_MS, nowMs);
  },
  read: reader(v.object({ "event-data": Event }), ({ "event-data": event }) =>
    oneEvent(outcomesOf(event), {
      tokens: distinctTokens(
        event["user-variables"]?.[TOKEN_NAME],
        messageIdToken(event.message?.headers?.["message-id"]),
      ),
      address: event.recipient,
      atMs: secondsMs(event.timestamp),
      occurrence: `mailgun:${event.id ?? `${event.event}:${event.timestamp}`}`,
    }),
  ),
};

function outcomesOf(event: Event): Outcome[] {
  switch (event.event) {
    case "accepted":
      return [SENT];
    case "delivered":
      return [DELIVERED];
    case "complained":
      return [COMPLAINED];
    case "failed":
      return event.severity === "temporary" ? [DEFERRED] : failed(event);
    // Mailgun did not send it, for reasons of the account.
    case "rejected":
      return [bounced(CATEGORY.technical, { subcategory: "rejected", details: event.reject?.reason })];
    default:
      return [];
  }
}

function failed({ reason, "delivery-status": delivery }: Event): Outcome[] {
  const code = delivery?.code === undefined ? undefined : String(delivery.code);
  const facts = {
    subcategory: reason,
    status: delivery?.["enhanced-code"],
    replyCode: code,
    details: delivery?.message ?? delivery?.description,
  };
  // On one of Mailgun's suppression lists (codes 605 to 607).
  if (reason === "suppress-bounce" || code === "605") return [bounced(CATEGORY.invalidRecipient, facts)];
  if (reason === "suppress-unsubscribe" || code === "606") return [bounced(CATEGORY.blocked, facts)];
  if (reason === "suppress-complaint" || code === "607") return [bounced(CATEGORY.blocked, facts), COMPLAINED];
  if (reason === "espblock") return [bounced(CATEGORY.blocked, facts)];
  // Tried until it was too old: each failure was temporary.
  if (reason === "old" || reason === "greylisted" || code === "602") {
    const category = categoryByKind("temporary", facts);
    return [bounced(category === CATEGORY.unclear ? CATEGORY.temporary : category, facts)];
  }
  // Mailgun's code for a domain without a mail server, which may have one again tomorrow.
  if (code === "498") return [bounced(CATEGORY.technical, facts)];
  // A temporary answer that Mailgun gave up on.
  return [bounced(categoryByKind(code?.startsWith("4") ? "temporary" : "permanent", facts), facts)];
}
