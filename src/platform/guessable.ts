/**
 * Whether a secret is one that somebody typed, and others could guess: it has few different units, repeats itself, or
 * counts up or down. Random secrets do none of these.
 * @param secret its bytes or characters
 * @param leastDifferent how many different ones a random secret of that length surely has
 */
export function canBeGuessed(secret: string | Uint8Array, leastDifferent: number): boolean {
  const units = typeof secret === "string" ? new TextEncoder().encode(secret) : secret;
  if (new Set(units).size < leastDifferent) return true;
  return countsOn(units) || Array.from({ length: LONGEST_PERIOD }, (_, index) => index + 1).some(repeats(units));
}

/** "abcdefghij" four times has the period ten. */
const LONGEST_PERIOD = 64;

const repeats = (units: Uint8Array) => (period: number) =>
  period <= units.length / 2 && units.every((unit, index) => index < period || unit === units[index - period]);

/** All steps are equal: 0, 1, 2 … */
function countsOn(units: Uint8Array): boolean {
  const [first = 0, second = 0] = units;
  return units.every((unit, index) => unit === ((first + index * (second - first)) & 0xff));
}
