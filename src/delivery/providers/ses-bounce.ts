/**
 * Amazon's bounce types, which Resend, too, hands back, because it sends by SES. Source: "Contents of event data that Amazon SES
 * publishes to Amazon SNS", Bounce types; Resend's "Email Bounces".
 */
import type { BounceCategory } from "../outcome.ts";
import { type BounceFacts, categoryByKind } from "./payload.ts";

/** Subtypes with an exact reason, which counts more than the server's words. */
const EXACT: Readonly<Record<string, BounceCategory>> = {
  // "A recent history of bouncing as an invalid address."
  "Permanent/Suppressed": 2,
  // These lists also hold addresses that were added by hand, and the event does not say why.
  "Permanent/OnAccountSuppressionList": 1,
  "Permanent/OnTenantSuppressionList": 1,
  // Amazon's guess that the address is bad: no server was asked.
  "Permanent/EmailValidationSuppressed": 1,
  // Unsubscribed on Amazon's own list.
  "Permanent/UnsubscribedRecipient": 1,
  "Transient/MailboxFull": 3,
  "Transient/CustomTimeoutExceeded": 3,
  "Transient/MessageTooLarge": 4,
  "Transient/ContentRejected": 1,
  "Transient/AttachmentRejected": 1,
};

export function sesBounceCategory(
  type: string | undefined,
  subType: string | undefined,
  facts: BounceFacts,
): BounceCategory {
  return (
    EXACT[`${type}/${subType}`] ?? categoryByKind(type === "Permanent" ? "permanent" : "temporary", facts)
  );
}
