/** The names of events in webhooks: in a body's `type`, and in the `events` that an endpoint wants. */
import { FILTERED_TYPE_ID } from "../events/event.ts";
import { FEED_TYPES } from "../feed/index.ts";

/** Types of the feed that are about no email. */
const OWN_NAMES: Readonly<Record<string, string>> = {
  retry: "send.retry",
  suppression_removed: "suppression.removed",
};

/** The name of a type of the feed: "opened" → "email.opened". */
export function webhookType(feedType: string): string {
  return OWN_NAMES[feedType] ?? `email.${feedType}`;
}

/**
 * By name, the type as the filter of the feed takes it. An endpoint that wants a type gets the retractions of its
 * events, too; one that wants "email.retracted", those of all events.
 */
export const WEBHOOK_TYPES: ReadonlyMap<string, number> = new Map([
  ...Object.entries(FEED_TYPES).map(([name, id]) => [webhookType(name), id] as const),
  [webhookType("retracted"), FILTERED_TYPE_ID],
]);
