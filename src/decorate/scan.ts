/**
 * Finds in HTML what decorating changes: link addresses, names of links, text, the pixel's offset. The tokenizer is
 * the standard's (parse5), without a tree: this file switches it for raw text and foreign content. Linear in the
 * source.
 */
import { type Token, Tokenizer, TokenizerMode } from "parse5";
import { attributeRanges } from "./attributes.ts";
import { ForeignContent } from "./foreign.ts";
import { Lines, type ShownLine } from "./lines.ts";
import { linkName, nameRanges, optsOut } from "./opt-out.ts";
import type { Range } from "./part.ts";

/** The href of a link: the range of its value without quotes, and the value with entities decoded. */
export interface Href extends Range {
  readonly value: string;
  readonly optedOut: boolean;
  /** What its markup calls it. */
  readonly name: string | undefined;
  /** The beginning of what is written in an `<a>`, entities decoded. */
  readonly text: string;
  /** The start tag, with the end tag if that follows at once. */
  readonly tag: Range;
}

export interface Image {
  /** Entities decoded. */
  readonly source: string;
  readonly tag: Range;
}

export interface Scan {
  readonly hrefs: readonly Href[];
  /** Names of links, as attributes. */
  readonly names: readonly Range[];
  /** Everything between tags except scripts, style sheets and comments. */
  readonly texts: readonly Range[];
  /** The same, by the line that they are shown in. */
  readonly lines: readonly ShownLine[];
  readonly startTags: readonly Range[];
  /** Scripts, style sheets, and whatever else has no character references. */
  readonly rawTexts: readonly Range[];
  /** The href of the first `<base>` that has one. */
  readonly base: string | undefined;
  /** Images, among which may be another copy's pixel. */
  readonly images: readonly Image[];
  /** Where forms are sent, entities decoded. */
  readonly formActions: readonly string[];
  /** The pixel's offset: before the last `</body>`, else before the last `</html>`, else at the end. */
  readonly pixelAt: number;
  /** Its offset at the top: behind the first `<body>`, else behind `</head>`, else 0 in a fragment. */
  readonly topAt: number | undefined;
}

export function scanHtml(html: string): Scan {
  return new Scanner(html, 0).scan(html.length);
}

/** The tokenizer's state behind these start tags (HTML, "tree construction", scripting off). */
const MODES: ReadonlyMap<string, Tokenizer["state"]> = new Map([
  ["title", TokenizerMode.RCDATA],
  ["textarea", TokenizerMode.RCDATA],
  ["style", TokenizerMode.RAWTEXT],
  ["xmp", TokenizerMode.RAWTEXT],
  ["iframe", TokenizerMode.RAWTEXT],
  ["noembed", TokenizerMode.RAWTEXT],
  ["noframes", TokenizerMode.RAWTEXT],
  ["script", TokenizerMode.SCRIPT_DATA],
  ["plaintext", TokenizerMode.PLAINTEXT],
]);

/** Characters; longer text is no host. */
const MAX_LINK_TEXT = 300;

/** Outlook's `<!--[if …]>…<![endif]-->`: comments to everyone else. */
const CONDITION = /^<!--\[if\b[^\]>]*\]>/i;

class Scanner implements Scan {
  readonly hrefs: Href[] = [];
  readonly names: Range[] = [];
  readonly texts: Range[] = [];
  readonly startTags: Range[] = [];
  readonly #lines = new Lines();
  readonly rawTexts: Range[] = [];
  readonly images: Image[] = [];
  readonly formActions: string[] = [];
  base: string | undefined;
  pixelAt = 0;
  topAt: number | undefined;
  // Null, not undefined: only then does the tokenizer skip its checks of every character.
  readonly onParseError = null;
  readonly #html: string;
  /** The offset in `#html` where this scan begins: 0, or inside a conditional comment. */
  readonly #offset: number;
  readonly #tokenizer: Tokenizer;
  readonly #foreign = new ForeignContent();
  /** The offset of the open raw text element. */
  #rawAt: number | undefined;
  /** The open script, style sheet or the like, and where its text begins. */
  #rawText: { readonly tagName: string; readonly start: number } | undefined;
  /** A whole page, not a fragment. */
  #isDocument = false;
  #headEnd: number | undefined;
  #bodyStart: number | undefined;
  #bodyEnd: number | undefined;
  #htmlEnd: number | undefined;
  /** The `<a>` around the text that is being read. */
  #linkOpen: { text: string } | undefined;
  /** The last token that is not text, and the end of the text behind it. */
  #last: Range = { start: 0, end: 0 };
  #textEnd = 0;

