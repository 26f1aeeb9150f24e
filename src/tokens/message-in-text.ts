/** The message of a text that somebody pastes: a token, a header or an address that holds one. */
import type { Message, TokenUse } from "./claims.ts";
import type { TokenKeys } from "./keys.ts";
import { verifyToken } from "./verify.ts";

const USES: readonly TokenUse[] = ["message", "click", "open", "unsubscribe", "optout"];

/** Even one whose ids have one byte is longer. */
const TOKEN_RUN = /[A-Za-z0-9_-]{24,}/g;

/** "%2F", and "%252F" where an address stands within an address: its last digit is no part of a token. */
const PERCENT_ENCODED = /%(?:25)*[0-9A-Fa-f]{2}/g;

/**
 * The message that the first genuine token in `text` names: the token itself, the line X-Waxseal-Message of an email,
 * or the address of a link, a pixel or an unsubscribe page, also as mail scanners rewrite it. Undefined without one.
 */
export function messageInText(keys: TokenKeys, text: string): Message | undefined {
  for (const [run] of text.replace(PERCENT_ENCODED, " ").matchAll(TOKEN_RUN)) {
    for (const use of USES) {
      const verified = verifyToken(keys, use, run);
      if (!verified.ok) continue;
      const { email, campaign, person } = verified.value;
      return { email, campaign, person };
    }
  }
  return undefined;
}
