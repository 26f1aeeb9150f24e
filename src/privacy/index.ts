/** Erasure, access and retention. */
export { workOnErasures } from "./erase.ts";
export { keptFrom, resumeRetention, workOnRetention } from "./retention.ts";
