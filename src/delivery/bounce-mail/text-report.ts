/**
 * Bounces without a delivery report, read from their text. Guarantees that a mail by a person or an autoresponder
 * is not a bounce: it must come from a mail system, say that something was not delivered, and name an address.
 */
import { categoryOf, statusOf } from "../classify.ts";
import { anyOf } from "../phrases.ts";
import { addressesIn } from "./address.ts";
import { type Finding, MAX_FINDINGS } from "./finding.ts";
import { isFromMailSystem, type Mail } from "./mail.ts";
import { bounceTextOf, commandIn, noticesOf } from "./notice.ts";

const FAILED = anyOf(
  [
    "undeliver|non-?deliver|bounce|rejected\\b|returned (?:mail|message)|been returned",
    "return(?:ing|ed)? (?:message )?to sender",
    "(?:not|n't|unable to|cannot|fail(?:ed|s|ure)? to|failed)(?: be)?(?: successfully)? (?:deliver|reach|" +
      "sen[dt]|receive)",
    "deliver\\w*(?: \\w+)? (?:fail|error|problem|notif|status|incomplete|delay)",
    "fail\\w* (?:deliver|notice|permanent|mail|recipient)",
    "(?:permanent|fatal|temporary|processing) (?:fatal )?(?:error|failure)",
    "mail (?:system|delivery) (?:error|fail)|encountered an error",
    "address(?:\\(es\\)|es)? failed|no such (?:user|address|mailbox)|unknown (?:user|address)",
    "user (?:is )?(?:unknown|not (?:known|found))",
    "mailbox (?:is )?full",
  ],
  "i",
);
const LATE = anyOf(
  [
    "warning (?:message )?only|(?:do not|don't|no) need to (?:resend|send)|still being (?:re)?tried",
    "will (?:be retried|retry|continue|keep trying|try again|be tried)|(?:been|is|was) delayed",
    "delivery (?:has been )?delay|delayed mail|\\(delay\\)|not yet been delivered|attempts will continue",
    "temporary problem|delivery incomplete",
  ],
  "i",
);
/** Subjects of RFC 3834 §2, and of autoresponders that do not follow it. */
const AUTOREPLY = anyOf(
  [
    "^auto(?:matic(?:ally)?|mated)?[- _:]*(?:reply|respon[sd]\\w*|answer|antwort|generated reply)",
    "^out of (?:the )?office|^away\\b|^vacation|^on holiday|^abwesen|^absence|^r[ée]ponse automatique",
  ],
  "i",
);
/** A challenge asks the sender to prove that a person wrote. */
const CHALLENGE = anyOf(
  [
    "(?:confirm|verify|prove|authenticate) (?:that )?(?:you|your (?:message|e-?mail|address|identity))|challenge",
    "to (?:release|deliver|complete) (?:your|this|the) (?:message|e-?mail|delivery),? " +
      "(?:please |simply |just )?(?:click|reply|visit|follow)",
    "await\\w* (?:your )?(?:confirmation|moderat|approval)|moderator approval|spam ?arrest|boxbe",
  ],
  "i",
);

/** The recipients that a bounce's text names; none when the mail is not a bounce. */
export function textFindings(mail: Mail, envelopeFrom: string | undefined): readonly Finding[] {
  const { headers, subject, text } = mail;
  const bounceText = bounceTextOf(text);
  const words = `${subject}\n${bounceText.notice}`;
  if (!isFromMailSystem(mail, envelopeFrom) || isAutoreply(mail)) return [];
  if (CHALLENGE.test(words) || !FAILED.test(words)) return [];
  const action = LATE.test(words) ? "delayed" : "failed";
  const failed = (headers.get("x-failed-recipients") ?? []).flatMap(addressesIn).slice(0, MAX_FINDINGS);
  const except = addressesIn([mail.from, ...(headers.get("to") ?? [])].join(" "));
  return noticesOf(bounceText, { failed, except }).map(({ recipient, mailed, details }) => {
    const status = statusOf(undefined, details ?? "");
    const command = commandIn(bounceText, recipient, { status, details });
    const category = categoryOf({ status, details, command });
    return { recipient, mailed, action, bounce: { category, status, details } };
  });
}

function isAutoreply({ headers, subject }: Mail): boolean {
  const has = (name: string, value: RegExp) => (headers.get(name) ?? []).some((each) => value.test(each));
  return (
    AUTOREPLY.test(subject.trim()) ||
    has("auto-submitted", /vacation/i) ||
    has("precedence", /auto[-_ ]?reply/i) ||
    ["x-autoreply", "x-autorespond", "x-autoresponder", "x-vacation"].some((name) => headers.has(name))
  );
}
