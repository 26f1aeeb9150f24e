/** How posts to webhooks name this program, those of events and of alerts. */
export const WEBHOOKS_USER_AGENT = "Waxseal-Webhooks/1";
