/**
 * Tracks whether the tokenizer is inside SVG or MathML, where `<style>` and `<title>` are ordinary elements. Follows
 * HTML's "parsing main inside foreign content" (13.2.6.5) by tags alone, without a tree. Gives up: SVG that is left
 * open when an HTML element around it ends lasts until the next element of `HTML_ONLY`.
 */
import type { Token } from "parse5";

/** Elements that end SVG and MathML wherever they are. */
const HTML_ONLY = new Set(
  `b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li listing menu meta nobr
  ol p pre ruby s small span strong strike sub sup table tt u ul var`.split(/\s+/),
);
const HTML_FONT = new Set(["color", "face", "size"]);

/** Elements that contain HTML, by their language. */
const HOLDS_HTML: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ["svg", new Set(["foreignobject", "desc", "title"])],
  ["math", new Set(["mi", "mo", "mn", "ms", "mtext"])],
]);

/** Deeper than any drawing; bounds what an end tag costs. */
const MAX_DEPTH = 64;

interface Element {
  readonly name: string;
  /** The outermost element's: an `<svg>` in MathML is an unknown MathML element. */
  readonly language: string;
  readonly holdsHtml: boolean;
}

export class ForeignContent {
  /** Open roots, elements of the same names, and elements that contain HTML. */
  readonly #open: Element[] = [];
  /** The offset of the outermost open SVG or MathML element. */
  start = 0;

  get inside(): boolean {
    return this.#open.at(-1)?.holdsHtml === false;
  }

  /** Records a start tag. @returns whether it opens an HTML element */
  enter(token: Token.TagToken, offset: number): boolean {
    const name = token.tagName;
    if (this.inside && isHtmlOnly(token)) while (this.inside) this.#open.pop();
    const isRoot = HOLDS_HTML.has(name);
    const wasInside = this.inside;
    const language = wasInside ? (this.#open.at(-1)?.language ?? name) : name;
    const holdsHtml = wasInside && HOLDS_HTML.get(language)?.has(name) === true;
    if ((isRoot || holdsHtml) && !token.selfClosing && this.#open.length < MAX_DEPTH) {
      if (this.#open.length === 0) this.start = offset;
      this.#open.push({ name, language, holdsHtml });
    }
    return !wasInside && !isRoot;
  }

  leave(name: string): void {
    if (this.inside) {
      const index = this.#open.findLastIndex((element) => element.name === name);
      if (index >= 0) this.#open.length = index;
      else if (name === "p" || name === "br") while (this.inside) this.#open.pop();
    } else if (this.#open.at(-1)?.name === name) this.#open.pop();
  }
}

function isHtmlOnly({ tagName, attrs }: Token.TagToken): boolean {
  return HTML_ONLY.has(tagName) || (tagName === "font" && attrs.some((attribute) => HTML_FONT.has(attribute.name)));
}
