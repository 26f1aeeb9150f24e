/** Pages for people. */
export type { Page } from "./document.ts";
export { LANGUAGES, type Language, pickLanguage } from "./language.ts";
export { badLinkPage, notReadyPage } from "./link-pages.ts";
export { maskAddress } from "./mask.ts";
export { maskId, maskPersonId, type TextMask, textMask } from "./masked-text.ts";
export { FAILED_ICON, type PageOptions, recipientPage, type Sender } from "./recipient-page.ts";
