/**
 * Recipients in the text that mail servers write for people: qmail, Exim, old Sendmail, Postfix, Exchange, Domino,
 * OpenSMTPD, Courier, Gmail, Yahoo and similar. Most of these texts share a form: an introduction, then each address in
 * front of what was said about it. In some the reason comes first.
 */
import { ADDRESS, addressesAmongWords, isHelp, isSameAddress } from "../address.ts";
import { categoryOf } from "../classify.ts";
import { CATEGORY } from "../outcome.ts";
import { enhancedStatusOf, replyCodeIn } from "../said.ts";
import { type BounceText, withSingleSpaces } from "./bounce-text.ts";
import { MAX_FINDINGS } from "./finding.ts";
import { GENERATED_FROM, type Heading, headingOf, inlineRecipient, isAnnouncement } from "./heading.ts";

/** What a bounce's text says about one recipient. */
export interface RecipientNotice {
  readonly recipient: string;
  /** The address that was mailed, where another is named ("expanded from", "generated from"). */
  readonly mailed: string | undefined;
  /** What the server said, with single spaces. */
  readonly details: string | undefined;
  /** Whether the server said more than `details`. */
  readonly isCut?: boolean | undefined;
  /** The notice does not name the address that failed: it is reached through `recipient`. */
  readonly isUndisclosed?: boolean;
}

const MAX_DETAILS_CHARS = 1_000;
/** The most characters of details of all recipients together. */
const MAX_DETAILS_CHARS_IN_ALL = 20_000;
/** The longest text about one address that is read. */
const MAX_TEXT_CHARS = 4_000;

export interface NoticeOptions {
  /** Recipients that a header ("X-Failed-Recipients") names: only these are found. */
  readonly failed?: readonly string[];
  /** Addresses that are no recipients, unless they are in `mailed`. */
  readonly except?: readonly string[];
  /** To whom the notice was sent: recipients only where no other address is listed, of mail to oneself. */
  readonly own?: readonly string[];
  /** The recipients of the returned mail. */
  readonly mailed?: readonly string[];
  /** Whom servers had the returned mail for: a user whom the notice names without a domain is one of them. */
  readonly receivedFor?: readonly string[];
  /** The domain of the mail system that wrote: names without one, listed under an announcement, are its users. */
  readonly domain?: string | undefined;
  /** Whether addresses in sentences are left alone. */
  readonly onlyListed?: boolean;
}

/** The recipients that a notice names, each with what it says about them. */
export function noticesOf({ lines }: BounceText, options: NoticeOptions = {}): readonly RecipientNotice[] {
  const { failed = [], mailed = [], receivedFor = [], own = [], onlyListed = false } = options;
  const announced = lines.findIndex(isAnnouncement) + 1;
  const named = namedNotices(lines, announced, options);
  const ofReturned = [...mailed, ...receivedFor];
  // Before addresses of others, which advice may contain.
  const user =
    announced === 0 || named.some(({ recipient }) => includes(ofReturned, recipient))
      ? undefined
      : userOf(ofReturned, lines.slice(announced));
  if (user !== undefined) return [user];
  if (named.length > 0) return named;
  const toOneself = announced > 0 ? noticesUnderHeadings(lines, announced, (address) => includes(own, address)) : [];
  if (toOneself.length > 0) return toOneself;
  const details = detailsIn(lines.join("\n"));
  if (failed.length > 0) return failed.map((recipient) => ({ recipient, ...details }));
  const users = options.domain === undefined || announced === 0 ? [] : usersListed(lines, announced);
  if (users.length > 0) return users.map((name) => ({ recipient: `${name}@${options.domain}`, ...details }));
  if (onlyListed) return [];
  const recipient = recipientAnywhere(lines.join(" "), mailed, recipientTest(options));
  if (recipient === undefined) return [];
  // "marie (expanded from: <info@example.com>)": who failed has no address, and is reached through the one that has.
  const isUndisclosed = details.mailed !== undefined && isSameAddress(details.mailed, recipient);
  return [{ recipient, ...details, isUndisclosed }];
}

