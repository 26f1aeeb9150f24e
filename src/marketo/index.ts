/** What other rooms use of Marketo-compatible reading. */
export { EXPORT_KEPT_MS } from "./extract/job.ts";
