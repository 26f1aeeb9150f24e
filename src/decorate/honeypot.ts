/**
 * The honeypot: a link that no person sees, so that whoever follows it is a machine. Guarantees that it shows and says nothing, takes no
 * room, and that no key and no screen reader comes upon it. Gives up: the filters that count a hidden link against a mail.
 */
import { HONEYPOT_LINK_ID, type Link } from "../tokens/claims.ts";
import type { TokenKeys } from "../tokens/keys.ts";
import { type PreparedClick, prepareClick } from "../tokens/sign.ts";
import { FIRST_LINK, HONEYPOT, type Part } from "./part.ts";

/**
 * Important, against style sheets that make every link a button. Word, which is Outlook on Windows, ignores what is important in an
 * element's own style and knows `mso-hide`; what comes behind holds where a client strips `display`. Without a text there is
 * nothing to see even so.
 */
const STYLE =
  "display:none!important;mso-hide:all;font-size:0;line-height:0;max-height:0;max-width:0;overflow:hidden";

const AFTER_URL = `" tabindex="-1" aria-hidden="true" style="${STYLE}"></a>`;

export function honeypotMarkup(url: string): string {
  return `<a href="${url}${AFTER_URL}`;
}

/** The honeypot of a part that has a place for one. It leads where the part's first decorated link does, for whoever ends there. */
export function prepareHoneypot(
  keys: TokenKeys,
  { holes }: Part,
  links: readonly Link[],
): PreparedClick | undefined {
  if (!holes.some(({ slot }) => slot === HONEYPOT)) return undefined;
  const first = holes.find(({ slot }) => slot >= FIRST_LINK);
  const link = first && links[first.slot - FIRST_LINK];
  return link && prepareClick(keys, { id: HONEYPOT_LINK_ID, url: link.url });
}
