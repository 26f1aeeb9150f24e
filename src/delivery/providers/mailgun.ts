/**
 * Mailgun's webhooks. The token travels in the user variable `waxseal`. A temporary failure is a deferral: Mailgun tries
 * again by itself, and says "permanent" when it gives up. Source: Mailgun documentation, "Events" and "Webhooks".
 */
import * as v from "valibot";
import { refused } from "../../platform/result.ts";
import type { Outcome } from "../outcome.ts";
import { verifyMailgun } from "./mailgun-signature.ts";
import {
  bounced,
  COMPLAINED,
  DEFERRED,
  DELIVERED,
  Fields,
  gradedBy,
  messageIdToken,
  NumberOrText,
  oneEvent,
  SENT,
  secondsMs,
  Text,
  TOKEN_NAME,
  tokens,
} from "./payload.ts";
import type { Provider } from "./provider.ts";

const Event = v.object({
  event: v.string(),
  id: Text,
  timestamp: NumberOrText,
  recipient: Text,
  severity: Text,
  reason: Text,
  "user-variables": Fields({ [TOKEN_NAME]: Text }),
  message: Fields({ headers: Fields({ "message-id": Text }) }),
  "delivery-status": Fields({
    code: NumberOrText,
    message: Text,
    description: Text,
    "enhanced-code": Text,
  }),
  reject: Fields({ reason: Text }),
});
type Event = v.InferOutput<typeof Event>;

export const mailgun: Provider = {
  verify: verifyMailgun,
  read(payload) {
    const read = v.safeParse(v.object({ "event-data": Event }), payload);
    if (!read.success) return refused("foreign_shape");
    const event = read.output["event-data"];
    return oneEvent(outcomesOf(event), {
      tokens: tokens(
        event["user-variables"]?.[TOKEN_NAME],
        messageIdToken(event.message?.headers?.["message-id"]),
      ),
      address: event.recipient,
      atMs: secondsMs(event.timestamp),
      occurrence: `mailgun:${event.id ?? `${event.event}:${event.timestamp}`}`,
    });
  },
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
    // Mailgun would not send it: an account's matter, not an address's.
    case "rejected":
      return [bounced(4, { subcategory: "rejected", details: event.reject?.reason })];
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
  // On one of Mailgun's lists (codes 605 to 607): who bounced before, who unsubscribed there, who complained before.
  if (reason === "suppress-bounce" || code === "605") return [bounced(2, facts)];
  if (reason === "suppress-unsubscribe" || code === "606") return [bounced(1, facts)];
  if (reason === "suppress-complaint" || code === "607") return [bounced(1, facts), COMPLAINED];
  if (reason === "espblock") return [bounced(1, facts)];
  // Tried until it was too old: what failed was temporary each time.
  if (reason === "old" || reason === "greylisted" || code === "602") {
    const category = gradedBy("temporary", facts);
    return [bounced(category === 9 ? 3 : category, facts)];
  }
  // Mailgun's code for a domain without a mail server, which its name service may have again tomorrow.
  if (code === "498") return [bounced(4, facts)];
  // A temporary answer that Mailgun gave up on.
  return [bounced(gradedBy(code?.startsWith("4") ? "temporary" : "permanent", facts), facts)];
}
