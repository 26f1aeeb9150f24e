/** The edits of URLs of other copies, wherever else they are in a part: in words, comments, other attributes. */
import { classifyCopied, type LinkContext } from "./classify-link.ts";
import { addressEdit, type Compilation } from "./compilation.ts";
import { type CopiedToken, tokensIn, UP_TO_PATH } from "./copied.ts";
import type { CopiedTokens } from "./copied-tokens.ts";
import type { Edit, Range } from "./part.ts";
import { runEnd, withoutTail } from "./url-end.ts";
import { breaksIn, type WholeText, wholeText } from "./whole-text.ts";

/**
 * @param edits what is edited already
 * @param written a URL as the part writes it
 */
export function copiedEdits(
  source: string,
  edits: readonly Edit[],
  context: Compilation & LinkContext,
  written: (url: string) => string,
): readonly Edit[] {
  const found: Edit[] = [];
  let isTokenLeft = false;
  const search = (breaks: RegExp | undefined, mode: "url" | "path") => {
    for (const gap of gapsBetween([...edits, ...found], source.length)) {
      const whole = wholeText(source, gap, breaks);
      for (const { token, url } of whole === undefined ? [] : tokensWithUrls(whole.text, context.copiedTokens)) {
        const range = mode === "path" && !token.isEncoded ? (url ?? token) : url;
        isTokenLeft ||= range === undefined && !token.isEncoded;
        if (whole !== undefined && range !== undefined)
          found.push(...editsOf(whole, { token, range }, context, written));
      }
    }
  };
  const { lines, linesAndTags } = breaksIn(source);
  // A host in two pieces would be found from its second one on.
  for (const breaks of [lines, undefined, linesAndTags]) search(breaks, "url");
  if (isTokenLeft) for (const breaks of [lines, undefined]) search(breaks, "path");
  return found;
}

/** The tokens of a text, each with the URL that it is in. */
function* tokensWithUrls(text: string, copiedTokens: CopiedTokens) {
  const tokens = [...tokensIn(text, copiedTokens)].sort((a, b) => a.start - b.start);
  let behind = 0;
  for (const token of tokens) {
    if (token.start < behind) continue;
    const url = urlAround(text, token, behind);
    behind = url?.end ?? token.end;
    yield { token, url };
  }
}

/** @returns the first piece of the range has its edit, and the others are removed: what stands between them stays */
function editsOf(
  { text, piecesOf }: WholeText,
  { token, range }: { readonly token: CopiedToken; readonly range: Range },
  context: Compilation & LinkContext,
  written: (url: string) => string,
): readonly Edit[] {
  const [first, ...others] = piecesOf(range);
  if (first === undefined) return [];
  const address = text.slice(range.start, range.end);
  const decision = classifyCopied(token.copied, context);
  const edit = addressEdit({ ...first, inText: true }, decision, address, context, written);
  return edit === undefined ? [] : [edit, ...others];
}

/** What no URL has in it, in HTML neither. */
const NO_URL = /[\s<>"'`]/;
const SCHEME = /https?:\/\//gi;
const SCHEME_AND_HOST = /^https?:\/\/[^/?#]{1,300}$/i;
/** Longer than a scheme and a host, however they are written. */
const MAX_BEGINNING_LENGTH = 320;
/** Quotes and brackets that HTML writes as references. */
const END_IN_HTML = /&(?:quot|apos|lt|gt|nbsp|#34|#39|#60|#62|#160);/i;

/**
 * The URL that a token is in: of the Worker up to the token's end, of somebody else, which a scanner has made of it,
 * whole. Undefined for what is no URL.
 * @param from it begins there or later
 */
function urlAround(text: string, { start, end, isEncoded }: CopiedToken, from: number): Range | undefined {
  let runStart = start;
  while (runStart > from && !NO_URL.test(text[runStart - 1] ?? "")) runStart--;
  let reached = 0;
  for (const { index, 0: scheme } of text.slice(runStart, start).matchAll(SCHEME)) {
    if (index < reached) continue;
    const url = runStart + index;
    if (!isEncoded && SCHEME_AND_HOST.test(text.slice(url, start))) return { start: url, end };
    const urlEnd = runEnd(text, url, url + scheme.length);
    if (urlEnd >= end) return { start: url, end: Math.max(end, endInHtml(text, url, urlEnd)) };
    reached = urlEnd - runStart;
  }
  const beginning = text.slice(Math.max(from, start - MAX_BEGINNING_LENGTH), start);
  const match = isEncoded ? null : UP_TO_PATH.exec(beginning);
  return match === null ? undefined : { start: start - beginning.length + match.index, end };
}

function endInHtml(text: string, start: number, end: number): number {
  const [url = ""] = text.slice(start, end).split(END_IN_HTML, 1);
  return start + withoutTail(url).length;
}

function* gapsBetween(ranges: readonly Range[], length: number): Generator<Range> {
  let offset = 0;
  for (const { start, end } of ranges.toSorted((a, b) => a.start - b.start)) {
    if (start > offset) yield { start: offset, end: start };
    offset = Math.max(offset, end);
  }
  if (offset < length) yield { start: offset, end: length };
}
