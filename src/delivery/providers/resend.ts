/**
 * Resend's webhooks. The token travels in the tag `waxseal`, or in the header where Resend hands headers back.
 * Resend signs as Svix does: Standard Webhooks with other header names, each attempt signed anew. Source: Resend
 * documentation, "Webhook event types" and "Email Bounces"; Svix, "Verifying webhooks manually".
 */
import * as v from "valibot";
import { refused } from "../../platform/result.ts";
import { verifyWebhook } from "../../platform/standard-webhooks.ts";
import { TOKEN_HEADER } from "../carried-token.ts";
import { CATEGORY, type Outcome } from "../outcome.ts";
import {
  bareAddress,
  bounced,
  COMPLAINED,
  categoryByKind,
  DEFERRED,
  DELIVERED,
  distinctTokens,
  HeaderList,
  headerValues,
  isoMs,
  ListOf,
  messageIdToken,
  OptionalFields,
  OptionalText,
  oneEvent,
  reader,
  SENT,
  TOKEN_NAME,
} from "./payload.ts";
import type { Provider } from "./provider.ts";
import { sesBounceCategory } from "./ses-bounce.ts";

const BounceFields = OptionalFields({
  type: OptionalText,
  subType: OptionalText,
  message: OptionalText,
  diagnosticCode: ListOf(v.string()),
});

const Event = v.object({
  type: v.string(),
  created_at: OptionalText,
  data: v.object({
    email_id: OptionalText,
    message_id: OptionalText,
    to: ListOf(v.string()),
    headers: HeaderList,
    tags: OptionalFields({ [TOKEN_NAME]: OptionalText }),
    bounce: BounceFields,
    suppressed: BounceFields,
    failed: OptionalFields({ reason: OptionalText }),
  }),
});
type Event = v.InferOutput<typeof Event>;

export const resend: Provider = {
  async verify({ headers, body }, { resendSecret }, { nowMs }) {
    if (resendSecret === undefined) return refused("not_configured");
    const id = headers.get("svix-id");
    const timestamp = headers.get("svix-timestamp");
    const signatures = headers.get("svix-signature");
    if (id === null || timestamp === null || signatures === null) return refused("unsigned");
    return verifyWebhook(resendSecret, { id, timestamp, body }, signatures, nowMs);
  },
  read: reader(Event, (event) => {
    const { type, created_at, data } = event;
    return oneEvent(outcomesOf(event), {
      tokens: distinctTokens(
        data.tags?.[TOKEN_NAME],
        ...headerValues(data.headers, TOKEN_HEADER),
        messageIdToken(data.message_id),
      ),
      // Resend does not say which one of several recipients.
      address: data.to.length === 1 ? bareAddress(data.to[0]) : undefined,
      atMs: isoMs(created_at),
      occurrence: `resend:${data.email_id}:${type}:${created_at}`,
    });
  }),
};

function outcomesOf({ type, data }: Event): Outcome[] {
  switch (type) {
    case "email.sent":
      return [SENT];
    case "email.delivered":
      return [DELIVERED];
    case "email.delivery_delayed":
      return [DEFERRED];
    case "email.complained":
      return [COMPLAINED];
    case "email.bounced": {
      const { bounce } = data;
      const facts = factsOf(bounce);
      // Without a type, as payloads before 2025 are: "the recipient's mail server permanently rejected the email".
      const category = sesBounceCategory(bounce?.type ?? "Permanent", bounce?.subType, facts);
      return [bounced(category, withProse(facts, bounce))];
    }
    // The list holds bounced and complaining addresses, and some that were added by hand; only a server's words can
    // tell.
    case "email.suppressed": {
      const { suppressed } = data;
      const facts = { ...factsOf(suppressed), subcategory: suppressed?.type ?? "suppressed" };
      return [bounced(categoryByKind("permanent", facts), withProse(facts, suppressed))];
    }
    // Resend could not send it: a quota, a domain, an attachment.
    case "email.failed":
      return [bounced(CATEGORY.technical, { subcategory: "failed", details: data.failed?.reason })];
    default:
      return [];
  }
}

function factsOf(bounce: v.InferOutput<typeof BounceFields>) {
  return { subcategory: bounce?.subType, details: bounce?.diagnosticCode[0] };
}

/** For the log: Resend's own sentence about the kind when the server's words are missing. */
function withProse(facts: ReturnType<typeof factsOf>, bounce: v.InferOutput<typeof BounceFields>) {
  return { ...facts, details: facts.details ?? bounce?.message };
}
