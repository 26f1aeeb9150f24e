/**
 * An email's HTML for showing which link is which: as it was before anybody's values were in it, with the id of each
 * decorated link in place of its address. Guarantees that it holds nothing of a recipient's that decorating knows:
 * no token, no pixel, no honeypot link, no variable's value, no destination.
 */
import type { DecoratedLink } from "./links.ts";
import { FIRST_LINK, type Part, UNSUBSCRIBE } from "./part.ts";

/** Comes before a link's id. Decorating leaves such an address alone, so that marked HTML may be marked again. */
export const LINK_MARK = "#waxseal-link-";

/** The ids of the links in marked HTML, each once, in their order; also where no browser finds a link. */
export function markedIds(html: string): ReadonlySet<string> {
  return new Set(Array.from(html.matchAll(MARKED_ID), ([, id = ""]) => id));
}

const MARKED_ID = new RegExp(`${LINK_MARK}([\\w.:-]{1,64})`, "g");

/** @param links by their slots, from `FIRST_LINK` on */
export function markedHtml({ before, holes }: Part, links: readonly DecoratedLink[]): string {
  const markOf = (slot: number): string | undefined => {
    if (slot === UNSUBSCRIBE) return "{{unsubscribe}}";
    const link = links[slot - FIRST_LINK];
    return link === undefined ? undefined : LINK_MARK + link.id;
  };
  return before + holes.map(({ slot, original, after }) => (markOf(slot) ?? original) + after).join("");
}
