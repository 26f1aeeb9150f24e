/**
 * Resend's webhooks. The token travels in the tag `waxseal`, or in the header where Resend hands headers back.
 * Resend signs as Svix does: Standard Webhooks with other header names, each attempt signed anew. Source: Resend
 * documentation, "Webhook event types" and "Email Bounces"; Svix, "Verifying webhooks manually".
 */
import * as v from "valibot";
import { isWebhookSecret, verifyWebhook } from "../../platform/standard-webhooks.ts";
import { CATEGORY, OUTCOME, type Outcome } from "../outcome.ts";
import { type BounceFacts, bounced, type ProviderOutcome } from "./bounced.ts";
import * as field from "./fields.ts";
import { provider } from "./provider.ts";
import { eventReader } from "./reader.ts";
import { isAutoreply, sesBounceKind } from "./ses-bounce.ts";
import { isStrongSecret, textSetting } from "./setting.ts";

const Bounce = field.object({
  type: field.text,
  subType: field.text,
  message: field.text,
  diagnosticCode: field.list(v.string()),
});

const Event = v.object({
  type: v.string(),
  created_at: field.isoText,
  data: v.object({
    email_id: field.text,
    message_id: field.messageId,
    to: field.list(v.string()),
    headers: field.headers,
    /** An object by their names; or, as the reference has it, a list of names and values. */
    tags: field.ownDataOrPairs,
    bounce: Bounce,
    suppressed: Bounce,
    failed: field.object({ reason: field.text }),
    /** The address of a contact, or on Resend's list of suppressions. */
    email: field.text,
    unsubscribed: field.flag,
    origin: field.text,
  }),
});
type Event = v.InferOutput<typeof Event>;

export const resend = provider({
  setting: textSetting(
    "RESEND_SECRET",
    (secret) => isWebhookSecret(secret) && isStrongSecret(secret.slice("whsec_".length)),
    'the "whsec_…" that Resend shows',
  ),
  signature: {
    in: "headers",
    schema: v.object({ "svix-id": v.string(), "svix-timestamp": v.string(), "svix-signature": v.string() }),
    check(headers, secret, { body, nowMs }) {
      const content = { id: headers["svix-id"], timestamp: headers["svix-timestamp"], body };
      return verifyWebhook(secret, content, headers["svix-signature"], nowMs);
    },
  },
  read: eventReader({
    schema: Event,
    nameOf: ({ type }) => type,
    outcomes: {
      "email.sent": OUTCOME.sent,
      "email.delivered": OUTCOME.delivered,
      "email.delivery_delayed": OUTCOME.deferred,
      "email.complained": OUTCOME.complained,
      "email.bounced": bouncedOutcome,
      "email.suppressed": suppressedOutcome,
      // Resend could not send it: a quota, a domain, an attachment.
      "email.failed": ({ data: { failed } }) => [
        bounced(CATEGORY.technical, { subcategory: "failed", details: failed?.reason }),
      ],
      // Somebody of the audience, by the link in a broadcast or by hand. It names no mail.
      "contact.created": contactOutcomes,
      "contact.updated": contactOutcomes,
      "suppression.added": suppressionOutcomes,
    },
    factsOf: ({ type, created_at, data }) => ({
      tokens: [data.tags, ...data.headers, data.message_id],
      // Resend does not say which one of several recipients.
      address: data.email ?? (data.to.length === 1 ? data.to[0] : undefined),
      atMs: created_at,
      sourceId: `resend:${data.email_id}:${type}:${created_at}`,
    }),
  }),
});

function contactOutcomes({ data: { unsubscribed } }: Event): Outcome[] {
  return unsubscribed === true ? [{ type: "addressOptedOut", provider: "Resend", cause: "provider" }] : [];
}

/** By somebody of the account, or for a complaint. After a bounce, `email.bounced` has the server's words. */
function suppressionOutcomes({ data: { origin } }: Event): Outcome[] {
  if (origin !== "manual" && origin !== "complaint") return [];
  const cause = origin === "complaint" ? "complaint" : "provider";
  return [{ type: "addressOptedOut", provider: "Resend", cause }];
}

function bouncedOutcome({ data: { bounce } }: Event): ProviderOutcome[] {
  // Without a type, as payloads before 2025 are: "the recipient's mail server permanently rejected the email".
  const { type = "Permanent", subType } = bounce ?? {};
  const facts = factsOf(bounce);
  return isAutoreply(type, subType, facts) ? [] : [bounced(sesBounceKind(type, subType), facts)];
}

/** The list holds bounced and complaining addresses, and some added by hand; only a server's words say which. */
function suppressedOutcome({ data: { suppressed } }: Event): ProviderOutcome[] {
  return [bounced("permanent", { ...factsOf(suppressed), subcategory: suppressed?.type ?? "suppressed" })];
}

function factsOf(bounce: v.InferOutput<typeof Bounce>): BounceFacts {
  return { subcategory: bounce?.subType, details: bounce?.diagnosticCode[0], prose: bounce?.message };
}
