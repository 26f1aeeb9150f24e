/** Addresses in the form in which the log compares them. */
import { domainToASCII } from "node:url";

/** A domain with letters beyond ASCII, and nothing in it that means something else in a URL. */
const INTERNATIONAL_DOMAIN = /^(?=.*[^\p{ASCII}])[\w.\-\P{ASCII}]+$/u;
/** The dot of a domain that is written to its root; an ideographic one is one, too. */
const ROOT = /(?<=[^.。．｡])[.。．｡]$/;

/**
 * The address as mail servers compare it: trimmed, in NFC and in lower case, because no mail server in use
 * distinguishes "Marie@" and "marie@"; its domain in ASCII (IDNA: UTS 46, as browsers do it), because
 * "bücher.example" and "xn--bcher-kva.example" are one; without the dot that may end it (RFC 1034 §3.1). A domain that
 * IDNA does not know stays.
 */
export function normalAddress(address: string): string {
  const normal = normalText(address.trim());
  const domainAt = normal.lastIndexOf("@") + 1;
  if (domainAt === 0) return normal;
  const domain = normal.slice(domainAt);
  const inAscii = INTERNATIONAL_DOMAIN.test(domain) ? domainToASCII(domain) || domain : domain;
  return normal.slice(0, domainAt) + inAscii.replace(ROOT, "");
}

/** The text in NFC and in lower case. */
export function normalText(text: string): string {
  return text.normalize("NFC").toLowerCase().normalize("NFC");
}
