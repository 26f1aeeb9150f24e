/**
 * SendGrid's Event Webhook. The token travels in the custom argument `waxseal`, which SendGrid puts among an event's fields.
 * Source: Twilio SendGrid, "Event Webhook Reference".
 */
import * as v from "valibot";
import { ok, refused } from "../../platform/result.ts";
import type { BounceCategory, Outcome, Report } from "../outcome.ts";
import {
  bounced,
  COMPLAINED,
  DEFERRED,
  DELIVERED,
  type Facts,
  gradedBy,
  messageIdToken,
  NumberOrText,
  reportsOf,
  SENT,
  secondsMs,
  Text,
  TOKEN_NAME,
  tokens,
} from "./payload.ts";
import type { Provider } from "./provider.ts";
import { verifySendgrid } from "./sendgrid-signature.ts";

const Event = v.object({
  event: v.string(),
  email: Text,
  timestamp: NumberOrText,
  sg_event_id: Text,
  sg_message_id: Text,
  "smtp-id": Text,
  type: Text,
  reason: Text,
  status: Text,
  bounce_classification: Text,
  [TOKEN_NAME]: Text,
});
type Event = v.InferOutput<typeof Event>;

export const sendgrid: Provider = {
  verify: verifySendgrid,
  read(payload) {
    const read = v.safeParse(v.array(Event), payload);
    if (!read.success) return refused("foreign_shape");
    const reports: Report[] = [];
    let ignored = 0;
    for (const event of read.output) {
      const outcomes = outcomesOf(event);
      if (outcomes.length === 0) ignored++;
      reports.push(
        ...reportsOf(outcomes, {
          tokens: tokens(event[TOKEN_NAME], messageIdToken(event["smtp-id"])),
          address: event.email,
          atMs: secondsMs(event.timestamp),
          occurrence: `sendgrid:${event.sg_event_id ?? `${event.sg_message_id}:${event.event}:${event.timestamp}`}`,
        }),
      );
    }
    return ok({ reports, ignored });
  },
};

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

/** SendGrid's own reading of the server's answer ("Bounce Classifications"), where it says exactly why. */
const CLASSIFIED: Readonly<Record<string, BounceCategory>> = {
  "invalid address": 2,
  content: 1,
  reputation: 1,
  "frequency or volume too high": 3,
  technical: 4,
  "technical failure": 4,
};

function bounceCategory({ type, event, bounce_classification }: Event, facts: Facts): BounceCategory {
  // "blocked" is SendGrid's word for a refusal that may pass.
  const permanent = event === "bounce" && type !== "blocked";
  const classified = CLASSIFIED[bounce_classification?.toLowerCase() ?? ""];
  if (classified !== undefined && (permanent || classified !== 2)) return classified;
  return gradedBy(permanent ? "permanent" : "temporary", facts);
}

/** Mail that SendGrid did not send, by its reason. */
function dropped(reason: string | undefined): Outcome[] {
  const drop = (category: BounceCategory) => bounced(category, { subcategory: "dropped", details: reason });
  switch (reason?.toLowerCase()) {
    // On the list of those that bounced hard before, or no address at all.
    case "bounced address":
    case "invalid":
      return [drop(2)];
    case "spam reporting address":
      return [drop(1), COMPLAINED];
    // SendGrid's own list, not ours.
    case "unsubscribed address":
    case "spam content (if spam checker app enabled)":
    case "spam content":
      return [drop(1)];
    case "invalid smtpapi header":
    case "recipient list over package quota":
      return [drop(4)];
    default:
      return [drop(9)];
  }
}
