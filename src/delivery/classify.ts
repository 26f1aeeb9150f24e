/**
 * Which category a refusal falls into, from what the server said. Guarantees that category 2, which ends a person's mail for
 * ever, is only given when words or codes say that nobody can be reached at this address: no such user, host or domain, moved,
 * or a domain that takes no mail. A full, disabled or suspended mailbox may come back and is no such thing. Gives up: finer
 * reasons, and languages other than English; what it does not understand is 9.
 *
 * Words win over the enhanced status code (RFC 3463), which wins over the reply code (RFC 5321 §4.2.3): many servers send a
 * right sentence with a wrong number.
 */
import type { BounceCategory } from "./outcome.ts";
import { categoryOfWords } from "./phrases.ts";

export interface Refusal {
  /** Enhanced status code, e.g. "5.1.1"; without one, that in `details`. */
  readonly status?: string | undefined;
  /** SMTP reply code, e.g. "550"; without one, that in `details`. */
  readonly replyCode?: string | undefined;
  /** What the server said, e.g. "550 5.1.1 <a@example.com>... User unknown". */
  readonly details?: string | undefined;
  /** The SMTP command that was refused, in capitals, where it is known: "MAIL", "RCPT", "DATA". */
  readonly command?: string | undefined;
}

/** Longer than any server's reply; what is behind it is not read. */
const DETAILS_READ = 2_000;
// Not inside a longer number, as an IP address is.
const STATUS = /(?<![\d.])[45]\.\d{1,3}\.\d{1,3}(?![\d]|\.\d)/g;
const REPLY_CODE = /(?<![\d.-])[45][0-5]\d(?=[\s-])/;

/** @returns never 2 unless the address itself was said to be unusable */
export function categoryOf(refusal: Refusal): BounceCategory {
  const details = (refusal.details ?? "").slice(0, DETAILS_READ);
  const status = statusOf(refusal.status, details);
  const replyCode = refusal.replyCode ?? replyCodeIn(details);
  const words = readable(details);
  const byStatus = categoryOfStatus(status);
  const category =
    categoryOfWords(words) ??
    categoryOfBoth(status, replyCode, words) ??
    byStatus ??
    categoryOfReply(replyCode);
  if (category !== 2) return category;
  const { command } = refusal;
  // Before a recipient is named, it is the sender who is refused.
  if (command === "MAIL" || command === "HELO" || command === "EHLO") return 1;
  // The address had been accepted before the content was refused, unless the code insists: answers to commands that were sent
  // together come late (RFC 2920).
  if (command === "DATA" && byStatus !== 2) return 9;
  // The code says that there is such a mailbox (X.2.z), the words that there is not: right where the address was asked for.
  if (command !== "RCPT" && /^.\.2\./.test(status ?? "")) return 9;
  return 2;
}

/**
 * The status that says most: `status`, or where that is missing or says nothing (x.0.0), the one that the server's own words
 * hold, e.g. "5.1.1" for "5.0.0" and "550 5.1.1 User unknown".
 */
export function statusOf(status: string | undefined, details: string): string | undefined {
  if (status !== undefined && !isGeneric(status)) return status;
  const said = details.slice(0, DETAILS_READ).match(STATUS) ?? [];
  return (
    said.find((each) => !each.endsWith(".0")) ?? said.find((each) => !isGeneric(each)) ?? status ?? said[0]
  );
}

export function replyCodeIn(details: string): string | undefined {
  return REPLY_CODE.exec(`${details} `)?.[0];
}

const isGeneric = (status: string) => /^\d\.0\.0$/.test(status);

/** Without what only looks like words: addresses, links and host names, whose owners may be called "spam" or "unknown". */
function readable(details: string): string {
  return (
    details
      .replace(/https?:\/\/\S+/gi, " ")
      .replace(/[^\s<>:;,"'()[\]@]+@[^\s<>:;,"'()[\]@]+/g, " ")
      // Host names are lower case; "RESOLVER.ADR.RecipNotFound" is a sentence of Exchange's.
      .replace(/(?<![\w.-])[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}(?![\w-])/g, " ")
      .replace(/[\u2018\u2019]/g, "'")
      .replace(/[\s_<>]+/g, " ")
      .toLowerCase()
  );
}

/** Codes and words of which neither says it alone. */
function categoryOfBoth(
  status: string | undefined,
  replyCode: string | undefined,
  words: string,
): BounceCategory | undefined {
  // Exchange Online's answer for an address that its directory does not hold ("Directory-Based Edge Blocking").
  if (status === "5.4.1" && words.includes("recipient address rejected: access denied")) return 2;
  // RFC 5321 §4.2.3 words 450 and 550 alike; with 550 and nothing of policy it is how large providers say "no such user".
  if (/mailbox (?:is )?unavailable/.test(words)) {
    if (replyCode?.startsWith("4") || status?.startsWith("4")) return 3;
    if (replyCode === "550" && (status === undefined || /^5\.(?:[015]\.0|1\.\d)$/.test(status))) return 2;
  }
  return undefined;
}

/** RFC 3463 §3 and the registry it founded (RFC 5248). Undefined: says nothing by itself, like 5.0.0. */
function categoryOfStatus(status: string | undefined): BounceCategory | undefined {
  const [, level, subject, detail = ""] = /^([45])\.(\d{1,3})\.(\d{1,3})$/.exec(status ?? "") ?? [];
  switch (subject) {
    case "1":
      if (detail === "7" || detail === "8") return 1;
      // Of the transient ones only words can tell.
      if (level === "5" && ["1", "2", "3", "6", "10"].includes(detail)) return 2;
      return detail === "2" ? 4 : undefined;
    case "2":
      if (detail === "1" || detail === "2") return 3;
      return detail === "3" || detail === "4" ? 4 : undefined;
    case "3":
      return 4;
    case "4":
      return detail === "5" || detail === "7" ? 3 : 4;
    case "5":
    case "6":
      return detail === "0" ? undefined : 4;
    case "7":
      return level === "5" ? 1 : 3;
    default:
      return undefined;
  }
}

function categoryOfReply(replyCode: string | undefined): BounceCategory {
  // RFC 7504 §4: the domain accepts no mail.
  if (replyCode === "556") return 2;
  return replyCode === "552" || replyCode?.startsWith("4") ? 3 : 9;
}
