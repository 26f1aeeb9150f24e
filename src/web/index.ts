/** Pages for people. */
export type { Page } from "./document.ts";
export { pickLanguage } from "./language.ts";
export { maskAddress } from "./mask.ts";
export { maskId, maskPersonId, type TextMask, textMask } from "./masked-text.ts";
export {
  type Action,
  badLinkPage,
  notReadyPage,
  type PageOptions,
  type Sender,
  subscribedPage,
  unavailablePage,
  unsubscribedPage,
  unsubscribePage,
} from "./recipient.ts";
