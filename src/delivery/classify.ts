/**
 * The category of a bounce, from what a server said. One classifier for all sources: bounce mails, webhooks and the
 * `details` of `POST /v1/events`.
 *
 * "Invalid recipient", which ends mail to an address for ever, takes evidence: a clause that says that nobody can be
 * reached there, in words of such refusals only (`phrases/refusal-words.ts`), or a code for it beside no words, or
 * beside a clause about a recipient. All other clauses say it once more, or are neutral
 * (`phrases/neutral-clause.ts`). It also takes that nothing known contradicts it: no phrase about the sender, spam, a
 * full or disabled mailbox or another attempt (`phrases/against-recipient.ts`), no temporary code, no answer to MAIL or
 * DATA, and no part of the reply that was not read. In doubt a bounce is "unclear". Gives up finer reasons, and
 * refusals in words that are not known. What is not guaranteed: an address in a reply may be the sender's own.
 *
 * Words count more than the enhanced status code (RFC 3463), which counts more than the reply code (RFC 5321 §4.2.3):
 * many servers send a right sentence with a wrong number.
 */
import { addressIn } from "./address.ts";
import { namedIn, type WhoIsNamed } from "./named.ts";
import { type BounceCategory, CATEGORY } from "./outcome.ts";
import { contradictionIn, linksToBlockList, saysFull } from "./phrases/against-recipient.ts";
import { deferralCause } from "./phrases/deferral-cause.ts";
import { agreesWithCode, namesRecipient, saysOnly, withoutNameOf } from "./phrases/for-recipient.ts";
import { withCpanelNoDomain, withoutMisleadingSentences } from "./phrases/misleading-sentences.ts";
import {
  ADDRESS_REJECTED,
  MAILBOX_UNAVAILABLE,
  MAILBOX_UNAVAILABLE_IN_FULL,
  NO_SUCH_DOMAIN,
  NO_SUCH_RECIPIENT,
} from "./phrases/no-such-recipient.ts";
import { categoryOfFault } from "./phrases/server-faults.ts";
import { commandNamedIn, enhancedStatusOf, replyCodeIn, wordsOf } from "./said.ts";

export { enhancedStatusOf, replyCodeIn } from "./said.ts";

/** A refusal by a mail server. */
export interface SmtpRefusal {
  /** Enhanced status code, e.g. "5.1.1"; without one, that in `details`. */
  readonly status?: string | undefined;
  /** SMTP reply code, e.g. "550"; without one, that in `details`. */
  readonly replyCode?: string | undefined;
  /** What the server said, e.g. "550 5.1.1 <a@example.com>... User unknown". */
  readonly details?: string | undefined;
  /** The SMTP command that was refused, in capitals, where it is known; without one, that in `details`. */
  readonly command?: string | undefined;
  /** Whether the mail system has stopped trying: "450 User unknown" for five days means it. */
  readonly gaveUp?: boolean | undefined;
  /** The address that was refused, where it is known. */
  readonly recipient?: string | undefined;
  /** Whether the server said more than `details`: what is not read may speak of something else. */
  readonly isCut?: boolean | undefined;
}

/** Longer than any server's reply; the rest is not read. */
const MAX_DETAILS_CHARS = 1_000;

/** A refusal as its rules read it. */
interface ParsedRefusal {
  /** As far as it is read. */
  readonly details: string;
  readonly words: string;
  readonly status: string | undefined;
  readonly replyCode: string | undefined;
  readonly command: string | undefined;
  readonly gaveUp: boolean;
  readonly isCut: boolean;
  /** Whom the words name by an address. Looked for only where it decides. */
  readonly named: () => WhoIsNamed;
  /** The first address in the words where it is not known; empty where there is none. */
  readonly recipient: string;
}

export interface Classification {
  readonly category: BounceCategory;
  /** Whether something in the refusal contradicts an invalid recipient. */
  readonly isContradicted: boolean;
}

/** The category of a refusal; "invalid recipient" only when the server said that the address itself is unusable. */
export function categoryOf(refusal: SmtpRefusal): BounceCategory {
  return classify(refusal).category;
}

