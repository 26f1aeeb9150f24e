/** Events as `/v1` shows them. */
export { EventAnswer, type EventRow, eventAnswer, FEED_TYPES } from "./event-answer.ts";
export { SELECT_EVENT } from "./feed-page.ts";
