/**
 * Amazon's bounce types, which Resend, too, hands back, because it sends by SES. Source: "Contents of event data
 * that Amazon SES publishes to Amazon SNS", Bounce types; Resend's "Email Bounces".
 */
import { CATEGORY } from "../outcome.ts";
import type { BounceFacts, BounceKind } from "./bounced.ts";

/**
 * Subtypes with an exact reason, which counts more than the server's words. Not NoEmail: of two texts of Amazon's, one
 * says that the address does not exist, the other that it could not be taken from the bounce mail. Nor Suppressed, a
 * list of addresses that bounced before, of whichever sender and for whatever reason.
 */
const EXACT: Readonly<Record<string, BounceKind>> = {
  // These lists also hold addresses that were added by hand, and the event does not say why.
  "Permanent/OnAccountSuppressionList": CATEGORY.blocked,
  "Permanent/OnTenantSuppressionList": CATEGORY.blocked,
  // Amazon's guess that the address is bad: no server was asked.
  "Permanent/EmailValidationSuppressed": CATEGORY.blocked,
  // Unsubscribed on Amazon's own list.
  "Permanent/UnsubscribedRecipient": CATEGORY.blocked,
  "Transient/MailboxFull": CATEGORY.temporary,
  "Transient/CustomTimeoutExceeded": CATEGORY.temporary,
  "Transient/MessageTooLarge": CATEGORY.technical,
  "Transient/ContentRejected": CATEGORY.blocked,
  "Transient/AttachmentRejected": CATEGORY.blocked,
};

export function sesBounceKind(type: string | undefined, subType: string | undefined): BounceKind {
  return EXACT[`${type}/${subType}`] ?? (type === "Permanent" ? "permanent" : "temporary");
}

/**
 * Whether Amazon takes an out-of-office mail for a bounce: it does not recognise all of them, and reports them as
 * transient, of the subtype General, with nothing that a mail server said.
 */
export function isAutoreply(
  type: string | undefined,
  subType: string | undefined,
  { status, details }: BounceFacts,
): boolean {
  return type === "Transient" && subType === "General" && status === undefined && details === undefined;
}
