/**
 * Mailtrap's webhooks for Email Sending, as JSON or JSON Lines. The token travels in the custom variable `waxseal`.
 * Mailtrap tries ten times after a soft bounce, which is a deferral, and then reports a bounce. Source: Mailtrap
 * documentation, "Webhooks", "Verifying the signature", "Statuses and Events" and "Bounce Categorization".
 */
import * as v from "valibot";
import { CATEGORY, OUTCOME } from "../outcome.ts";
import { jsonOrLinesBody } from "./body.ts";
import { bodyHmac } from "./body-hmac.ts";
import { bounced, type ProviderOutcome } from "./bounced.ts";
import * as field from "./fields.ts";
import { provider } from "./provider.ts";
import { eventListReader } from "./reader.ts";
import { shownKeys } from "./setting.ts";

/** The list of a JSON object, the lines, or the only line. */
const Body = v.union([
  v.pipe(
    v.object({ events: v.array(v.unknown()) }),
    v.transform(({ events }) => events),
  ),
  v.array(v.unknown()),
  v.pipe(
    v.looseObject({ event: v.string() }),
    v.transform((event) => [event]),
  ),
]);

const Event = v.object({
  event: v.string(),
  event_id: field.text,
  message_id: field.text,
  email: field.text,
  timestamp: field.unixTime,
  custom_variables: field.ownData,
  reason: field.text,
  response: field.text,
  response_code: field.textOrNumber,
  bounce_category: field.text,
});
type Event = v.InferOutput<typeof Event>;

export const mailtrap = provider({
  setting: shownKeys("MAILTRAP_SIGNING_SECRETS", "Mailtrap"),
  signature: bodyHmac("mailtrap-signature"),
  readBody: jsonOrLinesBody,
  read: eventListReader({
    body: Body,
    schema: Event,
    nameOf: ({ event }) => event,
    outcomes: {
      delivery: OUTCOME.delivered,
      "soft bounce": OUTCOME.deferred,
      // The domain is not verified, or a limit is reached: Mailtrap asks again, and rejects it in the end.
      suspension: OUTCOME.deferred,
      bounce: ({ bounce_category: subcategory, response: details, response_code: replyCode }) => [
        bounced("permanent", { subcategory, replyCode, details }),
      ],
      spam: OUTCOME.complained,
      unsubscribe: OUTCOME.unsubscribed,
      reject: rejectOutcomes,
    },
    factsOf: ({ event, event_id, message_id, email, timestamp, custom_variables }) => ({
      tokens: [custom_variables],
      address: email,
      atMs: timestamp,
      sourceId: `mailtrap:${event_id ?? `${message_id}:${event}:${timestamp}`}`,
    }),
  }),
});

/** On Mailtrap's suppression list, or the domain was not verified in time. */
function rejectOutcomes({ event, reason }: Event): ProviderOutcome[] {
  const rejection = bounced(CATEGORY.blocked, { subcategory: event, prose: reason });
  // They complained about an earlier mail.
  return reason?.endsWith("Reason: spam complaint") ? [rejection, OUTCOME.complained] : [rejection];
}
