/**
 * Amazon's bounce types, which Resend (it sends by SES) passes on. Source: "Contents of event data that Amazon SES publishes to
 * Amazon SNS", Bounce types; Resend's "Email Bounces".
 */
import type { BounceCategory } from "../outcome.ts";
import { type Facts, gradedBy } from "./payload.ts";

/** Subtypes that say exactly why, whatever the server's words. */
const EXACT: Readonly<Record<string, BounceCategory>> = {
  // "A recent history of bouncing as an invalid address."
  "Permanent/Suppressed": 2,
  // These lists hold addresses put there by hand, too, and the event does not say why this one is.
  "Permanent/OnAccountSuppressionList": 1,
  "Permanent/OnTenantSuppressionList": 1,
  // A guess that the address is bad, made before any server was asked.
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
  facts: Facts,
): BounceCategory {
  return EXACT[`${type}/${subType}`] ?? gradedBy(type === "Permanent" ? "permanent" : "temporary", facts);
}
