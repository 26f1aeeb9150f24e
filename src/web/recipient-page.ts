/**
 * The frame of the pages that recipients see. Each is one document without script, cookie or further request, in the
 * sender's colour.
 */
import type { Color } from "../platform/color.ts";
import { documentOf, type Page } from "./document.ts";
import type { Language } from "./language.ts";
import { type Markup, markup } from "./markup.ts";
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

/** The icon of what did not work: an SVG path in a square of 24. */
export const FAILED_ICON = "M12 4v10m0 5v.01";

/** @param icon an SVG path in a square of 24 */
export function recipientPage(
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
