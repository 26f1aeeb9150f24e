/** Replaces a part of a page by what it has become, without taking anything from under the reader's hands. */

/**
 * Replaces `region` by the element of `page` with its id, and marks rows that are new. Undefined where somebody writes
 * or selects text in it: then nothing is replaced.
 */
export function replaceRegion(
  region: HTMLElement,
  page: Document,
): { readonly region: HTMLElement; readonly newRows: number } | undefined {
  const found = page.getElementById(region.id);
  if (found === null || found.outerHTML === shownHtml.get(region.id)) return { region, newRows: 0 };
  if (isInUse(region)) return undefined;
  shownHtml.set(region.id, found.outerHTML);
  const fresh = document.importNode(found, true);
  const newRows = markNewRows(region, fresh);
  for (const details of region.querySelectorAll<HTMLDetailsElement>("details[id]")) {
    const same = fresh.querySelector<HTMLDetailsElement>(`details${idSelector(details)}`);
    if (same !== null) same.open = details.open;
  }
  const focus = focusIn(region);
  const anchor = anchorIn(region);
  const sideways = Array.from(region.querySelectorAll(".table"), ({ scrollLeft }) => scrollLeft);
  region.replaceWith(fresh);
  for (const [index, table] of fresh.querySelectorAll(".table").entries()) table.scrollLeft = sideways[index] ?? 0;
  restorePlace(anchor);
  restoreFocus(fresh, focus);
  return { region: fresh, newRows };
}

/** By the region's id, as the server wrote it. */
const shownHtml = new Map<string, string>();

function idSelector({ id }: Element): string {
  return `[id="${CSS.escape(id)}"]`;
}

function isInUse(region: HTMLElement): boolean {
  const active = document.activeElement;
  if (region.contains(active) && active?.matches("input, select, textarea") === true) return true;
  const selection = document.getSelection();
  return selection !== null && !selection.isCollapsed && selection.containsNode(region, true);
}

/** Rows that were changed and not added keep their id. */
function markNewRows(region: HTMLElement, fresh: HTMLElement): number {
  const known = new Set(Array.from(region.querySelectorAll("[data-live-row]"), ({ id }) => id));
  const rows = Array.from(fresh.querySelectorAll("[data-live-row]")).filter(({ id }) => !known.has(id));
  for (const row of rows) row.classList.add("fresh");
  return rows.length;
}

/** Where the focus is: its number among those like it, in the nearest element with an id. */
interface FocusPlace {
  readonly selector: string;
  readonly tag: string;
  readonly index: number;
}

function focusIn(region: HTMLElement): FocusPlace | undefined {
  const active = document.activeElement;
  const around = active?.closest("[id]");
  if (active === null || around === null || around === undefined || !region.contains(active)) return undefined;
  const index = Array.from(around.querySelectorAll(active.tagName)).indexOf(active);
  return { selector: idSelector(around), tag: active.tagName, index };
}

function restoreFocus(fresh: HTMLElement, place: FocusPlace | undefined): void {
  if (place === undefined) return;
  const around = fresh.matches(place.selector) ? fresh : fresh.querySelector<HTMLElement>(place.selector);
  const target = place.index < 0 ? around : around?.querySelectorAll<HTMLElement>(place.tag)[place.index];
  target?.focus({ preventScroll: true });
}

/** The first element with an id that is in sight, and where its upper edge is. */
interface Anchor {
  readonly id: string;
  readonly top: number;
}

function anchorIn(region: HTMLElement): Anchor | undefined {
  for (const element of region.querySelectorAll("[id]")) {
    const { top, bottom } = element.getBoundingClientRect();
    if (bottom > 0 && top < innerHeight) return { id: element.id, top };
  }
  return undefined;
}

function restorePlace(anchor: Anchor | undefined): void {
  const element = anchor === undefined ? null : document.getElementById(anchor.id);
  if (anchor === undefined || element === null) return;
  const moved = element.getBoundingClientRect().top - anchor.top;
  if (moved !== 0) scrollBy({ top: moved, behavior: "instant" });
}
