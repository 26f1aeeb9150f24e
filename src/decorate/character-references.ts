/**
 * HTML's character references, decoded. In the Worker's bundle this stands for the `entities/decode` that
 * parse5's tokenizer imports, in 7 KB instead of 15. Guarantees the standard's reading; gives up sources that come in pieces, and errors.
 */
import { type NamedCharacters, readNamedCharacters } from "./named-characters.ts";

/** Where a reference stands. In an attribute, "&copy=" and "&copyx" are no references. */
export const DecodingMode = { Legacy: 0, Attribute: 2 } as const;

type Mode = (typeof DecodingMode)[keyof typeof DecodingMode];

/** Of the longest name and of the longest that needs no semicolon. */
const LONGEST = 31;
const LONGEST_BARE = 6;

const NUMBER = /#(?:x([\da-f]+)|(\d+));?/iy;
const NAME = new RegExp(`[a-z][a-z\\d]{1,${LONGEST - 1}}`, "iy");
const IN_WORD = /[a-z\d=]/i;

const REPLACEMENT = 0xfffd;
const windows1252 = new TextDecoder("windows-1252");

let named: NamedCharacters | undefined;

export class HtmlEntityDecoder {
  readonly #emit: (codePoint: number, consumed: number) => void;
  #inAttribute = false;

  /** `emit` gets the code points of a reference, one a call, and the length of all of it, the ampersand too. */
  constructor(emit: (codePoint: number, consumed: number) => void) {
    this.#emit = emit;
  }

  startEntity(mode: Mode): void {
    this.#inAttribute = mode === DecodingMode.Attribute;
  }

  /** Decodes the reference whose ampersand stands before `at` in `html`, which is all of the source. Its length, or 0: it is none. */
  write(html: string, at: number): number {
    return html[at] === "#" ? this.#number(html, at) : this.#name(html, at);
  }

  #number(html: string, at: number): number {
    NUMBER.lastIndex = at;
    const found = NUMBER.exec(html);
    if (found === null) return 0;
    const [text, hexadecimal, decimal] = found;
    const consumed = text.length + 1;
    this.#emit(
      codePointOf(hexadecimal === undefined ? Number(decimal) : Number.parseInt(hexadecimal, 16)),
      consumed,
    );
    return consumed;
  }

  #name(html: string, at: number): number {
    NAME.lastIndex = at;
    if (!NAME.test(html)) return 0;
    const end = NAME.lastIndex;
    named ??= readNamedCharacters();
    const text = html[end] === ";" ? named.texts.get(html.slice(at, end)) : undefined;
    if (text !== undefined) return this.#emitText(text, end + 1 - at);
    for (let bareEnd = Math.min(end, at + LONGEST_BARE); bareEnd > at; bareEnd--) {
      const name = html.slice(at, bareEnd);
      if (!named.bare.has(name)) continue;
      if (this.#inAttribute && IN_WORD.test(html[bareEnd] ?? "")) return 0;
      return this.#emitText(named.texts.get(name) ?? "", bareEnd - at);
    }
    return 0;
  }

  #emitText(text: string, length: number): number {
    for (const character of text) this.#emit(character.codePointAt(0) ?? REPLACEMENT, length + 1);
    return length + 1;
  }
}

/** "Numeric character reference end state", 13.2.5.80: its table for 0x80 to 0x9f is windows-1252. */
function codePointOf(number: number): number {
  if (number === 0 || number > 0x10ffff || (number >= 0xd800 && number <= 0xdfff)) return REPLACEMENT;
  if (number < 0x80 || number > 0x9f) return number;
  return windows1252.decode(Uint8Array.of(number)).codePointAt(0) ?? number;
}
