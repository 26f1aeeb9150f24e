/** Statistics of messages, and the reports on them. */
export { aggregateLog } from "./aggregate.ts";
export { seqsOf } from "./event-seqs.ts";
export { IS_COUNTED } from "./filter.ts";
export { MERGED_STATS } from "./merge.ts";
export { MESSAGE_FLAGS } from "./message-flags.ts";
export { seqBefore } from "./seq-before.ts";
