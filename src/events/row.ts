/**
 * An event as one row of the log, in the order of `ROW_COLUMNS`: the form in which it travels from the edge through the
 * queue into D1. JSON text from the start, so that nothing between the edge and D1 parses it again.
 */
import type { Link } from "../token/claims.ts";
import { EVENT_TYPE_IDS, type LogEvent, type SubscriptionRequest, type Visitor } from "./event.ts";

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
  switch (event.type) {
    case "opened":
      return row(event, event.visitor, null, null);
    case "clicked":
      return row(event, event.visitor, event.link, null);
    case "unsubscribed":
    case "subscribed": {
      const { request } = event;
      const more = event.type === "unsubscribed" ? { cause: event.cause } : {};
      return row(event, { userAgent: request.userAgent, isBot: false }, null, detail(request, more));
    }
  }
}

function row(
  { id, type, atMs, message }: LogEvent,
  { userAgent, isBot, botPattern }: Visitor,
  link: Link | null,
  detailJson: string | null,
): string {
  const { email, person, campaign } = message;
  // JSON writes what is undefined in an array as null.
  return JSON.stringify([
    id,
    EVENT_TYPE_IDS[type],
    atMs,
    email,
    person,
    campaign,
    null,
    link?.id,
    link?.url,
    userAgent,
    Number(isBot),
    botPattern,
    detailJson,
  ]);
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
