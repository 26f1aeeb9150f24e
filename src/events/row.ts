/**
 * An event as one row of the log, in the order of `ROW_COLUMNS`: the form in which it travels from the edge through the
 * queue into D1. JSON text from the start, so that nothing between the edge and D1 parses it again.
 */
import { EVENT_TYPE_IDS, type LogEvent, type SubscriptionRequest } from "./event.ts";

/** The columns that a row fills, in order. `place` is D1's to give. */
export const ROW_COLUMNS = [
  "id",
  "type",
  "at",
  "email",
  "person",
  "campaign",
  "send",
  "link_id",
  "link",
  "user_agent",
  "is_bot",
  "bot_pattern",
  "detail",
] as const;

/** The row of an event: a JSON array with one value for each of `ROW_COLUMNS`, absent ones null. */
export function rowOf(event: LogEvent): string {
  const { email, person, campaign } = event.message;
  const head = [event.id, EVENT_TYPE_IDS[event.type], event.atMs, email, person, campaign, null];
  switch (event.type) {
    case "opened": {
      const { userAgent, isBot, botPattern } = event.visitor;
      return JSON.stringify([...head, null, null, userAgent, isBot ? 1 : 0, botPattern ?? null, null]);
    }
    case "clicked": {
      const { userAgent, isBot, botPattern } = event.visitor;
      const { id, url } = event.link;
      return JSON.stringify([...head, id, url, userAgent, isBot ? 1 : 0, botPattern ?? null, null]);
    }
    case "unsubscribed":
      return JSON.stringify([
        ...head,
        null,
        null,
        event.request.userAgent,
        0,
        null,
        detail(event.request, { cause: event.cause }),
      ]);
    case "subscribed":
      return JSON.stringify([
        ...head,
        null,
        null,
        event.request.userAgent,
        0,
        null,
        detail(event.request, {}),
      ]);
  }
}

function detail(request: SubscriptionRequest, more: Record<string, string>): string {
  const { clientIp, referrer, query, formFields } = request;
  return JSON.stringify({
    ...more,
    ...(clientIp === "" ? {} : { clientIp }),
    ...(referrer === "" ? {} : { referrer }),
    ...(query === "" ? {} : { query }),
    formFields,
  });
}
