/**
 * Amazon SES by SNS: "notifications" (`notificationType`) and "event publishing" (`eventType`). The token travels
 * in the message tag `waxseal`, or in the header, or in the Message-ID of the original. A notification may name
 * several recipients; each becomes one report. Source: Amazon SES Developer Guide, "Contents of event data that
 * Amazon SES publishes to Amazon SNS" and "Amazon SNS notification contents".
 */
import * as v from "valibot";
import { ok, type Result, refused } from "../../platform/result.ts";
import { TOKEN_HEADER, verpToken } from "../carried-token.ts";
import { CATEGORY, type Outcome, type Report } from "../outcome.ts";
import {
  bareAddress,
  bounced,
  COMPLAINED,
  DEFERRED,
  DELIVERED,
  distinctTokens,
  type EventFacts,
  HeaderList,
  headerValues,
  isoMs,
  ListOf,
  messageIdToken,
  OptionalFields,
  OptionalText,
  reportsOf,
  SENT,
  TOKEN_NAME,
} from "./payload.ts";
import type { Provider, WebhookReports } from "./provider.ts";
import { sesBounceCategory } from "./ses-bounce.ts";
import { confirmSubscription, verifySns } from "./sns-signature.ts";

const Envelope = v.object({ Type: v.string(), Message: OptionalText });

const Mail = v.object({
  timestamp: OptionalText,
  messageId: OptionalText,
  source: OptionalText,
  destination: ListOf(v.string()),
  headers: HeaderList,
  commonHeaders: OptionalFields({ messageId: OptionalText }),
  tags: OptionalFields({ [TOKEN_NAME]: ListOf(v.string()) }),
});

const Event = v.object({
  eventType: OptionalText,
  notificationType: OptionalText,
  mail: v.optional(Mail),
  bounce: OptionalFields({
    bounceType: OptionalText,
    bounceSubType: OptionalText,
    feedbackId: OptionalText,
    timestamp: OptionalText,
    bouncedRecipients: ListOf(
      v.object({ emailAddress: OptionalText, status: OptionalText, diagnosticCode: OptionalText }),
    ),
  }),
  complaint: OptionalFields({
    feedbackId: OptionalText,
    timestamp: OptionalText,
    complaintSubType: OptionalText,
    complaintFeedbackType: OptionalText,
    complainedRecipients: ListOf(v.object({ emailAddress: OptionalText })),
  }),
  delivery: OptionalFields({ timestamp: OptionalText, recipients: ListOf(v.string()) }),
  deliveryDelay: OptionalFields({
    timestamp: OptionalText,
    delayedRecipients: ListOf(v.object({ emailAddress: OptionalText })),
  }),
  reject: OptionalFields({ reason: OptionalText }),
  failure: OptionalFields({ errorMessage: OptionalText }),
});
type Event = v.InferOutput<typeof Event>;
type Mail = v.InferOutput<typeof Mail>;

export const ses: Provider = {
  verify: verifySns,
  confirm: confirmSubscription,
  read(payload) {
    const envelope = v.safeParse(Envelope, payload);
    if (!envelope.success) return refused("unknown_shape");
    // A confirmation of the subscription holds no event.
    if (envelope.output.Type !== "Notification") return ok({ reports: [], ignored: 0 });
    const message = envelope.output.Message ?? "";
    // SES publishes this sentence when a topic is set up.
    if (message.startsWith("Successfully validated SNS topic")) return ok({ reports: [], ignored: 1 });
    return readEvent(message);
  },
};

function readEvent(message: string): Result<WebhookReports, "unknown_shape"> {
  let json: unknown;
  try {
    json = JSON.parse(message);
  } catch {
    return refused("unknown_shape");
  }
  const read = v.safeParse(Event, json);
  if (!read.success) return refused("unknown_shape");
  const event = read.output;
  const type = event.eventType ?? event.notificationType;
  if (type === undefined) return refused("unknown_shape");
  const reports = event.mail === undefined ? [] : eventReports(type, event, event.mail);
  return ok({ reports, ignored: reports.length === 0 ? 1 : 0 });
}

