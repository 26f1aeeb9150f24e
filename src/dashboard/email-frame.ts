/**
 * An email's HTML with a badge at each link: how many people clicked it, of all who clicked. Guarantees that each link
 * has its badge, however often it is there, that a badge takes no room and is reached by keyboard, and that a link
 * leads to its note within the frame and nowhere else. `/v1/emails/{email}/source` has cleaned the HTML. Gives up: a
 * badge of a link that the email itself hides.
 */
import { raw } from "hono/html";
import { type DefaultTreeAdapterTypes, defaultTreeAdapter, parse, parseFragment, serialize } from "parse5";
import { LINK_MARK } from "../decorate/marked.ts";
import { cutText } from "../web/cut-text.ts";
import { countWords, formatCount, formatShare } from "../web/format.ts";
import { type Markup, markup } from "../web/markup.ts";
import { frameStyle, heatOf } from "./frame-style.ts";

type Element = DefaultTreeAdapterTypes.Element;
type Document = DefaultTreeAdapterTypes.Document;

/** A row of the link report. */
export interface LinkCount {
  readonly id: string;
  readonly name?: string | undefined;
  readonly url: string;
  readonly clicks: number;
  readonly people: number;
  readonly peopleShare: number | null;
}

/** A link of the email, in its order. */
export interface FrameLink {
  readonly id: string;
  readonly number: number;
  /** What is in it; empty for a picture without words. */
  readonly text: string;
  /** Without one nobody has clicked it yet. */
  readonly count: LinkCount | undefined;
}

/** A link with the elements that show it. */
interface ShownLink extends FrameLink {
  readonly elements: readonly Element[];
}

/** The ids of elements in the frame: `#waxseal-link-…` is the link's first element, the other one its note. */
export const FRAME_LINK = LINK_MARK;
const FRAME_NOTE = "#waxseal-note-";

/** The links of an email's HTML, in its order, with their counts. */
export function frameLinks(html: string, counts: readonly LinkCount[]): readonly FrameLink[] {
  return shownLinks(parse(html), counts).map(({ elements: _, ...link }) => link);
}

/**
 * @param html as `/v1/emails/{email}/source` answers it
 * @param counts the rows of the email's link report
 */
export function emailFrame(html: string, counts: readonly LinkCount[]): string {
  const document = parse(html);
  const links = shownLinks(document, counts);
  const most = Math.max(0, ...links.map(({ count }) => count?.people ?? 0));
  const images = mappedImages(document);
  for (const link of links) {
    const badge = badgeOf(link, heatOf(link.count?.people ?? 0, most));
    const [first] = link.elements.map((element) => mark(element, link, badge, images));
    if (first !== undefined) set(first, "id", FRAME_LINK.slice(1) + link.id);
  }
  nameUnseen(document, links);
  const { head, body } = partsOf(document);
  const style = raw(frameStyle(links));
  if (head !== undefined) append(head, markup`<title>Links of the email</title><style>${style}</style>`);
  if (body !== undefined) append(body, markup`${links.map(noteOf)}`);
  const [doctype = ""] = /^<!DOCTYPE [^>]*>/i.exec(html) ?? [];
  const whole = document.childNodes.filter((node) => node.nodeName !== "#documentType");
  return doctype + serialize(Object.assign(defaultTreeAdapter.createDocumentFragment(), { childNodes: whole }));
}

function shownLinks(document: Document, counts: readonly LinkCount[]): readonly ShownLink[] {
  const byId = new Map(counts.map((count) => [count.id, count]));
  const elements = Map.groupBy(
    elementsIn(document).filter((element) => valueIn(element, "href")?.startsWith(LINK_MARK) === true),
    (element) => (valueIn(element, "href") ?? "").slice(LINK_MARK.length),
  );
  return [...elements].map(([id, ofLink], index) => {
    const count = byId.get(id);
    const text = ofLink.map(textOf).find((each) => each !== "") ?? "";
    return { id, number: index + 1, text, count, elements: ofLink };
  });
}

/** In the order of the document. */
function elementsIn(node: DefaultTreeAdapterTypes.ParentNode, found: Element[] = []): readonly Element[] {
  for (const child of node.childNodes) {
    if (!defaultTreeAdapter.isElementNode(child)) continue;
    found.push(child);
    elementsIn(child, found);
  }
  return found;
}

const MAX_TEXT_CHARS = 80;

/** Words, else what pictures say instead. */
function textOf(link: Element): string {
  const words = (node: DefaultTreeAdapterTypes.Node): string => {
    if ("value" in node) return node.value;
    if ("tagName" in node && node.tagName === "img") return ` ${valueIn(node, "alt") ?? ""} `;
    return "childNodes" in node ? node.childNodes.map(words).join("") : "";
  };
  const written = words(link);
  const text = (written.trim() === "" ? (valueIn(link, "alt") ?? "") : written).replace(/\s+/g, " ").trim();
  return cutText(text.toWellFormed(), MAX_TEXT_CHARS);
}

/** "Link 3: 34 people, 12% of those who clicked" */
function labelOf({ number, count }: FrameLink): string {
  return `Link ${number}: ${peopleOf(count)}`;
}

function peopleOf(count: LinkCount | undefined): string {
  if (count === undefined || count.people === 0) return "nobody has clicked it";
  const people = countWords(count.people, "person", "people");
  return count.peopleShare === null ? people : `${people}, ${formatShare(count.peopleShare)} of those who clicked`;
}

function badgeText(count: LinkCount | undefined): string {
  if (count === undefined || count.people === 0) return "0";
  return count.peopleShare === null
    ? formatCount(count.people)
    : `${formatShare(count.peopleShare)} · ${formatCount(count.people)}`;
}

