/** The pages that recipients see of a link that does not work. */
import type { Page } from "./document.ts";
import { linkPhrases } from "./link-phrases.ts";
import { markup } from "./markup.ts";
import { FAILED_ICON, type PageOptions, recipientPage } from "./recipient-page.ts";

const BROKEN_ICON = "m9 15-2 2a3.5 3.5 0 0 1-5-5l3-3m10 0 2-2a3.5 3.5 0 0 1 5 5l-3 3M8 2v3m8 14v3";

export function badLinkPage(options: PageOptions): Page {
  const { badLinkTitle: title, badLink } = linkPhrases[options.language];
  return recipientPage(options, title, BROKEN_ICON, [markup`<h1>${title}</h1>`, markup`<p>${badLink}</p>`]);
}

/** For a link that cannot be read, because the Worker has no keys yet. */
export function notReadyPage(options: PageOptions): Page {
  const { badLinkTitle: title, notReady } = linkPhrases[options.language];
  return recipientPage(options, title, FAILED_ICON, [markup`<h1>${title}</h1>`, markup`<p>${notReady}</p>`]);
}
