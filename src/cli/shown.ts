/** Text from elsewhere, a mail's or a server's, as it may reach a terminal: without control sequences. */

/** With control characters but line ends, and those that turn the direction of writing, percent-encoded; half a surrogate pair is U+FFFD. */
export function shown(text: string): string {
  return text.toWellFormed().replace(/(?!\n)[\p{Cc}\p{Cf}]/gu, encodeURIComponent);
}
