/**
 * Where the attributes of a start tag stand in the source. The tokenizer decodes them; this finds their characters again,
 * with the first and every later one of the same name. Linear in the tag.
 */

/** Offsets into the source, ends exclusive. */
export interface AttributeRange {
  /** In lower case. */
  readonly name: string;
  readonly start: number;
  readonly end: number;
  /** Without its quotes; an empty run when there is no value. */
  readonly valueStart: number;
  readonly valueEnd: number;
}

/** The characters that HTML calls ASCII whitespace. */
export function isSpace(unit: number): boolean {
  return unit === 0x20 || (unit >= 0x09 && unit <= 0x0d && unit !== 0x0b);
}

const SLASH = 0x2f;
const EQUALS = 0x3d;
const CLOSE = 0x3e;

/**
 * Walks the start tag that begins at `tagStart` and ends before `tagEnd` through the states from "tag name" to "after
 * attribute value" (HTML, "Tokenization", 13.2.5.8 and 13.2.5.32 to 39).
 */
export function attributeRanges(html: string, tagStart: number, tagEnd: number): readonly AttributeRange[] {
  const close = tagEnd - 1;
  const places: AttributeRange[] = [];
  let at = tagStart + 1;
  while (at < close && !endsName(html.charCodeAt(at))) at++;
  for (;;) {
    while (at < close && (isSpace(html.charCodeAt(at)) || html.charCodeAt(at) === SLASH)) at++;
    if (at >= close) return places;
    const start = at;
    // An equals sign in front is part of the name.
    at++;
    while (at < close && !endsName(html.charCodeAt(at)) && html.charCodeAt(at) !== EQUALS) at++;
    const name = html.slice(start, at).toLowerCase();
    const equals = skipSpace(html, at, close);
    if (html.charCodeAt(equals) !== EQUALS) {
      places.push({ name, start, end: at, valueStart: at, valueEnd: at });
      continue;
    }
    const value = skipSpace(html, equals + 1, close);
    const quote = html[value];
    if (value < close && (quote === '"' || quote === "'")) {
      const valueEnd = html.indexOf(quote, value + 1);
      at = valueEnd + 1;
      places.push({ name, start, end: at, valueStart: value + 1, valueEnd });
    } else {
      at = value;
      while (at < close && !isSpace(html.charCodeAt(at))) at++;
      places.push({ name, start, end: at, valueStart: value, valueEnd: at });
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
