/**
 * What may stand beside "user unknown" without meaning something else. Words for reasons have no end ("staff only",
 * "sandbox"), and any of them may be the real one; so this lists what is known to be harmless: what mail systems say of
 * a mail and of themselves, advice, polite words. A clause with any other word leaves it in doubt.
 */
import { anyOf } from "./pattern.ts";
import { isKnown, isPlain, wordsIn } from "./plain-words.ts";

const MAIL = "(?:your |the |this |original )?(?:e-?mail )?(?:message|mail|e-?mail|delivery)";
const YOURS =
  "(?:(?:e-?mail )?(?:system )?administrator|help ?desk|help desk|it (?:department|team|support)|postmaster|" +
  "e-?mail admin(?:istrator)?|support|provider|spelling|mail|message|e-?mail|input|entry|contact list|address ?book)";

/** What mail systems tell of a mail and of the session, in words that would say something else elsewhere. */
const OF_SESSION = anyOf(
  [
    `\\b${MAIL} (?:(?:was|is|has|could|can|cannot|been|be|not) ){0,4}(?:accepted|delivered|rejected|refused|sent|` +
      "returned|bounced|undeliverable|failed|deliverable)\\b",
    "\\bin (?:reply|response) to (?:the )?(?:end of )?(?:rcpt(?: to)?|recipient)(?: command)?\\b",
    "\\b(?:said )?for rcpt to response\\b|\\bother mxes tried\\b|\\bname service error for name\\b",
    "\\bsmtp error from remote (?:mail )?server after rcpt(?: to)?(?: command)?\\b",
    "\\b(?:the )?(?:response|reply|error|reason|answer) (?:(?:was|is|returned|received|given|came) )?" +
      "(?:from|of|by|for) (?:the )?(?:(?:remote|other|smtp|receiving|destination|recipient's) )?(?:mail )?(?:server|host|" +
      "system|rcpt|address|recipient)(?: (?:was|is))?\\b",
    "\\b(?:while )?talking to\\b|\\bauthoritative answer from name server\\b|\\bno data known\\b|^quit$",
    "\\b(?:mail ?box|account) (?:§ )?(?:is )?unavailable\\b|\\bin (?:the )?public\\b|\\bis not forwarded\\b|\\bby that name is currently available\\b",
    "\\boriginally addressed to\\b|\\bencountered delivery problems\\b|^hi\\b",
    "^(?:begin|end|session) (?:of )?(?:transcript|session|message)\\b|^transcript of session follows$",
    "^(?:technical|diagnostic) (?:details|information)(?: of permanent failure)?\\b|^v?deliver$",
    // Sendmail's, Sun's and Zoho's numbers.
    "^state$|^end$",
  ],
  "g",
);

/** What people may do who mailed a wrong address. */
const ADVICE = anyOf(
  [
    "\\byou do not have authorization to access it\\b|\\bassociated with this name\\b|\\bfor you$",
    "\\byou (?:(?:may|might|can|could|should|must|want|wish|need|didn't|did not|have) ){1,2}(?:to )?(?:the )?" +
      "(?:right|correct|enter|contact|try|check|verify|visit|find)\\b",
    `\\b(?:check(?:ing)?|verify|correct|confirm|contact(?:ing)?|ask|call|notify|inform|by|to|for|with|in) your ${YOURS}\\b`,
    "\\btry forward-path\\b|\\bspelling errors\\b|\\bsorry for (?:the|any) inconvenience\\b",
  ],
  "g",
);

/** Words of advice and of politeness, which say nothing by two and more. */
const WORDS: ReadonlySet<string> = new Set(
  (
    "again apologies apologize assistance administrator best check checking confirm contact contacting dear " +
    "diagnostic directly double-checking enter entered entering explanation explanations faq go greetings help helpdesk hi " +
    "inconvenience it's kind kindly learn link make making message microsoft out page postmaster provide provided " +
    "question questions redeliver re-enter refer regards resend resending retype retyping right sincerely spaces " +
    "spelling support team text thank thanks this try trying typing unnecessary verify verifying visit visiting " +
    "webpage website your-message " +
    // German, French, Spanish, Italian, Portuguese, Dutch, Russian.
    "überprüfen ueberpruefen prüfen pruefen schreibweise freundliche freundlichen grüße grüßen gruesse danke " +
    "vérifiez verifiez vérifier orthographe merci cordialement désolé désolée compruebe verifique revise gracias " +
    "saludos controllare verificare verifichi grazie cordiali saluti verifique obrigado obrigada atenciosamente " +
    "controleer bedankt groeten письмо создано автоматически сервером отвечать него нужно к сожалению ваше может " +
    "быть доставлено одному нескольким получателям потому что проверьте пожалуйста правильность"
  ).split(" "),
);

/** Mail programs and services, which put their name or a name of their own behind a reply. */
const PROGRAMS: ReadonlySet<string> = new Set(
  (
    "aup barracuda chkuser chkusr communigate courier cuda dnsfailure dovecot exim fastmail fortimail groupwise gmx gsmtp " +
    "haraka hmailserver icewarp imail ironport james kerio lmtp lotus lpn mailenable mdaemon messagelabs mimecast " +
    "ofr opensmtpd postfix ppops proofpoint psmtp qmail qq sendmail smartermail symantec usersearch vpopmail " +
    "zimbra zoho"
  ).split(" "),
);

/** Harmless inside of what is said of a recipient ("the account is closed"), and a reason by themselves. */
const REASONS: ReadonlySet<string> = new Set(
  (
    "accept accepts cancelled canceled closed currently customers denied empty forwarded internal missing must needs " +
    "now only presently public subscribers unavailable"
  ).split(" "),
);

export const givesReason = (text: string) => wordsIn(withoutFrame(text)).some((word) => REASONS.has(word));

/** Without what mail systems say of a mail and of themselves. */
const withoutFrame = (clause: string) => clause.replace(OF_SESSION, " ").replace(ADVICE, " ");

/** Whether a clause beside what is said of a recipient leaves it its meaning. */
export const saysNothingElse = (clause: string) => strangerIn(clause) === undefined;

/** The first word that may be a reason. */
export function strangerIn(clause: string): string | undefined {
  const words = wordsIn(withoutFrame(clause));
  const isAdvice = words.length > 1;
  return words.find((word) => {
    if (REASONS.has(word)) return true;
    return !(isKnown(word) || PROGRAMS.has(word) || (isAdvice && WORDS.has(word)));
  });
}

/** Whether what stands in front of a colon, or behind it, speaks of nobody else: "Reason: user unknown". */
export const isOfNobodyElse = (label: string) => isPlain(withoutFrame(label)) || PROGRAMS.has(label);
