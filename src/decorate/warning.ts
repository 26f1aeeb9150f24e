/** Warnings of links that were left undecorated. */

/**
 * Why a link was left undecorated:
 * - `malformed`: no browser could follow it, or it contains control characters or half a surrogate pair;
 * - `placeholder`: it contains a placeholder, which a later step could not fill once the link is signed;
 * - `relative`: there is no `<base href>` to resolve it against;
 * - `too_long`: decorated, it would be longer than 2,083 characters, where older versions of Outlook cut;
 * - `wrapped`: in plain text, it is in angle brackets and goes on in the next line.
 */
export type WarningCode = "malformed" | "placeholder" | "relative" | "too_long" | "wrapped";

/** A link that was left undecorated, for the sender to read. The email can be sent. */
export interface Warning {
  readonly code: WarningCode;
  /** The link as it is in the email, entities decoded. */
  readonly url: string;
  /** An English sentence. */
  readonly message: string;
}

const MESSAGES: Readonly<Record<WarningCode, string>> = {
  malformed: "Not a well-formed web address; left as it is.",
  placeholder: "Contains a placeholder for a later step; left as it is.",
  relative: "A relative address, and no <base href> to resolve it; left as it is.",
  too_long: "Decorated, it would be longer than 2,083 characters; left as it is.",
  wrapped: "Wrapped over lines in angle brackets; left as it is.",
};

export function warning(code: WarningCode, url: string): Warning {
  return { code, url, message: MESSAGES[code] };
}
