/** Texts that are too long for their place. */

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
