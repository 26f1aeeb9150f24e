/**
 * Cloudflare Email Sending's events, which a queue delivers. They carry neither headers nor data of the sender's
 * own, and Cloudflare writes the Message-ID itself, so the token travels in the sender's address
 * ("news+<token>@…"). Source: Cloudflare Email Service documentation, "Event subscriptions".
 */
import * as v from "valibot";
import { verpToken } from "../carried-token.ts";
import { CATEGORY, type Outcome } from "../outcome.ts";
import {
  bounced,
  COMPLAINED,
  categoryByKind,
  DEFERRED,
  DELIVERED,
  distinctTokens,
  isoMs,
  OptionalFields,
  OptionalText,
  oneEvent,
  reader,
} from "./payload.ts";

const Event = v.object({
  type: v.pipe(v.string(), v.regex(/^cf\.email\.sending\.message\./)),
  payload: v.object({
    eventId: v.string(),
    sender: OptionalText,
    recipient: OptionalText,
    delivery: OptionalFields({
      smtpStatusCode: OptionalText,
      smtpEnhancedStatusCode: OptionalText,
      smtpResponse: OptionalText,
    }),
    bounce: OptionalFields({ type: OptionalText, reason: OptionalText }),
    failure: OptionalFields({ reason: OptionalText }),
    rejection: OptionalFields({ reason: OptionalText, detail: OptionalText }),
    complaint: OptionalFields({ type: OptionalText }),
  }),
  metadata: OptionalFields({ eventTimestamp: OptionalText }),
});
type Event = v.InferOutput<typeof Event>;

/** Translates the body of one queue message. Pure. */
export const readCloudflareEvent = reader(Event, (event) => {
  const { payload, metadata } = event;
  return oneEvent(outcomesOf(event), {
    tokens: distinctTokens(verpToken(payload.sender)),
    address: payload.recipient,
    atMs: isoMs(metadata?.eventTimestamp),
    occurrence: `cloudflare:${payload.eventId}`,
  });
});

function outcomesOf({ type, payload }: Event): Outcome[] {
  const { delivery, bounce, failure, rejection, complaint } = payload;
  switch (type.slice("cf.email.sending.message.".length)) {
    case "delivered":
      return [DELIVERED];
    case "deferred":
      return [DEFERRED];
    case "bounced": {
      const facts = {
        subcategory: bounce?.type,
        status: delivery?.smtpEnhancedStatusCode,
        replyCode: delivery?.smtpStatusCode,
        details: delivery?.smtpResponse ?? bounce?.reason,
      };
      return [bounced(categoryByKind(bounce?.type === "hard" ? "permanent" : "temporary", facts), facts)];
    }
    // "An internal or non-SMTP delivery error."
    case "failed":
      return [bounced(CATEGORY.technical, { subcategory: "failed", details: failure?.reason })];
    // Cloudflare did not send it: its policy, or its suppression list, where people can add entries, too.
    case "rejected":
      return [
        bounced(CATEGORY.blocked, {
          subcategory: rejection?.reason ?? "rejected",
          details: rejection?.detail,
        }),
      ];
    case "complained":
      return complaint?.type === "not-spam" || complaint?.type === "auth-failure" ? [] : [COMPLAINED];
    default:
      return [];
  }
}
