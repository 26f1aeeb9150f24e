/**
 * What a filter or a server tells the owner of a mailbox: the mails that it holds for them, or how full their mailbox
 * is. A server that refuses one mail says the same of it, so a notice that reports an address is none, and the words of
 * a server's reply are not read.
 */
import { ADDRESS } from "../address.ts";
import { anyOf } from "../phrases/pattern.ts";
import { saysUndelivered } from "./failure-words.ts";

const HELD = "(?:quarantin\\w{0,3}|held|on hold|blocked|pending|queued)";
const MAILS = "(?:messages|e-?mails|mails)";
const OWNER_NOTICE = anyOf(
  [
    "\\b(?:quarantine|end[- ]user|blocked|held) (?:\\w{1,12} )?(?:digest|summary|report|notification)\\b",
    "\\b(?:spam|junk|filter) (?:\\w{1,12} )?(?:digest|summary)\\b|^(?:\\S{1,12} )?spam[- ]report\\b",
    "\\b(?:digest|summary|report) of (?:your )?(?:\\w{1,12} )?(?:quarantine|spam|blocked|held)",
    `\\b${MAILS} (?:(?!not )\\w{1,12} ){0,6}(?:quarantined?|held|on hold) (?:in|for|by|until)\\b`,
    `\\b(?:(?<![\\d.])\\d{1,2}|new|your|of|these|following|undelivered) ${HELD} ${MAILS}\\b`,
    `\\b${MAILS}\\b[^.\\n]{0,80}\\b(?:in|to|from) (?:your|the) (?:\\w{1,12} )?quarantine`,
    `\\b(?:your|personal|user) (?:\\w{1,12} )?quarantine\\b|\\b${MAILS} (?:are|were|have been|being) held\\b`,
    `\\b(?:undelivered|incoming|pending|unread) ${MAILS}\\b[^.\\n]{0,60}\\b(?:in|to|for|on) your (?:\\w{1,12} )?` +
      "(?:mail ?box|inbox|account)",
    "\\byour (?:mail ?box|inbox|e-?mail account|mail account)\\b[^.\\n]{0,60}\\b(?:is|has|was) (?:\\w{1,12} ){0,3}" +
      "(?:full|quota|limit|exceeded|reached)",
    "quarant(?:ä|ae)ne-?(?:bericht|report|(?:ü|ue)bersicht)|\\bspam-?(?:bericht|(?:ü|ue)bersicht)\\b",
    "in (?:ihre|die|der) quarant(?:ä|ae)ne|rapport de (?:quarantaine|spam)|(?:votre|en) quarantaine",
    "(?:resumen|informe) de (?:la )?cuarentena|(?:su|en) cuarentena|(?:riepilogo|rapporto) (?:della )?quarantena",
    "in quarantena|(?:relat[oó]rio|resumo) d[ae] quarentena|(?:em|sua) quarentena|quarantaine-?(?:rapport|overzicht)",
    "in quarantaine|(?:raport|podsumowanie) kwarantanny|kwarantann|(?:в|отч[её]т) (?:о )?карантин|karantina",
    "隔離(?:通知|レポート|メール|され)|検疫|隔离(?:通知|报告|邮件|区)|已隔离|隔離(?:區|郵件)|격리",
  ],
  "i",
);

/** A code, as it is written in a reply, and in front of one. */
const REPLY = anyOf(
  [
    "(?<![\\w.])[45][0-5]\\d[ -]#?[45]\\.\\d{1,3}\\.\\d",
    "(?<![\\w.])[45]\\.[0-7]\\.\\d{1,3}(?![.\\d])",
    "(?:^|[:>]|said|says)[ \\t]{0,20}[45][0-5]\\d[ -]",
  ],
  "m",
);
/** An address at the beginning of a line or of a sentence. */
const NAMED = new RegExp(`(?:^|[.!?] {1,3})[ \\t]{0,20}<?${ADDRESS}>?`, "m");
const NAMED_WITH_COLON = new RegExp(`^[ \\t]{0,20}<?${ADDRESS}>?:`, "m");
const EMPTY_LINE = /\n[ \t]{0,100}\n/;

/** Whether a mail is for the owner of a mailbox, by its subject and by the text before codes. */
export function isOwnerNotice(subject: string, notice: string): boolean {
  const isReport = saysUndelivered(subject);
  if (!isReport && OWNER_NOTICE.test(subject)) return !notice.split("\n").some(repliesToAddress);
  const reply = notice.search(REPLY);
  if (!OWNER_NOTICE.test(`${subject}\n${reply === -1 ? notice : notice.slice(0, reply)}`)) return false;
  return !(isReport && NAMED_WITH_COLON.test(notice)) && !notice.split(EMPTY_LINE).some(repliesToAddress);
}

/** "<marie@example.com>: host mx.example.com said: 552 5.2.2 Your mailbox is full" */
function repliesToAddress(text: string): boolean {
  const named = text.search(NAMED);
  return named !== -1 && REPLY.test(text.slice(named));
}
