/** Text without what stands invisibly in the middle of its words, so that a URL in pieces is found however written. */
import type { Range } from "./part.ts";

const NAMED: ReadonlyMap<string, string> = new Map([
  ["colon", ":"],
  ["lowbar", "_"],
  ["percnt", "%"],
  ["period", "."],
  ["sol", "/"],
]);
/** Character references of what a URL is made of. HTML needs no semicolon behind their numbers. */
const DECIMAL = String.raw`0{0,5}(?<decimal>37|4[5-9]|5[0-8]|6[135-9]|[78]\d|9[057-9]|1[01]\d|12[0-2])(?!\d)`;
const HEX_CODE = "2[5D-Fd-f]|3[0-9ADFadf]|[46][1-9A-Fa-f]|[57][0-9Aa]|5[Ff]";
const HEXADECIMAL = String.raw`[Xx]0{0,5}(?<hexadecimal>${HEX_CODE})(?![\dA-Fa-f])`;
const REFERENCE = `&#(?:${DECIMAL}|${HEXADECIMAL});?|&(?<name>${[...NAMED.keys()].join("|")});`;

/** Where a line may break: `<wbr>`, soft hyphens, spaces and joiners without width. */
const BREAK =
  /<\/?wbr(?:\s[^<>]{0,300})?\/?>|&(?:shy|zwn?j|ZeroWidthSpace|#(?:173|820[3-5]|8288)|#[Xx](?:[Aa][Dd]|200[BbCcDd]|2060));|[\u00ad\u200b-\u200d\u2060\ufeff]/;

/** Tags between which no space is shown. */
const INLINE_TAG =
  String.raw`<\/?(?:span|font|bdi|bdo|big|code|del|em|ins|kbd|mark|samp|small|strong|sub|sup|tt|b|i|s|u)` +
  String.raw`(?:\s[^<>]{0,1000})?\/?>`;

/** What is left out of a text, or decoded in it, by global patterns. */
export interface Breaks {
  readonly lines: RegExp;
  /** The same, and tags. */
  readonly linesAndTags: RegExp;
}

function breaksOf(pattern: string): Breaks {
  return { lines: new RegExp(pattern, "g"), linesAndTags: new RegExp(`${INLINE_TAG}|${pattern}`, "gi") };
}

const BREAKS = breaksOf(BREAK.source);
const BREAKS_AND_REFERENCES = breaksOf(`${BREAK.source}|${REFERENCE}`);
const ANY_REFERENCE = new RegExp(REFERENCE);

/** What stands invisibly in a source: most have no reference of what a URL is made of, and cost less without. */
export function breaksIn(source: string): Breaks {
  return ANY_REFERENCE.test(source) ? BREAKS_AND_REFERENCES : BREAKS;
}

/** A range of the source, and what it reads as. */
interface Piece extends Range {
  readonly text: string;
}

export interface WholeText {
  /** Character references in it are decoded. */
  readonly text: string;
  /** What a range of `text` is in the source: one piece, or several where something was left out. Ranges ascend. */
  readonly piecesOf: (range: Range) => readonly Range[];
}

/**
 * The text of a range of the source.
 * @param breaks what is left out, or decoded: of `breaksIn`
 * @returns undefined when nothing was to be left out or decoded
 */
export function wholeText(source: string, { start, end }: Range, breaks: RegExp | undefined): WholeText | undefined {
  const pieces: Piece[] = [];
  let offset = start;
  const addUpTo = (to: number) => {
    if (to > offset) pieces.push({ start: offset, end: to, text: source.slice(offset, to) });
  };
  for (const { index, 0: found, groups } of breaks === undefined ? [] : source.slice(start, end).matchAll(breaks)) {
    const at = start + index;
    addUpTo(at);
    offset = at + found.length;
    const text = decodedReference(groups);
    if (text !== undefined) pieces.push({ start: at, end: offset, text });
  }
  if (breaks !== undefined && offset === start) return undefined;
  addUpTo(end);
  return { text: pieces.map(({ text }) => text).join(""), piecesOf: piecesBy(pieces) };
}

function decodedReference({
  decimal,
  hexadecimal,
  name,
}: Readonly<Record<string, string | undefined>> = {}): string | undefined {
  if (name !== undefined) return NAMED.get(name.toLowerCase());
  const code = decimal === undefined ? Number.parseInt(hexadecimal ?? "", 16) : Number(decimal);
  return Number.isNaN(code) ? undefined : String.fromCharCode(code);
}

/** @returns a function of ranges that ascend, so that all of them cost no more than the pieces */
function piecesBy(pieces: readonly Piece[]): WholeText["piecesOf"] {
  let next = 0;
  let at = 0;
  return (range) => {
    const found: Range[] = [];
    for (; next < pieces.length; next++) {
      const piece = pieces[next];
      if (piece === undefined) break;
      const { length } = piece.text;
      const [from, to] = [Math.max(range.start - at, 0), Math.min(range.end - at, length)];
      if (from < to) addPiece(found, partOf(piece, from, to));
      if (at + length >= range.end) break;
      at += length;
    }
    return found;
  };
}

/** @returns of a character reference, all of it */
function partOf({ start, end, text }: Piece, from: number, to: number): Range {
  return text.length === end - start ? { start: start + from, end: start + to } : { start, end };
}

function addPiece(found: Range[], { start, end }: Range): void {
  const last = found.at(-1);
  if (last?.end === start) found[found.length - 1] = { start: last.start, end };
  else found.push({ start, end });
}
