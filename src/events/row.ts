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
  const { id, atMs, message } = event;
  const { email, person, campaign } = message;
  const typeId = EVENT_TYPE_IDS[event.type];
  switch (event.type) {
    case "opened": {
      const { userAgent, isBot, botPattern = null } = event.visitor;
      return JSON.stringify([
        id,
        typeId,
        atMs,
        email,
        person,
        campaign,
        null,
        null,
        null,
        userAgent,
        Number(isBot),
        botPattern,
        null,
      ]);
    }
    case "clicked": {
      const { userAgent, isBot, botPattern = null } = event.visitor;
      const { link } = event;
      return JSON.stringify([
        id,
        typeId,
        atMs,
        email,
        person,
        campaign,
        null,
        link.id,
        link.url,
        userAgent,
        Number(isBot),
        botPattern,
        null,
      ]);
    }
    case "unsubscribed":
    case "subscribed": {
      const { request } = event;
      const more = event.type === "unsubscribed" ? { cause: event.cause } : {};
      return JSON.stringify([
        id,
        typeId,
        atMs,
        email,
        person,
        campaign,
        null,
        null,
        null,
        request.userAgent,
        0,
        null,
        detail(request, more),
      ]);
    }
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