export function classify(refusal: SmtpRefusal): Classification {
  const said = parse(refusal);
  const byWords = againstByWords(said);
  if (byWords !== undefined) return { category: byWords, isContradicted: true };
  if (!isEvidenceFor(said)) return { category: withoutEvidence(said), isContradicted: false };
  const category = againstByAddress(said) ?? againstByCommand(said) ?? againstByCodes(said) ?? againstByCut(said);
  return { category: category ?? CATEGORY.invalidRecipient, isContradicted: category !== undefined };
}

function parse({ status, replyCode, details: whole = "", recipient, ...refusal }: SmtpRefusal): ParsedRefusal {
  const details = whole.slice(0, MAX_DETAILS_CHARS);
  const enhanced = enhancedStatusOf(status, details);
  const code = replyCode ?? replyCodeIn(details);
  const named = () => namedIn(details, recipient);
  const words = withoutMisleadingSentences(wordsOf(details), enhanced);
  return {
    details,
    words: code === undefined ? withCpanelNoDomain(words, () => named() === "recipient") : words,
    status: enhanced,
    replyCode: code,
    command: refusal.command ?? commandNamedIn(details),
    gaveUp: refusal.gaveUp === true,
    isCut: refusal.isCut === true || whole.length > MAX_DETAILS_CHARS,
    named,
    recipient: recipient ?? addressIn(details) ?? "",
  };
}

/** What the words, or a link to a block list, mean instead. */
function againstByWords(said: ParsedRefusal): BounceCategory | undefined {
  const against = contradictionIn(said.words) ?? (linksToBlockList(said.details) ? CATEGORY.blocked : undefined);
  if (against === undefined) return undefined;
  const isTemporary = isThrottled(said) || (against === CATEGORY.blocked && isFull(said));
  return isTemporary ? CATEGORY.temporary : against;
}

/** Somebody else is named. */
const againstByAddress = ({ named }: ParsedRefusal) => (named() === "another" ? CATEGORY.unclear : undefined);

/** What was not read may say something else. */
const againstByCut = ({ isCut }: ParsedRefusal) => (isCut ? CATEGORY.unclear : undefined);

/** RFC 3463 §3.2, RFC 7505 §4.2: the destination's mailbox, system or syntax is bad, it has moved, it takes no mail. */
const CODE_OF_RECIPIENT = /^5\.1\.(?:1|2|6|10)$/;

/** Words that say that nobody can be reached at the address, or a code that says so and that the words leave. */
function isEvidenceFor(said: ParsedRefusal): boolean {
  const { status, replyCode, command } = said;
  const words = withoutNameOf(said.recipient, withoutConditions(said.words));
  if (saysOnly(NO_SUCH_RECIPIENT, words) || isRecipientsDomainUnknown(said, words)) return true;
  const codeOf = /^5\.1\.(?:2|10)$/.test(status ?? "") ? "domain" : "mailbox";
  if (CODE_OF_RECIPIENT.test(status ?? "") && agreesWithCode(words, codeOf)) return true;
  // RFC 7504 §4: the domain accepts no mail.
  if (replyCode === "556") return true;
  const isAboutAddress = command === undefined || command === "RCPT";
  if (status === "5.1.0") return isAboutAddress && saysOnly(ADDRESS_REJECTED, words);
  if (!isAboutAddress || !saysOnly(MAILBOX_UNAVAILABLE, words)) return false;
  const isPlain = status === undefined || /^5\.(?:[015]\.0|1\.\d{1,2})$/.test(status);
  return isPlain && (replyCode === "550" || (replyCode === undefined && MAILBOX_UNAVAILABLE_IN_FULL.test(words)));
}

/** "If the user does not exist, …" and "(ex: unknown user)" say nothing about this recipient. */
function withoutConditions(words: string): string {
  return words.replace(/\b(?:if|whether|unless|in case|such as|for example|ex:|e\.g\.) ?[^.;)]{0,200}/g, " ");
}

/**
 * A server that says "domain not found" means the recipient's when it says so, or when the sending server speaks: a
 * receiving one was found by the recipient's domain, and misses the sender's. An address beside it may be either's.
 */
