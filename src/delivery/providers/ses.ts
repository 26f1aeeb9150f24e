/**
 * Amazon SES by SNS: "notifications" (`notificationType`) and "event publishing" (`eventType`). The token travels in the message
 * tag `waxseal`, or in the header, or in the Message-ID of the original. Source: Amazon SES Developer Guide, "Contents of event
 * data that Amazon SES publishes to Amazon SNS" and "Amazon SNS notification contents".
 *
 * One notification may speak of several recipients; each becomes a report of its own.
 */
import * as v from "valibot";
import { ok, type Result, refused } from "../../platform/result.ts";
import { TOKEN_HEADER, verpToken } from "../carried-token.ts";
import type { Outcome, Report } from "../outcome.ts";
import {
  bareAddress,
  bounced,
  COMPLAINED,
  DEFERRED,
  DELIVERED,
  Fields,
  Headers,
  headerValues,
  isoMs,
  List,
  messageIdToken,
  reportsOf,
  SENT,
  Text,
  TOKEN_NAME,
  tokens,
} from "./payload.ts";
import type { Provider, Reading } from "./provider.ts";
import { sesBounceCategory } from "./ses-bounce.ts";
import { confirmSubscription, verifySns } from "./sns-signature.ts";

const Envelope = v.object({ Type: v.string(), Message: Text });

const Mail = v.object({
  timestamp: Text,
  messageId: Text,
  source: Text,
  destination: List(v.string()),
  headers: Headers,
  commonHeaders: Fields({ messageId: Text }),
  tags: Fields({ [TOKEN_NAME]: List(v.string()) }),
});

const Event = v.object({
  eventType: Text,
  notificationType: Text,
  mail: v.optional(Mail),
  bounce: Fields({
    bounceType: Text,
    bounceSubType: Text,
    feedbackId: Text,
    timestamp: Text,
    bouncedRecipients: List(v.object({ emailAddress: Text, status: Text, diagnosticCode: Text })),
  }),
  complaint: Fields({
    feedbackId: Text,
    timestamp: Text,
    complaintSubType: Text,
    complaintFeedbackType: Text,
    complainedRecipients: List(v.object({ emailAddress: Text })),
  }),
  delivery: Fields({ timestamp: Text, recipients: List(v.string()) }),
  deliveryDelay: Fields({ timestamp: Text, delayedRecipients: List(v.object({ emailAddress: Text })) }),
  reject: Fields({ reason: Text }),
  failure: Fields({ errorMessage: Text }),
});
type Event = v.InferOutput<typeof Event>;

export const ses: Provider = {
  verify: verifySns,
  confirm: confirmSubscription,
  read(payload) {
    const envelope = v.safeParse(Envelope, payload);
    if (!envelope.success) return refused("foreign_shape");
    // The confirmations say nothing of mail.
    if (envelope.output.Type !== "Notification") return ok({ reports: [], ignored: 0 });
    const message = envelope.output.Message ?? "";
    // What SES publishes when somebody sets up the topic: a sentence.
    if (message.startsWith("Successfully validated SNS topic")) return ok({ reports: [], ignored: 1 });
    return readEvent(message);
  },
};

function readEvent(message: string): Result<Reading, "foreign_shape"> {
  let json: unknown;
  try {
    json = JSON.parse(message);
  } catch {
    return refused("foreign_shape");
  }
  const read = v.safeParse(Event, json);
  if (!read.success) return refused("foreign_shape");
  const event = read.output;
  const type = event.eventType ?? event.notificationType;
  if (type === undefined) return refused("foreign_shape");
  const reports = event.mail === undefined ? [] : happened(type, event, event.mail);
  return ok({ reports, ignored: reports.length === 0 ? 1 : 0 });
}

function happened(type: string, event: Event, mail: v.InferOutput<typeof Mail>): Report[] {
  const told = {
    tokens: tokens(
      ...(mail.tags?.[TOKEN_NAME] ?? []),
      ...headerValues(mail.headers, TOKEN_HEADER),
      messageIdToken(mail.commonHeaders?.messageId),
      verpToken(mail.source),
    ),
    occurrence: `ses:${mail.messageId}:${type}`,
    atMs: isoMs(mail.timestamp),
  };
  const toEach = (
    addresses: readonly (string | undefined)[],
    outcomes: readonly Outcome[],
    more: Partial<Report> = {},
  ) =>
    addresses.flatMap((address) => reportsOf(outcomes, { ...told, ...more, address: bareAddress(address) }));

  switch (type) {
    case "Send":
      return toEach(mail.destination, [SENT]);
    case "Delivery":
      return toEach(event.delivery?.recipients ?? [], [DELIVERED], {
        atMs: isoMs(event.delivery?.timestamp),
      });
    case "DeliveryDelay":
      return toEach(
        (event.deliveryDelay?.delayedRecipients ?? []).map(({ emailAddress }) => emailAddress),
        [DEFERRED],
        {
          atMs: isoMs(event.deliveryDelay?.timestamp),
          occurrence: `${told.occurrence}:${event.deliveryDelay?.timestamp}`,
        },
      );
    case "Bounce": {
      const { bounceType, bounceSubType, feedbackId, timestamp, bouncedRecipients = [] } = event.bounce ?? {};
      return bouncedRecipients.flatMap(({ emailAddress, status, diagnosticCode }) => {
        const facts = { subcategory: bounceSubType, status, details: diagnosticCode };
        // "The target email address does not exist."
        const category =
          bounceType === "Permanent" && bounceSubType === "NoEmail"
            ? 2
            : sesBounceCategory(bounceType, bounceSubType, facts);
        return toEach([emailAddress], [bounced(category, facts)], {
          atMs: isoMs(timestamp),
          occurrence: `ses:${feedbackId}`,
        });
      });
    }
    case "Complaint": {
      const {
        complaintSubType,
        complaintFeedbackType,
        feedbackId,
        timestamp,
        complainedRecipients = [],
      } = event.complaint ?? {};
      // The one is the contrary of a complaint, the other a machine's report about a signature (RFC 6591).
      if (complaintFeedbackType === "not-spam" || complaintFeedbackType === "auth-failure") return [];
      // Complained of an earlier message; this one was not sent.
      const outcomes =
        complaintSubType === "OnAccountSuppressionList" || complaintSubType === "OnTenantSuppressionList"
          ? [bounced(1, { subcategory: complaintSubType }), COMPLAINED]
          : [COMPLAINED];
      return toEach(
        complainedRecipients.map(({ emailAddress }) => emailAddress),
        outcomes,
        { atMs: isoMs(timestamp), occurrence: `ses:${feedbackId}` },
      );
    }
    case "Reject":
      return toEach(mail.destination, [bounced(1, { subcategory: "Reject", details: event.reject?.reason })]);
    case "Rendering Failure":
      return toEach(mail.destination, [
        bounced(4, { subcategory: "Rendering Failure", details: event.failure?.errorMessage }),
      ]);
    default:
      return [];
  }
}
