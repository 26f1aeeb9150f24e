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

/** A name, which may begin with an equals sign, and perhaps a value. */
const ATTRIBUTE = /([^\t\n\f\r />][^\t\n\f\r />=]*)(?:[\t\n\f\r ]*=[\t\n\f\r ]*("[^"]*"|'[^']*'|[^\t\n\f\r >]*))?/g;

/**
 * The attributes of the start tag from `tagStart` to before `tagEnd`, in the order of the source. Follows the states
 * "tag name" to "after attribute value" (HTML, "Tokenization", 13.2.5.8 and 13.2.5.32 to 39).
 */
export function attributeRanges(html: string, tagStart: number, tagEnd: number): readonly AttributeRange[] {
  const tag = html.slice(tagStart, tagEnd);
  const offset = tagStart + tag.search(/[\t\n\f\r />]/);
  const ranges: AttributeRange[] = [];
  for (const { index, 0: text, 1: name = "", 2: value = "" } of html.slice(offset, tagEnd).matchAll(ATTRIBUTE)) {
    const start = offset + index;
    const end = start + text.length;
    const quote = /^["']/.test(value) ? 1 : 0;
    const valueStart = end - value.length + quote;
    ranges.push({ name: name.toLowerCase(), start, end, valueStart, valueEnd: end - quote });
  }
  return ranges;
}
