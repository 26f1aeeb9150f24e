/**
 * Whether a place is inside SVG or MathML, where `<style>` and `<title>` are elements like any other. Follows HTML's
 * "parsing main inside foreign content" (13.2.6.5) from tags alone, without a tree; gives up only on what no sender writes
 * (foreign content left open by the end tag of an HTML element around it lasts until the next HTML element that no SVG holds).
 */
import type { Token } from "parse5";

/** These are never foreign: they end SVG and MathML wherever they stand. */
const HTML_ONLY = new Set(
  `b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li listing menu meta nobr ol p
  pre ruby s small span strong strike sub sup table tt u ul var`.split(/\s+/),
);
const HTML_FONT = new Set(["color", "face", "size"]);

/** Elements with HTML inside, by the language that they belong to. */
const HOLDS_HTML: Readonly<Record<string, ReadonlySet<string>>> = {
  svg: new Set(["foreignobject", "desc", "title"]),
  math: new Set(["mi", "mo", "mn", "ms", "mtext"]),
};

/** Deeper than any drawing; bounds the walk that an end tag costs. */
const MAX_DEPTH = 64;

interface Element {
  readonly name: string;
  /** The outermost element's: a `<svg>` in MathML is an unknown MathML element. */
  readonly language: string;
  readonly holdsHtml: boolean;
}

export class ForeignContent {
  /** Only those that count: roots, their namesakes, and what holds HTML. */
  readonly #open: Element[] = [];
  /** Where the outermost open SVG or MathML element begins. */
  start = 0;

  get inside(): boolean {
    return this.#open.at(-1)?.holdsHtml === false;
  }

  /** Takes in the start tag at `at`. Whether it opens an HTML element. */
  enter(token: Token.TagToken, at: number): boolean {
    const name = token.tagName;
    if (this.inside && isHtmlOnly(token)) while (this.inside) this.#open.pop();
    const isRoot = name in HOLDS_HTML;
    const wasInside = this.inside;
    const language = wasInside ? (this.#open.at(-1)?.language ?? name) : name;
    const holdsHtml = wasInside && HOLDS_HTML[language]?.has(name) === true;
    if ((isRoot || holdsHtml) && !token.selfClosing && this.#open.length < MAX_DEPTH) {
      if (this.#open.length === 0) this.start = at;
      this.#open.push({ name, language, holdsHtml });
    }
    return !wasInside && !isRoot;
  }

  leave(name: string): void {
    if (this.inside) {
      const at = this.#open.findLastIndex((element) => element.name === name);
      if (at >= 0) this.#open.length = at;
      else if (name === "p" || name === "br") while (this.inside) this.#open.pop();
    } else if (this.#open.at(-1)?.name === name) this.#open.pop();
  }
}

function isHtmlOnly({ tagName, attrs }: Token.TagToken): boolean {
  return (
    HTML_ONLY.has(tagName) || (tagName === "font" && attrs.some((attribute) => HTML_FONT.has(attribute.name)))
  );
}
