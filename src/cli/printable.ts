/** Text of emails and servers, made safe for a terminal. */

/**
 * Percent-encodes control characters other than line ends, and characters that change the direction of writing. Half
 * a surrogate pair becomes U+FFFD.
 */
export function printable(text: string): string {
  return text.toWellFormed().replace(UNPRINTABLE, encodeURIComponent);
}

/** A value as JSON, the same characters as escapes. */
export function printableJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(UNPRINTABLE, escaped);
}

const UNPRINTABLE = /(?!\n)[\p{Cc}\p{Cf}]/gu;

/** Each of its UTF-16 units as \uXXXX. */
function escaped(character: string): string {
  const units = character.split("").map((unit) => unit.charCodeAt(0).toString(16).padStart(4, "0"));
  return units.map((digits) => `\\u${digits}`).join("");
}
