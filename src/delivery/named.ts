/** Whom a server's reply names by an address: "550 <news@example.com>: user unknown" may be about whoever sent. */
import { ADDRESS_AMONG_WORDS, addressesAmongWords, isHelp, isSameAddress, isSameMailbox } from "./address.ts";

/** "another": also beside the recipient. "unknown": by no address, or by one that may be the recipient's. */
export type WhoIsNamed = "recipient" | "another" | "unknown";

/**
 * Mailboxes that mailings are sent from, and those of programs that rewrite a sender (VERP, SRS, BATV, lists). Only
 * looked for where the recipient is not known, who may be any of them.
 */
const SENDING = new RegExp(
  [
    "^(?:bounces?|news(?:letters?)?|no-?reply|do-?not-?reply|mailings?|mailer|notifications?|campaigns?|returns?)" +
      "(?:[-+_.=@]|$)",
    "[-+_.](?:bounces?|owner|return|request)(?:[-+_.=@]|$)",
    "^(?:owner-|srs[01][=+-]|prvs=|btv1=)",
    "=",
  ].join("|"),
  "i",
);

/** In front of an address on one of several lines: "550-marie@example.com is unknown". */
const CODE = /^[45][0-5]\d-/;
/** Behind it a server copies the headers of the mail. */
const TRACE = /\breceived: ?from\b/i;

/** Who may be asked, beside the names of `isHelp`. */
const HELP_DESK = new RegExp(
  "^(?:(?:it|edv|system)(?:[-_.]?(?:admin|administrator|desk|help|service|support|team))?|(?:help|service)[-_.]desk|" +
    "servicedesk|mail[-_.]?(?:admin|support)|administrator|sysadmin|webmaster)@",
  "i",
);

/** Whom to ask: "User unknown. Please contact the IT desk at <it@example.com>". */
const ASKED = new RegExp(
  "(?:[.;,!?)]\\s{1,5}|\\bplease\\s{1,5}|\\bor\\s{1,5})(?:contact|ask|call|notify|write to)" +
    `(?:\\s{1,5}[a-z]{1,20}){0,4}[\\s<("':]{1,5}${ADDRESS_AMONG_WORDS}`,
  "gi",
);

export function namedIn(details: string, recipient: string | undefined): WhoIsNamed {
  const at = details.search(TRACE);
  // "<news@example.com>...User unknown"
  const words = (at === -1 ? details : details.slice(0, at)).replace(ASKED, (asked) =>
    isOfHelper(asked, recipient) ? " " : asked,
  );
  const named = addressesAmongWords(words).map((address) => (address.split("..", 1)[0] ?? "").replace(CODE, ""));
  if (recipient === undefined) return named.some(isOfSender) ? "another" : "unknown";
  if (named.some((address) => !isSameMailbox(address, recipient) && !isHelp(address))) return "another";
  return named.length > 0 && named.every((address) => isSameAddress(address, recipient)) ? "recipient" : "unknown";
}

const isOfSender = (address: string) => SENDING.test(address.slice(0, address.indexOf("@")));

/** Whether it is a help desk who is asked, or somebody of the recipient's: the sender is asked for, too. */
function isOfHelper(asked: string, recipient = ""): boolean {
  const address = addressesAmongWords(asked)[0] ?? "";
  if (isOfSender(address)) return false;
  return HELP_DESK.test(address) || isHelp(address) || (recipient !== "" && isSameDomain(address, recipient));
}

const isSameDomain = (one: string, other: string) => isSameMailbox(`a@${domainOf(one)}`, `a@${domainOf(other)}`);
const domainOf = (address: string) => address.slice(address.lastIndexOf("@") + 1);
