/** What other capabilities use of sending. */
export { sourcePolicy } from "./source/api.ts";
export { deleteOldSources, deleteSourcesOf, type SourceStores } from "./source/keep.ts";
