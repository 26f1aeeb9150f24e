/** The header fields that a sender adds to the message. */

/** The header that carries the message token. */
export const MESSAGE_HEADER = "X-Waxseal-Message";

/**
 * The header fields to add to one copy, by name. A DKIM signature must cover the first two (RFC 8058 §4).
 *
 * Mail libraries break long lines at white space. Where there is none, some encode the value in words of RFC 2047, in
 * which mail clients find no address: Python's email.policy.SMTP does so from 78 characters on. So a value that is
 * longer than a line has spaces in it. Mail clients ignore them inside the angle brackets (RFC 2369 §2), and the Worker
 * where it reads the value back.
 */
export interface EmailHeaders extends Readonly<Record<string, string>> {
  /** The address of the unsubscribe page, in angle brackets (RFC 2369 §3.2). Not there with `unsubscribe: "none"`. */
  readonly "List-Unsubscribe"?: string;
  /** "List-Unsubscribe=One-Click": a POST to that address unsubscribes (RFC 8058 §3.1). */
  readonly "List-Unsubscribe-Post"?: string;
  /** The message token, by which bounces and webhooks of providers find their send. */
  readonly [MESSAGE_HEADER]: string;
}

/** @param unsubscribeUrl undefined for mail of no list */
export function emailHeaders(unsubscribeUrl: string | undefined, messageToken: string): EmailHeaders {
  const message = { [MESSAGE_HEADER]: foldable(MESSAGE_HEADER, messageToken) };
  if (unsubscribeUrl === undefined) return message;
  return {
    "List-Unsubscribe": foldable("List-Unsubscribe", `<${unsubscribeUrl}>`, unsubscribeUrl.lastIndexOf("/") + 2),
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    ...message,
  };
}

/** As RFC 2047 §2 has it for lines with encoded words; shorter than the 78 characters of RFC 5322 §2.1.1. */
const MAX_LINE_CHARS = 76;

/**
 * The value; when it does not fit on a line of its own, with a space wherever a line must end.
 * @param whole so many characters at the beginning get no space, if a line can hold them: no host has a space
 */
function foldable(name: string, value: string, whole = 0): string {
  // A line that continues the one before begins with a space.
  const length = MAX_LINE_CHARS - 1;
  if (value.length <= length) return value;
  const besideName = MAX_LINE_CHARS - `${name}: `.length;
  const pieces: string[] = [];
  for (let start = 0, end = Math.max(besideName, Math.min(whole, length)); start < value.length; end += length) {
    pieces.push(value.slice(start, end));
    start = end;
  }
  return pieces.join(" ");
}
