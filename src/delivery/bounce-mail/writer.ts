/** Who wrote a mail to the bounce address, as far as its headers and its envelope show. */
import { addressIn } from "../address.ts";
import { anyOf } from "../phrases/pattern.ts";
import type { Mail } from "./mail.ts";

/** "nobody": a null sender (RFC 5321 §4.5.5) or an automated address, as autoreplies have it, and some bounces. */
export type Writer = "mail system" | "nobody" | "person";

export function writerOf(
  { from, headers, parts }: Pick<Mail, "from" | "headers" | "parts">,
  envelopeFrom: string | undefined,
): Writer {
  const senders = [envelopeFrom, ...(headers.get("return-path") ?? []).slice(0, 5)]
    .filter((sender) => sender !== undefined)
    .map((sender) => sender.slice(0, 500).replace(/[<>\s]/g, ""));
  // Nobody but a mail system that read RFC 5321 §4.5.5 so writes an empty From.
  if (/^\s{0,20}<\s{0,20}>\s{0,20}$/.test(from)) return "mail system";
  const names = [...senders, addressIn(from) ?? from.replace(/[<>\s]/g, "")];
  if (names.some((sender) => SYSTEM_ADDRESS.test(sender)) || SYSTEM_NAME.test(from)) return "mail system";
  if (headers.has("x-failed-recipients") || parts.some(({ type }) => type.endsWith("delivery-status")))
    return "mail system";
  return names.includes("") || names.some((name) => AUTOMATED_ADDRESS.test(name)) ? "nobody" : "person";
}

const SYSTEM_ADDRESS = anyOf(
  [
    "^(?:mailer[-_.]?(?:daemon|delivery)|mail[-_.]?daemon|post[-_.]?(?:master|office)|mdaemon|mail[-_.]?delivery|" +
      "mail[-_.]?system|" +
      "microsoftexchange\\w{0,40}|mailsystem|mailadmin|sysadmin|deliver(?:y)?[-_.]?(?:daemon|system|status)|dsn|" +
      "ndr)(?:[@+\\\\-]|$)",
  ],
  "i",
);
const AUTOMATED_ADDRESS = anyOf(
  [
    "^(?:no-?reply|do-?not-?reply|admin(?:istrator)?|system|smtp|mail|root|daemon|gateway|listserv|" +
      "bounces?)(?:[@+-]|$)",
    "(?:smtp|mail)[-_.]?(?:mail[-_.]?)?(?:service|server|system|gateway)@",
  ],
  "i",
);
const SYSTEM_NAME = anyOf(
  [
    "mail(?:er)?[- ](?:deliver\\w{0,3}|daemon|administrator|system|server|gateway)|deliver\\w{0,3} (?:sub)?system",
    "system (?:administrator|attendant)",
    "\\bpost ?master\\b|\\bmailer-daemon\\b|\\bmicrosoft outlook\\b|\\bmail service\\b|internet mail",
    "anti[-_ ]?virus|\\bsmtp[-_ ]gateways?\\b",
    "\\bsmtp (?:server|service|gateway)|\\bcourier mail server|\\binterscan|virus ?wall|mailmarshal",
    "zustellsystem|e-?mail-?system|syst[eè]me de (?:messagerie|remise)|sistema de (?:entrega|correo)",
    "sistema di (?:posta|recapito)",
    "bezorgsysteem|メール(?:配信|配送)?システム|邮件系统|系统(?:管理员|退信)|郵件系統",
  ],
  "i",
);
