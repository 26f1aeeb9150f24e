/**
 * SendGrid's Event Webhook. The token travels in the custom argument `waxseal`, which SendGrid puts among an
 * event's fields. Source: Twilio SendGrid, "Event Webhook Reference" and "Getting Started with the Event Webhook
 * Security Features".
 */
import * as v from "valibot";
import { HOUR_MS } from "../../platform/durations.ts";
import { refused } from "../../platform/result.ts";
import { checkTimestamp } from "../../platform/timestamp.ts";
import { CATEGORY, OUTCOME } from "../outcome.ts";
import { type BounceKind, bounced, type ProviderOutcome } from "./bounced.ts";
import * as field from "./fields.ts";
import { provider } from "./provider.ts";
import { isSignedBy, publicKeySetting } from "./public-key.ts";
import { automatedOpens, eventListReader } from "./reader.ts";

/**
 * SendGrid tries again for 24 hours, and its documentation does not say that it signs each attempt anew: so the
 * window covers all attempts, and one hour for its own queues.
 */
const WINDOW_MS = 25 * HOUR_MS;

const SIGNATURE = "x-twilio-email-event-webhook-signature";
const TIMESTAMP = "x-twilio-email-event-webhook-timestamp";

const Event = v.object({
  event: v.string(),
  email: field.text,
  timestamp: field.unixTime,
  sg_event_id: field.text,
  sg_message_id: field.text,
  "smtp-id": field.messageId,
  type: field.text,
  reason: field.text,
  status: field.text,
  bounce_classification: field.text,
  useragent: field.text,
  /** Apple's Mail Privacy Protection, or another program that loads the pixel ahead of a reader. */
  sg_machine_open: field.flag,
  [field.TOKEN_NAME]: field.text,
});
type Event = v.InferOutput<typeof Event>;

export const sendgrid = provider({
  setting: publicKeySetting("SENDGRID_PUBLIC_KEY", "the base64 that SendGrid shows as Verification Key"),
  /** ECDSA (P-256, SHA-256) over the timestamp header and the raw body; the signature is DER in base64. */
  signature: {
    in: "headers",
    schema: v.object({ [SIGNATURE]: v.string(), [TIMESTAMP]: v.string() }),
    check({ [SIGNATURE]: signature, [TIMESTAMP]: timestamp }, publicKey, { body, nowMs }) {
      const isSigned = isSignedBy({ publicKey, algorithm: "sha256", signature }, timestamp, body);
      if (!isSigned) return refused("bad_signature");
      return checkTimestamp(Number(timestamp) * 1000, WINDOW_MS, nowMs);
    },
  },
  read: eventListReader({
    schema: Event,
    nameOf: ({ event }) => event,
    outcomes: {
      processed: OUTCOME.sent,
      delivered: OUTCOME.delivered,
      deferred: OUTCOME.deferred,
      spamreport: OUTCOME.complained,
      unsubscribe: OUTCOME.unsubscribed,
      // From one of SendGrid's groups; here an opt-out is one from all mail.
      group_unsubscribe: OUTCOME.unsubscribed,
      bounce: bouncedOutcome,
      blocked: bouncedOutcome,
      dropped: droppedOutcomes,
      open: ({ sg_machine_open, useragent, timestamp }) =>
        automatedOpens("sendgrid", sg_machine_open, useragent, timestamp),
    },
    factsOf: (event) => ({
      tokens: [event[field.TOKEN_NAME], event["smtp-id"]],
      address: event.email,
      atMs: event.timestamp,
      sourceId: `sendgrid:${event.sg_event_id ?? `${event.sg_message_id}:${event.event}:${event.timestamp}`}`,
    }),
  }),
});

/** SendGrid's own classes of the server's answer ("Bounce Classifications") that give an exact reason. */
const CLASSIFIED: ReadonlyMap<string | undefined, BounceKind> = new Map<string, BounceKind>([
  ["invalid address", "invalid_recipient"],
  ["content", CATEGORY.blocked],
  ["reputation", CATEGORY.blocked],
  ["frequency or volume too high", CATEGORY.temporary],
  ["technical", CATEGORY.technical],
  ["technical failure", CATEGORY.technical],
]);

function bouncedOutcome(bounce: Event): ProviderOutcome[] {
  const { event, type, status, reason, bounce_classification } = bounce;
  // "blocked" is SendGrid's word for a temporary refusal, "expired" for one of which it got tired.
  const isPermanent = event === "bounce" && type !== "blocked" && type !== "expired";
  const classified = CLASSIFIED.get(bounce_classification?.toLowerCase());
  const isExact = classified !== undefined && (isPermanent || classified !== "invalid_recipient");
  const temporary = type === "expired" ? "expired" : "temporary";
  const kind: BounceKind = isPermanent ? "permanent" : temporary;
  const facts = { subcategory: type ?? event, status, details: reason };
  return [bounced(isExact ? classified : kind, facts)];
}

/** Why SendGrid did not send a mail. */
const DROPPED: ReadonlyMap<string | undefined, BounceKind> = new Map<string, BounceKind>([
  // An address that bounced before, for whatever reason; no address at all.
  ["bounced address", "permanent"],
  ["invalid", "invalid_recipient"],
  ["spam reporting address", CATEGORY.blocked],
  // When they unsubscribed is unknown, and this mail was not what they unsubscribed by.
  ["unsubscribed address", CATEGORY.blocked],
  ["spam content (if spam checker app enabled)", CATEGORY.blocked],
  ["spam content", CATEGORY.blocked],
  ["invalid smtpapi header", CATEGORY.technical],
  ["recipient list over package quota", CATEGORY.technical],
  // The types of drops whose reason is none of these words: an earlier bounce of whatever kind, a block, its age.
  ["bounce", "permanent"],
  ["blocked", CATEGORY.blocked],
  ["expired", CATEGORY.temporary],
]);

function droppedOutcomes({ type, reason }: Event): ProviderOutcome[] {
  const word = [reason, type].map((text) => text?.toLowerCase()).find((text) => DROPPED.has(text));
  const drop = bounced(DROPPED.get(word) ?? CATEGORY.unclear, { subcategory: "dropped", details: reason });
  return word === "spam reporting address" ? [drop, OUTCOME.complained] : [drop];
}
