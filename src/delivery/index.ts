/** What happened to a send: what other rooms use of it. */
export { deferralCause } from "./phrases/deferral-cause.ts";
export { PROVIDER_SETTINGS, refusedProviderSettings } from "./providers/settings.ts";
