/** What other rooms use of alerts. */
export { type AlertSettings, lookForWarnings } from "./look.ts";
export { ALERT_DELAYS_MS, type AlertReceiver, postAlert } from "./post.ts";
