/** Statistics of messages, and the reports on them. */
export { aggregateLog } from "./aggregate.ts";
export { activityFlags, hasStatus, MESSAGE_STATUSES, type MessageStatus, messageStatusOf } from "./counts.ts";
export { seqsOf } from "./event-seqs.ts";
export { IS_COUNTED, periodCondition } from "./filter.ts";
export { clicksIn } from "./link-clicks.ts";
export { markMerged, readStaleMailings } from "./mailings.ts";
export { readRecent } from "./recent.ts";
export { seqBefore } from "./seq-before.ts";
export { prepareStatistics, readStatistics, tooLarge } from "./statistics.ts";