function isRecipientsDomainUnknown({ status, replyCode, named }: ParsedRefusal, words: string): boolean {
  const isByCode = /^5\.(?:1\.(?:2|10)|4\.(?:4|310))$/.test(status ?? "");
  if (!saysOnly(NO_SUCH_DOMAIN, words)) return false;
  return isByCode || replyCode === undefined || named() === "recipient" || namesRecipient(words);
}

/** "421 4.7.28 unusual rate of unsolicited mail": the server takes this mail later. */
const isThrottled = (said: ParsedRefusal) =>
  hasTemporaryCode(said) && deferralCause(true, said.status ?? null, said.details) !== undefined;

/** "552 5.2.2 Your account is over quota" is said of the recipient's; without a code it may be the sender's. */
const isFull = ({ status, replyCode, words }: ParsedRefusal) =>
  (status === undefined ? replyCode === "552" : /^.\.2\.2$/.test(status)) && saysFull(words);

/** What the refused command means where no recipient was named yet, or one was accepted before. */
function againstByCommand(said: ParsedRefusal): BounceCategory | undefined {
  switch (said.command) {
    case "MAIL":
    case "HELO":
    case "EHLO":
      return CATEGORY.blocked;
    case "DATA":
      return hasTemporaryCode(said) ? categoryByCodes(said) : CATEGORY.unclear;
    default:
      return undefined;
  }
}

/** What the numbers mean where they contradict the words: they win. */
function againstByCodes(said: ParsedRefusal): BounceCategory | undefined {
  const { status = "", replyCode = "", command, gaveUp } = said;
  if (hasTemporaryCode(said) && !(gaveUp && /^4\.1\./.test(status))) return categoryByCodes(said);
  if (/^.\.2\.2$/.test(status)) return CATEGORY.temporary;
  // The sender did not authenticate (RFC 4954 §6).
  if (/^53\d$/.test(replyCode)) return CATEGORY.blocked;
  // The sender's address.
  if (/^.\.1\.[78]$/.test(status)) return CATEGORY.blocked;
  // Policy, content, or "disabled" beside "unknown": one of the two is wrong.
  if (/^.\.[67]\./.test(status)) return CATEGORY.unclear;
  if (command === "RCPT") return undefined;
  // After RCPT, X.2.1 is how some servers say "unknown", and a syntax error is one of the address.
  if (/^.\.2\.1$/.test(status)) return CATEGORY.unclear;
  const isProtocolError = /^.\.5\.[1-9]/.test(status) || /^50[1-4]$/.test(replyCode);
  return isProtocolError && !/^.\.1\./.test(status) ? CATEGORY.technical : undefined;
}

const hasTemporaryCode = ({ status = "", replyCode = "" }: ParsedRefusal) =>
  status.startsWith("4") || (replyCode.startsWith("4") && !status.startsWith("5"));

/** No word of the recipient: a fault, or what the codes say. */
function withoutEvidence(said: ParsedRefusal): BounceCategory {
  const category = categoryOfFault(said.words) ?? categoryByCodes(said);
  return category === CATEGORY.unclear ? (againstByCommand(said) ?? category) : category;
}

/** Without words: the enhanced status code, then the reply code. Never an invalid recipient. */
function categoryByCodes({ status, replyCode }: ParsedRefusal): BounceCategory {
  return categoryOfStatus(status) ?? categoryOfReply(replyCode);
}

/** RFC 3463 §3 and its registry (RFC 5248). Undefined when the code alone is unclear, like 5.0.0. */
function categoryOfStatus(status: string | undefined): BounceCategory | undefined {
  const [, level, subject, detail = ""] = /^([45])\.(\d{1,3})\.(\d{1,3})$/.exec(status ?? "") ?? [];
  switch (subject) {
    case "1":
      if (detail === "7" || detail === "8") return CATEGORY.blocked;
      return level === "4" && detail === "2" ? CATEGORY.technical : undefined;
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
  return replyCode === "552" || replyCode?.startsWith("4") ? CATEGORY.temporary : CATEGORY.unclear;
}
