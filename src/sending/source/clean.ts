/**
 * An email's HTML, prepared to be kept and to be shown. Guarantees that nothing in it runs, loads, sends or leads
 * anywhere: of elements and attributes only those that are known to be harmless pass, of links only the marks of
 * decorated ones, and each of those is there, if only in a list at the end. What is cleaned again stays as it is.
 * Gives up: drawings (SVG), forms, and what a mail client would have made of HTML that a browser reads otherwise.
 */
import { type DefaultTreeAdapterTypes, defaultTreeAdapter, parse, serialize, html as standard } from "parse5";
import { LINK_MARK, markedIds } from "../../decorate/marked.ts";
import { ok, type Result, refused } from "../../platform/result.ts";
import { ATTRIBUTES, ELEMENTS, NAMES, REMOVED, REPLACED } from "./markup.ts";
import { impersonalPicture, type Personal, withoutPersonal, withoutSplitAddresses } from "./personal.ts";
import { shownPicture } from "./pictures.ts";
import { cleanStyle } from "./styles.ts";

type Element = DefaultTreeAdapterTypes.Element;
type Child = DefaultTreeAdapterTypes.ChildNode;
type Attributes = Element["attrs"];

export interface CleanOptions {
  /** Whether the addresses of pictures stay. */
  readonly pictures: boolean;
  readonly personal: Personal;
}

/** Browsers draw no more either. */
const MAX_DEPTH = 500;
/** Twenty times those of a long newsletter; bounds what tags that nobody closes cost. */
const MAX_NODES = 100_000;

/** @param html marked */
export function cleanHtml(html: string, options: CleanOptions): Result<string, "too_large"> {
  const document = parsed(html);
  if (document === undefined || isTooDeep(document)) return refused("too_large");
  const cleaner = new Cleaner(options);
  const { html: root, head, body } = partsOf(document);
  const shown = [...cleaner.childrenOf(head), ...cleaner.childrenOf(body)];
  const out = element("html", cleaner.attributesOf(root), [
    element("head", [], cleaner.styles),
    element("body", cleaner.attributesOf(body), [...shown, ...unseenLinks(html, cleaner.seen)]),
  ]);
  hideSplitAddresses(out);
  const whole = defaultTreeAdapter.createDocumentFragment();
  defaultTreeAdapter.appendChild(whole, out);
  return ok(DOCTYPES[document.mode] + serialize(whole));
}

/** "marie" and "@example.com" in two elements are an address to whoever reads them. */
function hideSplitAddresses(root: Element): void {
  const nodes = textsIn(root);
  const shown = withoutSplitAddresses(nodes.map(({ value }) => value));
  for (const [index, node] of nodes.entries()) node.value = shown[index] ?? "";
}

function textsIn(parent: Element): readonly DefaultTreeAdapterTypes.TextNode[] {
  const texts: DefaultTreeAdapterTypes.TextNode[] = [];
  const waiting: Child[] = [parent];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (defaultTreeAdapter.isTextNode(node)) texts.push(node);
    if (isElement(node)) waiting.push(...node.childNodes.toReversed());
  }
  return texts;
}

const XHTML = "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd";
/** How browsers draw the page depends on it (HTML, "the initial insertion mode"); serialising keeps its name only. */
const DOCTYPES: Readonly<Record<standard.DOCUMENT_MODE, string>> = {
  quirks: "",
  "limited-quirks": `<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "${XHTML}">`,
  "no-quirks": "<!DOCTYPE html>",
};

/** Undefined for what would make too large a tree. */
function parsed(html: string): DefaultTreeAdapterTypes.Document | undefined {
  let nodes = 0;
  const isTooLarge = new Error("too many elements");
  const treeAdapter = {
    ...defaultTreeAdapter,
    createElement(...parameters: Parameters<typeof defaultTreeAdapter.createElement>) {
      nodes += 1;
      if (nodes > MAX_NODES) throw isTooLarge;
      return defaultTreeAdapter.createElement(...parameters);
    },
  };
  try {
    return parse(html, { treeAdapter, scriptingEnabled: false });
  } catch (error) {
    if (error === isTooLarge) return undefined;
    throw error;
  }
}

/** Without recursion, which such a tree would end. */
function isTooDeep(document: DefaultTreeAdapterTypes.Document): boolean {
  let level: readonly Child[] = document.childNodes;
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) return true;
    level = level.flatMap((node) => ("childNodes" in node ? node.childNodes : []));
  }
  return false;
}

