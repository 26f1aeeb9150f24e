/** Erasure, access and retention. */
export { workOnErasures } from "./erase.ts";
export { resumeRetention, workOnRetention } from "./retention.ts";
