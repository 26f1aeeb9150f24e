/**
 * The pages of an unsubscribe link: unsubscribe, unsubscribed, subscribed again, failed. Only the form of each, with
 * one button, changes anything.
 */
import { FAILED_ICON, type Page, type PageOptions, recipientPage, type Sender } from "../web/index.ts";
import { type Markup, markup } from "../web/markup.ts";
import { phrases, type SenderPhrase } from "./phrases.ts";

export interface AddressPageOptions extends PageOptions {
  /** Left out while the address is unknown. */
  readonly maskedAddress?: string;
}

/** The value of the form's field `action`: what a POST with it does. */
export type Action = "unsubscribe" | "subscribe";

export function unsubscribePage(options: AddressPageOptions): Page {
  const words = phrases[options.language];
  const title = words.unsubscribeTitle;
  return recipientPage(options, title, ICONS.letter, [
    markup`<h1>${title}</h1>`,
    address(options),
    sentence(words.noMoreEmails, options.sender),
    form("unsubscribe", words.unsubscribe),
    markup`<p>${words.nothingChangesYet}</p>`,
  ]);
}

/** @param options `canSubscribe`: whether the page offers to subscribe again; default: true */
export function unsubscribedPage(options: AddressPageOptions & { readonly canSubscribe?: boolean }): Page {
  const { canSubscribe = true } = options;
  const words = phrases[options.language];
  const title = words.unsubscribedTitle;
  const said = [address(options), sentence(words.noMoreEmails, options.sender)];
  return recipientPage(options, title, ICONS.done, [
    markup`<div role="status"><h1>${title}</h1>${said}<p>${words.mayStillArrive}</p></div>`,
    canSubscribe ? form("subscribe", words.subscribe, words.wasMistake) : null,
  ]);
}

export function subscribedPage(options: AddressPageOptions): Page {
  const words = phrases[options.language];
  const title = words.subscribedTitle;
  const said = [address(options), sentence(words.emailsAsBefore, options.sender)];
  return recipientPage(options, title, ICONS.subscribed, [
    markup`<div role="status"><h1>${title}</h1>${said}</div>`,
    form("unsubscribe", words.unsubscribe, words.wasMistake),
  ]);
}

/** @param action what could not be stored; the button tries it again */
export function unavailablePage(options: PageOptions, action: Action): Page {
  const words = phrases[options.language];
  const title = words.failedTitle;
  return recipientPage(options, title, FAILED_ICON, [
    markup`<div role="alert"><h1>${title}</h1><p>${words.failed}</p></div>`,
    form(action, words.tryAgain),
  ]);
}

function address({ language, maskedAddress }: AddressPageOptions): Markup | null {
  if (maskedAddress === undefined) return null;
  return markup`<dl><dt>${phrases[language].yourAddress}</dt><dd><bdi>${maskedAddress}</bdi></dd></dl>`;
}

function sentence({ named, unnamed }: SenderPhrase, sender: Sender): Markup {
  if (sender.name === "") return markup`<p>${unnamed}</p>`;
  const [before, ...after] = named.split("{sender}");
  return markup`<p>${before}<bdi>${sender.name}</bdi>${after}</p>`;
}

/** @param question before the button, which is then a quieter one */
function form(action: Action, label: string, question?: string): Markup {
  const before = question === undefined ? null : markup`<p>${question}</p>`;
  const style = question === undefined ? "" : "quiet";
  const attributes = markup`type="submit" class="${style}" name="action" value="${action}"`;
  return markup`<form method="post">${before}<button ${attributes}>${label}</button></form>`;
}

/** SVG paths in a square of 24. */
const ICONS = {
  letter: "M3 6h18v12H3zm0 .5 9 7 9-7",
  done: "m4.5 12.5 5 5 10-11",
  subscribed: "M4 4v5h5m-4.5 0a8 8 0 1 1-.5 5",
};
