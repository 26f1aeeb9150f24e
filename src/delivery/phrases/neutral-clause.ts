/**
 * Whether the words beside "user unknown" leave it its meaning. Words for reasons have no end ("staff only",
 * "sandbox"), and any of them may be the real one; so this lists what is neutral: what mail systems say of a mail and
 * of themselves, advice, polite words. A clause with any other word leaves it in doubt.
 */
import { wordsIn } from "./clauses.ts";
import { anyOf } from "./pattern.ts";
import { hasOnlyRefusalWords, isRefusalWord } from "./refusal-words.ts";

const MAIL = "(?:your |the |this |original )?(?:e-?mail )?(?:message|mail|e-?mail|delivery)";
const NOT = "(?:was|is|has|could|can|cannot|been|be|not|wasn't|hasn't|couldn't|can't) ";

/** What mail systems tell of a mail and of the session, in words that would say something else elsewhere. */
const SESSION_TALK = anyOf(
  [
    `\\b${MAIL} (?:(?:to|for) (?:§ )?)?(?:${NOT}){0,4}(?:accepted|delivered|rejected|refused|sent|returned|bounced|` +
      "undeliverable|failed|deliverable)\\b",
    `\\b(?:cannot|unable to|failed to|will not try to) (?:re)?deliver(?: ${MAIL})?(?: for you)?\\b`,
    "\\brequested (?:mail )?action (?:was )?not taken\\b|" +
      "\\b(?:in (?:reply|response) to |need |for )rcpt(?: to)?(?: command| response)?\\b|" +
      "\\bsmtp error from remote (?:mail )?server after rcpt\\b",
    "\\b(?:response|reply|error|reason|answer) (?:(?:was|is|returned|received|given) )?(?:from|of|by) (?:the )?" +
      "(?:(?:remote|other|receiving|recipient's|destination|smtp|mail|name) ){0,3}(?:server|host|system)\\b|" +
      "^(?:the )?(?:response|reply|answer) (?:was|is)$",
    "\\bdoes not like recipient\\b|\\bother mxes tried\\b|\\bname service error for name\\b|" +
      "\\bauthoritative answer from name server\\b|\\bno data known\\b",
    "\\b(?:while )?talking to\\b|\\b(?:(?:begin|end|transcript) of|(?:begin|end|session) transcript)\\b|" +
      "\\bunable to (?:look up|resolve) (?:host|domain)\\b|^quit$",
    // Postfix's "unverifiable address: User unknown": what follows the colon is the answer that it got.
    "^unverifiable address$",
    `\\b(?:i|we) will not accept ${MAIL}s? for (?:it|him|her|them|§|th(?:is|at) (?:address|user|recipient))$`,
  ],
  "g",
);

/** What says once more that there is nobody, beside the words that say it. */
const AGAIN = anyOf(
  [
    "\\bnot (?:be )?(?:found|known|valid|exist(?:s|ing)?|listed|registered|recogni[sz]ed|present|located|defined)\\b",
    "\\bnot (?:at|on|in) (?:this|our|the|my) (?:address|server|system|list|directory|database)\\b",
    "\\b(?:no such|no (?:mailbox|user|account|recipient|forwarding)|no longer)\\b|\\bis not forwarded\\b",
    "\\b(?:mail ?box|account) (?:§ )?(?:is )?(?:unavailable|not available)\\b",
    "\\bis unable to receive (?:mail|e-?mail)\\b",
  ],
  "g",
);

/**
 * Harmless in what is said of a recipient ("the account is closed"), and a reason by themselves ("user unknown, closed
 * today"). So is the denial of anything else.
 */
const REASON_WORDS: ReadonlySet<string> = new Set(
  (
    "accept accepts accepted cancelled canceled closed currently empty forwarded unavailable " +
    "cannot can't couldn't couldnt didn't doesn't doesnt don't dont dosn't hasn't haven't isn't neither no nobody " +
    "none nor not unable wasn't weren't"
  ).split(" "),
);

/** Names that mail programs, services and protocols put after a reply. */
const PROGRAM_NAMES: ReadonlySet<string> = new Set(
  (
    "barracuda chkuser chkusr communigate courier domino dovecot esmtp exchange exim fastmail fortimail gmail gmx " +
    "google groupwise gsmtp haraka hmailserver icewarp imail ironport james kerio lmtp lotus mailenable mdaemon " +
    "messagelabs microsoft mimecast nsmtp opensmtpd outlook postfix pphosted ppops proofpoint psmtp qmail qq " +
    "sendmail smartermail symantec tcp usersearch vdeliver vpopmail yahoo zimbra zoho"
  ).split(" "),
);

