/**
 * How much of mail servers' replies is classified. Strangers' servers write them, and a text that is made for it costs
 * ten times what an honest one does (0.8 µs a character). So the replies of one request share a limit, which keeps
 * it under 100 ms; each has the same share, so that a hostile one takes nothing from another.
 */

/** A line of a reply has at most 512 octets (RFC 5321 §4.5.3.1.5). */
const MAX_CHARS = 512;
/** Code, address and reason of a usual reply. */
const MIN_CHARS = 128;
const MAX_CHARS_OF_A_REQUEST = 60_000;

/** UTF-16 units of each reply that are classified, in a request of so many replies. */
export function replyLimit(replies: number): number {
  const share = Math.floor(MAX_CHARS_OF_A_REQUEST / Math.max(replies, 1));
  return Math.max(MIN_CHARS, Math.min(share, MAX_CHARS));
}