  constructor(html: string, offset: number) {
    this.#html = html;
    this.#offset = offset;
    this.#last = { start: offset, end: offset };
    this.#tokenizer = new Tokenizer({ sourceCodeLocationInfo: true }, this);
  }

  get lines(): readonly ShownLine[] {
    return this.#lines.all;
  }

  scan(end: number): this {
    this.#tokenizer.write(this.#html.slice(this.#offset, end), true);
    return this;
  }

  onStartTag(token: Token.TagToken): void {
    const tag = this.#next(token);
    this.startTags.push(tag);
    this.#lines.passTag(token.tagName);
    const isHtml = this.#foreign.enter(token, tag.start);
    this.#tokenizer.inForeignNode = this.#foreign.inside;
    const mode = isHtml ? MODES.get(token.tagName) : undefined;
    if (mode !== undefined) {
      this.#tokenizer.state = mode;
      this.#rawAt = tag.start;
    }
    // In foreign content these two are read like any other element, and mean what they mean in HTML.
    const isRaw = mode === undefined ? isScriptOrStyle(token.tagName) : mode !== TokenizerMode.RCDATA;
    if (isRaw) this.#rawText ??= { tagName: token.tagName, start: tag.end };
    if (token.tagName === "img") this.images.push({ source: attribute(token, "src") ?? "", tag });
    else if (token.tagName === "base") this.base ??= attribute(token, "href");
    else if (isLink(token.tagName)) this.#link(token, tag);
    else if (isSubmitter(token.tagName)) this.#submitter(token);
    else if (token.tagName === "body") this.#bodyStart ??= tag.end;
    else if (token.tagName === "html" || token.tagName === "head") this.#isDocument = true;
  }

