/**
 * The pages that recipients see: unsubscribe, unsubscribed, subscribed again, failed, bad link, not ready. Each is one
 * document without script, cookie or further request; only its form, with one button, changes anything.
 */
import type { Color } from "./color.ts";
import { documentOf, type Page } from "./document.ts";
import { type Markup, markup } from "./markup.ts";
import { type Language, phrases, type SenderPhrase } from "./phrases.ts";
import { recipientStyle } from "./recipient-style.ts";

export interface Sender {
  /** Empty: the pages name no sender. */
  readonly name: string;
  readonly color: Color;
}

export interface PageOptions {
  readonly sender: Sender;
  readonly language: Language;
}

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
  return recipientPage(options, title, ICONS.failed, [
    markup`<div role="alert"><h1>${title}</h1><p>${words.failed}</p></div>`,
    form(action, words.tryAgain),
  ]);
}

export function badLinkPage(options: PageOptions): Page {
  const words = phrases[options.language];
  const title = words.badLinkTitle;
  return recipientPage(options, title, ICONS.broken, [markup`<h1>${title}</h1>`, markup`<p>${words.badLink}</p>`]);
}

/** For a link that cannot be read, because the Worker has no keys yet. */
export function notReadyPage(options: PageOptions): Page {
  const words = phrases[options.language];
  const title = words.badLinkTitle;
  return recipientPage(options, title, ICONS.failed, [markup`<h1>${title}</h1>`, markup`<p>${words.notReady}</p>`]);
}

function recipientPage(
  { sender, language }: PageOptions,
  title: string,
  icon: string,
  content: readonly (Markup | null)[],
): Page {
  const name = sender.name === "" ? null : markup`<bdi>${sender.name}</bdi>`;
  const picture = markup`<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${icon}"></path></svg>`;
  return documentOf({
    language,
    title: sender.name === "" ? title : `${title} · ${sender.name}`,
    color: sender.color,
    style: recipientStyle(sender.color),
    body: markup`<div class="card"><header>${name}</header><main>${picture}${content}</main></div>`,
  });
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
  failed: "M12 4v10m0 5v.01",
  broken: "m9 15-2 2a3.5 3.5 0 0 1-5-5l3-3m10 0 2-2a3.5 3.5 0 0 1 5 5l-3 3M8 2v3m8 14v3",
};