/** How advice begins: what people may do who mailed a wrong address. */
const BEGINS_ADVICE = anyOf([
  "^(?:(?:and|or|so|then) )?(?:(?:please|kindly) |you (?:may|might|can|could) (?:also )?)?(?:try )?" +
    "(?:(?:double-?)?check(?:ing)?|verify(?:ing)?|correct|contact(?:ing)?|ask|call|visit|see|refer|go to|learn|find|" +
    "type|re-?type|re-?enter|re-?send(?:ing)?|update|remove|delete|make sure|ensure|look|notify|inform|write to|" +
    "provide the following(?= diagnostic text)|" +
    "use(?= (?:our|the|this) (?:contact |web ?)?(?:form|page|website|link))|" +
    "try(?: forward-path)?)(?: |$)",
  "^(?:for|to) (?:more|further|help|assistance|questions|explanation|contact|find|get)(?: |$)",
  "^(?:bitte|merci de|veuillez|compruebe|verifique|revise|controllare|verificare|verifichi|controleer|проверьте) ",
  "^thank ",
]);

/**
 * All that advice may speak of: an address's spelling, whom to ask, where to read more, another attempt. Of being
 * known, registered or allowed, of accounts and names, and of what is not so, it may speak to an unknown sender.
 */
const ADVICE_WORDS: ReadonlySet<string> = new Set(
  (
    "address addresses addressee destination domain email emailaddress e-mail mailing recipient recipient's " +
    "recipients correct right spelled spelling misspelled mistyped error errors typo typos spaces unnecessary " +
    "administrator admin department desk help helpdesk page postmaster provider support team webpage website " +
    "ask check contact delete directly entering find input look make out refer remove re-enter resend resending " +
    "text try trying typing update verify visit want wish again " +
    "assistance book code codes details diagnostic directory explanation faq form information " +
    "learn link list lists message more further number question questions reason record records section " +
    "a about also an and any are as at by for her him in is it it's of on one or our please sure that the them " +
    "there these this those to we when which " +
    "adresse adressen dem den der des die diese dieser e-mail-adresse emailadresse e-mailadresse empfänger " +
    "empfängers empfaenger empfaengers schreibweise sie und überprüfen ueberpruefen prüfen pruefen " +
    "de du en et l'adresse l'orthographe la le les destinataire destinataires orthographe vérifier verifier " +
    "correo del destinatario dirección direccion el electrónico electronico que y di e indirizzo l'indirizzo il " +
    "adres e-mailadres het ontvanger van адрес адреса получателя правильность"
  ).split(" "),
);
/** What the reader has who mailed a wrong address, and whom to ask: not "contact us to be listed". */
const OF_READER = anyOf(
  [
    "\\byour (?:e-?mail )?(?:(?:system )?administrator|admin|provider|help ?desk|it|support|postmaster|spelling|" +
      "message|mail|e-?mail|input|entry|(?:mailing |contact )?lists?|records|database|address ?book|contacts)\\b",
    "^thank you\\b|\\byou (?:(?:did not|didn't|have) )?(?:entered|enter|typed|the right|the correct)\\b",
    "\\b(?:ask|call|contact|inform|notify|see|visit|write to) us(?= (?:at|by|for|on)\\b|$)|" +
      "\\bwith (?=the (?:administrator|postmaster|recipient)\\b)|" +
      "\\bfrom (?:(?=your\\b)|(?:the|this|our) (?:mailing )?(?:lists?|database|records)\\b)",
  ],
  "g",
);

/** Words of politeness. */
const POLITE_WORDS: ReadonlySet<string> = new Set(
  (
    "apologies apologize best dear greetings hi inconvenience kind kindly questions regards regret sincerely thank " +
    "thanks " +
    "danke freundliche freundlichen grüße grüßen gruesse merci cordialement désolé désolée gracias saludos grazie " +
    "cordiali saluti obrigado obrigada atenciosamente bedankt groeten пожалуйста к сожалению"
  ).split(" "),
);

/** Whether a clause beside what is said of a recipient gives no reason of its own. */
export function isNeutral(clause: string): boolean {
  const rest = withoutSessionTalk(clause);
  if (isAdvice(rest)) return isNeutralAdvice(rest);
  // "please identify" asks for something else.
  return !/^please \S/.test(rest) && wordsIn(rest).every(isNeutralWord);
}

const isNeutralWord = (word: string) =>
  !REASON_WORDS.has(word) && (isRefusalWord(word) || PROGRAM_NAMES.has(word) || POLITE_WORDS.has(word));

/** Whether a clause tells the reader what to do. */
export const isAdvice = (clause: string) => BEGINS_ADVICE.test(clause);

const isNeutralAdvice = (advice: string) =>
  wordsIn(advice.replace(OF_READER, " ").replace(BEGINS_ADVICE, " ")).every(
    (word) => ADVICE_WORDS.has(word) || POLITE_WORDS.has(word),
  );

/** Whether what follows "user unknown" in the same clause gives a reason: "user unknown, closed today". */
export const givesReason = (text: string) => wordsIn(withoutSessionTalk(text)).some((word) => REASON_WORDS.has(word));

/** Whether the label of a clause names nobody else: "Reason: user unknown", but not "from-address: user unknown". */
export const namesNobodyElse = (label: string) =>
  hasOnlyRefusalWords(withoutSessionTalk(label)) || PROGRAM_NAMES.has(label);

/** Without what mail systems say of a mail and of themselves, and without what is said once more. */
const withoutSessionTalk = (clause: string) => clause.replace(SESSION_TALK, " ").replace(AGAIN, " ").trim();
