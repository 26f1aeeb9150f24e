/** The archive: events that left D1, in R2. What other rooms use of it. */
export type { ArchivedEvent } from "./archived-event.ts";
export {
  type Edition,
  type IsWhole,
  inOneEdition,
  requireEdition,
  runInEdition,
  SELECT_IS_WHOLE,
} from "./edition.ts";
export { isFileLost } from "./file-lost.ts";
export { type ArchiveHealth, archiveHealth } from "./health.ts";
export { archivedClicks, mayBeArchived } from "./known-clicks.ts";
export { lookForLost } from "./lost.ts";
export { noteErased } from "./messages/erased.ts";
export type { LeavingMessage } from "./messages/leaving.ts";
export { recallFiled } from "./messages/recall.ts";
export { DAY_TOTAL, DAY_TOTALS, LINK_TOTAL, LINK_TOTALS } from "./messages/totals.ts";
export {
  type ArchivedRows,
  END_OF_LOG,
  isProbablyArchived,
  readBefore,
  readBehind,
  readWithSeqs,
  TABLE,
  withArchived,
} from "./read.ts";
export { readRecalled, readWholeOrRecalled } from "./read-recalled.ts";
export { recallForRows, recallMessages } from "./recall.ts";
export { recallEvents, recallListed, recallToErase, rewriteSoon } from "./recall-seqs.ts";
export { lastSeqBefore } from "./recorded.ts";
export { ARCHIVE_START, FLOOR, firstSeqSince, type LogStores, mayBeInArchive, recordedBehind } from "./segments.ts";
export { type ArchivedSlice, readSteadily, type SteadyArchive } from "./steady.ts";
export { noteChangeOf } from "./stored-rows.ts";
export { archivedBefore, deleteOldSegments, sweepArchive, workOnArchive, workOnMessages } from "./work.ts";
