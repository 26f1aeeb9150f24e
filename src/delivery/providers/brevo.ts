/**
 * Brevo's transactional webhooks. The token travels in the header `X-Mailin-custom`, which Brevo hands back, or in a
 * tag. Brevo signs nothing: its webhooks carry a user and password of their URL, or a token. A soft bounce is final:
 * while Brevo tries again, it says "deferred". Source: Brevo API documentation, "Transactional webhooks", "Secured
 * webhooks" and "Batched webhooks".
 */
import * as v from "valibot";
import { CATEGORY, OUTCOME } from "../outcome.ts";
import { basicOrBearer } from "./basic-auth.ts";
import { type BounceKind, bounced, type ProviderOutcome } from "./bounced.ts";
import * as field from "./fields.ts";
import { provider } from "./provider.ts";
import { eventsReader } from "./reader.ts";

const Event = v.object({
  event: v.string(),
  email: field.text,
  /** Documented in ms; the documentation's own examples have seconds. */
  ts_epoch: field.unixTime,
  ts_event: field.unixTime,
  "message-id": field.text,
  "X-Mailin-custom": field.ownText,
  tags: field.ownTags,
  tag: field.ownText,
  reason: field.text,
});
type Event = v.InferOutput<typeof Event>;

/** In seconds it would be a time after the year 5000. */
const FIRST_IN_MS = 1e14;

export const brevo = provider({
  ...basicOrBearer("BREVO_CREDENTIALS"),
  read: eventsReader({
    schema: Event,
    nameOf: ({ event }) => event,
    outcomes: {
      request: OUTCOME.sent,
      sent: OUTCOME.sent,
      delivered: OUTCOME.delivered,
      deferred: OUTCOME.deferred,
      spam: OUTCOME.complained,
      complaint: OUTCOME.complained,
      unsubscribe: OUTCOME.unsubscribed,
      unsubscribed: OUTCOME.unsubscribed,
      hard_bounce: bouncedAs("permanent"),
      soft_bounce: bouncedAs("temporary"),
      invalid_email: bouncedAs("invalid_recipient"),
      // On Brevo's list of blocked contacts, where people are put for bounces, complaints and by hand.
      blocked: bouncedAs(CATEGORY.blocked),
      error: bouncedAs(CATEGORY.technical),
    },
    factsOf: (event) => ({
      tokens: [event["X-Mailin-custom"], ...event.tags, event.tag],
      address: event.email,
      atMs: timeOf(event),
      sourceId: `brevo:${event["message-id"]}:${event.event}:${timeOf(event)}`,
    }),
  }),
});

function bouncedAs(kind: BounceKind): (event: Event) => ProviderOutcome[] {
  return ({ event, reason }) => [bounced(kind, { subcategory: event, details: reason })];
}

function timeOf({ ts_epoch, ts_event }: Event): number | undefined {
  if (ts_epoch === undefined) return ts_event;
  return ts_epoch < FIRST_IN_MS ? ts_epoch : ts_epoch / 1000;
}
