/** Sentences of mail systems that mean something else than their words. */

const ADVICE =
  /\b(?:check|verify|correct|confirm)\b[^.:]{0,80}\b(?:and|then) (?:please )?(?:try|send|resend)\b(?:[^.,;]{0,40}\b)?/g;

/** A trace that a server copied behind its reply, with the names of filters. */
const TRACE = /\breceived: ?from\b.{0,2000}/;

/**
 * Leaves out sentences of mail systems that mean something else than their words, or says what they mean.
 * @param words as `wordsOf` returns them
 */
export function withoutMisleadingSentences(words: string, status: string | undefined): string {
  const plain = words
    .replace(TRACE, "")
    // What is said of an address's domain says nothing of the mailbox.
    .replace(/\b(domain|host|mx) (?:of|for) {1,5}(?:§|(?:the |this |that |an )?address\b)/g, "$1")
    .replace(/§ {1,5}(?=(?:(?:is|has) an? )?(?:domain|host|mx)\b)/g, "")
    // QQ's trace, behind any refusal, and its sentence for a mailbox that does not exist.
    .replace(/\[[^[\]\s]{1,40} ip: ?[\da-f.:]{2,45} ?\]/g, " ")
    .replace(/\bmay contain (?=a non-existent account\b)/, "is ")
    // Amazon SES puts this in front of any refusal; another server's DNS library says which answer it got.
    .replace(/\bunknown address error\b/, "")
    .replace(/\b(?:dns|mx)\b.{0,80}\bnxdomain\b/, "no such domain nxdomain")
    // DragonFly's and Gmail's, which say so only when the name does not exist.
    .replace(/\bdns (?:lookup failure: host|error: domain name) not found\b/, "no such domain nxdomain")
    // Outlook's guesses, and advice to people.
    .replace(/\bit might (?:be|not|have)\b[^.]{0,60}\./, "")
    .replace(ADVICE, "")
    // Postfix's names of its tables, and the answer of a server that verified the recipient elsewhere.
    .replace(/\bin (?:virtual|local|relay)(?: (?:alias|mailbox|recipient))* table\b/g, "");
  // A mailbox's code beside a host that may be anybody's.
  if (status === "5.1.1" && !plain.includes("§")) return plain.replace(/\bhost unknown\b/, "");
  // Exchange Online's answer for an address that is not in its directory ("Directory-Based Edge Blocking").
  if (status !== "5.4.1") return plain;
  return plain.replace(/(?:all )?recipient address(?:es)? rejected ?: ?access denied/, "no such recipient");
}

/**
 * A cPanel server's sentence for a domain without MX and address: behind its router for those that have one. Of a
 * sender whom it verifies it says the same, behind a code.
 */
const CPANEL_NO_DOMAIN =
  /\bthe account or domain may not exist, they may be blacklisted, or missing the proper dns entries\b/;

/** The words, with what that sentence says of the recipient's domain. */
export const withCpanelNoDomain = (words: string, isOfRecipient: () => boolean) =>
  words.replace(CPANEL_NO_DOMAIN, (sentence) => (isOfRecipient() ? "no such domain" : sentence));
