/** Pages for people. */
export type { Page } from "./document.ts";
export { LANGUAGES, type Language, pickLanguage } from "./language.ts";
export { badLinkPage, notReadyPage } from "./link-pages.ts";
export { FAILED_ICON, type PageOptions, recipientPage, type Sender } from "./recipient-page.ts";
