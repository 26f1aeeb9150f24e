/**
 * SparkPost's event webhooks. The token travels in the metadata `waxseal` of the transmission or of the recipient.
 * SparkPost signs nothing: its webhooks carry basic authentication, or a token in a header that the sender sets. A
 * batch may be an empty ping. Source: SparkPost API documentation, "Webhooks" and "Event types"; SparkPost support,
 * "Bounce classification codes".
 */
import * as v from "valibot";
import { CATEGORY, OUTCOME, type Outcome } from "../outcome.ts";
import { basicOrBearer } from "./basic-auth.ts";
import { type BounceKind, bounced, type ProviderOutcome } from "./bounced.ts";
import * as field from "./fields.ts";
import { provider } from "./provider.ts";
import { automatedOpens, eventsReader } from "./reader.ts";

/** `{"msys": {"message_event": {"type": "delivery", …}}}`, and `{"msys": {}}` as a ping. */
const Event = v.pipe(
  v.object({ msys: v.record(v.string(), v.unknown()) }),
  v.transform(({ msys }) => Object.values(msys)[0] ?? { type: "ping" }),
  v.object({
    type: v.string(),
    event_id: field.textOrNumber,
    message_id: field.text,
    timestamp: field.time,
    raw_rcpt_to: field.text,
    rcpt_to: field.text,
    rcpt_meta: field.ownData,
    bounce_class: field.textOrNumber,
    error_code: field.textOrNumber,
    raw_reason: field.text,
    reason: field.text,
    fbtype: field.text,
    user_agent: field.text,
    user_agent_parsed: field.object({ is_prefetched: field.flag }),
  }),
);
type Event = v.InferOutput<typeof Event>;

export const sparkpost = provider({
  // Up to a thousand events and more, of some 2 KB.
  maxBodyBytes: 5 * 1024 * 1024,
  ...basicOrBearer("SPARKPOST_CREDENTIALS"),
  read: eventsReader({
    schema: Event,
    nameOf: ({ type }) => type,
    outcomes: {
      injection: OUTCOME.sent,
      delivery: OUTCOME.delivered,
      delay: OUTCOME.deferred,
      list_unsubscribe: OUTCOME.unsubscribed,
      link_unsubscribe: OUTCOME.unsubscribed,
      spam_complaint: ({ fbtype }) => (fbtype === "not-spam" || fbtype === "auth-failure" ? [] : [OUTCOME.complained]),
      // Not AMP's, whose pixel is in another part of the mail than ours.
      open: openOutcomes,
      initial_open: openOutcomes,
      bounce: bounceOutcomes,
      // A bounce mail that came after the delivery.
      out_of_band: bounceOutcomes,
      // SparkPost did not send it: its policy, or its suppression list.
      policy_rejection: (event) => [bounced(CATEGORY.blocked, factsOf(event))],
      generation_rejection: (event) => [bounced(CATEGORY.blocked, factsOf(event))],
      generation_failure: (event) => [bounced(CATEGORY.technical, factsOf(event))],
    },
    factsOf: (event) => ({
      tokens: [event.rcpt_meta],
      address: event.raw_rcpt_to ?? event.rcpt_to,
      atMs: event.timestamp,
      sourceId: `sparkpost:${event.event_id ?? `${event.message_id}:${event.type}:${event.timestamp}`}`,
    }),
  }),
});

function factsOf({ type, bounce_class, error_code, raw_reason, reason }: Event) {
  return { subcategory: bounce_class ?? type, replyCode: error_code, details: raw_reason ?? reason };
}

/** `is_proxy` is no sign: mailbox providers' proxies load pictures for readers. */
function openOutcomes({ user_agent_parsed, user_agent, timestamp }: Event): Outcome[] {
  return automatedOpens("sparkpost", user_agent_parsed?.is_prefetched, user_agent, timestamp);
}

function bounceOutcomes(event: Event): ProviderOutcome[] {
  const kind = BOUNCE_CLASSES.get(event.bounce_class ?? "") ?? "temporary";
  if (kind === "ignored") return [];
  return kind === "unsubscribed" ? [OUTCOME.unsubscribed] : [bounced(kind, factsOf(event))];
}

type Meaning = BounceKind | "unsubscribed" | "ignored";

/** SparkPost's classes of bounces; 1 (undetermined) and new ones are temporary. */
const BOUNCE_CLASSES: ReadonlyMap<string, Meaning> = new Map<string, Meaning>([
  // Invalid recipient.
  ["10", "invalid_recipient"],
  // "The recipient's ISP has refused the message."
  ["15", "permanent"],
  // Soft bounce.
  ["20", "temporary"],
  // DNS failure.
  ["21", CATEGORY.technical],
  // Mailbox full.
  ["22", CATEGORY.temporary],
  // Too large.
  ["23", CATEGORY.technical],
  // Timeout.
  ["24", CATEGORY.temporary],
  // Admin failure: "failed by SparkPost's configured policies"; then its suppression of recipients who do not engage.
  ["25", CATEGORY.blocked],
  ["26", CATEGORY.blocked],
  // "No recipient could be determined for the message."
  ["30", "permanent"],
  // Generic bounce: "failed for unspecified reasons".
  ["40", "temporary"],
  // Mail block, spam block, spam content, prohibited attachment, relaying denied.
  ["50", CATEGORY.blocked],
  ["51", CATEGORY.blocked],
  ["52", CATEGORY.blocked],
  ["53", CATEGORY.blocked],
  ["54", CATEGORY.blocked],
  // Auto-reply.
  ["60", "ignored"],
  // Transient failure.
  ["70", "expired"],
  // Mails to subscribe and to unsubscribe.
  ["80", "ignored"],
  ["90", "unsubscribed"],
  // Challenge.
  ["100", "ignored"],
]);
