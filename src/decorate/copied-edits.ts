/** The edits of URLs of other copies, wherever else they are in a part: in words, comments, other attributes. */
import { classifyCopied, type LinkContext } from "./classify-link.ts";
import { addressEdit, type Compilation } from "./compilation.ts";
import { type CopiedToken, HOST_UP_TO_PATH, tokensIn, URL_UP_TO_PATH } from "./copied.ts";
import type { CopiedTokens } from "./copied-tokens.ts";
import type { ShownLine } from "./lines.ts";
import type { Edit, Range } from "./part.ts";
import type { Reading } from "./reading.ts";
import { readings } from "./readings.ts";
import { runEnd, withoutTail } from "./url-end.ts";

/**
 * @param edits what is edited already
 * @param written a URL as the part writes it
 * @param shown the lines of HTML
 */
export function copiedEdits(
  source: string,
  edits: readonly Edit[],
  context: Compilation & LinkContext,
  written: (url: string) => string,
  shown: readonly ShownLine[] = [],
): readonly Edit[] {
  const found: Edit[] = [];
  const gaps = () => gapsBetween([...edits, ...found], source.length);
  // A URL that is whole in a later reading is not taken in part in an earlier one.
  for (const rangeOf of [urlAround, hostAndPath]) {
    let isTokenLeft = false;
    for (const reading of readings(source, shown, gaps)) {
      for (const { token, range } of rangesOfTokens(reading.text, rangeOf, context.copiedTokens)) {
        isTokenLeft ||= range === undefined;
        if (range === undefined) continue;
        // Not spread into arguments: an address may be in more pieces than a call takes.
        for (const edit of editsOf(reading, { token, range }, context, written)) found.push(edit);
      }
    }
    if (!isTokenLeft) break;
  }
  return found;
}

/** What is replaced with a token. @param from it begins there or later */
type RangeOf = (text: string, token: CopiedToken, from: number) => Range | undefined;

/** The tokens of a text, each with what is replaced. */
function* rangesOfTokens(text: string, rangeOf: RangeOf, copiedTokens: CopiedTokens) {
  const tokens = [...tokensIn(text, copiedTokens)].sort((a, b) => a.start - b.start);
  let behind = 0;
  for (const token of tokens) {
    if (token.start < behind) continue;
    const range = rangeOf(text, token, behind);
    behind = range?.end ?? token.end;
    yield { token, range };
  }
}

/**
 * The edits of a range in pieces: the first piece is replaced, and the others are removed. What is between them stays.
 */
function editsOf(
  reading: Reading,
  { token, range }: { readonly token: CopiedToken; readonly range: Range },
  context: Compilation & LinkContext,
  written: (url: string) => string,
): readonly Edit[] {
  const [first, ...others] = reading.rangesOf(range);
  if (first === undefined) return [];
  const address = reading.text.slice(range.start, range.end);
  const decision = classifyCopied(token.copied, context);
  const edit = addressEdit({ range: { ...first, inText: true }, decision, address, written }, context);
  return edit === undefined ? [] : [edit, ...others];
}

/** What no URL has in it, in HTML neither. */
const NO_URL = /[\s<>"'`]/;
const SCHEME = /https?:\/\//gi;
const SCHEME_AND_HOST = /^https?:\/\/[^/?#&]{1,300}$/i;
/** Longer than a scheme and a host, however they are written. */
const MAX_BEGINNING_LENGTH = 320;

/**
 * The URL that a token is in: of the Worker up to the token's end, of somebody else, which a scanner has made of it,
 * whole. Undefined for what is no URL.
 */
function urlAround(text: string, token: CopiedToken, from: number): Range | undefined {
  const { start, end, isEncoded } = token;
  let runStart = start;
  while (runStart > from && !NO_URL.test(text[runStart - 1] ?? "")) runStart--;
  let reached = 0;
  for (const { index, 0: scheme } of text.slice(runStart, start).matchAll(SCHEME)) {
    if (index < reached) continue;
    const url = runStart + index;
    if (!isEncoded && SCHEME_AND_HOST.test(text.slice(url, start))) return { start: url, end };
    const urlEnd = runEnd(text, url, url + scheme.length);
    if (urlEnd >= end) return { start: url, end: Math.max(end, url + withoutTail(text.slice(url, urlEnd)).length) };
    reached = urlEnd - runStart;
  }
  return isEncoded ? undefined : behind(URL_UP_TO_PATH, text, token, from);
}

/** Without a scheme, mail clients make links of hosts, too. */
function hostAndPath(text: string, token: CopiedToken, from: number): Range | undefined {
  return token.isEncoded ? undefined : (behind(HOST_UP_TO_PATH, text, token, from) ?? token);
}

/** A token's path with what comes before it. */
function behind(beginning: RegExp, text: string, { start, end }: CopiedToken, from: number): Range | undefined {
  const front = text.slice(Math.max(from, start - MAX_BEGINNING_LENGTH), start);
  const match = beginning.exec(front);
  return match === null ? undefined : { start: start - front.length + match.index, end };
}

function gapsBetween(ranges: readonly Range[], length: number): readonly Range[] {
  const gaps: Range[] = [];
  let offset = 0;
  for (const { start, end } of ranges.toSorted((a, b) => a.start - b.start)) {
    if (start > offset) gaps.push({ start: offset, end: start });
    offset = Math.max(offset, end);
  }
  if (offset < length) gaps.push({ start: offset, end: length });
  return gaps;
}
