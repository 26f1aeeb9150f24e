/**
 * Bounces that only people were meant to read. Guarantees that a mail which a person or their autoresponder wrote is none: it must
 * come from a mail system and say that something was not delivered, of an address that it names.
 */
import { categoryOf, statusOf } from "../classify.ts";
import { addressesIn } from "./address.ts";
import { FINDINGS_READ, type Finding } from "./finding.ts";
import { isFromMailSystem, type Mail } from "./mail.ts";
import { commandIn, noticesIn, toldIn } from "./notice.ts";

const FAILED = new RegExp(
  [
    "undeliver|non-?deliver|bounce|rejected\\b|returned (?:mail|message)|been returned|return(?:ing|ed)? (?:message )?to sender",
    "(?:not|n't|unable to|cannot|fail(?:ed|s|ure)? to|failed)(?: be)?(?: successfully)? (?:deliver|reach|sen[dt]|receive)",
    "deliver\\w*(?: \\w+)? (?:fail|error|problem|notif|status|incomplete|delay)|fail\\w* (?:deliver|notice|permanent|mail|recipient)",
    "(?:permanent|fatal|temporary|processing) (?:fatal )?(?:error|failure)|mail (?:system|delivery) (?:error|fail)|encountered an error",
    "address(?:\\(es\\)|es)? failed|no such (?:user|address|mailbox)|unknown (?:user|address)|user (?:is )?(?:unknown|not (?:known|found))",
    "mailbox (?:is )?full",
  ].join("|"),
  "i",
);
const LATE =
  /warning (?:message )?only|(?:do not|don't|no) need to (?:resend|send)|will (?:be retried|retry|continue|keep trying|try again|be tried)|still being (?:re)?tried|(?:been|is|was) delayed|delivery (?:has been )?delay|delayed mail|\(delay\)|not yet been delivered|attempts will continue|temporary problem|delivery incomplete/i;
/** RFC 3834 §2, and those who never read it. */
const AUTOREPLY =
  /^(?:auto(?:matic(?:ally)?|mated)?[- _:]*(?:reply|respon[sd]\w*|answer|antwort|generated reply)|out of (?:the )?office|away\b|vacation|on holiday|abwesen|absence|r[ée]ponse automatique)/i;
/** Somebody wants to know first whether a person wrote. */
const CHALLENGE =
  /(?:confirm|verify|prove|authenticate) (?:that )?(?:you|your (?:message|e-?mail|address|identity))|challenge|to (?:release|deliver|complete) (?:your|this|the) (?:message|e-?mail|delivery),? (?:please |simply |just )?(?:click|reply|visit|follow)|await\w* (?:your )?(?:confirmation|moderat|approval)|moderator approval|spam ?arrest|boxbe/i;

/** None: it is no bounce. */
export function textFindings(mail: Mail, envelopeFrom: string | undefined): readonly Finding[] {
  const { headers, subject, text } = mail;
  const told = toldIn(text);
  const words = `${subject}\n${told.notice}`;
  if (
    !isFromMailSystem(mail, envelopeFrom) ||
    isAutoreply(mail) ||
    CHALLENGE.test(words) ||
    !FAILED.test(words)
  )
    return [];
  const action = LATE.test(words) ? "delayed" : "failed";
  const failed = (headers.get("x-failed-recipients") ?? []).flatMap(addressesIn).slice(0, FINDINGS_READ);
  const except = addressesIn([mail.from, ...(headers.get("to") ?? [])].join(" "));
  return noticesIn(told, { failed, except }).map(({ recipient, mailed, details }) => {
    const status = statusOf(undefined, details ?? "");
    const command = commandIn(told, recipient, { status, details });
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
