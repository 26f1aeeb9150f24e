/** The message of a text that somebody pastes: a token, a header or an address that holds one. */
import type { Message, TokenUse } from "./claims.ts";
import type { TokenKeys } from "./keys.ts";
import { verifyToken } from "./verify.ts";

const USES: readonly TokenUse[] = ["message", "click", "open", "unsubscribe", "optout"];

/** Even one whose ids have one byte is longer. */
const TOKEN_RUN = /[A-Za-z0-9_-]{24,}/g;

/** A text may be long, and each run of it costs an HMAC. */
const MAX_RUNS = 100;

/** "%2F", and "%252F" where an address is inside an address: its last digit is no part of a token. */
const PERCENT_ENCODED = /%(?:25)*[0-9A-Fa-f]{2}/g;

/** What becomes of a token on its way, taken back: each reading has it in one piece, with something else around it. */
const READINGS: readonly ((text: string) => string)[] = [
  // As it is, or within another address's query: Safe Links of Microsoft, Barracuda, Google.
  (text) => text.replace(PERCENT_ENCODED, " "),
  // A folded header; the source of an email in quoted-printable, with or without its line ends.
  (text) => text.replace(/=3D|[^\w\s=-]/gi, "|").replace(/[\s=]+/g, ""),
  // Proofpoint's URL Defense, version 2: "%" is written "-", and "/" is written "_".
  (text) => text.replaceAll("_", "/").replaceAll("-2D", "-").replaceAll("-5F", "_"),
  // Version 3: the address is between "__" and "__;".
  (text) => text.replaceAll("__;", " "),
];

/**
 * The message that the first genuine token in `text` names: the token itself, the line X-Waxseal-Message of an email,
 * or the address of a link, a pixel or an unsubscribe page, also as mail scanners rewrite it. Undefined without one.
 */
export function messageInText(keys: TokenKeys, text: string): Message | undefined {
  for (const read of READINGS) {
    for (const [run] of [...read(text).matchAll(TOKEN_RUN)].slice(0, MAX_RUNS)) {
      const message = messageOf(keys, run);
      if (message !== undefined) return message;
    }
  }
  return undefined;
}

function messageOf(keys: TokenKeys, token: string): Message | undefined {
  for (const use of USES) {
    const verified = verifyToken(keys, use, token);
    if (!verified.ok) continue;
    const { email, campaign, person } = verified.value;
    return { email, campaign, person };
  }
  return undefined;
}
