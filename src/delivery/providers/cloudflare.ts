/**
 * Cloudflare Email Sending's events, which a queue brings. They carry neither headers nor data of the sender's own, and
 * Cloudflare writes the Message-ID itself: what a sender has in hand and finds again is the sender's address, so the token
 * travels there ("news+<token>@…"). Source: Cloudflare Email Service documentation, "Event subscriptions".
 */
import * as v from "valibot";
import { type Result, refused } from "../../platform/result.ts";
import { verpToken } from "../carried-token.ts";
import type { Outcome } from "../outcome.ts";
import {
  bounced,
  COMPLAINED,
  DEFERRED,
  DELIVERED,
  Fields,
  gradedBy,
  isoMs,
  oneEvent,
  Text,
  tokens,
} from "./payload.ts";
import type { Reading } from "./provider.ts";

const Event = v.object({
  type: v.pipe(v.string(), v.regex(/^cf\.email\.sending\.message\./)),
  payload: v.object({
    eventId: v.string(),
    sender: Text,
    recipient: Text,
    delivery: Fields({ smtpStatusCode: Text, smtpEnhancedStatusCode: Text, smtpResponse: Text }),
    bounce: Fields({ type: Text, reason: Text }),
    failure: Fields({ reason: Text }),
    rejection: Fields({ reason: Text, detail: Text }),
    complaint: Fields({ type: Text }),
  }),
  metadata: Fields({ eventTimestamp: Text }),
});
type Event = v.InferOutput<typeof Event>;

export function readCloudflareEvent(body: unknown): Result<Reading, "foreign_shape"> {
  const read = v.safeParse(Event, body);
  if (!read.success) return refused("foreign_shape");
  const { payload, metadata } = read.output;
  return oneEvent(outcomesOf(read.output), {
    tokens: tokens(verpToken(payload.sender)),
    address: payload.recipient,
    atMs: isoMs(metadata?.eventTimestamp),
    occurrence: `cloudflare:${payload.eventId}`,
  });
}

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
      return [bounced(gradedBy(bounce?.type === "hard" ? "permanent" : "temporary", facts), facts)];
    }
    // "An internal or non-SMTP delivery error."
    case "failed":
      return [bounced(4, { subcategory: "failed", details: failure?.reason })];
    // By Cloudflare, before any server was asked: its suppression list, which has entries by hand, too, or its policy.
    case "rejected":
      return [bounced(1, { subcategory: rejection?.reason ?? "rejected", details: rejection?.detail })];
    case "complained":
      return complaint?.type === "not-spam" || complaint?.type === "auth-failure" ? [] : [COMPLAINED];
    default:
      return [];
  }
}
