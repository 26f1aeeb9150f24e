/** A link that was left as it stood, and why. For the sender's eyes; the email is good to send. */

/**
 * `malformed`: no browser could follow it, or it holds control characters or half a surrogate pair. `placeholder`: it
 * holds a placeholder, which a later step could not fill once sealed. `relative`: there is no `<base href>` to resolve it
 * against. `too_long`: decorated it would pass 2,083 characters.
 */
export type WarningCode = "malformed" | "placeholder" | "relative" | "too_long";

export interface Warning {
  readonly code: WarningCode;
  /** The link as it stands in the email, entities decoded. */
  readonly url: string;
  /** For people. */
  readonly message: string;
}

const MESSAGES: Readonly<Record<WarningCode, string>> = {
  malformed: "Not a well-formed web address; left as it is.",
  placeholder: "Holds a placeholder for a later step; left as it is.",
  relative: "A relative address, and no <base href> to resolve it; left as it is.",
  too_long: "Decorated it would be longer than 2,083 characters; left as it is.",
};

export function warning(code: WarningCode, url: string): Warning {
  return { code, url, message: MESSAGES[code] };
}
