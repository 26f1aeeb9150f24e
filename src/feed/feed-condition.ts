/** The filter of the feed as a condition in SQL. */
import { BOT_PATTERNS } from "../bots/bot.ts";
import { COMPARING } from "../bots/burst.ts";
import { EVENT_TYPES, FILTERED_TYPE_ID } from "../events/event.ts";
import { events } from "../events/schema.ts";
import { isOneOf, joined, type Sql, sql } from "../platform/sql.ts";
import { HONEYPOT_LINK_ID } from "../tokens/claims.ts";
import { COMPLAINED_FILTER_ID, type FeedFilter } from "./feed-filter.ts";

/** The type of an event that is retracted; NULL of all others. */
const RETRACTED = sql`${events.detail}->>'retracted'`;

const COMPARED = COMPARING.map((method) => sql`${events.botPattern} LIKE ${`${BOT_PATTERNS[method]}%`}`);

/**
 * A bot's event that was a person's in the log before: a click by its pattern, an Opened by one of its loads. A click
 * on the honeypot link was a bot's from the beginning.
 */
const WAS_A_PERSONS = sql`iif(${events.type} = ${EVENT_TYPES.opened.id},
  EXISTS (SELECT 1 FROM json_each(${events.detail}, '$.loads') WHERE json_type(value, '$.reclassified') IS NOT NULL),
  ${events.linkId} IS NOT ${HONEYPOT_LINK_ID} AND (${joined(COMPARED, " OR ")}))`;

/** Whether a row is, or was, of one of these types. A retraction may have lost the cause of what it retracts. */
function isOfTypes(type: Sql | typeof events.type, types: readonly number[]): Sql {
  const isOfOne = isOneOf(type, types);
  if (!types.includes(COMPLAINED_FILTER_ID)) return isOfOne;
  return sql`(${isOfOne} OR (${type} = ${EVENT_TYPES.unsubscribed.id}
    AND coalesce(${events.detail}->>'cause', 'complaint') = 'complaint'))`;
}

/** Whether the filter passes a row of `events`, but for persons and addresses. */
export function passes({ types, email, campaign, sinceMs, untilMs, bots }: FeedFilter): Sql {
  const isShown = sql`(${events.type} <> ${FILTERED_TYPE_ID})`;
  const isAnyRetracted = types === undefined || types.includes(FILTERED_TYPE_ID);
  const isWanted = types === undefined ? sql`true` : isOfTypes(events.type, types);
  const isRetracted = isAnyRetracted ? sql`${RETRACTED} IS NOT NULL` : isOfTypes(RETRACTED, types);
  const isShownBot =
    bots === "include" ? isWanted : sql`(${WAS_A_PERSONS} AND ${isAnyRetracted ? sql`true` : isWanted})`;
  const conditions = [
    sql`iif(${isShown}, iif(${events.isBot}, ${isShownBot}, ${isWanted}), ${isRetracted})`,
    ...(email === undefined ? [] : [sql`${events.email} = ${email}`]),
    ...(campaign === undefined ? [] : [sql`${events.campaign} = ${campaign}`]),
    ...(sinceMs === undefined ? [] : [sql`${events.at} >= ${sinceMs}`]),
    ...(untilMs === undefined ? [] : [sql`${events.at} < ${untilMs}`]),
  ];
  return joined(conditions, " AND ");
}
