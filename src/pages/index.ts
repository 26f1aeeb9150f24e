/** What people see. */
export type { Page } from "./document.tsx";
export { pickLanguage } from "./language.ts";
export { maskAddress } from "./mask.ts";
export type { Language } from "./phrases.ts";
export {
  type Action,
  badLinkPage,
  type Sender,
  type Shown,
  subscribedPage,
  unavailablePage,
  unsubscribedPage,
  unsubscribePage,
} from "./recipient.tsx";
