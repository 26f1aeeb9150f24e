/** The names of events in webhooks: in a body's `type`, and in the `events` that an endpoint wants. */
import { FILTERED_TYPE_ID } from "../events/event.ts";
import { FEED_FILTERS, FEED_TYPES } from "../feed/index.ts";

/** Types of the feed that are about no email. */
const OWN_NAMES: Readonly<Record<string, string>> = {
  retry: "send.retry",
  suppression_removed: "suppression.removed",
};

/** The name of a type of the feed: "opened" → "email.opened". */
export function webhookType(feedType: string): string {
  return OWN_NAMES[feedType] ?? `email.${feedType}`;
}

const RETRACTED = webhookType("retracted");

/** What a body's `type` can be. A complaint is posted as "email.unsubscribed". */
export const POSTED_TYPES: readonly string[] = [...Object.keys(FEED_TYPES).map(webhookType), RETRACTED];

/**
 * What an endpoint can want, by name: the type as the filter of the feed takes it. One that wants a type gets the
 * retractions of its events, too; one that wants "email.retracted", those of all events.
 */
export const WEBHOOK_TYPES: ReadonlyMap<string, number> = new Map([
  ...Object.entries(FEED_FILTERS).map(([name, id]) => [webhookType(name), id] as const),
  [RETRACTED, FILTERED_TYPE_ID],
]);
