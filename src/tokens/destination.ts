/**
 * The destination of a click token: an absolute http(s) URL, kept as it was in the email. Guarantees that it survives
 * UTF-8 and that its Location is ASCII, so that a redirect can neither fail nor be split nor be misread. Gives up
 * checking whether the URL exists.
 */
import { ok, type Result, refused } from "../platform/result.ts";

/** The longest destination that is signed, in UTF-8 bytes. */
export const MAX_DESTINATION_BYTES = 16_384;

/**
 * `not_web`: does not begin with http:// or https://. `control_character`: U+0000 to U+001F or U+007F, which no header
 * can carry (RFC 9110 §5.5). `lone_surrogate`: half a surrogate pair, which UTF-8 cannot encode. `too_long`: above
 * `MAX_DESTINATION_BYTES`.
 */
export type DestinationFault = "not_web" | "control_character" | "lone_surrogate" | "too_long";

const WEB = /^https?:\/\//i;
const NO_CONTROLS = /^[ -~\u0080-\uffff]*$/;

/** `url`, as it is, when a token may hold it; else what makes it unfit. */
export function parseDestination(url: string): Result<string, DestinationFault> {
  if (!WEB.test(url)) return refused("not_web");
  if (!NO_CONTROLS.test(url)) return refused("control_character");
  if (!url.isWellFormed()) return refused("lone_surrogate");
  return isWithinLength(url) ? ok(url) : refused("too_long");
}

function isWithinLength(url: string): boolean {
  // A UTF-16 unit is one to three bytes in UTF-8: only lengths in between need the exact count.
  if (url.length * 3 <= MAX_DESTINATION_BYTES) return true;
  if (url.length > MAX_DESTINATION_BYTES) return false;
  return new TextEncoder().encode(url).length <= MAX_DESTINATION_BYTES;
}

/** The characters of a URI: unreserved, reserved, and the percent sign (RFC 3986 §2). */
const URI = /^[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]*$/;

/**
 * `url` for a Location header, which is a URI-reference and so ASCII (RFC 9110 §10.2.2): itself when it has only
 * characters of a URI, else its serialisation by the URL standard, with the host in punycode. WebKit reads other bytes
 * as Latin-1, and so would ask another host for another page.
 */
export function locationOf(url: string): string {
  if (URI.test(url)) return url;
  // What no browser could parse is escaped, so that the answer is a redirect all the same.
  return URL.canParse(url) ? new URL(url).href : url.replace(/[^!-~]+/gu, encodeURIComponent);
}
