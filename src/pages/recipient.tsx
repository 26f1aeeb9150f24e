/**
 * What recipients see: asked to unsubscribe, unsubscribed, back again, not done, a link that is none. One document each,
 * without a script, a cookie or any further request; a form with one button is all that can change anything.
 */
import type { Child } from "hono/jsx";
import type { Color } from "./color.ts";
import { documentOf, type Page } from "./document.tsx";
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
  return recipientPage(asked, words.askTitle, ICONS.letter, [
    <h1>{words.askTitle}</h1>,
    <Address {...asked} />,
    <Sentence of={words.noMore} sender={asked.sender} />,
    <Form action="unsubscribe" label={words.unsubscribe} />,
    <p>{words.nothingYet}</p>,
  ]);
}

export function unsubscribedPage(asked: Asked): Page {
  const words = phrases[asked.language];
  return recipientPage(asked, words.goneTitle, ICONS.done, [
    <div role="status">
      <h1>{words.goneTitle}</h1>
      <Address {...asked} />
      <Sentence of={words.noMore} sender={asked.sender} />
      <p>{words.onItsWay}</p>
    </div>,
    <Form action="subscribe" label={words.subscribe} before={words.mistake} />,
  ]);
}

export function subscribedPage(asked: Asked): Page {
  const words = phrases[asked.language];
  return recipientPage(asked, words.backTitle, ICONS.back, [
    <div role="status">
      <h1>{words.backTitle}</h1>
      <Address {...asked} />
      <Sentence of={words.asBefore} sender={asked.sender} />
    </div>,
    <Form action="unsubscribe" label={words.unsubscribe} before={words.mistake} />,
  ]);
}

/** `action` is what was asked for and could not be stored; the button asks for it again. */
export function unavailablePage({ action, ...shown }: Shown & { readonly action: Action }): Page {
  const words = phrases[shown.language];
  return recipientPage(shown, words.notDoneTitle, ICONS.notDone, [
    <div role="alert">
      <h1>{words.notDoneTitle}</h1>
      <p>{words.notDone}</p>
    </div>,
    <Form action={action} label={words.again} />,
  ]);
}

export function badLinkPage(shown: Shown): Page {
  const words = phrases[shown.language];
  return recipientPage(shown, words.badLinkTitle, ICONS.broken, [
    <h1>{words.badLinkTitle}</h1>,
    <p>{words.badLink}</p>,
  ]);
}

function recipientPage({ sender, language }: Shown, title: string, icon: string, content: Child[]): Page {
  return documentOf({
    language,
    title: sender.name === "" ? title : `${title} · ${sender.name}`,
    color: sender.color,
    style: recipientStyle(sender.color),
    body: (
      <div class="card">
        <header>{sender.name === "" ? null : <bdi>{sender.name}</bdi>}</header>
        <main>
          <svg viewBox="0 0 24 24" aria-hidden="true">
            <path d={icon} />
          </svg>
          {content}
        </main>
      </div>
    ),
  });
}

function Address({ language, maskedAddress }: Asked) {
  if (maskedAddress === undefined) return null;
  return (
    <dl>
      <dt>{phrases[language].yourAddress}</dt>
      <dd>
        <bdi>{maskedAddress}</bdi>
      </dd>
    </dl>
  );
}

function Sentence({ of, sender }: { of: OfSender; sender: Sender }) {
  if (sender.name === "") return <p>{of.unnamed}</p>;
  const [before, ...after] = of.named.split("{sender}");
  return (
    <p>
      {before}
      <bdi>{sender.name}</bdi>
      {after}
    </p>
  );
}

/** Undoing is the quieter button: `before` says what it is for. */
function Form({ action, label, before }: { action: Action; label: string; before?: string }) {
  return (
    <form method="post">
      {before === undefined ? null : <p>{before}</p>}
      <button type="submit" class={before === undefined ? "" : "quiet"} name="action" value={action}>
        {label}
      </button>
    </form>
  );
}

/** Strokes in a square of 24. */
const ICONS = {
  letter: "M3 6h18v12H3zm0 .5 9 7 9-7",
  done: "m4.5 12.5 5 5 10-11",
  back: "M4 4v5h5m-4.5 0a8 8 0 1 1-.5 5",
  notDone: "M12 4v10m0 5v.01",
  broken: "m9 15-2 2a3.5 3.5 0 0 1-5-5l3-3m10 0 2-2a3.5 3.5 0 0 1 5 5l-3 3M8 2v3m8 14v3",
};
