/**
 * Bounces without a delivery report, read from their text. Guarantees that a mail by a person or an autoresponder is
 * not a bounce: it must come from a mail system or have a null sender, say in a mail system's words or codes that
 * something was not delivered, and name an address (or return the mail that has it in To).
 */
import { addressesIn, addressIn, isSameAddress } from "../address.ts";
import { categoryOf } from "../classify.ts";
import { CATEGORY } from "../outcome.ts";
import { anyOf } from "../phrases/pattern.ts";
import { enhancedStatusOf } from "../said.ts";
import { type BounceText, commandIn, withoutSubject } from "./bounce-text.ts";
import { hasServerCode, saysLate, saysRefused, saysUndelivered } from "./failure-words.ts";
import { type Finding, MAX_FINDINGS } from "./finding.ts";
import type { Mail } from "./mail.ts";
import {
  hasReceipt,
  isAutoreplyText,
  isAutoSubmitted,
  isChallenge,
  isListNotice,
  isMarkedAutoreply,
  isOfList,
  isReceipt,
  isRejection,
  isReply,
} from "./not-a-bounce.ts";
import { noticesOf, type RecipientNotice } from "./notice.ts";
import { isOwnerNotice } from "./owner-notice.ts";
import type { ReturnedMail } from "./returned-mail.ts";
import { type Writer, writerOf } from "./writer.ts";

/** What is read of a notice to find out what kind of mail it is. */
const MAX_WORDS_CHARS = 6_000;

/** The recipients that a bounce's text names; none when the mail is not a bounce. */
export function textFindings(
  mail: Mail,
  bounceText: BounceText,
  returned: ReturnedMail,
  envelopeFrom: string | undefined,
): readonly Finding[] {
  const subject = ownSubject(mail.subject, returned.subject);
  const notice = bounceText.lines.join("\n").slice(0, MAX_WORDS_CHARS);
  const writer = writerOf(mail, envelopeFrom);
  if (!isBounce(mail, writer, subject, notice)) return [];
  const action = saysLate(`${subject}\n${notice}`) ? "delayed" : "failed";
  // A subject may be anybody's, and a weak word, too: then the address must be in a line of its own.
  const onlyListed = !saysNotDelivered(notice) || (writer === "nobody" && !saysUndelivered(subject));
  const domain = writer === "mail system" ? addressIn(mail.from)?.split("@")[1] : undefined;
  return noticesOf(bounceText, { ...optionsOf(mail, returned), domain, onlyListed }).map((each) =>
    // The words of a receipt may be those of a person's filter.
    findingOf({ ...each, isUndisclosed: each.isUndisclosed || hasReceipt(mail) }, action, bounceText),
  );
}

const saysNotDelivered = (words: string) => hasServerCode(words) || saysUndelivered(words);

const failedRecipients = ({ headers }: Mail) => headers.get("x-failed-recipients") ?? [];

function optionsOf(mail: Mail, returned: ReturnedMail) {
  const failed = failedRecipients(mail).flatMap(addressesIn).slice(0, MAX_FINDINGS);
  const own = addressesIn((mail.headers.get("to") ?? []).join(" "));
  const except = [...own, ...addressesIn([mail.from, ...returned.from].join(" "))];
  // A notice may repeat its own headers.
  const mailed = returned.to.filter((address) => !own.some((each) => isSameAddress(each, address)));
  return { failed, own, except, mailed, receivedFor: returned.receivedFor };
}

function findingOf(
  { recipient, mailed, details, isCut, isUndisclosed = false }: RecipientNotice,
  action: Finding["action"],
  text: BounceText,
): Finding {
  const status = enhancedStatusOf(undefined, details ?? "");
  const command = commandIn(text, recipient, { status, details });
  const category = categoryOf({ status, details, command, recipient, isCut });
  const isBehind = isUndisclosed && category === CATEGORY.invalidRecipient;
  const bounce = { category: isBehind ? CATEGORY.unclear : category, status, details };
  return { recipient, mailed, action, bounce };
}

function isBounce(mail: Mail, writer: Writer, subject: string, notice: string): boolean {
  if (writer === "person" || isMarkedAutoreply(mail)) return false;
  if (hasReceipt(mail)) return writer === "mail system" && isRejection(mail);
  // A list passes on the notices that it gets, with its own headers. Gateways copy those of the mail that they return.
  if (isOfList(mail) && writer !== "mail system" && !IN_FRONT.test(mail.subject)) return false;
  const words = `${subject}\n${notice}`;
  const hasReport = failedRecipients(mail).length > 0;
  if (!hasReport && isOwnerNotice(subject, notice)) return false;
  const isCoded = hasServerCode(words.replace(CONDITION, " "));
  const isPeoples = isChallenge(words) || isListNotice(words) || isReceipt(words);
  if (!hasReport && isAutoSubmitted(mail) && !(writer === "mail system" && saysNotDelivered(words))) return false;
  if (writer === "mail system") {
    if (isCoded) return !(isReply(mail) && isAutoreplyText(words));
    if (isPeoples) return false;
    const isRefused = saysUndelivered(notice) || saysRefused(words) || saysLate(words);
    return saysUndelivered(subject) || saysLate(subject) || (isRefused && !isAutoreplyText(words));
  }
  if (isPeoples || isReply(mail)) return false;
  const isReturned = saysUndelivered(subject) || mail.parts.some(({ type }) => type === "message/rfc822");
  return isCoded || (isReturned && saysNotDelivered(notice) && !isAutoreplyText(words));
}

/** "If your message was rejected with 550 5.7.1, …" says nothing of this one. */
const CONDITION =
  /\b(?:if|when) (?:your|a|the) (?:mail|message|e-?mail) (?:is|was|has been) (?:[^\n.;!?]|\.(?=\S)){0,200}/gi;

/** A mail system's words in front of the newsletter's subject: "Undeliverable: …", "Non remis : …". */
const IN_FRONT = anyOf(
  [
    `^(?:${[
      "undeliver\\w{0,8}(?: mail)?|unzustellbar|nicht zustellbar|non[_ ]remis|no se puede entregar|non recapitabile",
      "non-?deliver\\w{1,4}|n[ãa]o entregue|onbestelbaar|delivery (?:failure|failed|has failed)|недоставленное",
      "配信不能|配信できませんでした|未传递|无法传递",
    ].join("|")})\\s{0,3}[:：]`,
  ],
  "i",
);

function ownSubject(subject: string, returned: string): string {
  const own = withoutSubject(subject, returned);
  // A reason may be there, too ("DELIVERY FAILURE: User unknown"), but the notice repeats it.
  return IN_FRONT.exec(own)?.[0] ?? own;
}
