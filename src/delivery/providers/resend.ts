/**
 * Resend's webhooks. The token travels in the tag `waxseal`, or in the header where Resend hands headers back. Source: Resend
 * documentation, "Webhook event types" and "Email Bounces".
 */
import * as v from "valibot";
import { refused } from "../../platform/result.ts";
import { TOKEN_HEADER } from "../carried-token.ts";
import type { Outcome } from "../outcome.ts";
import {
  bareAddress,
  bounced,
  COMPLAINED,
  DEFERRED,
  DELIVERED,
  Fields,
  gradedBy,
  Headers,
  headerValues,
  isoMs,
  List,
  messageIdToken,
  oneEvent,
  SENT,
  Text,
  TOKEN_NAME,
  tokens,
} from "./payload.ts";
import type { Provider } from "./provider.ts";
import { verifyResend } from "./resend-signature.ts";
import { sesBounceCategory } from "./ses-bounce.ts";

const Refusal = Fields({ type: Text, subType: Text, message: Text, diagnosticCode: List(v.string()) });

const Event = v.object({
  type: v.string(),
  created_at: Text,
  data: v.object({
    email_id: Text,
    message_id: Text,
    to: List(v.string()),
    headers: Headers,
    tags: Fields({ [TOKEN_NAME]: Text }),
    bounce: Refusal,
    suppressed: Refusal,
    failed: Fields({ reason: Text }),
  }),
});
type Event = v.InferOutput<typeof Event>;

export const resend: Provider = {
  verify: verifyResend,
  read(payload) {
    const read = v.safeParse(Event, payload);
    if (!read.success) return refused("foreign_shape");
    const { type, created_at, data } = read.output;
    return oneEvent(outcomesOf(read.output), {
      tokens: tokens(
        data.tags?.[TOKEN_NAME],
        ...headerValues(data.headers, TOKEN_HEADER),
        messageIdToken(data.message_id),
      ),
      // Of several recipients Resend does not say which one.
      address: data.to.length === 1 ? bareAddress(data.to[0]) : undefined,
      atMs: isoMs(created_at),
      occurrence: `resend:${data.email_id}:${type}:${created_at}`,
    });
  },
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
      return [
        bounced(
          sesBounceCategory(bounce?.type ?? "Permanent", bounce?.subType, facts),
          withProse(facts, bounce),
        ),
      ];
    }
    // The list holds who bounced, who complained and who was put there by hand; only a server's words can tell.
    case "email.suppressed": {
      const { suppressed } = data;
      const facts = { ...factsOf(suppressed), subcategory: suppressed?.type ?? "suppressed" };
      return [bounced(gradedBy("permanent", facts), withProse(facts, suppressed))];
    }
    // Resend could not send it: a quota, a domain, an attachment.
    case "email.failed":
      return [bounced(4, { subcategory: "failed", details: data.failed?.reason })];
    default:
      return [];
  }
}

function factsOf(refusal: v.InferOutput<typeof Refusal>) {
  return { subcategory: refusal?.subType, details: refusal?.diagnosticCode[0] };
}

/** For the log: Resend's own sentence about the kind, when there are no words of the server's. */
function withProse(facts: ReturnType<typeof factsOf>, refusal: v.InferOutput<typeof Refusal>) {
  return { ...facts, details: facts.details ?? refusal?.message };
}
