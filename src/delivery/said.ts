/** A server's reply, taken apart: codes, the command that it answers, and the words. Its text is cut by the caller. */

// Not inside a longer number, for instance an IP address.
const STATUS = /(?<![\d.])[45]\.\d{1,3}\.\d{1,3}(?![\d]|\.\d)/g;
const REPLY_CODE = /(?<![\d.-])[45][0-5]\d(?=[\s-])/;
const MAX_CHARS = 2_000;

/**
 * The most specific enhanced status code: `status`, or, when that is missing or generic (x.0.0), the one in the
 * server's own words, e.g. "5.1.1" for "5.0.0" and "550 5.1.1 User unknown".
 */
export function enhancedStatusOf(status: string | undefined, details: string): string | undefined {
  if (status !== undefined && !isGeneric(status)) return status;
  const said = details.slice(0, MAX_CHARS).match(STATUS) ?? [];
  return said.find((each) => !each.endsWith(".0")) ?? said.find((each) => !isGeneric(each)) ?? status ?? said[0];
}

const isGeneric = (status: string) => /^\d\.0\.0$/.test(status);

export function replyCodeIn(details: string): string | undefined {
  return REPLY_CODE.exec(`${details.slice(0, MAX_CHARS)} `)?.[0];
}

/** Postfix: "(in reply to end of DATA command)"; Exim and GMX: "after RCPT TO:<…>:"; Yahoo: "[RCPT_TO]". */
const COMMANDS: readonly RegExp[] = [
  /\bin (?:reply|response) to (?:the |end of |pipelined |initial ){0,3}(helo|ehlo|mail|rcpt|data)\b/i,
  /\b(?:after|following|for) (?:the |end of |pipelined |initial ){0,3}(HELO|EHLO|MAIL|RCPT|DATA|TEXT|CONNECT)\b/,
  /\bafter end of (data)\b/i,
  /\bSMTP:(HELO|EHLO|MAIL|RCPT|DATA)\b/,
  /\[(MAIL|RCPT|DATA)(?:_\w{1,6})?\]\s{0,5}$/,
];
/** qmail's sentences. */
const SENTENCES: readonly (readonly [RegExp, string])[] = [
  [/\bfailed (?:after I sent the message|on DATA command)\b/i, "DATA"],
  [/\bbut (?:sender was rejected|my name was rejected|greeting failed)\b/i, "MAIL"],
  [/\bdoes not like recipient\b/i, "RCPT"],
  // DragonFly's.
  [/\bdid not like our RCPT TO\b/, "RCPT"],
  [/\bdid not like our (?:HELO|EHLO|MAIL FROM)\b/, "MAIL"],
];
/** 1&1 says TEXT for what follows DATA. */
const MEANING: Readonly<Record<string, string>> = { TEXT: "DATA", CONNECT: "EHLO" };

/** The SMTP command that was refused, in capitals, where the text names it. */
export function commandNamedIn(text: string): string | undefined {
  const single = text.slice(0, MAX_CHARS).replace(/\s{1,1000}/g, " ");
  for (const pattern of COMMANDS) {
    const command = pattern.exec(single)?.[1]?.toUpperCase();
    if (command !== undefined) return MEANING[command] ?? command;
  }
  return SENTENCES.find(([sentence]) => sentence.test(single))?.[1];
}

/** "host mx.example.com[192.0.2.1] said" parts the sending server's words from the receiving one's. */
const SPEAKER =
  /\b(?:remote )?(?:host|server) \S{1,255}(?: \S{1,60})?(?= (?:said|says|responded|replied|returned|failed with))/gi;

/** "Thu, 9 May 2005 23:34:45 +0900", "4/29/01 11:34:45 PM": some servers tell when. */
const DATE = new RegExp(
  "\\b(?:(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?\\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \\d{4}|" +
    "\\d{1,2}/\\d{1,2}/\\d{2,4})\\b(?: \\d{1,2}:\\d\\d(?::\\d\\d)?(?: [AP]M)?(?: [+-]\\d{4})?)?",
  "g",
);

/** Exchange Online's trace behind a reply: "[XX1.namprd05.prod.outlook.com 2026-03-13T18:10:42.797Z 08DE…]". */
const TRACE = /\[[\w.-]{1,255} \d{4}-\d\d-\d\dT[\d:.]{1,20}Z \w{1,40}\]/g;

/**
 * The words in lower case, with single spaces, without links and host names, which may contain "spam" or "unknown",
 * without codes, which part sentences, and without subjects and signatures, which are not the server's. "§" stands for
 * an address.
 */
export function wordsOf(details: string): string {
  return (
    details
      .slice(0, MAX_CHARS)
      .replace(/[\u2018\u2019`]/g, "'")
      .replace(/(?:\b(?:see|visit|go to|refer to|at)[: ]{1,3})?https?:\/\/\S{1,2000}/gi, " ")
      .replace(TRACE, " ")
      // Orange's and La Poste's: "OFR_416", "LPN007_416".
      .replace(/\b[A-Za-z]{2,4}\d{0,4}_\d{2,4}\b/g, " ")
      .replace(DATE, " ")
      .replace(/\n-- ?\r?\n[\s\S]{0,2000}/, " ")
      .replace(/^[ \t]{0,20}subject:[^\n]{0,2000}$|\b(?:subject|titled|entitled)[: ]{1,2}"[^"\n]{0,300}"/gim, " ")
      // Domino's: "User marie (marie@example.com) not listed …"
      .replace(/\bUser [^\s()@]{1,64} (?=\([^\s()@]{1,64}@[^\s()]{1,255}\) not listed)/g, "User ")
      // From the beginning of a word on only: a word without "@" would be searched from each of its characters.
      .replace(/(?<![^\s<>:;,"'()[\]@])[^\s<>:;,"'()[\]@]{1,64}@[^\s<>:;,"'()[\]@]{1,255}/g, " § ")
      .replace(SPEAKER, " ")
      // Host names are in lower case; "RESOLVER.ADR.RecipNotFound" is a phrase of Exchange.
      .replace(/(?<![\w.-])(?:[a-z0-9-]{1,63}\.){1,20}[a-z]{2,24}(?![\w-]|\.\w)/g, " ")
      .replace(/\(?#?(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d]|\.\d)\)?/g, " ")
      .replace(/(?<![\w.-])[245][0-5]\d(?=[\s-])-?/g, " ")
      .replace(/[\s_<>"]{1,2000}/g, " ")
      .toLowerCase()
  );
}
