/**
 * Postmark's webhooks. The token travels in the metadata field `waxseal`, or, where Postmark hands back the bounce
 * itself (`Content`), in the header of the original in it. Postmark signs nothing: its webhooks carry HTTP basic
 * authentication (RFC 7617), which is part of the URL entered at Postmark, so there is no time and no replay
 * window; recording is idempotent. Source: Postmark developer documentation, "Webhooks" and "Bounce types".
 */
import { Buffer } from "node:buffer";
import * as v from "valibot";
import { isSameSecret } from "../../platform/constant-time.ts";
import { ok, refused } from "../../platform/result.ts";
import { type BounceCategory, CATEGORY, type Outcome } from "../outcome.ts";
import {
  type BounceFacts,
  bounced,
  COMPLAINED,
  categoryByKind,
  DEFERRED,
  DELIVERED,
  distinctTokens,
  isoMs,
  OptionalFields,
  OptionalNumberOrText,
  OptionalText,
  oneEvent,
  reader,
  TOKEN_NAME,
} from "./payload.ts";
import type { Provider } from "./provider.ts";

const Event = v.object({
  RecordType: v.string(),
  ID: OptionalNumberOrText,
  Type: OptionalText,
  MessageID: OptionalText,
  Details: OptionalText,
  /** Of a bounce and of a complaint. */
  Email: OptionalText,
  BouncedAt: OptionalText,
  /** Of a delivery. */
  Recipient: OptionalText,
  DeliveredAt: OptionalText,
  Metadata: OptionalFields({ [TOKEN_NAME]: OptionalText }),
  Content: OptionalText,
});
type Event = v.InferOutput<typeof Event>;

export const postmark: Provider = {
  async verify({ headers }, { postmarkCredentials }) {
    if (postmarkCredentials === undefined) return refused("not_configured");
    const presented = /^Basic +([A-Za-z0-9+/]+={0,2})$/i.exec(headers.get("Authorization") ?? "")?.[1];
    if (presented === undefined) return refused("unsigned");
    const credentials = Buffer.from(presented, "base64").toString("utf8");
    return isSameSecret(credentials, postmarkCredentials) ? ok(undefined) : refused("bad_signature");
  },
  read: reader(Event, (event) =>
    oneEvent(outcomesOf(event), {
      tokens: distinctTokens(event.Metadata?.[TOKEN_NAME], returnedToken(event.Content)),
      address: event.Recipient ?? event.Email,
      atMs: isoMs(event.DeliveredAt ?? event.BouncedAt),
      occurrence: `postmark:${event.ID ?? `${event.MessageID}:${event.RecordType}:${event.DeliveredAt}`}`,
    }),
  ),
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
        case "ignored":
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

type Kind = BounceCategory | "hard" | "unclear" | "deferred" | "complained" | "ignored";

/** Postmark's table of bounce types. */
const KINDS: Readonly<Record<string, Kind>> = {
  // "Unknown user, mailbox not found."
  HardBounce: "hard",
  // "Message is delayed due to network troubles."
  Transient: "deferred",
  Unsubscribe: "ignored",
  Subscribe: "ignored",
  AutoResponder: "ignored",
  AddressChange: "ignored",
  DnsError: CATEGORY.technical,
  SpamNotification: CATEGORY.blocked,
  OpenRelayTest: "ignored",
  Unknown: "unclear",
  // "Account temporarily disabled, mailbox full, exceeds quota, out of disk space."
  SoftBounce: CATEGORY.temporary,
  VirusNotification: CATEGORY.blocked,
  ChallengeVerification: "ignored",
  BadEmailAddress: CATEGORY.invalidRecipient,
  SpamComplaint: "complained",
  // Somebody deactivated the address at Postmark, without a reason.
  ManuallyDeactivated: CATEGORY.blocked,
  Unconfirmed: CATEGORY.technical,
  Blocked: CATEGORY.blocked,
  SMTPApiError: CATEGORY.technical,
  InboundError: "ignored",
  DMARCPolicy: CATEGORY.blocked,
  TemplateRenderingFailed: CATEGORY.technical,
};

/** By the server's words where they are clear; otherwise a hard bounce is an unknown user, as Postmark defines it. */
function wordsFirst(kind: "hard" | "unclear", facts: BounceFacts): BounceCategory {
  const category = categoryByKind("temporary", facts);
  if (kind === "unclear") return category;
  return category === CATEGORY.unclear ? CATEGORY.invalidRecipient : category;
}
