/**
 * Mailjet's Event API. The token travels in `EventPayload`, or in `CustomID`. Mailjet signs nothing: its webhooks carry
 * the user and password of their URL. "sent" means that the recipient's server has accepted the mail. Events come one
 * by one, or in a list (version 2). Source: Mailjet developer documentation, "Event API: real-time notifications" and
 * "Possible values for errors".
 */
import * as v from "valibot";
import { CATEGORY, OUTCOME } from "../outcome.ts";
import { basicAuthentication } from "./basic-auth.ts";
import { type BounceKind, bounced, type ProviderOutcome } from "./bounced.ts";
import * as field from "./fields.ts";
import { provider } from "./provider.ts";
import { eventsReader } from "./reader.ts";

const Event = v.object({
  event: v.string(),
  time: field.unixTime,
  email: field.text,
  /** Longer than a number can hold exactly. */
  Message_GUID: field.text,
  MessageID: field.textOrNumber,
  Payload: field.ownText,
  CustomID: field.ownText,
  hard_bounce: field.flag,
  error: field.text,
  comment: field.text,
});
type Event = v.InferOutput<typeof Event>;

export const mailjet = provider({
  ...basicAuthentication("MAILJET_CREDENTIALS"),
  read: eventsReader({
    schema: Event,
    nameOf: ({ event }) => event,
    outcomes: {
      sent: OUTCOME.delivered,
      spam: OUTCOME.complained,
      unsub: OUTCOME.unsubscribed,
      bounce: bounceOutcomes,
      blocked: blockedOutcomes,
    },
    factsOf: (event) => ({
      tokens: [event.Payload, event.CustomID],
      address: event.email,
      atMs: event.time,
      sourceId: `mailjet:${event.Message_GUID ?? event.MessageID}:${event.event}:${event.time}`,
    }),
  }),
});

/** Mailjet's table of errors. What says that nobody is there counts only where the bounce is a permanent one. */
const ERRORS: ReadonlyMap<string | undefined, BounceKind> = new Map<string, BounceKind>([
  ["user unknown", "invalid_recipient"],
  // "Account has been inactive for too long."
  ["mailbox inactive", "permanent"],
  ["quota exceeded", CATEGORY.temporary],
  // On a list of the account's, for unsubscribing, or by hand.
  ["blacklisted", CATEGORY.blocked],
  ["spam reporter", CATEGORY.blocked],
  // "There's a typo in the domain name, or its domain has expired."
  ["invalid domain", "invalid_recipient"],
  ["typofix", "invalid_recipient"],
  ["no mail host", CATEGORY.technical],
  ["relay/access denied", CATEGORY.blocked],
  ["greylisted", "expired"],
  ["bad or empty template", CATEGORY.technical],
  ["error in template language", CATEGORY.technical],
  ["sender blocked", CATEGORY.blocked],
  ["content blocked", CATEGORY.blocked],
  ["policy issue", CATEGORY.blocked],
  ["system issue", CATEGORY.technical],
  ["protocol issue", CATEGORY.technical],
  ["connection issue", CATEGORY.temporary],
  // "An address that recently (or repeatedly) bounced": by Mailjet's own memory.
  ["preblocked", CATEGORY.blocked],
  ["duplicate in campaign", CATEGORY.technical],
]);

function bounceOutcomes(event: Event): ProviderOutcome[] {
  const { error, hard_bounce } = event;
  // "Delivery will be re-attempted."
  if (error === "greylisted" && hard_bounce !== true) return [OUTCOME.deferred];
  const kind = ERRORS.get(error) ?? "permanent";
  const isPermanent = kind === "permanent" || kind === "invalid_recipient";
  return outcomesOf(event, isPermanent && hard_bounce !== true ? "temporary" : kind);
}

/** Mailjet did not send it. */
function blockedOutcomes(event: Event): ProviderOutcome[] {
  return outcomesOf(event, ERRORS.get(event.error) ?? CATEGORY.blocked);
}

function outcomesOf({ event, error, comment }: Event, kind: BounceKind): ProviderOutcome[] {
  const bounce = bounced(kind, { subcategory: error ?? event, details: comment });
  // The recipient complained about an earlier mail.
  return error === "spam reporter" ? [bounce, OUTCOME.complained] : [bounce];
}