  onEndTag(token: Token.TagToken): void {
    const { start, end } = this.#next(token);
    this.#lines.passTag(token.tagName);
    this.#rawAt = undefined;
    if (token.tagName === this.#rawText?.tagName) this.#endRawText(start);
    this.#foreign.leave(token.tagName);
    this.#tokenizer.inForeignNode = this.#foreign.inside;
    if (token.tagName === "a") this.#linkOpen = undefined;
    else if (token.tagName === "body") this.#bodyEnd = start;
    else if (token.tagName === "html") this.#htmlEnd = start;
    else if (token.tagName === "head") this.#headEnd ??= end;
  }

  onComment(token: Token.CommentToken): void {
    const { start, end } = this.#next(token);
    // Conditional comments do not nest, in Outlook neither.
    if (this.#offset > 0) return;
    const contentEnd = end - closeLength(this.#html, end);
    const condition = CONDITION.exec(this.#html.slice(start, contentEnd));
    if (condition === null) return;
    const inner = new Scanner(this.#html, start + condition[0].length).scan(contentEnd);
    for (const href of inner.hrefs) this.hrefs.push(href);
    for (const name of inner.names) this.names.push(name);
    for (const text of inner.texts) this.texts.push(text);
    for (const line of inner.lines) this.#lines.all.push(line);
    for (const tag of inner.startTags) this.startTags.push(tag);
    for (const text of inner.rawTexts) this.rawTexts.push(text);
    for (const image of inner.images) this.images.push(image);
    for (const action of inner.formActions) this.formActions.push(action);
  }

  onDoctype(token: Token.DoctypeToken): void {
    this.#next(token);
    this.#isDocument = true;
  }

  onCharacter({ chars, location }: Token.CharacterToken): void {
    if (location !== null) this.#textEnd = this.#offset + location.endOffset;
    if (this.#linkOpen !== undefined && this.#linkOpen.text.length < MAX_LINK_TEXT)
      this.#linkOpen.text += chars.slice(0, MAX_LINK_TEXT);
  }

  onNullCharacter(token: Token.CharacterToken): void {
    this.onCharacter(token);
  }

  onWhitespaceCharacter(token: Token.CharacterToken): void {
    this.onCharacter(token);
  }

  onEof(): void {
    this.#takeText();
    this.#endRawText(Math.max(this.#last.end, this.#textEnd));
    this.pixelAt = this.#bodyEnd ?? this.#htmlEnd ?? this.#lastSafeOffset();
    this.topAt = this.#bodyStart ?? this.#headEnd ?? (this.#isDocument ? undefined : 0);
  }

  /** Moves on to a token that is not text. */
  #next({ location }: Token.TagToken | Token.CommentToken | Token.DoctypeToken): Range {
    this.#takeText();
    const start = this.#offset + (location?.startOffset ?? 0);
    // parse5 ends a comment that the end of the source closes one character too late.
    const end = Math.min(this.#offset + (location?.endOffset ?? 0), this.#html.length);
    this.#last = { start, end };
    return this.#last;
  }

  #takeText(): void {
    const start = this.#last.end;
    if (this.#rawAt !== undefined || this.#textEnd <= start) return;
    const text = { start, end: this.#textEnd };
    this.texts.push(text);
    this.#lines.addText(text);
  }

  #endRawText(end: number): void {
    if (this.#rawText !== undefined) this.rawTexts.push({ start: this.#rawText.start, end });
    this.#rawText = undefined;
  }

  #submitter(token: Token.TagToken): void {
    const action = attribute(token, token.tagName === "form" ? "action" : "formaction");
    if (action !== undefined) this.formActions.push(action);
  }

  #link(token: Token.TagToken, { start, end }: Range): void {
    const value = attribute(token, "href") ?? "";
    if (token.tagName === "a") this.#linkOpen = undefined;
    const isNamed = attribute(token, "data-link-name") !== undefined;
    if (!isNamed && value === "") return;
    const attributes = attributeRanges(this.#html, start, end);
    if (isNamed) for (const name of nameRanges(this.#html, attributes)) this.names.push(name);
    const href = attributes.find(({ name }) => name === "href");
    if (href === undefined || value === "") return;
    const tag = { start, end: /^<\/a>/i.test(this.#html.slice(end, end + 4)) ? end + 4 : end };
    const link = {
      start: href.valueStart,
      end: href.valueEnd,
      value,
      optedOut: optsOut(token.attrs),
      name: linkName(token.attrs),
      text: "",
      tag,
    };
    this.hrefs.push(link);
    if (token.tagName === "a") this.#linkOpen = link;
  }

  /** The end, or before what the source leaves open: an image in there would not load. */
  #lastSafeOffset(): number {
    if (this.#rawAt !== undefined) return this.#rawAt;
    const { state } = this.#tokenizer;
    const { length } = this.#html;
    if (state === TokenizerMode.DATA) return length;
    if (state === TokenizerMode.CDATA_SECTION) return this.#foreign.start;
    if (this.#last.end === length) return this.#last.start;
    // The beginning of a tag at the end of the source is text, but "</<img" would be a comment.
    if (this.#textEnd === length) return this.#html.endsWith("</") ? length - 2 : length;
    return Math.max(this.#last.end, this.#textEnd);
  }
}

function attribute({ attrs }: Token.TagToken, name: string): string | undefined {
  return attrs.find((each) => each.name === name)?.value;
}

function isScriptOrStyle(tagName: string): boolean {
  return tagName === "script" || tagName === "style";
}

function isSubmitter(tagName: string): boolean {
  return tagName === "form" || tagName === "button" || tagName === "input";
}

/** `<a>`, `<area>` and shapes of VML, which Outlook draws. */
function isLink(tagName: string): boolean {
  return tagName === "a" || tagName === "area" || tagName.startsWith("v:");
}

/** The length of the closing of the comment that ends at `end`; 0 when the end of the source closes it. */
function closeLength(html: string, end: number): number {
  if (html.endsWith("-->", end)) return 3;
  return html.endsWith("--!>", end) ? 4 : 0;
}
