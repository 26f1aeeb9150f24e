/** How much room a text takes, without a browser: an estimate that widely used fonts stay below. */

/** The widths of DejaVu Sans and Verdana, the widest fonts that browsers fall back to, in parts of the font's size. */
const WIDTHS: readonly (readonly [RegExp, number])[] = [
  [/[ .,:;'|!ijl\u2009\u202f]/, 0.4],
  [/[0-9a-z–-]/, 0.66],
  [/[%MWm@w]/, 1],
];
const OTHER = 0.8;
/** Of Chinese, Japanese, Korean and pictures. */
const WIDE = 1.1;

/** In the unit of `size`. */
export function textWidth(text: string, size: number): number {
  return [...text].reduce((sum, character) => sum + widthOf(character), 0) * size;
}

function widthOf(character: string): number {
  if ((character.codePointAt(0) ?? 0) >= 0x1100) return WIDE;
  return WIDTHS.find(([characters]) => characters.test(character))?.[1] ?? OTHER;
}

/** Code units of one character; the longest emoji has 35. */
const MAX_UNITS = 50;

/** At most `max` characters, as a reader counts them; "…" stands for the rest. */
export function cutText(text: string, max: number): string {
  // No character that people write has so many code units: what is longer than all of them is not read on.
  const segments = new Intl.Segmenter().segment(text.slice(0, (max + 1) * MAX_UNITS));
  let count = 0;
  for (const { index } of segments) {
    if (count === max) return `${text.slice(0, index).trimEnd()}…`;
    count++;
  }
  return text;
}
