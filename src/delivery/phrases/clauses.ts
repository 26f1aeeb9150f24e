/** Divides a server's words into clauses, and clauses into words. */

/** "that you tried to reach": whom the reader has mailed. */
const REACH = "(?:contact|reach|mail|e-?mail|send to|deliver to|write to)";
const MAILED_BY_READER = new RegExp(
  "(?:(?:that|which|whom) )?\\byou(?:'re|'ve| are| were| have)? " +
    `(?:(?:trying|tried|attempting|attempted|want|wanted) to(?: ${REACH})?|` +
    "reached|entered|enter|specified|sent to)(?![\\w-])",
  "g",
);
/** The same in Outlook's and Exchange's sentences. */
const MAILED_BY_READER_ELSEWHERE = new RegExp(
  "\\ban die die e-mail gesendet wurde|à laquelle ce message a été envoyé|a la que se envió (?:este|el) mensaje|" +
    "a cui è stato inviato (?:il|questo) messaggio",
  "g",
);
/** Words beside what is said, and beside whom it is said of. */
const ASIDE = new RegExp(
  "\\bthis message was sent to\\b|\\bdelivery error: dd\\b|" +
    "\\bcommand (?=rcpt\\b)|\\blogin (?=name)|\\bmailing list or\\b|(?<=mail exchanger )or ip address\\b|" +
    "\\b(?:relay|sid|id|ref|type)[=:] ?(?:(?=\\[)|[\\w.-]{1,60}|$)|\\bstate \\d{1,3}\\b|\\(mode: ?\\w{1,10}\\)|" +
    "\\b(?:reference|ref|ticket|case|session)(?: id| number)?[:# ]{1,3}[a-z-]{0,20}\\d[\\w-]{0,40}|" +
    "\\bmsexch:im[sc]:[^()]{0,120}|\\bthe mts-id of the original message is: ?c=[^;]{0,20};a=[^;]{0,20};" +
    "p=[^;]{0,60};l=[\\w-]{0,80}|\\[(?:message=infodomainnonexistent|lastattempted\\w{1,20}=[^\\][]{0,100})\\]",
  "g",
);
const YOUR_MESSAGE =
  /\byour(?= (?:message|mail|e-?mail) (?:to|was|wasn't|could|couldn't|can|can't|has|hasn't|is|did|§)(?!\w))/g;
const END_OF_CLAUSE = /([:;,!?|*#=/()[\]{}。，、；：！]|\.(?=\s|$)|\.\.|\s[-–—]{1,10}(?=\s))/u;
const WORD = /[\p{L}\p{M}\p{N}](?:['.+_-]?[\p{L}\p{M}\p{N}]){0,79}/gu;

export interface Clause {
  readonly clause: string;
  /** The text before the colon in front of it: of whom it is said, or who says it. */
  readonly label: string | undefined;
}

export function clausesOf(words: string): readonly Clause[] {
  // Every second part is what ends a clause.
  const parts = withoutAsides(words).split(END_OF_CLAUSE);
  const clauses = parts.filter((_, index) => index % 2 === 0).map((clause) => clause.trim());
  return clauses.map((clause, index) => {
    const isLabelled = /^(?::|\s[-–—]{1,10})$/.test(parts[index * 2 - 1] ?? "");
    return { clause, label: isLabelled ? clauses[index - 1] : undefined };
  });
}

/** Without what would end a clause, or says nothing in it. An address in brackets ends none. */
function withoutAsides(words: string): string {
  return words
    .replace(/\((?:s|es)\)/g, "s")
    .replace(/[([{'] ?§ ?[)\]}']/g, "§")
    .replace(/\b(user|mailbox|account|recipient|alias|name) [([{'] ?([\w.+-]{1,40}) ?[)\]}']/g, "$1 $2")
    .replace(ASIDE, " ")
    .replace(YOUR_MESSAGE, "the")
    .replace(/\bpublic name & address book\b/g, "directory")
    .replace(/\bdestin\. ?(?=sconosciut)/g, "destinatario ")
    .replace(MAILED_BY_READER, " ")
    .replace(MAILED_BY_READER_ELSEWHERE, " ")
    .replace(/ {2,80}/g, " ");
}

/** Words of more than one letter and without digits. */
export const wordsIn = (text: string): readonly string[] =>
  (text.match(WORD) ?? []).filter((word) => !/^[a-z]$|\d/.test(word));

export const hasWords = (clause: string) => wordsIn(clause).length > 0;
