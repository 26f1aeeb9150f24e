/** Text of emails and servers, made safe for a terminal. */

/**
 * Percent-encodes control characters other than line ends, and characters that change the direction of writing. Half
 * a surrogate pair becomes U+FFFD.
 */
export function printable(text: string): string {
  return text.toWellFormed().replace(/(?!\n)[\p{Cc}\p{Cf}]/gu, encodeURIComponent);
}
