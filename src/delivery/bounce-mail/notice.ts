/**
 * Recipients in the text that mail servers write for people: qmail, Exim, old Sendmail, Postfix, Exchange, Domino,
 * OpenSMTPD, Courier, Gmail, Yahoo and similar. These texts share a form: an introduction, then each address in
 * front of what was said about it, then the returned mail.
 */
import { replyCodeIn, statusOf } from "../classify.ts";
import type { Bounce } from "../outcome.ts";
import { anyOf } from "../phrases.ts";
import { ADDRESS, addressIn, isSameAddress } from "./address.ts";
import { MAX_LINE_CHARS } from "./fields.ts";
import { MAX_FINDINGS } from "./finding.ts";

/** What a bounce's text says about one recipient. */
export interface RecipientNotice {
  readonly recipient: string;
  /** The address that was mailed, where another is named ("expanded from", "generated from"). */
  readonly mailed: string | undefined;
  /** What the server said, with single spaces. */
  readonly details: string | undefined;
}

const MAX_DETAILS_CHARS = 1_000;
const MAX_REPLIES = 1_000;
/** The longest text about one address that is read. */
const MAX_NOTICE_CHARS = 4_000;

/** The line at which the returned mail begins. */
const RETURNED = anyOf(
  [
    "^>?\\s*-{2,}.*\\b(?:copy of|below this line|original message|original mail|returned message|" +
      "unsent message|header|body of|your message)",
    "^(?:here |below )?is a copy of|^(?:the )?original message (?:follows|headers|text)|^message headers? follow",
    "^(?:the )?headers? of (?:the|your) (?:original )?message|^(?:return-path|received):\\s",
  ],
  "i",
);
/** The line after which the addresses are listed. */
const ANNOUNCED = /follow(?!\w* (?:response|reason|error))|(?:deliver|sent|reach|fail|recipient|address).*:\s*$/i;

const HEADINGS: readonly RegExp[] = [
  // "<marie@example.com>: host mx.example.com said: 550 …", "<marie@example.com>", "Marie<mailto:marie@example.com>"
  new RegExp(`^(?:(?!.*\\d{3})[^<>@:]{1,80})?<(?:mailto:)?(${ADDRESS})>(.*)$`, "i"),
  // "marie@example.com", "marie@example.com: 550 …", "'marie@example.com'",
  // "marie@example.com on Thu, 29 Apr 2010 …"
  new RegExp(`^["']?(${ADDRESS})["']?(?:[:;]?|[:;]?\\s(.*))$`, "i"),
];
/** "Unknown user: marie@example.com", "Recipient: [SMTP:marie@example.com]": the label is about the address. */
const LABELLED = new RegExp(`^([^<>@:]{1,60}):\\s*\\[?(?:smtp:|rfc822;)?\\s*["'<]?(${ADDRESS})["'>\\]]{0,2}\\s*$`, "i");
/** Labels of the returned mail, and of contacts. */
const OTHER_LABEL = anyOf(
  [
    "^\\W*(?:to|from|cc|bcc|sender|subject|date|reply-to|return-path|message-id|errors-to|x-.*)$",
    "contact|postmaster|sent by|questions|mail to|please|envelope|sender",
  ],
  "i",
);
/** After the address of a sentence, which is not a heading. */
const SENTENCE = /^\s*(?:wrote|writes|for|if|to|and|or|with|by)\b/i;
/** Contacts for help. */
const HELP = /^(?:postmaster|mailer-daemon|abuse|support|helpdesk)@/i;
const INLINE = new RegExp(
  "(?:message to|mail to|undeliverable +to|delivered to|delivery to|delivering to|" +
    "deliver (?:your |the )?(?:mail|message)? ?to|sent to|addressed to|recipient|address|mailbox|" +
    `user [^\\s()]{1,64} \\()\\s*["'<]?(${ADDRESS})`,
  "i",
);

/** A bounce's text, taken apart. */
export interface BounceText {
  /** What the server wrote. */
  readonly notice: string;
  /** The returned mail after it, as text. */
  readonly returned: string;
  /** The SMTP session, where the notice shows it. */
  readonly transcript: readonly Reply[];
}

interface Reply {
  /** The command that was replied to, in capitals. */
  readonly command: string;
  readonly replyCode: string | undefined;
  readonly status: string | undefined;
}

/** Separates the notice from the returned mail. */
export function bounceTextOf(text: string): BounceText {
  const lines = text.split(/\r?\n/);
  const start = lines.findIndex((line) => RETURNED.test(line.slice(0, MAX_LINE_CHARS).trimStart()));
  const notice = start === -1 ? lines : lines.slice(0, start);
  return {
    notice: notice.join("\n"),
    returned: start === -1 ? "" : lines.slice(start).join("\n"),
    transcript: transcriptOf(notice),
  };
}

/** Sendmail's ">>> DATA", followed by "<<< 550 5.2.1 …". */
function transcriptOf(lines: readonly string[]): readonly Reply[] {
  const replies: Reply[] = [];
  let command: string | undefined;
  for (const line of lines) {
    command = /^>>> ([A-Za-z]{4})\b/.exec(line)?.[1]?.toUpperCase() ?? command;
    if (!line.startsWith("<<< ") || command === undefined) continue;
    if (replies.length === MAX_REPLIES) break;
    const reply = line.slice(4, MAX_LINE_CHARS);
    replies.push({ command, replyCode: replyCodeIn(reply), status: statusOf(undefined, reply) });
  }
  return replies;
}

