/** Evidence for "invalid recipient": what a server says, or leaves a code to say, of the recipient. */
import { type Clause, clausesOf, hasWords } from "./clauses.ts";
import { RECIPIENT_WORDS_IN_OTHER_LANGUAGES } from "./languages.ts";
import { givesReason, isAdvice, isNeutral, namesNobodyElse } from "./neutral-clause.ts";
import { MAILBOX_WORD } from "./no-such-recipient.ts";
import { anyOf } from "./pattern.ts";
import { hasOnlyRefusalWords, isRefusalWord } from "./refusal-words.ts";

/** Whether the words say what the phrase says, and nothing else: a clause has it, and all others do, or are neutral. */
export function saysOnly(phrase: RegExp, words: string): boolean {
  // Once "that you tried to reach" is left out, the phrase may be in a clause that it was not in.
  if (!phrase.test(words) && !words.includes("you")) return false;
  const clauses = clausesOf(words);
  return clauses.some(({ clause }) => phrase.test(clause)) && clauses.every((each) => agrees(phrase, each));
}

function agrees(phrase: RegExp, { clause, label = "" }: Clause): boolean {
  const found = phrase.exec(clause);
  if (found === null) return isNeutral(clause);
  if (!namesNobodyElse(label)) return false;
  const end = found.index + found[0].length;
  const behind = clause.slice(end);
  if (hasOnlyRefusalWords(clause)) return !givesReason(behind);
  return hasOnlyRefusalWords(clause.slice(0, end)) && isNeutral(behind);
}

/**
 * The words, with "§" for the name of the recipient's mailbox: "no such user: marie" says nothing else. A name that is
 * a word of such sentences ("user@") stays.
 */
export function withoutNameOf(recipient: string, words: string): string {
  const name = recipient.slice(0, recipient.lastIndexOf("@")).toLowerCase().replaceAll("_", " ");
  if (name.length < 2 || name.split(" ").some(isRefusalWord)) return words;
  return words.replaceAll(name, (found, at: number) => {
    const isWhole = !PART_OF_NAME.test(words[at - 1] ?? "") && !PART_OF_NAME.test(words[at + name.length] ?? "");
    return isWhole ? "§" : found;
  });
}

const PART_OF_NAME = /[\p{L}\p{N}+-]/u;

const ABOUT_RECIPIENT = anyOf([
  `(?<!\\w)${MAILBOX_WORD}(?!\\w)`,
  "\\b(?:rcpt|do(?:es)? not exist|doesn't exist|unknown|not found|invalid|no longer (?:available|exists|valid))\\b",
  ...RECIPIENT_WORDS_IN_OTHER_LANGUAGES,
]);
const OF_MAILBOX = anyOf([`(?<!\\w)${MAILBOX_WORD}(?!\\w)`, "§", ...RECIPIENT_WORDS_IN_OTHER_LANGUAGES]);
/** A host, a domain or a part of a server: "on the server" says nothing of the server. */
const OF_HOST = anyOf([
  "(?<!\\b(?:this|our|local|remote|in|on|at|by|to|of|(?:in|on|at|by|to|of) the) )\\b(?:hosts?|host ?names?|domains?|" +
    "servers?|systems?|sites?|mx|dns|computer|machine|network|company|organi[sz]ation|table|number|gateway)\\b" +
    "(?! no longer)",
]);
/** "the domain of the address" */
const HOST_OF =
  /\b(?:hosts?|domains?|servers?|mx|dns|host'?s? names?) (?:of|for) |\bnames? of the (?:host|server|domain)/;
const OF_PROTOCOL = /\b(?:smtp|lmtp|error|sorry|rcpt|to|failed|permanent|fatal|failure|gsmtp|said)\b/g;
const REFUSED_MESSAGE =
  /\b(?:message|mail|e-?mail|content|delivery) (?:\S{1,20} )?(?:refused|rejected|denied|declined|not accepted)\b/;

/**
 * Whether the words leave a code for "no such recipient" its meaning: there are none, or a clause speaks of a recipient
 * and of nothing else, and all others are neutral. A code with other words ("5.1.1 Message refused") is a wrong one,
 * and so is that of a mailbox beside words about a host ("5.1.1 unknown host").
 */
export function agreesWithCode(words: string, codeOf: "mailbox" | "domain"): boolean {
  const clauses = clausesOf(words);
  if (clauses.every(({ clause }) => !hasWords(clause.replace(OF_PROTOCOL, " ")))) return true;
  return (
    clauses.some((each) => isAboutRecipient(each) && (codeOf === "domain" || !isAboutHost(each.clause))) &&
    clauses.every(({ clause, label }) => isNeutral(clause) && !(label !== undefined && isAdvice(clause))) &&
    !REFUSED_MESSAGE.test(words)
  );
}

const isAboutRecipient = ({ clause, label = "" }: Clause) =>
  hasOnlyRefusalWords(clause) && ABOUT_RECIPIENT.test(clause) && namesNobodyElse(label);

const isAboutHost = (clause: string) => HOST_OF.test(clause) || (OF_HOST.test(clause) && !OF_MAILBOX.test(clause));

/** Whether it is the recipient whose address or domain the words are about. */
export const namesRecipient = (words: string) =>
  /\brecipient|\bdestination|\brcpt\b|\bat this (?:location|server|host)/.test(words);