function eventReports(type: string, event: Event, mail: Mail): Report[] {
  const facts = mailFacts(type, mail);
  switch (type) {
    case "Send":
      return forEach(mail.destination, [SENT], facts);
    case "Delivery": {
      const { recipients = [], timestamp } = event.delivery ?? {};
      return forEach(recipients, [DELIVERED], { ...facts, atMs: isoMs(timestamp) });
    }
    case "DeliveryDelay": {
      const { delayedRecipients = [], timestamp } = event.deliveryDelay ?? {};
      const occurrence = `${facts.occurrence}:${timestamp}`;
      return forEach(addressesOf(delayedRecipients), [DEFERRED], {
        ...facts,
        atMs: isoMs(timestamp),
        occurrence,
      });
    }
    case "Bounce":
      return bounceReports(event, facts);
    case "Complaint":
      return complaintReports(event, facts);
    case "Reject": {
      const outcome = bounced(CATEGORY.blocked, { subcategory: "Reject", details: event.reject?.reason });
      return forEach(mail.destination, [outcome], facts);
    }
    case "Rendering Failure": {
      const outcome = bounced(CATEGORY.technical, {
        subcategory: "Rendering Failure",
        details: event.failure?.errorMessage,
      });
      return forEach(mail.destination, [outcome], facts);
    }
    default:
      return [];
  }
}

function mailFacts(type: string, mail: Mail): EventFacts {
  return {
    tokens: distinctTokens(
      ...(mail.tags?.[TOKEN_NAME] ?? []),
      ...headerValues(mail.headers, TOKEN_HEADER),
      messageIdToken(mail.commonHeaders?.messageId),
      verpToken(mail.source),
    ),
    occurrence: `ses:${mail.messageId}:${type}`,
    atMs: isoMs(mail.timestamp),
  };
}

function bounceReports({ bounce }: Event, facts: EventFacts): Report[] {
  const { bounceType, bounceSubType, feedbackId, timestamp, bouncedRecipients = [] } = bounce ?? {};
  return bouncedRecipients.flatMap(({ emailAddress, status, diagnosticCode }) => {
    const bounceFacts = { subcategory: bounceSubType, status, details: diagnosticCode };
    // "The target email address does not exist."
    const isNoEmail = bounceType === "Permanent" && bounceSubType === "NoEmail";
    const category = isNoEmail ? CATEGORY.invalidRecipient : sesBounceCategory(bounceType, bounceSubType, bounceFacts);
    return forEach([emailAddress], [bounced(category, bounceFacts)], {
      ...facts,
      atMs: isoMs(timestamp),
      occurrence: `ses:${feedbackId}`,
    });
  });
}

function complaintReports({ complaint }: Event, facts: EventFacts): Report[] {
  const { complaintSubType, complaintFeedbackType, feedbackId, timestamp } = complaint ?? {};
  // The opposite of a complaint, and an automated report about a signature (RFC 6591).
  if (complaintFeedbackType === "not-spam" || complaintFeedbackType === "auth-failure") return [];
  // The recipient complained about an earlier message; this one was not sent.
  const isSuppressed =
    complaintSubType === "OnAccountSuppressionList" || complaintSubType === "OnTenantSuppressionList";
  const outcomes = isSuppressed
    ? [bounced(CATEGORY.blocked, { subcategory: complaintSubType }), COMPLAINED]
    : [COMPLAINED];
  return forEach(addressesOf(complaint?.complainedRecipients ?? []), outcomes, {
    ...facts,
    atMs: isoMs(timestamp),
    occurrence: `ses:${feedbackId}`,
  });
}

type Addresses = readonly (string | undefined)[];

function addressesOf(recipients: readonly { readonly emailAddress?: string | undefined }[]): Addresses {
  return recipients.map(({ emailAddress }) => emailAddress);
}

/** One report for each address and outcome. */
function forEach(addresses: Addresses, outcomes: readonly Outcome[], facts: EventFacts): Report[] {
  return addresses.flatMap((address) => reportsOf(outcomes, { ...facts, address: bareAddress(address) }));
}
