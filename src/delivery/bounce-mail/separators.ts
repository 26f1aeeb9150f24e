/**
 * Where a notice ends and the returned mail begins. What follows is not the server's: its words, its subject and
 * its addresses must not be read as a refusal.
 */
import { anyOf } from "../phrases/pattern.ts";

/** The decoration in front of a separator's words. */
const DECORATION = /^[\s>|*=_+#[-]{1,80}/;
/** Separators are short lines. */
const MAX_CHARS = 160;
/** Behind the last word of a line that is a separator by itself. */
const END = "[\\s.:*=_|+>\\])-]{0,100}$";

const ENGLISH = [
  // "Below this line is a copy of the message", "This is a copy of the message, including all the headers"
  "(?:this|here|below|included|attached|enclosed)(?: line)? (?:is|are) (?:a |the |your )?(?:copy|returned|" +
    "original|first|unsent|header)",
  "(?:a )?summary of the (?:undelivered|returned|original|rejected) (?:message|mail)",
  "below (?:this|the next) line is a copy|is a copy of|a copy of (?:the|your) (?:original )?(?:message|mail)",
  // "Original message follows", "RETURNED MAIL FOLLOWS", "Unsent message below", "Original message headers:"
  "(?:possibly truncated |the |your )?(?:original|returned|unsent|undelivered|old|rejected|bounced) (?:message|" +
    "mail|e-mail)" +
    "(?: (?:headers?|text|info|content|details?))?" +
    `(?: (?:is )?(?:follows?|below|following|attached|included|begins))?${END}`,
  // "The header of the original message is following", "Message text follows:", "Message header follows"
  "(?:the )?(?:message )?(?:headers?|body|text) (?:of (?:the|your) (?:original |returned )?(?:message|mail)|" +
    "follows?\\b)",
  `message (?:headers?|text|body|contents?)${END}`,
  "(?:start|begin(?:ning)?) (?:of )?(?:returned|original|forwarded) (?:message|mail)|returned (?:mail|message) follows",
  `your (?:original )?message (?:reads|follows|headers?)(?: \\(in part\\))?${END}`,
  "the attachment contains the original|(?:begin )?forwarded message",
  // The returned mail itself.
  "(?:return-path|received):\\s|content-type:\\s{0,5}(?:message/rfc822|text/rfc822-headers)",
];
const GERMAN = [
  "(?:es folgt|hier folgt|dies ist|nachfolgend|unten) .{0,30}(?:kopie|kopfzeilen|originalnachricht)",
  "(?:die )?urspr(?:ü|ue)ngliche (?:nachricht|e-?mail|kopfzeilen|nachrichtenkopf)|original-?(?:nachricht|mail)",
  "kopfzeilen der",
];
const FRENCH = [
  "(?:copie|en-t[eê]tes?) (?:de |du |d')(?:la |votre |l')?(?:message|courriel|mail|original)",
  "(?:le )?message (?:d'origine|d’origine|original)|ci-(?:dessous|joint) .{0,30}copie|voici .{0,20}copie",
];
const SPANISH = [
  "(?:mensaje|correo) original|(?:copia|encabezados?) (?:de |del )(?:los |su )?mensajes?|encabezados originales",
];
const ITALIAN = [
  "(?:messaggio|e-?mail) originale|(?:copia|intestazioni) (?:del |originali )(?:tuo |suo )?messaggio",
  "intestazioni originali",
];
const PORTUGUESE = [
  "(?:mensagem|e-?mail) original|(?:c[oó]pia|cabe[cç]alhos?) (?:da |originais )(?:sua )?mensagem",
  "cabe[cç]alhos originais",
];
const DUTCH = ["(?:oorspronkelijke?|origineel|originele) (?:bericht|e-?mail|mail|kop)|kopie van (?:het|uw) "];
const RUSSIAN = [
  "(?:исходное|оригинальное) (?:сообщение|письмо)|копия (?:вашего )?(?:сообщения|письма)",
  "заголовки (?:исходного|оригинал)",
];
const JAPANESE = [
  "(?:以下は?、?)?(?:元の|オリジナルの?|返送された)(?:メッセージ|メール|電子メール)" +
    "(?:[\\s:：-]|$|です|ヘッダ|の(?:ヘッダ|コピー|内容|写し)|は以下|を以下)",
  "(?:原文|原メール)(?:[\\s:：-]|$)",
];
const CHINESE = [
  "(?:以下[是为為]?)?(?:您的)?(?:原始|原|被退)(?:邮件|郵件|信件)(?:头|標頭|内容|內容|如下)?(?:[\\s:：-]|$)",
  "邮件原文|郵件原文",
];
const SEPARATOR = anyOf(
  [
    `^(?:${[...ENGLISH, ...GERMAN, ...FRENCH, ...SPANISH, ...ITALIAN, ...PORTUGUESE, ...DUTCH, ...RUSSIAN].join("|")})`,
    `^(?:${[...JAPANESE, ...CHINESE].join("|")})`,
  ],
  "i",
);

/** The index of the line at which the returned mail begins; -1 when none does. */
export function returnedMailAt(lines: readonly string[]): number {
  return lines.findIndex((line) => SEPARATOR.test(line.slice(0, MAX_CHARS).replace(DECORATION, "")));
}