/** Makes the link lead to its note, and puts the badge where it begins, out of the flow. */
function mark(element: Element, link: FrameLink, badge: Markup, images: ReadonlyMap<string, Element>): Element {
  set(element, "href", FRAME_NOTE + link.id);
  if (element.tagName === "area") return besideImage(element, link, badge, images) ?? element;
  prepend(element, badge);
  return element;
}

function badgeOf(link: FrameLink, heat: number): Markup {
  const kind = `waxseal-badge waxseal-heat-${heat}`;
  return markup`<span class="${kind}" role="img" aria-label="${labelOf(link)}">${badgeText(link.count)}</span>`;
}

/** An area holds no badge, which is placed before its picture then; undefined without a picture. */
function besideImage(area: Element, link: FrameLink, badge: Markup, images: ReadonlyMap<string, Element>) {
  const map = area.parentNode !== null && "tagName" in area.parentNode ? area.parentNode : undefined;
  const image = map && images.get(`#${valueIn(map, "name") ?? valueIn(map, "id")}`);
  set(area, "alt", `${valueIn(area, "alt") ?? ""} ${labelOf(link)}`.trim());
  if (image === undefined) return undefined;
  // The badge is reached instead.
  set(area, "tabindex", "-1");
  const [x, y] = cornerOf(area);
  const [made] = childrenOf(markup`<a class="waxseal-spot" href="${FRAME_NOTE}${link.id}">${badge}</a>`);
  if (made === undefined || !("tagName" in made)) return undefined;
  set(made, "style", `margin:${y}px 0 0 ${x}px!important`);
  const before = linkAround(image) ?? image;
  if (before.parentNode !== null) defaultTreeAdapter.insertBefore(before.parentNode, made, before);
  return made;
}

/** Says what the links are that no element of the email shows (sending/source/clean.ts). */
function nameUnseen(document: Document, links: readonly ShownLink[]): void {
  const list = elementsIn(document).findLast((element) => valueIn(element, "data-waxseal") === "unseen");
  if (list === undefined) return;
  prepend(list, markup`<li>Links that only some mail programs show, such as Outlook:</li>`);
  for (const { number, count, elements } of links) {
    for (const element of elements.filter(({ parentNode }) => isIn(parentNode, list)))
      append(element, markup`${count?.name ?? count?.url ?? `Link ${number}`}`);
  }
}

function isIn(item: DefaultTreeAdapterTypes.ParentNode | null, list: Element): boolean {
  return item !== null && "parentNode" in item && item.parentNode === list;
}

/** The pictures of maps, by what they name. */
function mappedImages(document: Document): ReadonlyMap<string, Element> {
  return new Map(
    elementsIn(document).flatMap((element) => {
      const name = element.tagName === "img" ? valueIn(element, "usemap") : undefined;
      return name === undefined ? [] : [[name, element] as const];
    }),
  );
}

function linkAround(element: Element): Element | undefined {
  for (let node = element.parentNode; node !== null && "tagName" in node; node = node.parentNode) {
    if (node.tagName === "a") return node;
  }
  return undefined;
}

/** The upper left corner of an area within its picture, in pixels. */
function cornerOf(area: Element): readonly [number, number] {
  const coords = (valueIn(area, "coords") ?? "").split(/[\s,]+/).map((each) => Math.round(Number(each)) || 0);
  const [a = 0, b = 0, radius = 0] = coords;
  if (/^circ/i.test(valueIn(area, "shape") ?? "")) return [Math.max(0, a - radius), Math.max(0, b - radius)];
  const least = (from: number) => Math.max(0, Math.min(...coords.filter((_, index) => index % 2 === from), 10_000));
  return coords.length < 2 ? [0, 0] : [least(0), least(1)];
}

/** What a link's row of the report says, shown when the link is followed. */
function noteOf(link: FrameLink): Markup {
  const { id, number, text, count } = link;
  const name = count?.name ?? (text || "Link without words");
  const url = count === undefined ? null : markup`<span class="waxseal-url" dir="ltr">${count.url}</span>`;
  const clicks = count === undefined || count.clicks === 0 ? "" : ` · ${countWords(count.clicks, "click")}`;
  return markup`<aside class="waxseal-note" id="${FRAME_NOTE.slice(1)}${id}" aria-label="Link ${number}">
<span class="waxseal-name" dir="auto">${number}. ${name}</span>${url}
<span class="waxseal-counts">${capital(peopleOf(count))}${clicks}</span>
<a class="waxseal-close" href="#waxseal-closed">Close</a></aside>`;
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

function valueIn({ attrs }: Element, name: string): string | undefined {
  return attrs.find((each) => each.name === name)?.value;
}

function set(element: Element, name: string, value: string): void {
  element.attrs = [...element.attrs.filter((each) => each.name !== name), { name, value }];
}

function partsOf(document: Document) {
  const inside = elementsIn(document);
  return {
    head: inside.find(({ tagName }) => tagName === "head"),
    body: inside.find(({ tagName }) => tagName === "body"),
  };
}

function childrenOf(html: Markup): readonly DefaultTreeAdapterTypes.ChildNode[] {
  return [...parseFragment(String(html)).childNodes];
}

function append(parent: Element, html: Markup): void {
  for (const child of childrenOf(html)) defaultTreeAdapter.appendChild(parent, child);
}

function prepend(parent: Element, html: Markup): void {
  const [first] = parent.childNodes;
  for (const child of childrenOf(html)) {
    if (first === undefined) defaultTreeAdapter.appendChild(parent, child);
    else defaultTreeAdapter.insertBefore(parent, child, first);
  }
}
