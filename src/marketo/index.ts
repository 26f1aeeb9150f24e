/** What other capabilities use of Marketo's API. */
export { EXTRACT_HOLDS_MS } from "./extract/job.ts";
