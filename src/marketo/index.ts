/** What other capabilities use of Marketo's API. */
export { EXTRACT_KEPT_MS } from "./extract/job.ts";
