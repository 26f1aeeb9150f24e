/** How much room a text takes, without a browser: an estimate that widely used fonts stay below. */

/** The widths of DejaVu Sans and Verdana, the widest fonts that browsers fall back to, in parts of the font's size. */
const WIDTHS: readonly (readonly [RegExp, number])[] = [
  [/[ .,:;'|!ijl\u2009\u202f]/, 0.4],
  [/[0-9a-z–-]/, 0.66],
  [/[%MWm@w]/, 1],
];
const OTHER = 0.8;
/** The width of Chinese, Japanese, Korean and pictures. */
const WIDE = 1.1;

/** In the unit of `size`. */
export function textWidth(text: string, size: number): number {
  return [...text].reduce((sum, character) => sum + widthOf(character), 0) * size;
}

function widthOf(character: string): number {
  if ((character.codePointAt(0) ?? 0) >= 0x1100) return WIDE;
  return WIDTHS.find(([characters]) => characters.test(character))?.[1] ?? OTHER;
}
