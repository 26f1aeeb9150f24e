/**
 * Mail to the bounce address that is no bounce: autoreplies (RFC 3834), challenges, receipts (RFC 8098), notices of
 * mailing lists. A mail with a delivery report (RFC 3464) is not asked.
 */
import { anyOf } from "../phrases/pattern.ts";
import type { Mail } from "./mail.ts";

/** Subjects of autoresponders. A bounce's subject does not begin so: the newsletter's own comes after a colon. */
const AUTOREPLY_SUBJECT = anyOf(
  [
    "^(?:\\[?(?:re|aw|sv|tr)\\]?: ?)?auto(?:matic(?:ally)?|mated)?[- _:]{0,3}(?:reply|respon[sd]\\w{0,4}|answer|" +
      "antwort|generated reply)",
    "^(?:re: ?)?out[- ]of[- ](?:the[- ])?office|^ooo\\b|^away\\b",
    "^(?:on |i'm on |i am on )?(?:vacation|holidays?|leave)\\b|^absence|^i(?:'m| am) (?:away|out)",
    "^(?:aw: ?)?abwesen|^automatische (?:antwort|e-?mail)|^automatisch antwoord|^afwezig",
    "^(?:out of office|ik ben afwezig)",
    "^r[ée]ponse automatique|^absen(?:t|ce)|^(?:en )?cong[ée]s?\\b|^message d['’]absence|^notification d['’]absence",
    "^respuesta autom[áa]tica|^fuera de (?:la )?oficina|^ausencia|^risposta automatica|^fuori (?:sede|ufficio)",
    "^assenza",
    "^resposta autom[áa]tica|^fora do escrit[óo]rio|^aus[êe]ncia|^autosvar|^automatiskt? svar|^frav[æaä]r|" +
      "^poissa|^fr(?:å|a)nvaro|^ofis d[ıi][sş][ıi]",
    "^automaattinen|^automatyczna odpowied|^odpowied[źz] automatyczna|^nieobecno|^automatick[áa] odpov",
    "^otomatik (?:yan[ıi]t|cevap)",
    "^автоматический ответ|^автоответ|^вне офиса|^自動(?:応答|返信)|^不在|^休暇|^自动(?:回复|答复)|^自動(?:回覆|回復)|^外出|^休假|^자동 ?(?:응답|회신)",
  ],
  "i",
);

/** What autoresponders write for people. */
const AUTOREPLY_TEXT = anyOf(
  [
    "out of (?:the |my )?office|\\bon (?:annual |parental |maternity |paternity |sick |medical )?leave\\b",
    "\\bvacation\\b|\\bon holidays?\\b",
    "\\bi(?:'m| am| will be|'ll be) (?:currently |now )?(?:away|out|on|not|travel|unavailable|unable)",
    "\\bi (?:have|no longer) (?:left|work)|\\bi(?: was|'m| am) writing\\b|\\bi (?:just )?want(?:ed)? to\\b",
    "limited access to|\\bno longer (?:work|with|at|employed)|\\bautomat(?:ic|ed) (?:reply|response|message)",
    "\\bauto-?reply|\\bautoresponder",
    "thank(?:s| you) for (?:your|contacting|writing|reaching|getting)|we (?:have )?received your",
    "your (?:request|inquiry|ticket)|\\[ticket|case number",
    "abwesen|\\burlaub\\b|nicht im (?:b(?:ü|ue)ro|haus)|au(?:ß|ss)er haus|vielen dank f(?:ü|ue)r",
    "nicht mehr (?:im unternehmen|bei uns|f(?:ü|ue)r)|elternzeit|bin ich wieder",
    "\\bcong[ée]s?\\b|\\babsente?\\b|en vacances|hors du bureau|de retour le|merci (?:de|pour) votre",
    "ne travaille plus|a quitt[ée]",
    "de vacaciones|fuera de (?:la|mi) oficina|ausente|gracias por (?:su|tu|contactar)|ya no trabaj|in ferie",
    "fuori (?:sede|ufficio)|\\bassente\\b|grazie per",
    "f[ée]rias|fora do escrit|obrigad[oa] (?:por|pel)|afwezig|met vakantie|niet op kantoor|op kantoor",
    "bedankt voor|dank (?:u|je) (?:wel )?voor|werkzaam",
    "\\bsemester\\b|\\burlop|\\bdovolen|\\bizin(?:de|li)|tatil(?:de|im)",
    "отпуск|автоответ|вне офиса|благодарим|спасибо за|不在|休暇|自動(?:応答|返信)|お問い合わせ|ありがとうございます|退職|自动(?:回复|答复)|自動回覆|休假",
    "出差|感谢您|感謝您|离职",
  ],
  "i",
);

