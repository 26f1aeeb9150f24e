/**
 * Amazon SES by SNS: "notifications" (`notificationType`) and "event publishing" (`eventType`). The token travels
 * in the message tag `waxseal`, or in the header, or in the Message-ID of the original. A notification may name
 * several recipients; each becomes one report. Source: Amazon SES Developer Guide, "Contents of event data that
 * Amazon SES publishes to Amazon SNS" and "Amazon SNS notification contents".
 */
import * as v from "valibot";
import { ok, refused } from "../../platform/result.ts";
import { verpToken } from "../carried-token.ts";
import { CATEGORY, OUTCOME, type Outcome, type Report } from "../outcome.ts";
import { bounced, type ProviderOutcome } from "./bounced.ts";
import * as field from "./fields.ts";
import { provider } from "./provider.ts";
import { automatedOpens, type EventFacts, reportsOf } from "./reader.ts";
import { isAutoreply, sesBounceKind } from "./ses-bounce.ts";
import { confirmSubscription, snsSignature, snsTopics } from "./sns-signature.ts";

const Envelope = v.object({ Type: v.string(), Message: field.text });

const Recipient = v.object({ emailAddress: field.text, status: field.text, diagnosticCode: field.text });
type Recipient = Partial<v.InferOutput<typeof Recipient>>;
const Addresses = field.list(v.string());
const Preferences = field.object({
  unsubscribeAll: field.flag,
  topicSubscriptionStatus: field.list(v.object({ topicName: v.string(), subscriptionStatus: v.string() })),
});

/** An event has the part that its type names. */
const Event = v.object({
  eventType: field.text,
  notificationType: field.text,
  mail: field.object({
    timestamp: field.isoText,
    messageId: field.text,
    source: field.text,
    destination: Addresses,
    headers: field.headers,
    commonHeaders: field.object({ messageId: field.messageId }),
    tags: field.object({ [field.TOKEN_NAME]: field.tokens }),
  }),
  bounce: field.object({
    bounceType: field.text,
    bounceSubType: field.text,
    feedbackId: field.text,
    timestamp: field.isoText,
    bouncedRecipients: field.list(Recipient),
  }),
  complaint: field.object({
    feedbackId: field.text,
    timestamp: field.isoText,
    complaintSubType: field.text,
    complaintFeedbackType: field.text,
    complainedRecipients: field.list(Recipient),
  }),
  delivery: field.object({ timestamp: field.isoText, recipients: Addresses }),
  subscription: field.object({
    timestamp: field.isoText,
    newTopicPreferences: Preferences,
    oldTopicPreferences: Preferences,
  }),
  /** `isBotEvent` is "Likely" or "Unlikely". */
  open: field.object({ timestamp: field.isoText, userAgent: field.text, isBotEvent: field.text }),
  reject: field.object({ reason: field.text }),
  failure: field.object({ errorMessage: field.text }),
});
type Event = v.InferOutput<typeof Event>;

export const ses = provider({
  setting: snsTopics("SES_TOPICS"),
  signature: snsSignature,
  confirm: confirmSubscription,
  read(payload) {
    const envelope = v.safeParse(Envelope, payload);
    if (!envelope.success) return refused("unknown_shape");
    const { Type, Message = "" } = envelope.output;
    // A confirmation of the subscription holds no event.
    if (Type !== "Notification") return ok({ reports: [], ignored: 0, unreadable: 0 });
    // SES publishes this sentence when a topic is set up.
    if (Message.startsWith("Successfully validated SNS topic")) return ok({ reports: [], ignored: 1, unreadable: 0 });
    const read = v.safeParse(v.pipe(v.string(), v.parseJson(), Event), Message);
    const type = read.success ? (read.output.eventType ?? read.output.notificationType) : undefined;
    if (!read.success || type === undefined) return refused("unknown_shape");
    const reports = reportsOfEvent(type, read.output);
    return ok({ reports, ignored: reports.length === 0 ? 1 : 0, unreadable: 0 });
  },
});

