/** Whom a server's reply names by an address: "550 <news@example.com>: user unknown" may be about whoever sent. */
import { addressesAmongWords, isSameAddress, isSameMailbox } from "./bounce-mail/address.ts";

/** "unknown": by no address, or by one that may be anybody's. */
export type WhoIsNamed = "recipient" | "recipient and another" | "another" | "unknown";

/**
 * Mailboxes that mailings are sent from, and those of programs that rewrite a sender (VERP, SRS, BATV, lists). Only
 * looked for where the recipient is not known, who may be any of them.
 */
const SENDING =
  /^(?:bounces?|news(?:letters?)?|no-?reply|do-?not-?reply|mailings?|mailer|notifications?|campaigns?|returns?)(?:[-+_.=@]|$)|[-+_.](?:bounces?|owner|return|request)(?:[-+_.=@]|$)|^(?:owner-|srs[01][=+-]|prvs=|btv1=)|=/i;

/** In front of an address on one of several lines: "550-marie@example.com is unknown". */
const CODE = /^[45][0-5]\d-/;

export function namedIn(details: string, recipient: string | undefined): WhoIsNamed {
  // "<news@example.com>...User unknown"
  const named = addressesAmongWords(details).map((address) => (address.split("..", 1)[0] ?? "").replace(CODE, ""));
  if (named.length === 0) return "unknown";
  if (recipient === undefined) return named.some(isOfSender) ? "another" : "unknown";
  if (named.every((address) => isSameAddress(address, recipient))) return "recipient";
  return named.some((address) => isSameMailbox(address, recipient)) ? "recipient and another" : "another";
}

const isOfSender = (address: string) => SENDING.test(address.slice(0, address.indexOf("@")));
