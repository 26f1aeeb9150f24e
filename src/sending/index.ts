/** What other capabilities use of sending. */
export { deleteOldSources, deleteSourcesOf, type SourceStores } from "./source/keep.ts";