interface NoticeOptions {
  /** Recipients that a header ("X-Failed-Recipients") names: only these are found. */
  readonly failed?: readonly string[];
  /** Addresses that are never recipients. */
  readonly except?: readonly string[];
}

/** The recipients that a notice names, each with what it says about them. */
export function noticesOf(
  { notice }: BounceText,
  { failed = [], except = [] }: NoticeOptions = {},
): readonly RecipientNotice[] {
  const lines = notice.split("\n").map((line) => line.slice(0, MAX_LINE_CHARS));
  const isRecipient = (address: string) =>
    failed.length > 0
      ? failed.some((each) => isSameAddress(each, address))
      : !except.some((each) => isSameAddress(each, address));
  const announced = lines.findIndex((line) => ANNOUNCED.test(line)) + 1;
  const listed = noticesUnderHeadings(lines.slice(announced), isRecipient);
  if (listed.length > 0) return listed;
  const anywhere = announced > 0 ? noticesUnderHeadings(lines, isRecipient) : [];
  if (anywhere.length > 0) return anywhere;
  if (failed.length > 0) return failed.map((recipient) => ({ recipient, ...detailsIn(notice) }));
  const inline = addressIn(INLINE.exec(notice.replace(/\s+/g, " "))?.[1] ?? "");
  return inline === undefined || !isRecipient(inline) ? [] : [{ recipient: inline, ...detailsIn(notice) }];
}

interface Heading {
  readonly recipient: string;
  /** What stands on the same line. */
  readonly rest: string;
}

function noticesUnderHeadings(
  lines: readonly string[],
  isRecipient: (address: string) => boolean,
): readonly RecipientNotice[] {
  const headings: (Heading & { readonly index: number })[] = [];
  for (const [index, line] of lines.entries()) {
    const heading = headingOf(line);
    if (heading === undefined || !isRecipient(heading.recipient)) continue;
    // The second time, the address is part of the text about it.
    if (headings.some(({ recipient }) => isSameAddress(recipient, heading.recipient))) continue;
    if (headings.length === MAX_FINDINGS) break;
    headings.push({ ...heading, index });
  }
  const texts = headings.map(({ index, rest }, nth) =>
    [rest, ...lines.slice(index + 1, headings[nth + 1]?.index)].join("\n"),
  );
  return headings.map(({ recipient }, nth) => {
    // Several addresses may be followed by one text about all of them.
    const text = texts.slice(nth).find((each) => !/^[\w ]*:?\s*$/.test(each)) ?? texts[nth] ?? "";
    return { recipient, ...detailsIn(text) };
  });
}

function headingOf(line: string): Heading | undefined {
  const trimmed = line.trim().replace(/^[*>\u2022-]+\s+/, "");
  const [, label = "", labelled] = LABELLED.exec(trimmed) ?? [];
  if (labelled !== undefined)
    return OTHER_LABEL.test(label) || HELP.test(labelled)
      ? undefined
      : { recipient: bare(labelled), rest: `${label}:` };
  for (const heading of HEADINGS) {
    const [, address, rest = ""] = heading.exec(trimmed) ?? [];
    if (address !== undefined && !SENTENCE.test(rest) && !HELP.test(address))
      return { recipient: bare(address), rest: rest.replace(/^\s*[:-](?:\s|$)/, "") };
  }
  return undefined;
}

/** Without punctuation at the end. */
const bare = (address: string) => address.replace(/[.!?:;]+$/, "");

/** From the server's reply on, where there is one: before it the sending server speaks. */
function detailsIn(text: string): Pick<RecipientNotice, "mailed" | "details"> {
  const single = text.slice(0, MAX_NOTICE_CHARS).replace(/\s+/g, " ").trim();
  const [, mailed] =
    new RegExp(`(?:expanded|generated|forwarded) from:? <?(${ADDRESS})`, "i").exec(single.slice(0, MAX_LINE_CHARS)) ??
    [];
  const reply = /(?<![\w.-])[45][0-5]\d[ -]\S/.exec(single);
  const details = single
    .slice(reply?.index ?? 0)
    .slice(0, MAX_DETAILS_CHARS)
    .trim();
  return { mailed, details: details === "" ? undefined : details };
}

/** The SMTP command that was refused, in capitals, where the notice names it. */
export function commandIn(
  { notice, transcript }: BounceText,
  recipient: string,
  { status, details = "" }: Pick<Bounce, "status" | "details">,
): string | undefined {
  const replyCode = replyCodeIn(details);
  const reply = transcript.find((each) => each.replyCode === replyCode && each.status === status);
  return reply?.command ?? commandNamed(notice, recipient);
}

/** Postfix: "(in reply to end of DATA command)"; Exim: "after RCPT TO:<marie@example.com>". */
function commandNamed(notice: string, recipient: string): string | undefined {
  const from = Math.max(notice.toLowerCase().indexOf(recipient.toLowerCase()), 0);
  const text = notice.slice(from, from + MAX_NOTICE_CHARS).replace(/\s+/g, " ");
  const command = /\b(?:in reply to|after) (?:end of |pipelined |initial )?(helo|ehlo|mail|rcpt|data)\b/i.exec(text);
  return command?.[1]?.toUpperCase();
}