function reportsOfEvent(type: string, event: Event): Report[] {
  const outcomesOf = OUTCOMES.get(type);
  if (outcomesOf === undefined || event.mail === undefined) return [];
  const facts = factsOf(type, event);
  return recipientsOf(event).flatMap((recipient) =>
    reportsOf(outcomesOf(event, recipient), { ...facts, address: recipient.emailAddress }),
  );
}

function factsOf(type: string, { bounce, complaint, delivery, subscription, open, mail }: Event): EventFacts {
  const feedback = bounce ?? complaint;
  return {
    tokens: [
      ...(mail?.tags?.[field.TOKEN_NAME] ?? []),
      ...(mail?.headers ?? []),
      mail?.commonHeaders?.messageId,
      verpToken(mail?.source),
    ],
    sourceId: `ses:${feedback?.feedbackId ?? `${mail?.messageId}:${type}${(subscription ?? open)?.timestamp ?? ""}`}`,
    atMs: (feedback ?? delivery ?? subscription ?? open ?? mail)?.timestamp,
  };
}

function recipientsOf({ bounce, complaint, delivery, mail }: Event): readonly Recipient[] {
  const recipients = bounce?.bouncedRecipients ?? complaint?.complainedRecipients;
  const addresses = delivery?.recipients ?? mail?.destination ?? [];
  return recipients ?? addresses.map((emailAddress) => ({ emailAddress }));
}

/** What an event means for one of its recipients, by its type. Types that are not here are ignored. */
const OUTCOMES: ReadonlyMap<string, (event: Event, recipient: Recipient) => ProviderOutcome[]> = new Map([
  ["Send", () => [OUTCOME.sent]],
  ["Delivery", () => [OUTCOME.delivered]],
  ["DeliveryDelay", () => [OUTCOME.deferred]],
  ["Bounce", bounceOutcomes],
  ["Complaint", complaintOutcomes],
  ["Subscription", subscriptionOutcomes],
  ["Open", ({ open }) => automatedOpens("ses", open?.isBotEvent === "Likely", open?.userAgent, open?.timestamp)],
  ["Reject", ({ reject }) => [bounced(CATEGORY.blocked, { subcategory: "Reject", details: reject?.reason })]],
  [
    "Rendering Failure",
    ({ failure }) => [
      bounced(CATEGORY.technical, { subcategory: "Rendering Failure", details: failure?.errorMessage }),
    ],
  ],
]);

function bounceOutcomes({ bounce }: Event, { status, diagnosticCode }: Recipient): ProviderOutcome[] {
  const { bounceType, bounceSubType } = bounce ?? {};
  if (isAutoreply(bounceType, bounceSubType, { status, details: diagnosticCode })) return [];
  return [
    bounced(sesBounceKind(bounceType, bounceSubType), { subcategory: bounceSubType, status, details: diagnosticCode }),
  ];
}

function complaintOutcomes({ complaint }: Event): ProviderOutcome[] {
  const { complaintSubType: subcategory, complaintFeedbackType: type } = complaint ?? {};
  // The opposite of a complaint, and an automated report about a signature (RFC 6591).
  if (type === "not-spam" || type === "auth-failure") return [];
  // The recipient complained about an earlier message; this one was not sent.
  const isSuppressed = subcategory === "OnAccountSuppressionList" || subcategory === "OnTenantSuppressionList";
  return isSuppressed ? [bounced(CATEGORY.blocked, { subcategory }), OUTCOME.complained] : [OUTCOME.complained];
}

/** Unsubscribed from everything, or newly from a topic: here an opt-out is one from all mail. */
function subscriptionOutcomes({ subscription }: Event): Outcome[] {
  const { newTopicPreferences: now, oldTopicPreferences: before } = subscription ?? {};
  const leftBefore = new Set(before?.topicSubscriptionStatus.filter(isOptOut).map(({ topicName }) => topicName));
  const isLeaving = now?.topicSubscriptionStatus.some((topic) => isOptOut(topic) && !leftBefore.has(topic.topicName));
  return now?.unsubscribeAll === true || isLeaving === true ? [OUTCOME.unsubscribed] : [];
}

function isOptOut({ subscriptionStatus }: { readonly subscriptionStatus: string }): boolean {
  return /^opt_?out$/i.test(subscriptionStatus);
}