/** The parser makes all three of whatever it reads. */
function partsOf(document: DefaultTreeAdapterTypes.Document) {
  const html = document.childNodes.find(isElement);
  const inside = html?.childNodes.filter(isElement) ?? [];
  const none = element("body", [], []);
  return {
    html: html ?? none,
    head: inside.find(({ tagName }) => tagName === "head") ?? none,
    // A page of frames has no body.
    body: inside.find(({ tagName }) => tagName === "body") ?? none,
  };
}

function isElement(node: Child): node is Element {
  return defaultTreeAdapter.isElementNode(node);
}

function element(tagName: string, attrs: Attributes, children: readonly Child[]): Element {
  const made = defaultTreeAdapter.createElement(tagName, standard.NS.HTML, attrs);
  for (const child of children) defaultTreeAdapter.appendChild(made, child);
  return made;
}

/** Links that no element shows: in Outlook's comments, in drawings, in words. */
function unseenLinks(html: string, seen: ReadonlySet<string>): readonly Child[] {
  const ids = [...markedIds(html)].filter((id) => !seen.has(id));
  if (ids.length === 0) return [];
  const items = ids.map((id) => element("li", [], [element("a", [{ name: "href", value: LINK_MARK + id }], [])]));
  return [element("ul", [UNSEEN], items)];
}

/** Names the list of links that no element of the email shows. */
const UNSEEN = { name: "data-waxseal", value: "unseen" } as const;

class Cleaner {
  readonly seen = new Set<string>();
  readonly styles: Element[] = [];
  readonly #options: CleanOptions;

  constructor(options: CleanOptions) {
    this.#options = options;
  }

  childrenOf(parent: Element): readonly Child[] {
    return parent.childNodes.flatMap((child) => this.#clean(child));
  }

  #clean(node: Child): readonly Child[] {
    if (defaultTreeAdapter.isTextNode(node)) return [this.#text(node.value)];
    if (!isElement(node)) return [];
    const { tagName } = node;
    if (tagName === "style") this.#style(node);
    if (node.namespaceURI !== standard.NS.HTML || REMOVED.has(tagName)) return [];
    const shown = REPLACED.get(tagName) ?? tagName;
    if (!ELEMENTS.has(shown)) return this.childrenOf(node);
    const attributes = this.attributesOf(node);
    return shown === "img" && isPixel(attributes) ? [] : [element(shown, attributes, this.childrenOf(node))];
  }

  #text(value: string): Child {
    const text = withoutPersonal(value, this.#options.personal);
    return defaultTreeAdapter.createTextNode(text);
  }

  /** In the head, wherever it was: style sheets hold for the whole page. */
  #style(node: Element): void {
    if (node.namespaceURI !== standard.NS.HTML) return;
    const css = node.childNodes.map((child) => (defaultTreeAdapter.isTextNode(child) ? child.value : "")).join("");
    const media = node.attrs.filter(({ name }) => name === "media");
    this.styles.push(element("style", media, [this.#text(this.#css(css))]));
  }

  attributesOf({ tagName, attrs }: Element): Attributes {
    return attrs.flatMap(({ name, value }) => {
      const cleaned = this.#attribute(tagName, name, value);
      return cleaned === undefined ? [] : [{ name, value: cleaned }];
    });
  }

  #attribute(tagName: string, name: string, value: string): string | undefined {
    if (name === "style") return withoutPersonal(this.#css(value), this.#options.personal);
    if (name === "href") return this.#link(tagName, value);
    if (name === "background" || (name === "src" && tagName === "img")) return this.#picture(value);
    if (name === UNSEEN.name && value === UNSEEN.value && tagName === "ul") return value;
    if (!ATTRIBUTES.has(name) || (NAMES.has(name) && /waxseal/i.test(value))) return undefined;
    return withoutPersonal(value, this.#options.personal);
  }

  #link(tagName: string, value: string): string | undefined {
    if (tagName !== "a" && tagName !== "area") return undefined;
    const [id] = value.startsWith(LINK_MARK) ? markedIds(value) : [];
    if (id === undefined || value !== LINK_MARK + id) return undefined;
    this.seen.add(id);
    return value;
  }

  #css(css: string): string {
    const { pictures } = this.#options;
    return cleanStyle(css, (address) => (pictures ? this.#picture(address) : undefined));
  }

  #picture(address: string): string | undefined {
    const picture = this.#options.pictures ? shownPicture(address) : undefined;
    return picture && impersonalPicture(picture, this.#options.personal);
  }
}

/** Another tracker's: whoever looks at the email would open it for its person. */
function isPixel(attributes: Attributes): boolean {
  const isTiny = (side: string) =>
    attributes.some(({ name, value }) => name === side && /^\s*0*[01](?:px)?\s*$/i.test(value));
  return isTiny("width") && isTiny("height");
}
