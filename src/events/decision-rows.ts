/** What people decide about their subscription, as rows of `events`: with effect or, as type 0, without. */
import { sql } from "../platform/sql.ts";
import { EVENT_TYPES, FILTERED_TYPE_ID } from "./event.ts";
import { events } from "./schema.ts";

const { type, detail } = events;
const WITHOUT_EFFECT = sql`${type} = ${FILTERED_TYPE_ID}`;

/** Clicks and opens of type 0 hold no cause. */
export const IS_UNSUBSCRIBED = sql`(${type} = ${EVENT_TYPES.unsubscribed.id}
  OR (${WITHOUT_EFFECT} AND ${detail}->>'cause' IS NOT NULL))`;
export const IS_SUBSCRIBED = sql`(${type} = ${EVENT_TYPES.subscribed.id}
  OR (${WITHOUT_EFFECT} AND ${detail}->>'cause' IS NULL
  AND coalesce(${detail}->>'formFields', ${detail}->>'by') IS NOT NULL))`;
