/** Text as its readers see it, character references decoded, with the place in the source of each of its characters. */
import { type DecodingMode, decodeHTML, HtmlEntityDecoder } from "entities/decode";
import type { ShownLine } from "./lines.ts";
import type { Range } from "./part.ts";

/** Characters that take no room: soft hyphens, spaces and joiners without width, marks of direction (Unicode, DI). */
export const INVISIBLE = /\p{Default_Ignorable_Code_Point}+/gu;
/** What most emails are made of comes before the first of them, and needs no slower pattern. */
const MAY_BE_INVISIBLE = /[^\0-\u00ac]/;

export interface ReadingOptions {
  /** Where the source is read. */
  readonly lines: readonly ShownLine[];
  /** How character references are decoded. */
  readonly mode: DecodingMode;
  /** Whether invisible characters are left out. */
  readonly condenses: boolean;
}

/** A range of the source, and how many characters of the text it is: as many, but for a character reference. */
interface Piece extends Range {
  readonly length: number;
}

export class Reading {
  /** Lines end in `\n`. */
  readonly text: string;
  /** Whether invisible characters were left out. */
  readonly isCondensed: boolean;
  readonly #pieces: Iterator<Piece>;
  /** The piece that `rangesOf` looks at, and the offset of its text. */
  #piece: Piece | undefined;
  #offset = 0;

  constructor(source: string, options: ReadingOptions) {
    this.#pieces = piecesOf(source, options);
    let [text, isCondensed] = ["", false];
    for (const line of options.lines) {
      for (const { start, end } of line) {
        const decoded = decodeHTML(source.slice(start, end), options.mode);
        const read = options.condenses ? condensed(decoded) : decoded;
        isCondensed ||= read.length < decoded.length;
        text += read;
      }
      text += "\n";
    }
    this.text = text;
    this.isCondensed = isCondensed;
  }

  /**
   * What a range of the text is in the source: one piece, or several where something was left out. Ranges that are
   * asked for ascend, so that all of them cost no more than the text.
   */
  rangesOf(range: Range): readonly Range[] {
    const found: Range[] = [];
    for (;;) {
      this.#piece ??= this.#next();
      if (this.#piece === undefined) return found;
      const { length } = this.#piece;
      const [from, to] = [Math.max(range.start - this.#offset, 0), Math.min(range.end - this.#offset, length)];
      if (from < to) addRange(found, partOf(this.#piece, from, to));
      if (this.#offset + length >= range.end) return found;
      this.#offset += length;
      this.#piece = undefined;
    }
  }

  #next(): Piece | undefined {
    const { done, value } = this.#pieces.next();
    return done === true ? undefined : value;
  }
}

/** The pieces of a text, without those that are left out: as long together as the text. */
function* piecesOf(source: string, { lines, mode, condenses }: ReadingOptions): Generator<Piece> {
  for (const line of lines) {
    for (const { start, end } of line) {
      let offset = start;
      for (const reference of referencesIn(source.slice(start, end), mode)) {
        const at = start + reference.start;
        yield* verbatim(source, { start: offset, end: at }, condenses);
        offset = start + reference.end;
        const { length } = condenses ? condensed(reference.text) : reference.text;
        if (length > 0) yield { start: at, end: offset, length };
      }
      yield* verbatim(source, { start: offset, end }, condenses);
    }
    const lineEnd = line.at(-1)?.end ?? 0;
    yield { start: lineEnd, end: lineEnd, length: 1 };
  }
}

/** The character references in a text, and what they are decoded to. */
function* referencesIn(text: string, mode: DecodingMode): Generator<Range & { readonly text: string }> {
  let decoded = "";
  const decoder = new HtmlEntityDecoder((codePoint) => {
    decoded += String.fromCodePoint(codePoint);
  });
  for (let start = text.indexOf("&"); start >= 0; start = text.indexOf("&", start + 1)) {
    decoded = "";
    decoder.startEntity(mode);
    const written = decoder.write(text, start + 1);
    const length = written < 0 ? decoder.end() : written;
    if (length > 0) yield { start, end: start + length, text: decoded };
  }
}

/** The pieces of a range without character references. */
function* verbatim(source: string, { start, end }: Range, condenses: boolean): Generator<Piece> {
  let offset = start;
  for (const { index, 0: found } of condenses ? source.slice(start, end).matchAll(INVISIBLE) : []) {
    const at = start + index;
    if (at > offset) yield { start: offset, end: at, length: at - offset };
    offset = at + found.length;
  }
  if (end > offset) yield { start: offset, end, length: end - offset };
}

function condensed(text: string): string {
  return MAY_BE_INVISIBLE.test(text) ? text.replaceAll(INVISIBLE, "") : text;
}

/** @returns of a character reference, all of it */
function partOf({ start, end, length }: Piece, from: number, to: number): Range {
  return length === end - start ? { start: start + from, end: start + to } : { start, end };
}

function addRange(found: Range[], { start, end }: Range): void {
  const last = found.at(-1);
  if (last?.end === start) found[found.length - 1] = { start: last.start, end };
  else found.push({ start, end });
}
