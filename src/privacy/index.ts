/** Erasure, access and retention. */
export { runPrivacyWork } from "./scheduled.ts";
