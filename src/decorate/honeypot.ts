/**
 * The honeypot link: only bots follow it, because no person sees it. Guarantees that it shows nothing, takes no room,
 * and is reached by neither keyboard nor screen reader. Gives up: spam filters that count a hidden link against an
 * email.
 */
import { HONEYPOT_LINK_ID } from "../tokens/claims.ts";
import type { TokenKeys } from "../tokens/keys.ts";
import { type PreparedClick, prepareClick } from "../tokens/sign.ts";
import type { LinkRegister } from "./links.ts";
import { HONEYPOT, type Part } from "./part.ts";

/**
 * `!important`, because style sheets of emails make every link a button. Outlook on Windows ignores `!important` in a
 * style attribute and knows `mso-hide`; the rest holds where a client strips `display`. The link has no text in any
 * case.
 */
const STYLE = "display:none!important;mso-hide:all;font-size:0;line-height:0;max-height:0;max-width:0;overflow:hidden";

const AFTER_URL = `" tabindex="-1" aria-hidden="true" style="${STYLE}"></a>`;

export function honeypotMarkup(url: string): string {
  return `<a href="${url}${AFTER_URL}`;
}

/**
 * The honeypot link of parts with a slot for one. Its destination is that of the first decorated link in them that
 * leads everybody to the same page; without one there is no honeypot link.
 */
export function prepareHoneypot(
  keys: TokenKeys,
  parts: readonly Part[],
  register: LinkRegister,
): PreparedClick | undefined {
  const holes = parts.flatMap((part) => part.holes);
  if (!holes.some(({ slot }) => slot === HONEYPOT)) return undefined;
  const [link] = holes.flatMap(({ slot }) => register.commonLink(slot) ?? []);
  return link && prepareClick(keys, { id: HONEYPOT_LINK_ID, url: link.url });
}