/** A challenge asks the sender to prove that a person wrote; a moderator decides; a list says what it did. */
const CHALLENGE = anyOf(
  [
    "(?:confirm|verify|prove|authenticate) (?:that )?(?:you\\b|your (?:message|e-?mail|address|identity))",
    "\\bchallenge\\b|\\bcaptcha\\b",
    "to (?:release|deliver|complete) (?:your|this|the) (?:message|e-?mail|delivery),? (?:please |simply |" +
      "just )?(?:click|reply|visit|follow)",
    "\\bawait\\w{0,4} (?:your )?(?:confirmation|moderat|approval)|moderator approval|spam ?arrest|\\bboxbe\\b",
    "\\bearthlink spamblocker",
    "best(?:ä|ae)tigen sie|confirmer? (?:que vous|votre)|confirm[ae] (?:que|su|tu|di|il tuo)|bevestig",
  ],
  "i",
);
const LIST_NOTICE = anyOf(
  [
    "mailing[- ]list|not allowed to post|post(?:ing)? by (?:a )?non-?members?|held for (?:moderation|approval)",
    // L-Soft's mail server writes in a form that "allows software like LISTSERV to take action".
    "(?<!like )\\blistserv\\b|\\bmajordomo\\b",
    "(?:been )?(?:subscribed|unsubscribed) (?:to|from)|list administrator",
  ],
  "i",
);
const RECEIPT = anyOf(
  [
    "^(?:read|gelesen|lu|le[ií]do|letto|lida|gelezen|opened|return receipt|disposition notification|lesebest(?:ä|" +
      "ae)tigung|accus[eé] de)\\b[^\\n]{0,20}[:(]?",
    "\\b(?:was|has been) (?:successfully )?(?:delivered|read|displayed|opened)\\b(?! (?:yet|with))",
    "successfully (?:delivered|relayed)|\\breturn receipt\\b|received your (?:message|mail)",
    // Exchange's, where a server did not promise to report more.
    "delivery to these recipients or groups is complete|no delivery (?:notification|receipt) was sent",
    "keine zustellungsbenachrichtigung gesendet|aucune notification de remise n['’]a|no (?:envi[oó]|" +
      "ha enviado) ninguna " +
      "notificaci[oó]n de entrega|non (?:è|e') stata inviata alcuna notifica di recapito",
    "wurde (?:erfolgreich )?(?:zugestellt|gelesen)|a (?:bien )?[ée]t[ée] (?:remis|lu|d[ée]livr[ée])",
    "ha sido (?:entregado|le[ií]do)",
  ],
  "i",
);

const AUTOREPLY_HEADERS = [
  "x-autoreply",
  "x-autoreply-from",
  "x-autorespond",
  "x-autoresponder",
  "x-auto-reply",
  "x-mail-autoreply",
  "x-vacation",
];
const LIST_HEADERS = ["list-id", "list-unsubscribe", "x-mailman-version", "x-list-administrivia", "x-beenthere"];

const hasHeader = ({ headers }: Mail, name: string, value: RegExp) =>
  (headers.get(name) ?? []).some((each) => value.test(each.slice(0, 200)));

/** What autoresponders and mail programs put in front of the subject that they answer. */
export const isAutoreplySubject = (subject: string) => AUTOREPLY_SUBJECT.test(subject);

/** By headers and subject alone. */
export function isMarkedAutoreply(mail: Mail): boolean {
  return (
    isAutoreplySubject(mail.subject) ||
    hasHeader(mail, "auto-submitted", /vacation/i) ||
    hasHeader(mail, "precedence", /auto[-_ ]?reply/i) ||
    hasHeader(mail, "delivered-to", /^autoresponder/i) ||
    // Lists write "Mirror" into what they pass on.
    hasHeader(mail, "x-autogenerated", /reply|vacation/i) ||
    AUTOREPLY_HEADERS.some((name) => mail.headers.has(name))
  );
}

/** RFC 3834 §5. Exim's and others' bounces without a report part say so, too. */
export const isAutoSubmitted = (mail: Mail) => hasHeader(mail, "auto-submitted", /^\s{0,9}auto/i);

/** A person's program writes "Re:", no mail system does. */
export const isReply = ({ subject }: Mail) =>
  /^(?:re|aw|sv|vs|rv|res|antw|odp|ynt|回复|答复|回覆|返信)\s?[:：]/i.test(subject);

export const isOfList = ({ headers }: Mail) => LIST_HEADERS.some((name) => headers.has(name));

/** A receipt that says that the mailbox, or a filter of it, rejected the mail (Dovecot, Pigeonhole). */
export const isRejection = (mail: Mail) => hasHeader(mail, "auto-submitted", /\(rejected\)/i);

/** RFC 8098. */
export const hasReceipt = ({ parts }: Mail) => parts.some(({ type }) => type === "message/disposition-notification");

export const isAutoreplyText = (text: string) => AUTOREPLY_TEXT.test(text);
export const isReceipt = (text: string) => RECEIPT.test(text);
export const isChallenge = (text: string) => CHALLENGE.test(text);
export const isListNotice = (text: string) => LIST_NOTICE.test(text);
