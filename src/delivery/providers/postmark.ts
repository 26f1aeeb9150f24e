/**
 * Postmark's webhooks. The token travels in the metadata field `waxseal`, and goes on in `waxseal-2` to `waxseal-5`
 * when it is longer than a field; or, where Postmark hands back the bounce itself (`Content`), in the header of the
 * original in it. Postmark signs nothing: its webhooks carry HTTP basic authentication. Source: Postmark developer
 * documentation, "Webhooks" and "Bounce types".
 */
import * as v from "valibot";
import { headerToken } from "../carried-token.ts";
import { CATEGORY, OUTCOME, type Outcome } from "../outcome.ts";
import { basicAuthentication } from "./basic-auth.ts";
import { type BounceKind, bounced, type ProviderOutcome } from "./bounced.ts";
import * as field from "./fields.ts";
import { provider } from "./provider.ts";
import { eventReader } from "./reader.ts";

/** The token in order, in parts of 80 characters: the longest has five. */
const Metadata = v.object({
  waxseal: field.text,
  "waxseal-2": field.text,
  "waxseal-3": field.text,
  "waxseal-4": field.text,
  "waxseal-5": field.text,
});

const Event = v.object({
  RecordType: v.string(),
  ID: field.textOrNumber,
  Type: field.text,
  MessageID: field.text,
  Details: field.text,
  /** The address of a bounce and of a complaint. */
  Email: field.text,
  BouncedAt: field.isoText,
  /** The address of a delivery. */
  Recipient: field.text,
  DeliveredAt: field.isoText,
  /** When Postmark's suppressions changed; the address is `Recipient`. */
  ChangedAt: field.isoText,
  SuppressSending: field.flag,
  SuppressionReason: field.text,
  Metadata: v.fallback(v.optional(v.pipe(Metadata, v.transform(tokenOfParts))), undefined),
  Content: field.text,
});
type Event = v.InferOutput<typeof Event>;

export const postmark = provider({
  ...basicAuthentication("POSTMARK_CREDENTIALS"),
  read: eventReader({
    schema: Event,
    nameOf: ({ RecordType }) => RecordType,
    outcomes: {
      Delivery: OUTCOME.delivered,
      SpamComplaint: OUTCOME.complained,
      Bounce: bounceOutcomes,
      SubscriptionChange: subscriptionOutcomes,
    },
    factsOf: (event) => ({
      tokens: [event.Metadata, returnedToken(event.Content)],
      address: event.Recipient ?? event.Email,
      atMs: event.DeliveredAt ?? event.BouncedAt ?? event.ChangedAt,
      sourceId: `postmark:${event.ID ?? idOf(event)}`,
    }),
  }),
});

function tokenOfParts(parts: v.InferOutput<typeof Metadata>): string | undefined {
  return Object.values(parts).join("") || undefined;
}

function returnedToken(content: string | undefined): string | undefined {
  const [, value] = /^X-Waxseal-Message:(.*(?:\r?\n[ \t].*)*)/im.exec(content ?? "") ?? [];
  return value === undefined ? undefined : headerToken(value);
}

/** The id of what has none: its mail, its kind and its time. */
function idOf({ MessageID, RecordType, DeliveredAt, ChangedAt }: Event): string {
  return `${MessageID}:${RecordType}:${DeliveredAt ?? ChangedAt}`;
}

/**
 * Whom Postmark mails no more. A manual suppression is the recipient's by the link, or made by the account's people for
 * them: in doubt the opt-out holds. Whoever is reactivated stays unsubscribed here.
 */
function subscriptionOutcomes(event: Event): ProviderOutcome[] {
  if (event.SuppressSending !== true) return [];
  switch (event.SuppressionReason) {
    case "SpamComplaint":
      return [namesMail(event) ? OUTCOME.complained : optedOut("complaint")];
    case "HardBounce":
      // Without the server's words, which are in the Bounce: "552 mailbox full" can be a HardBounce, too.
      return [bounced("permanent", { subcategory: "HardBounce" })];
    case "ManualSuppression":
      return [namesMail(event) ? OUTCOME.unsubscribed : optedOut("provider")];
    default:
      return [];
  }
}

/** Where people of the account did it, MessageID is null: the address is all there is. */
const namesMail = ({ MessageID }: Event) => MessageID !== undefined;

const optedOut = (cause: "provider" | "complaint"): Outcome => ({
  type: "addressOptedOut",
  provider: "Postmark",
  cause,
});

function bounceOutcomes({ Type, Details }: Event): ProviderOutcome[] {
  const kind = BOUNCE_TYPES.get(Type ?? "") ?? "temporary";
  if (kind === "ignored") return [];
  if (kind === "deferred" || kind === "complained" || kind === "unsubscribed") return [OUTCOME[kind]];
  return [bounced(kind, { subcategory: Type, details: Details })];
}

/** What is no bounce. */
type Meaning = "deferred" | "complained" | "unsubscribed" | "ignored";

/** Postmark's table of bounce types; "Unknown" and new ones are temporary. */
const BOUNCE_TYPES: ReadonlyMap<string, BounceKind | Meaning> = new Map(
  Object.entries({
    // "Unknown user, mailbox not found."
    HardBounce: "invalid_recipient",
    // "Message is delayed due to network troubles."
    Transient: "deferred",
    // "Unsubscribe request": a mail of the recipient's.
    Unsubscribe: "unsubscribed",
    Subscribe: "ignored",
    AutoResponder: "ignored",
    AddressChange: "ignored",
    // "A temporary DNS error."
    DnsError: "deferred",
    SpamNotification: CATEGORY.blocked,
    OpenRelayTest: "ignored",
    // "Account temporarily disabled, mailbox full, exceeds quota, out of disk space."
    SoftBounce: CATEGORY.temporary,
    VirusNotification: CATEGORY.blocked,
    ChallengeVerification: "ignored",
    BadEmailAddress: "invalid_recipient",
    SpamComplaint: "complained",
    // Somebody deactivated the address at Postmark, without a reason.
    ManuallyDeactivated: CATEGORY.blocked,
    Unconfirmed: CATEGORY.technical,
    Blocked: CATEGORY.blocked,
    SMTPApiError: CATEGORY.technical,
    InboundError: "ignored",
    DMARCPolicy: CATEGORY.blocked,
    TemplateRenderingFailed: CATEGORY.technical,
  }),
);