/** In lines of their own, behind an announcement or anywhere; contacts for help only where there are no others. */
function namedNotices(lines: readonly string[], announced: number, options: NoticeOptions): readonly RecipientNotice[] {
  const { failed = [], mailed = [] } = options;
  const isRecipient = recipientTest(options);
  for (const mayBeHelp of [false, true]) {
    const accepts = (address: string) =>
      isRecipient(address) && (mayBeHelp || !isHelp(address) || includes([...mailed, ...failed], address));
    const listed = noticesUnderHeadings(lines, announced, accepts);
    if (listed.length > 0) return listed;
    const anywhere = announced > 0 ? noticesUnderHeadings(lines, 0, accepts) : [];
    if (anywhere.length > 0) return anywhere;
  }
  return [];
}

/** "marie  No such entry": the first line that begins with the name of one of these addresses. */
function userOf(addresses: readonly string[], lines: readonly string[]): RecipientNotice | undefined {
  for (const line of lines) {
    const [, name = "", rest = ""] = /^\s{0,20}([\w.+-]{2,64})(\s[^@]*)?$/.exec(line) ?? [];
    const recipient = addresses.find((address) => address.toLowerCase().startsWith(`${name.toLowerCase()}@`));
    if (recipient !== undefined) return { recipient, ...detailsIn(rest, recipient) };
  }
  return undefined;
}

/** AOL's indented names, each alone on its line. */
function usersListed(lines: readonly string[], from: number): readonly string[] {
  const names = lines.slice(from).map((line) => /^\s{1,20}([a-z][\w.+-]{1,63})\s{0,20}$/i.exec(line)?.[1]);
  const end = names.indexOf(undefined);
  return names.slice(0, Math.min(end === -1 ? names.length : end, MAX_FINDINGS)).flatMap((name) => name ?? []);
}

const includes = (addresses: readonly string[], address: string) =>
  addresses.some((each) => isSameAddress(each, address));

function recipientTest({ failed = [], except = [], mailed = [] }: NoticeOptions): (address: string) => boolean {
  if (failed.length > 0) return (address) => includes(failed, address);
  const others = new Set(except.map((address) => address.toLowerCase()));
  for (const address of mailed) others.delete(address.toLowerCase());
  return (address) => !others.has(address.toLowerCase());
}

/** "They are not accepting mail from news@example.com", "please contact <help-desk@example.com>" */
const NAMED_OTHERS = new RegExp(
  `\\b(?:(?:mail|messages?|e-?mails?) from:?|contact(?: \\w{1,20}){0,3}(?: at)?) {0,3}<?${ADDRESS}`,
  "gi",
);

/** Without a heading: an address of the returned mail, of a sentence, or any; else whom the returned mail was for. */
function recipientAnywhere(
  text: string,
  mailed: readonly string[],
  isRecipient: (address: string) => boolean,
): string | undefined {
  const named = addressesAmongWords(text.replace(NAMED_OTHERS, " ")).filter(isRecipient);
  const inline = inlineRecipient(text);
  return (
    named.find((address) => includes(mailed, address)) ??
    (inline !== undefined && isRecipient(inline) ? inline : undefined) ??
    named.find((address) => !isHelp(address)) ??
    mailed[0]
  );
}

interface HeadingAt extends Heading {
  readonly index: number;
}

function noticesUnderHeadings(
  lines: readonly string[],
  from: number,
  isRecipient: (address: string) => boolean,
): readonly RecipientNotice[] {
  const headings = headingsIn(lines, from, isRecipient);
  const [first] = headings;
  if (first === undefined) return [];
  const texts = headings.map(({ index, rest }, nth) =>
    withoutFooter([rest, ...lines.slice(index + 1, headings[nth + 1]?.index)].join("\n").slice(0, MAX_TEXT_CHARS)),
  );
  const before = lines.slice(Math.max(0, first.index - 12), first.index).join("\n");
  const limit = Math.min(MAX_DETAILS_CHARS, Math.floor(MAX_DETAILS_CHARS_IN_ALL / headings.length));
  return headings.map(({ recipient, isUndisclosed }, nth) => {
    // Several addresses may be followed by one text about all of them.
    const text = texts.slice(nth, nth + 20).find(hasWords) ?? texts[nth] ?? "";
    const own = detailsIn(text, recipient, limit);
    const details = isTelling(own.details) ? own : { ...own, ...reasonIn(before, recipient, limit) };
    return { recipient, ...details, ...(isUndisclosed ? { isUndisclosed } : {}) };
  });
}

