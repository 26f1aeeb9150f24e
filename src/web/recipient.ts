/**
 * What recipients see: asked to unsubscribe, unsubscribed, back again, not done, a link that is none. One document each,
 * without a script, a cookie or any further request; a form with one button is all that can change anything.
 */
import type { Color } from "./color.ts";
import { documentOf, type Page } from "./document.ts";
import { type Markup, markup } from "./markup.ts";
import { type Language, type OfSender, phrases } from "./phrases.ts";
import { recipientStyle } from "./recipient-style.ts";

export interface Sender {
  /** Empty: the pages name nobody. */
  readonly name: string;
  readonly color: Color;
}

export interface Shown {
  readonly sender: Sender;
  readonly language: Language;
}

/** `maskedAddress` only when the address is known. */
export interface Asked extends Shown {
  readonly maskedAddress?: string;
}

/** The field `action` of the form, and what a POST with it does. */
export type Action = "unsubscribe" | "subscribe";

export function unsubscribePage(asked: Asked): Page {
  const words = phrases[asked.language];
  const title = words.askTitle;
  return recipientPage(asked, title, ICONS.letter, [
    markup`<h1>${title}</h1>`,
    address(asked),
    sentence(words.noMore, asked.sender),
    form("unsubscribe", words.unsubscribe),
    markup`<p>${words.nothingYet}</p>`,
  ]);
}

export function unsubscribedPage(asked: Asked): Page {
  const words = phrases[asked.language];
  const title = words.goneTitle;
  const said = [address(asked), sentence(words.noMore, asked.sender)];
  return recipientPage(asked, title, ICONS.done, [
    markup`<div role="status"><h1>${title}</h1>${said}<p>${words.onItsWay}</p></div>`,
    form("subscribe", words.subscribe, words.mistake),
  ]);
}

export function subscribedPage(asked: Asked): Page {
  const words = phrases[asked.language];
  const title = words.backTitle;
  const said = [address(asked), sentence(words.asBefore, asked.sender)];
  return recipientPage(asked, title, ICONS.back, [
    markup`<div role="status"><h1>${title}</h1>${said}</div>`,
    form("unsubscribe", words.unsubscribe, words.mistake),
  ]);
}

/** `action` is what was asked for and could not be stored; the button asks for it again. */
export function unavailablePage({ action, ...shown }: Shown & { readonly action: Action }): Page {
  const words = phrases[shown.language];
  const title = words.notDoneTitle;
  return recipientPage(shown, title, ICONS.notDone, [
    markup`<div role="alert"><h1>${title}</h1><p>${words.notDone}</p></div>`,
    form(action, words.again),
  ]);
}

export function badLinkPage(shown: Shown): Page {
  const words = phrases[shown.language];
  const title = words.badLinkTitle;
  return recipientPage(shown, title, ICONS.broken, [
    markup`<h1>${title}</h1>`,
    markup`<p>${words.badLink}</p>`,
  ]);
}

function recipientPage(
  { sender, language }: Shown,
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

function address({ language, maskedAddress }: Asked): Markup | null {
  if (maskedAddress === undefined) return null;
  return markup`<dl><dt>${phrases[language].yourAddress}</dt><dd><bdi>${maskedAddress}</bdi></dd></dl>`;
}

function sentence(of: OfSender, sender: Sender): Markup {
  if (sender.name === "") return markup`<p>${of.unnamed}</p>`;
  const [before, ...after] = of.named.split("{sender}");
  return markup`<p>${before}<bdi>${sender.name}</bdi>${after}</p>`;
}

/** Undoing is the quieter button: `before` says what it is for. */
function form(action: Action, label: string, before?: string): Markup {
  const reason = before === undefined ? null : markup`<p>${before}</p>`;
  const look = before === undefined ? "" : "quiet";
  return markup`<form method="post">${reason}<button type="submit" class="${look}" name="action" value="${action}">${label}</button></form>`;
}

/** Strokes in a square of 24. */
const ICONS = {
  letter: "M3 6h18v12H3zm0 .5 9 7 9-7",
  done: "m4.5 12.5 5 5 10-11",
  back: "M4 4v5h5m-4.5 0a8 8 0 1 1-.5 5",
  notDone: "M12 4v10m0 5v.01",
  broken: "m9 15-2 2a3.5 3.5 0 0 1-5-5l3-3m10 0 2-2a3.5 3.5 0 0 1 5 5l-3 3M8 2v3m8 14v3",
};
