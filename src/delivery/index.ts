/** What happened to a send: what other rooms use of it. */
export { refusedProviderSettings } from "./providers/settings.ts";