function headingsIn(
  lines: readonly string[],
  from: number,
  isRecipient: (address: string) => boolean,
): readonly HeadingAt[] {
  const headings: HeadingAt[] = [];
  const seen = new Set<string>();
  for (const [index, line] of lines.entries()) {
    if (index < from) continue;
    const heading = headingOf(line, lines[index + 1] ?? "");
    if (heading === undefined || !isRecipient(heading.recipient)) continue;
    // The second time, the address is part of the text about it.
    if (seen.has(heading.recipient.toLowerCase())) continue;
    if (headings.length === MAX_FINDINGS) break;
    seen.add(heading.recipient.toLowerCase());
    headings.push({ ...heading, index });
  }
  return headings;
}

function hasWords(text: string): boolean {
  const start = text.slice(0, 500);
  return /[^\s\w:]|\d{3}/.test(start) || /\w{3,20} \w{2,20} \w/.test(start);
}

/** A ruled line, behind which gateways advertise and lawyers warn. */
const RULED = /\n[ \t]{0,20}_{10,200}[ \t]{0,20}\r?(?=\n|$)/;

/** Without what follows a ruled line, unless a server's reply is there. */
function withoutFooter(text: string): string {
  const at = text.search(RULED);
  return at === -1 || replyCodeIn(text.slice(at)) !== undefined ? text : text.slice(0, at);
}

/** Whether a text says why. */
const isTelling = (details: string | undefined) =>
  details !== undefined &&
  (replyCodeIn(details) !== undefined ||
    enhancedStatusOf(undefined, details) !== undefined ||
    categoryOf({ details }) !== CATEGORY.unclear);

/** A reason that comes before the addresses ("Could not be delivered because of: 550 5.1.1 User unknown"). */
function reasonIn(
  before: string,
  recipient: string,
  limit: number,
): Partial<Pick<RecipientNotice, "details" | "isCut">> {
  const { details, isCut } = detailsIn(before, recipient, limit);
  return isTelling(details) ? { details, isCut } : {};
}

/**
 * From the server's reply on, where there is one, to the end of its paragraph: before it the sending server speaks, and
 * behind it, too.
 */
function detailsIn(
  text: string,
  recipient = "",
  limit = MAX_DETAILS_CHARS,
): Pick<RecipientNotice, "mailed" | "details" | "isCut"> {
  const read = text.slice(0, MAX_TEXT_CHARS);
  const mailed = GENERATED_FROM.exec(withSingleSpaces(read))?.[1];
  const at = replyAt(read, recipient);
  const said = withSingleSpaces(at === undefined ? read : replyOf(paragraphAt(read, at)));
  const details = said.slice(0, limit).trim();
  return { mailed, details: details === "" ? undefined : details, isCut: said.length > limit };
}

function paragraphAt(text: string, at: number): string {
  const rest = text.slice(at);
  const end = rest.search(/\n[ \t]{0,100}\n/);
  return end === -1 ? rest : rest.slice(0, end);
}

const OTHER_REPLY = /\n[ \t]{0,20}(?:<{2,3} )?[24]\d\d[ -]/;

/** A permanent reply, without the others of the session, which answer something else: "250 Ok", "421 Closing". */
function replyOf(text: string): string {
  const end = text.startsWith("5") ? text.search(OTHER_REPLY) : -1;
  return end === -1 ? text : text.slice(0, end);
}

const REPLY = /(?<![\w.-])[45][0-5]\d[\s-]{1,20}\S/g;

/** Where the reply begins: in a transcript of several, the one that names the recipient, else a permanent one. */
function replyAt(text: string, recipient: string): number | undefined {
  const replies = [...text.matchAll(REPLY)].slice(0, 50).map(({ index }) => index);
  const named = recipient.toLowerCase();
  const isOf = (at: number) =>
    named !== "" &&
    text
      .slice(at, at + 100)
      .toLowerCase()
      .includes(named);
  const [first] = replies;
  if (first === undefined || !text.startsWith("4", first)) return first;
  return replies.find((at) => text.startsWith("5", at) && isOf(at)) ?? replies.find((at) => isOf(at)) ?? first;
}
