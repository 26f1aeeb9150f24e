/**
 * SendGrid's Event Webhook. The token travels in the custom argument `waxseal`, which SendGrid puts among an
 * event's fields. Source: Twilio SendGrid, "Event Webhook Reference" and "Getting Started with the Event Webhook
 * Security Features".
 */
import { Buffer } from "node:buffer";
import { createPublicKey, createVerify } from "node:crypto";
import * as v from "valibot";
import { refused } from "../../platform/result.ts";
import { checkTimestamp } from "../../platform/timestamp.ts";
import { type BounceCategory, CATEGORY, type Outcome, type Report } from "../outcome.ts";
import {
  type BounceFacts,
  bounced,
  COMPLAINED,
  categoryByKind,
  DEFERRED,
  DELIVERED,
  distinctTokens,
  messageIdToken,
  OptionalNumberOrText,
  OptionalText,
  reader,
  reportsOf,
  SENT,
  secondsMs,
  TOKEN_NAME,
} from "./payload.ts";
import type { Provider } from "./provider.ts";

/**
 * SendGrid tries again for 24 hours, and its documentation does not say that it signs each attempt anew: so the
 * window covers all attempts, and one hour for its own queues.
 */
const WINDOW_MS = 25 * 60 * 60 * 1000;

const Event = v.object({
  event: v.string(),
  email: OptionalText,
  timestamp: OptionalNumberOrText,
  sg_event_id: OptionalText,
  sg_message_id: OptionalText,
  "smtp-id": OptionalText,
  type: OptionalText,
  reason: OptionalText,
  status: OptionalText,
  bounce_classification: OptionalText,
  [TOKEN_NAME]: OptionalText,
});
type Event = v.InferOutput<typeof Event>;

export const sendgrid: Provider = {
  /** ECDSA (P-256, SHA-256) over the timestamp header and the raw body; the signature is DER in base64. */
  async verify({ headers, body }, { sendgridPublicKey }, { nowMs }) {
    if (sendgridPublicKey === undefined) return refused("not_configured");
    const signature = headers.get("X-Twilio-Email-Event-Webhook-Signature");
    const timestamp = headers.get("X-Twilio-Email-Event-Webhook-Timestamp");
    if (signature === null || timestamp === null) return refused("unsigned");
    if (!isSignedBy(sendgridPublicKey, signature, timestamp, body)) return refused("bad_signature");
    return checkTimestamp(Number(timestamp) * 1000, WINDOW_MS, nowMs);
  },
  read: reader(v.array(Event), (events) => {
    const reports: Report[] = [];
    let ignored = 0;
    for (const event of events) {
      const outcomes = outcomesOf(event);
      if (outcomes.length === 0) ignored++;
      reports.push(
        ...reportsOf(outcomes, {
          tokens: distinctTokens(event[TOKEN_NAME], messageIdToken(event["smtp-id"])),
          address: event.email,
          atMs: secondsMs(event.timestamp),
          occurrence: `sendgrid:${event.sg_event_id ?? `${event.sg_message_id}:${event.event}:${event.timestamp}`}`,
        }),
      );
    }
    return { reports, ignored };
  }),
};

function isSignedBy(publicKey: string, signature: string, timestamp: string, body: Uint8Array): boolean {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey, "base64"), format: "der", type: "spki" });
    return createVerify("sha256").update(timestamp).update(body).verify(key, signature, "base64");
  } catch {
    // Thrown for a malformed key or signature.
    return false;
  }
}

function outcomesOf(event: Event): Outcome[] {
  switch (event.event) {
    case "processed":
      return [SENT];
    case "delivered":
      return [DELIVERED];
    case "deferred":
      return [DEFERRED];
    case "bounce":
    case "blocked": {
      const facts = { subcategory: event.type ?? event.event, status: event.status, details: event.reason };
      return [bounced(bounceCategory(event, facts), facts)];
    }
    case "dropped":
      return dropped(event.reason);
    case "spamreport":
      return [COMPLAINED];
    default:
      return [];
  }
}

/** SendGrid's own classes of the server's answer ("Bounce Classifications") that give an exact reason. */
const CLASSIFIED: Readonly<Record<string, BounceCategory>> = {
  "invalid address": CATEGORY.invalidRecipient,
  content: CATEGORY.blocked,
  reputation: CATEGORY.blocked,
  "frequency or volume too high": CATEGORY.temporary,
  technical: CATEGORY.technical,
  "technical failure": CATEGORY.technical,
};

function bounceCategory({ type, event, bounce_classification }: Event, facts: BounceFacts): BounceCategory {
  // "blocked" is SendGrid's word for a temporary refusal.
  const permanent = event === "bounce" && type !== "blocked";
  const classified = CLASSIFIED[bounce_classification?.toLowerCase() ?? ""];
  if (classified !== undefined && (permanent || classified !== CATEGORY.invalidRecipient)) return classified;
  return categoryByKind(permanent ? "permanent" : "temporary", facts);
}

/** Mail that SendGrid did not send, by its reason. */
function dropped(reason: string | undefined): Outcome[] {
  const drop = (category: BounceCategory) => bounced(category, { subcategory: "dropped", details: reason });
  switch (reason?.toLowerCase()) {
    // An address that bounced hard before, or no address at all.
    case "bounced address":
    case "invalid":
      return [drop(CATEGORY.invalidRecipient)];
    case "spam reporting address":
      return [drop(CATEGORY.blocked), COMPLAINED];
    // SendGrid's own list, not ours.
    case "unsubscribed address":
    case "spam content (if spam checker app enabled)":
    case "spam content":
      return [drop(CATEGORY.blocked)];
    case "invalid smtpapi header":
    case "recipient list over package quota":
      return [drop(CATEGORY.technical)];
    default:
      return [drop(CATEGORY.unclear)];
  }
}
