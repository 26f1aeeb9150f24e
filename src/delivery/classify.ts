/**
 * The category of a bounce, from what the server said. Guarantees that "invalid recipient", which ends mail to an
 * address for ever, is only given when words or codes say that the address reaches nobody: no such user, host or
 * domain, moved, or a domain that accepts no mail. A full, disabled or suspended mailbox may come back and does not
 * count. Gives up: finer reasons, and languages other than English; what it does not understand is "unclear".
 *
 * Words count more than the enhanced status code (RFC 3463), which counts more than the reply code (RFC 5321
 * §4.2.3): many servers send a right sentence with a wrong number.
 */
import { type BounceCategory, CATEGORY } from "./outcome.ts";
import { categoryOfWords } from "./phrases.ts";

/** A refusal by a mail server. */
export interface SmtpRefusal {
  /** Enhanced status code, e.g. "5.1.1"; without one, that in `details`. */
  readonly status?: string | undefined;
  /** SMTP reply code, e.g. "550"; without one, that in `details`. */
  readonly replyCode?: string | undefined;
  /** What the server said, e.g. "550 5.1.1 <a@example.com>... User unknown". */
  readonly details?: string | undefined;
  /** The SMTP command that was refused, in capitals, where it is known: "MAIL", "RCPT", "DATA". */
  readonly command?: string | undefined;
}

/** Longer than any server's reply; the rest is not read. */
const MAX_DETAILS_CHARS = 2_000;
// Not inside a longer number, for instance an IP address.
const STATUS = /(?<![\d.])[45]\.\d{1,3}\.\d{1,3}(?![\d]|\.\d)/g;
const REPLY_CODE = /(?<![\d.-])[45][0-5]\d(?=[\s-])/;

/** The category of a refusal; "invalid recipient" only when the server said that the address itself is unusable. */
export function categoryOf(refusal: SmtpRefusal): BounceCategory {
  const details = (refusal.details ?? "").slice(0, MAX_DETAILS_CHARS);
  const status = statusOf(refusal.status, details);
  const replyCode = refusal.replyCode ?? replyCodeIn(details);
  const words = readable(details);
  const byStatus = categoryOfStatus(status);
  const category =
    categoryOfWords(words) ?? categoryOfBoth(status, replyCode, words) ?? byStatus ?? categoryOfReply(replyCode);
  if (category !== CATEGORY.invalidRecipient) return category;
  const { command } = refusal;
  // Before a recipient is named, the server refuses the sender.
  if (command === "MAIL" || command === "HELO" || command === "EHLO") return CATEGORY.blocked;
  // The address was accepted before the content was refused, unless the code says otherwise: with pipelining,
  // answers to RCPT arrive late (RFC 2920).
  if (command === "DATA" && byStatus !== CATEGORY.invalidRecipient) return CATEGORY.unclear;
  // The code says that the mailbox exists (X.2.z), the words that it does not: the words are right when RCPT was
  // refused.
  if (command !== "RCPT" && /^.\.2\./.test(status ?? "")) return CATEGORY.unclear;
  return CATEGORY.invalidRecipient;
}

/**
 * The most specific enhanced status code: `status`, or, when that is missing or generic (x.0.0), the one in the
 * server's own words, e.g. "5.1.1" for "5.0.0" and "550 5.1.1 User unknown".
 */
export function statusOf(status: string | undefined, details: string): string | undefined {
  if (status !== undefined && !isGeneric(status)) return status;
  const said = details.slice(0, MAX_DETAILS_CHARS).match(STATUS) ?? [];
  return said.find((each) => !each.endsWith(".0")) ?? said.find((each) => !isGeneric(each)) ?? status ?? said[0];
}

export function replyCodeIn(details: string): string | undefined {
  return REPLY_CODE.exec(`${details} `)?.[0];
}

const isGeneric = (status: string) => /^\d\.0\.0$/.test(status);

/** The words without addresses, links and host names, which may contain "spam" or "unknown". */
function readable(details: string): string {
  return (
    details
      .replace(/https?:\/\/\S+/gi, " ")
      .replace(/[^\s<>:;,"'()[\]@]+@[^\s<>:;,"'()[\]@]+/g, " ")
      // Host names are in lower case; "RESOLVER.ADR.RecipNotFound" is a phrase of Exchange.
      .replace(/(?<![\w.-])[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}(?![\w-])/g, " ")
      .replace(/[\u2018\u2019]/g, "'")
      .replace(/[\s_<>]+/g, " ")
      .toLowerCase()
  );
}

/** Where only code and words together are clear. */
function categoryOfBoth(
  status: string | undefined,
  replyCode: string | undefined,
  words: string,
): BounceCategory | undefined {
  // Exchange Online's answer for an address that is not in its directory ("Directory-Based Edge Blocking").
  if (status === "5.4.1" && words.includes("recipient address rejected: access denied"))
    return CATEGORY.invalidRecipient;
  // RFC 5321 §4.2.3 has the same words for 450 and 550; 550 without a policy code is how large providers say "no
  // such user".
  if (/mailbox (?:is )?unavailable/.test(words)) {
    if (replyCode?.startsWith("4") || status?.startsWith("4")) return CATEGORY.temporary;
    if (replyCode === "550" && (status === undefined || /^5\.(?:[015]\.0|1\.\d)$/.test(status)))
      return CATEGORY.invalidRecipient;
  }
  return undefined;
}

/** RFC 3463 §3 and its registry (RFC 5248). Undefined when the code alone is unclear, like 5.0.0. */
function categoryOfStatus(status: string | undefined): BounceCategory | undefined {
  const [, level, subject, detail = ""] = /^([45])\.(\d{1,3})\.(\d{1,3})$/.exec(status ?? "") ?? [];
  switch (subject) {
    case "1":
      if (detail === "7" || detail === "8") return CATEGORY.blocked;
      // Transient codes about the address are clear only with words.
      if (level === "5" && ["1", "2", "3", "6", "10"].includes(detail)) return CATEGORY.invalidRecipient;
      return detail === "2" ? CATEGORY.technical : undefined;
    case "2":
      if (detail === "1" || detail === "2") return CATEGORY.temporary;
      return detail === "3" || detail === "4" ? CATEGORY.technical : undefined;
    case "3":
      return CATEGORY.technical;
    case "4":
      return detail === "5" || detail === "7" ? CATEGORY.temporary : CATEGORY.technical;
    case "5":
    case "6":
      return detail === "0" ? undefined : CATEGORY.technical;
    case "7":
      return level === "5" ? CATEGORY.blocked : CATEGORY.temporary;
    default:
      return undefined;
  }
}

function categoryOfReply(replyCode: string | undefined): BounceCategory {
  // RFC 7504 §4: the domain accepts no mail.
  if (replyCode === "556") return CATEGORY.invalidRecipient;
  return replyCode === "552" || replyCode?.startsWith("4") ? CATEGORY.temporary : CATEGORY.unclear;
}
