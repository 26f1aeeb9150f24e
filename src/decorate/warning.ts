/** Warnings for the sender. The email can be sent. */

/**
 * Links that were left undecorated:
 * - `malformed`: no browser could follow it, or it contains control characters or half a surrogate pair;
 * - `placeholder`: it contains a placeholder, which a later step could not fill once the link is signed;
 * - `relative`: there is no `<base href>` to resolve it against;
 * - `too_long`: decorated, it would be longer than 2,083 characters, where older versions of Outlook cut;
 * - `unverified`: it looks like a decorated link of this origin, and no key verifies its token;
 * - `wrapped`: in plain text, it is in angle brackets and goes on in the next line;
 * - `untracked`: in the text of another copy, without HTML, it is plain, as links are that opted out there.
 *
 * And:
 * - `copied`: addresses of another copy were in the source; they were written anew for this recipient;
 * - `shows_other_host`: the link's text is or names an address of another site than the link leads to;
 * - `uncertain_end`: in plain text, there are words without a space at or behind its end; `url` is what was taken;
 * - `form_action`: a placeholder in the address that a form is sent to stays as it is;
 * - `unfilled`: there are placeholders in double braces, and nothing has said whether they are filled;
 * - `clipped`: the HTML is longer than 102,400 bytes, where Gmail cuts;
 * - `personal_links`: other copies of the same email have other links; only what sees several copies says so.
 */
export type WarningCode = keyof typeof MESSAGES;

/** What the sender should know about one email or one of its links. */
export interface Warning {
  /** What it is about: `WarningCode` says what each means. */
  readonly code: WarningCode;
  /**
   * The link as it is in the email, entities decoded; of several the first. Not there when the warning is about the
   * whole email.
   */
  readonly url?: string;
  /** An English sentence. */
  readonly message: string;
}

const MESSAGES = {
  malformed: "Not a well-formed web address; left as it is.",
  placeholder: "Contains a placeholder for a later step; left as it is.",
  relative: "A relative address, and no <base href> to resolve it; left as it is.",
  too_long: "Decorated, it would be longer than 2,083 characters; left as it is.",
  unverified: "Looks like a decorated link, but its token does not verify; left as it is.",
  wrapped: "Wrapped over lines in angle brackets; left as it is.",
  untracked: "Plain in the text of another copy, where it may have opted out; left as it is.",
  copied: "Belongs to another copy; written anew for this recipient.",
  shows_other_host: "Its text shows an address of another site, which looks like phishing.",
  uncertain_end: "There are words without a space at or right behind its end; decorated up to here.",
  form_action: "The address of a form contains a placeholder; left as it is.",
  unfilled: "not filled, because there are no variables.",
  clipped: "The HTML is longer than 102,400 bytes: Gmail cuts it there, and the pixel may be behind the cut.",
  personal_links: "Its links differ from copy to copy of this email: each is a row of its own in reports.",
} as const;

/** @param count of links that the warning is about, of which `url` is the first */
export function warning(code: WarningCode, url?: string, count = 1): Warning {
  const message = count === 1 ? MESSAGES[code] : `${MESSAGES[code].slice(0, -1)}: this and ${count - 1} more.`;
  return { code, ...(url === undefined ? {} : { url }), message };
}

const MAX_NAMED = 5;

/** @param left placeholders that stay, as they are written; there are some */
export function unfilledWarning(left: readonly string[]): Warning {
  const more = left.length > MAX_NAMED ? ` and ${left.length - MAX_NAMED} more` : "";
  const { code, message } = warning("unfilled");
  return { code, message: `${left.slice(0, MAX_NAMED).join(", ")}${more}: ${message}` };
}
