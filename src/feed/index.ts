/** Events as `/v1` shows them. */
export { FEED_LIST } from "./api.ts";
export { EventAnswer, type EventRow, eventAnswer, FEED_TYPES } from "./event-answer.ts";
export { FEED_FILTERS, type FeedFilter } from "./feed-filter.ts";
export { endOfLog, readFeedPage, readFeedRows, SELECT_END, SELECT_EVENT } from "./feed-page.ts";
export { KeptEvent, keptEvent } from "./kept-event.ts";
export { hasFeedStream, mirrorFeed } from "./mirror.ts";
export { shownEvent } from "./shown-event.ts";
