/** Lengths in SVG, which are percentages of a drawing whose width nobody knows yet. */

/** More decimals are finer than any screen. */
export function percentText(percent: number): string {
  return `${Math.round(percent * 100) / 100}%`;
}

/** Something is never drawn as nothing. */
const LEAST_PERCENT = 0.4;

/** The length of a bar whose whole length is `most`. */
export function barLength(value: number, most: number): string {
  if (value <= 0 || most <= 0) return "0%";
  return percentText(Math.max(LEAST_PERCENT, (value / most) * 100));
}
