/**
 * Legible colours from the sender's. Guarantees the contrast of WCAG 2.2, level AA, for text (success criterion
 * 1.4.3). Gives up the sender's exact shade for text.
 */
import type { Color } from "../platform/color.ts";

const BLACK = "#000000";
const WHITE = "#ffffff";

/** Success criterion 1.4.3, for text of any size. */
const AA_CONTRAST = 4.5;

/** More steps are not visible. */
const MIXING_STEPS = 64;

/** WCAG 2.2, "contrast ratio": 1 (the same colour) to 21 (black and white). */
export function contrast(one: Color, other: Color): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

/** Black or white, whichever has more contrast: always at least 4.58. */
export function textOn(background: Color): Color {
  return contrast(BLACK, background) > contrast(WHITE, background) ? BLACK : WHITE;
}

/** `color` with as little black or white mixed in as text on `background` needs. */
export function legibleOn(background: Color, color: Color): Color {
  const towards = textOn(background);
  for (let step = 0; step < MIXING_STEPS; step++) {
    const mixed = mix(color, towards, step / MIXING_STEPS);
    if (contrast(mixed, background) >= AA_CONTRAST) return mixed;
  }
  return towards;
}

function mix(from: Color, to: Color, share: number): Color {
  const target = channelsOf(to);
  const mixed = channelsOf(from).map((channel, index) =>
    Math.round(channel + ((target[index] ?? 0) - channel) * share)
      .toString(16)
      .padStart(2, "0"),
  );
  return `#${mixed.join("")}`;
}

/** WCAG 2.2, "relative luminance". */
function luminance(color: Color): number {
  const [red = 0, green = 0, blue = 0] = channelsOf(color).map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function channelsOf(color: Color): readonly number[] {
  return [1, 3, 5].map((start) => Number.parseInt(color.slice(start, start + 2), 16));
}
