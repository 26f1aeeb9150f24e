/**
 * The offsets of a start tag's attributes in the source, also of repeated ones: the tokenizer gives their decoded
 * values only. Linear in the tag.
 */

/** Offsets into the source; ends are exclusive. */
export interface AttributeRange {
  /** In lower case. */
  readonly name: string;
  readonly start: number;
  readonly end: number;
  /** Without quotes; an empty range when there is no value. */
  readonly valueStart: number;
  readonly valueEnd: number;
}

/** ASCII whitespace as HTML defines it. */
export function isSpace(unit: number): boolean {
  return unit === 0x20 || (unit >= 0x09 && unit <= 0x0d && unit !== 0x0b);
}

const SLASH = 0x2f;
const EQUALS = 0x3d;
const CLOSE = 0x3e;

/**
 * The attributes of the start tag from `tagStart` to before `tagEnd`, in the order of the source. Follows the states
 * "tag name" to "after attribute value" (HTML, "Tokenization", 13.2.5.8 and 13.2.5.32 to 39).
 */
export function attributeRanges(html: string, tagStart: number, tagEnd: number): readonly AttributeRange[] {
  const close = tagEnd - 1;
  const ranges: AttributeRange[] = [];
  let at = tagStart + 1;
  while (at < close && !endsName(html.charCodeAt(at))) at++;
  for (;;) {
    while (at < close && (isSpace(html.charCodeAt(at)) || html.charCodeAt(at) === SLASH)) at++;
    if (at >= close) return ranges;
    const start = at;
    // An equals sign at the start is part of the name.
    at++;
    while (at < close && !endsName(html.charCodeAt(at)) && html.charCodeAt(at) !== EQUALS) at++;
    const name = html.slice(start, at).toLowerCase();
    const equals = skipSpace(html, at, close);
    if (html.charCodeAt(equals) !== EQUALS) {
      ranges.push({ name, start, end: at, valueStart: at, valueEnd: at });
      continue;
    }
    const value = skipSpace(html, equals + 1, close);
    const quote = html[value];
    if (value < close && (quote === '"' || quote === "'")) {
      const valueEnd = html.indexOf(quote, value + 1);
      at = valueEnd + 1;
      ranges.push({ name, start, end: at, valueStart: value + 1, valueEnd });
    } else {
      at = value;
      while (at < close && !isSpace(html.charCodeAt(at))) at++;
      ranges.push({ name, start, end: at, valueStart: value, valueEnd: at });
    }
  }
}

function endsName(unit: number): boolean {
  return isSpace(unit) || unit === SLASH || unit === CLOSE;
}

function skipSpace(html: string, from: number, close: number): number {
  let at = from;
  while (at < close && isSpace(html.charCodeAt(at))) at++;
  return at;
}
