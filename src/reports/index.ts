/** Statistics of messages, and the reports on them. */
export { aggregateLog } from "./aggregate.ts";
export { MERGED_STATS } from "./merge.ts";
export { MESSAGE_FLAGS } from "./message-flags.ts";
