/** What other rooms use of alerts. */
export { ALERT_DELAYS_MS, type AlertReceiver, postAlert } from "./post.ts";
export { type AlertSettings, healthReport, postWarnings } from "./report.ts";
