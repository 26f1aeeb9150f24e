/**
 * Postal's webhooks. The token travels in the message's tag, which Postal hands back, or in the envelope sender of mail
 * that Postal was given by SMTP. All servers of an installation sign with one key, over the raw body, whose time is
 * that of the event: Postal's queue may bring it hours later, so there is no replay window, and recording is
 * idempotent. Postal reports no complaints, and of a bounce mail only that it came.
 * Source: Postal documentation, "Webhooks"; Postal's source, app/services/webhook_delivery_service.rb,
 * lib/postal/http.rb and lib/postal/message_db/message.rb.
 */
import * as v from "valibot";
import { ok, refused } from "../../platform/result.ts";
import { verpToken } from "../carried-token.ts";
import { CATEGORY, OUTCOME } from "../outcome.ts";
import { isAutoreplySubject } from "../phrases/autoreply-subject.ts";
import { bounced, type ProviderOutcome } from "./bounced.ts";
import * as field from "./fields.ts";
import { provider } from "./provider.ts";
import { isSignedBy, publicKeySetting } from "./public-key.ts";
import { eventReader } from "./reader.ts";

/** Over SHA-256; without it, in versions before 3, over SHA-1. */
const SIGNATURE = "x-postal-signature-256";
const OLD_SIGNATURE = "x-postal-signature";

const Message = field.object({
  direction: field.text,
  message_id: field.messageId,
  to: field.text,
  from: field.text,
  tag: field.text,
});

const Event = v.object({
  event: v.string(),
  uuid: field.text,
  timestamp: field.unixTime,
  payload: v.object({
    status: field.text,
    details: field.text,
    output: field.text,
    timestamp: field.unixTime,
    message: Message,
    /** The mail that bounced, of a bounce mail. */
    original_message: Message,
    bounce: field.object({ subject: field.text }),
  }),
});
type Event = v.InferOutput<typeof Event>;

export const postal = provider({
  setting: publicKeySetting("POSTAL_PUBLIC_KEY", 'the base64 behind "p=" that "postal default-dkim-record" prints'),
  waitsMs: 5_000,
  signature: {
    in: "headers",
    schema: v.union([v.object({ [SIGNATURE]: v.string() }), v.object({ [OLD_SIGNATURE]: v.string() })]),
    check(headers, publicKey, { body }) {
      // The older one does not count beside the newer.
      const [algorithm, signature] =
        SIGNATURE in headers ? (["sha256", headers[SIGNATURE]] as const) : (["sha1", headers[OLD_SIGNATURE]] as const);
      return isSignedBy({ publicKey, algorithm, signature }, body) ? ok(undefined) : refused("bad_signature");
    },
  },
  read: eventReader({
    schema: Event,
    nameOf: ({ payload: { status, bounce } }) => status ?? (bounce === undefined ? "" : "Bounced"),
    outcomes: {
      Sent: (event) => ofOurs(event, OUTCOME.delivered),
      SoftFail: (event) => ofOurs(event, OUTCOME.deferred),
      // On Postal's suppression list, over a limit, or suspended: it may still be released by hand.
      Held: (event) => ofOurs(event, OUTCOME.deferred),
      HardFail: (event) => ofOurs(event, failed(event)),
      // Every mail to the return path that names its original: a refusal, a delay, or an autoreply.
      Bounced: (event) =>
        isAutoreplySubject(event.payload.bounce?.subject ?? "")
          ? []
          : ofOurs(event, bounced(CATEGORY.unclear, { subcategory: event.event })),
    },
    factsOf: ({ event, uuid, timestamp, payload }) => {
      const message = messageOf(payload);
      return {
        tokens: [message?.tag, verpToken(message?.from), message?.message_id],
        address: message?.to,
        atMs: payload.timestamp ?? timestamp,
        sourceId: `postal:${uuid ?? `${message?.message_id}:${event}:${timestamp}`}`,
      };
    },
  }),
});

function messageOf({ message, original_message }: Event["payload"]) {
  return original_message ?? message;
}

/** Nothing of a mail that came in and could not be handed on. */
function ofOurs({ payload }: Event, outcome: ProviderOutcome): ProviderOutcome[] {
  return messageOf(payload)?.direction === "incoming" ? [] : [outcome];
}

function failed({ event, payload: { output, details } }: Event): ProviderOutcome {
  const facts = { subcategory: event, details: output, prose: details };
  if (output !== undefined) return bounced("permanent", facts);
  // No server was asked.
  if (details?.startsWith("Maximum number of delivery attempts")) return bounced("expired", facts);
  return bounced(details?.startsWith("Message is likely spam") ? CATEGORY.blocked : CATEGORY.technical, facts);
}
