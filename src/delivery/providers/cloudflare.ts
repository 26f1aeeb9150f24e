/**
 * Cloudflare Email Sending's events, which a queue delivers. They carry neither headers nor data of the sender's
 * own, and Cloudflare writes the Message-ID itself, so the token travels in the sender's address
 * ("news+<token>@…"). Source: Cloudflare Email Service documentation, "Event subscriptions".
 */
import * as v from "valibot";
import { verpToken } from "../carried-token.ts";
import { CATEGORY, OUTCOME } from "../outcome.ts";
import { bounced, type ProviderOutcome } from "./bounced.ts";
import * as field from "./fields.ts";
import { eventReader } from "./reader.ts";

const PREFIX = "cf.email.sending.message.";

const Event = v.object({
  type: v.pipe(v.string(), v.startsWith(PREFIX)),
  payload: v.object({
    eventId: v.string(),
    sender: field.text,
    recipient: field.text,
    delivery: field.object({
      smtpStatusCode: field.text,
      smtpEnhancedStatusCode: field.text,
      smtpResponse: field.text,
    }),
    bounce: field.object({ type: field.text, reason: field.text }),
    failure: field.object({ reason: field.text }),
    rejection: field.object({ reason: field.text, detail: field.text }),
    complaint: field.object({ type: field.text }),
  }),
  metadata: field.object({ eventTimestamp: field.isoText }),
});
type Event = v.InferOutput<typeof Event>;

/** Translates the body of one queue message. Pure. */
export const readCloudflareEvent = eventReader({
  schema: Event,
  nameOf: ({ type }) => type.slice(PREFIX.length),
  outcomes: {
    delivered: OUTCOME.delivered,
    deferred: OUTCOME.deferred,
    bounced: bouncedOutcome,
    // "An internal or non-SMTP delivery error."
    failed: ({ payload }) => [bounced(CATEGORY.technical, { subcategory: "failed", details: payload.failure?.reason })],
    rejected: rejectedOutcome,
    complained: ({ payload: { complaint } }) =>
      complaint?.type === "not-spam" || complaint?.type === "auth-failure" ? [] : [OUTCOME.complained],
  },
  factsOf: ({ payload, metadata }) => ({
    tokens: [verpToken(payload.sender)],
    address: payload.recipient,
    atMs: metadata?.eventTimestamp,
    sourceId: `cloudflare:${payload.eventId}`,
  }),
});

function bouncedOutcome({ payload: { bounce, delivery } }: Event): ProviderOutcome[] {
  const facts = {
    subcategory: bounce?.type,
    status: delivery?.smtpEnhancedStatusCode,
    replyCode: delivery?.smtpStatusCode,
    details: delivery?.smtpResponse ?? bounce?.reason,
  };
  return [bounced(bounce?.type === "hard" ? "permanent" : "temporary", facts)];
}

/** Cloudflare did not send it: its policy, or its suppression list, where people can add entries, too. */
function rejectedOutcome({ payload: { rejection } }: Event): ProviderOutcome[] {
  return [bounced(CATEGORY.blocked, { subcategory: rejection?.reason ?? "rejected", details: rejection?.detail })];
}
