/**
 * Postmark's webhooks. The token travels in the metadata field `waxseal`, or, where Postmark hands back the bounce itself
 * (`Content`), in the header of the original in it. Source: Postmark developer documentation, "Webhooks" and "Bounce types".
 */
import * as v from "valibot";
import { refused } from "../../platform/result.ts";
import type { BounceCategory, Outcome } from "../outcome.ts";
import {
  bounced,
  COMPLAINED,
  DEFERRED,
  DELIVERED,
  type Facts,
  Fields,
  gradedBy,
  isoMs,
  NumberOrText,
  oneEvent,
  Text,
  TOKEN_NAME,
  tokens,
} from "./payload.ts";
import { verifyPostmark } from "./postmark-credentials.ts";
import type { Provider } from "./provider.ts";

const Event = v.object({
  RecordType: v.string(),
  ID: NumberOrText,
  Type: Text,
  MessageID: Text,
  Details: Text,
  /** Of a bounce and of a complaint. */
  Email: Text,
  BouncedAt: Text,
  /** Of a delivery. */
  Recipient: Text,
  DeliveredAt: Text,
  Metadata: Fields({ [TOKEN_NAME]: Text }),
  Content: Text,
});
type Event = v.InferOutput<typeof Event>;

export const postmark: Provider = {
  verify: verifyPostmark,
  read(payload) {
    const read = v.safeParse(Event, payload);
    if (!read.success) return refused("foreign_shape");
    const event = read.output;
    return oneEvent(outcomesOf(event), {
      tokens: tokens(event.Metadata?.[TOKEN_NAME], returnedToken(event.Content)),
      address: event.Recipient ?? event.Email,
      atMs: isoMs(event.DeliveredAt ?? event.BouncedAt),
      occurrence: `postmark:${event.ID ?? `${event.MessageID}:${event.RecordType}:${event.DeliveredAt}`}`,
    });
  },
};

function returnedToken(content: string | undefined): string | undefined {
  return /^X-Waxseal-Message:\s*(\S+)/im.exec(content ?? "")?.[1];
}

function outcomesOf(event: Event): Outcome[] {
  switch (event.RecordType) {
    case "Delivery":
      return [DELIVERED];
    case "SpamComplaint":
      return [COMPLAINED];
    case "Bounce": {
      const facts = { subcategory: event.Type, details: event.Details };
      const kind = KINDS[event.Type ?? ""] ?? "unclear";
      switch (kind) {
        case "nothing":
          return [];
        case "deferred":
          return [DEFERRED];
        case "complained":
          return [COMPLAINED];
        default:
          return [bounced(typeof kind === "number" ? kind : wordsFirst(kind, facts), facts)];
      }
    }
    default:
      return [];
  }
}

type Kind = BounceCategory | "hard" | "unclear" | "deferred" | "complained" | "nothing";

/** Postmark's table of bounce types. */
const KINDS: Readonly<Record<string, Kind>> = {
  // "Unknown user, mailbox not found."
  HardBounce: "hard",
  // "Message is delayed due to network troubles."
  Transient: "deferred",
  Unsubscribe: "nothing",
  Subscribe: "nothing",
  AutoResponder: "nothing",
  AddressChange: "nothing",
  DnsError: 4,
  SpamNotification: 1,
  OpenRelayTest: "nothing",
  Unknown: "unclear",
  // "Account temporarily disabled, mailbox full, exceeds quota, out of disk space."
  SoftBounce: 3,
  VirusNotification: 1,
  ChallengeVerification: "nothing",
  BadEmailAddress: 2,
  SpamComplaint: "complained",
  // By somebody's hand at Postmark, for whatever reason.
  ManuallyDeactivated: 1,
  Unconfirmed: 4,
  Blocked: 1,
  SMTPApiError: 4,
  InboundError: "nothing",
  DMARCPolicy: 1,
  TemplateRenderingFailed: 4,
};

/** The server's own words where they are clear; else a hard bounce is an unknown user, as Postmark defines it. */
function wordsFirst(kind: "hard" | "unclear", facts: Facts): BounceCategory {
  const category = gradedBy("temporary", facts);
  if (kind === "unclear") return category;
  return category === 9 ? 2 : category;
}
