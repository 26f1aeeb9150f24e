/**
 * What mail servers write for people, where it names recipients: qmail, Exim, old Sendmail, Postfix, Exchange, Domino, OpenSMTPD,
 * Courier, Gmail, Yahoo and their like. They share a shape: a sentence, then each address at the head of what was said about it,
 * then the mail that comes back.
 */
import { replyCodeIn, statusOf } from "../classify.ts";
import type { Bounce } from "../outcome.ts";
import { ADDRESS, addressIn, isSameAddress } from "./address.ts";
import { LINE_READ } from "./fields.ts";
import { FINDINGS_READ } from "./finding.ts";

export interface Notice {
  readonly recipient: string;
  /** The address that was mailed, where another is named ("expanded from", "generated from"). */
  readonly mailed: string | undefined;
  /** What is said of it, white space single; undefined: nothing. */
  readonly details: string | undefined;
}

const DETAILS_READ = 1_000;
const REPLIES_READ = 1_000;
/** What is said of one address, at most. */
const SAID_READ = 4_000;

/** Where the mail begins that comes back. */
const RETURNED =
  /^(?:>?\s*-{2,}.*\b(?:copy of|below this line|original message|original mail|returned message|unsent message|header|body of|your message)|(?:here |below )?is a copy of|(?:the )?original message (?:follows|headers|text)|message headers? follow|(?:the )?headers? of (?:the|your) (?:original )?message|(?:return-path|received):\s)/i;
/** Behind it the addresses come. */
const ANNOUNCED =
  /follow(?!\w* (?:response|reason|error))|(?:deliver|sent|reach|fail|recipient|address).*:\s*$/i;

const HEADS: readonly RegExp[] = [
  // "<marie@example.com>: host mx.example.com said: 550 …", "<marie@example.com>", "Marie<mailto:marie@example.com>"
  new RegExp(`^(?:(?!.*\\d{3})[^<>@:]{1,80})?<(?:mailto:)?(${ADDRESS})>(.*)$`, "i"),
  // "marie@example.com", "marie@example.com: 550 …", "marie@example.com on Thu, 29 Apr 2010 …", "'marie@example.com'"
  new RegExp(`^["']?(${ADDRESS})["']?(?:[:;]?|[:;]?\\s(.*))$`, "i"),
];
/** "Unknown user: marie@example.com", "Recipient: [SMTP:marie@example.com]": what stands before it is said of it. */
const LABELLED = new RegExp(
  `^([^<>@:]{1,60}):\\s*\\[?(?:smtp:|rfc822;)?\\s*["'<]?(${ADDRESS})["'>\\]]{0,2}\\s*$`,
  "i",
);
/** Of the mail that comes back, or of whom to ask. */
const OTHER_LABEL =
  /^\W*(?:to|from|cc|bcc|sender|subject|date|reply-to|return-path|message-id|errors-to|x-.*)$|contact|postmaster|sent by|questions|mail to|please|envelope|sender/i;
/** An address that a sentence begins with is no head. */
const SENTENCE = /^\s*(?:wrote|writes|for|if|to|and|or|with|by)\b/i;
/** Whom to ask for help. */
const HELP = /^(?:postmaster|mailer-daemon|abuse|support|helpdesk)@/i;
const INLINE = new RegExp(
  `(?:message to|mail to|undeliverable +to|delivered to|delivery to|delivering to|deliver (?:your |the )?(?:mail|message)? ?to|sent to|addressed to|recipient|address|mailbox|user [^\\s()]{1,64} \\()\\s*["'<]?(${ADDRESS})`,
  "i",
);

export interface Told {
  /** What the server wrote. */
  readonly notice: string;
  /** The mail that comes back behind it, as text. */
  readonly returned: string;
  /** The SMTP session, where the notice shows it. */
  readonly transcript: readonly Reply[];
}

interface Reply {
  /** In capitals: what was replied to. */
  readonly command: string;
  readonly replyCode: string | undefined;
  readonly status: string | undefined;
}

export function toldIn(text: string): Told {
  const lines = text.split(/\r?\n/);
  const at = lines.findIndex((line) => RETURNED.test(line.slice(0, LINE_READ).trimStart()));
  const told = at === -1 ? lines : lines.slice(0, at);
  return {
    notice: told.join("\n"),
    returned: at === -1 ? "" : lines.slice(at).join("\n"),
    transcript: transcriptIn(told),
  };
}

/** Sendmail's ">>> DATA" and, behind it, "<<< 550 5.2.1 …". */
function transcriptIn(lines: readonly string[]): readonly Reply[] {
  const replies: Reply[] = [];
  let command: string | undefined;
  for (const line of lines) {
    command = /^>>> ([A-Za-z]{4})\b/.exec(line)?.[1]?.toUpperCase() ?? command;
    if (!line.startsWith("<<< ") || command === undefined) continue;
    if (replies.length === REPLIES_READ) break;
    const reply = line.slice(4, LINE_READ);
    replies.push({ command, replyCode: replyCodeIn(reply), status: statusOf(undefined, reply) });
  }
  return replies;
}

/**
 * The recipients that a notice names, each with what is said of it. `failed`: those that a header named already ("X-Failed-
 * Recipients"); then no others count.
 */
export function noticesIn(
  { notice }: Told,
  {
    failed = [],
    except = [],
  }: { readonly failed?: readonly string[]; readonly except?: readonly string[] } = {},
): readonly Notice[] {
  const lines = notice.split("\n").map((line) => line.slice(0, LINE_READ));
  const counts = (address: string) =>
    failed.length > 0
      ? failed.some((each) => isSameAddress(each, address))
      : !except.some((each) => isSameAddress(each, address));
  const announced = lines.findIndex((line) => ANNOUNCED.test(line)) + 1;
  const found = headed(lines.slice(announced), counts);
  if (found.length > 0) return found;
  const anywhere = announced > 0 ? headed(lines, counts) : [];
  if (anywhere.length > 0) return anywhere;
  if (failed.length > 0) return failed.map((recipient) => ({ recipient, ...saidIn(notice) }));
  const inline = addressIn(INLINE.exec(notice.replace(/\s+/g, " "))?.[1] ?? "");
  return inline === undefined || !counts(inline) ? [] : [{ recipient: inline, ...saidIn(notice) }];
}

function headed(lines: readonly string[], counts: (address: string) => boolean): readonly Notice[] {
  const heads: { readonly recipient: string; readonly at: number; readonly rest: string }[] = [];
  for (const [at, line] of lines.entries()) {
    const head = headOf(line);
    if (head === undefined || !counts(head.recipient)) continue;
    // Named again, it is inside of what is said of it.
    if (heads.some(({ recipient }) => isSameAddress(recipient, head.recipient))) continue;
    if (heads.length === FINDINGS_READ) break;
    heads.push({ ...head, at });
  }
  const texts = heads.map(({ at, rest }, index) =>
    [rest, ...lines.slice(at + 1, heads[index + 1]?.at)].join("\n"),
  );
  return heads.map(({ recipient }, index) => ({
    recipient,
    // Several addresses, then what holds of all.
    ...saidIn(texts.slice(index).find((text) => !/^[\w ]*:?\s*$/.test(text)) ?? texts[index] ?? ""),
  }));
}

function headOf(line: string): { readonly recipient: string; readonly rest: string } | undefined {
  const trimmed = line.trim().replace(/^[*>\u2022-]+\s+/, "");
  const [, label = "", labelled] = LABELLED.exec(trimmed) ?? [];
  if (labelled !== undefined)
    return OTHER_LABEL.test(label) || HELP.test(labelled)
      ? undefined
      : { recipient: bare(labelled), rest: `${label}:` };
  for (const head of HEADS) {
    const [, address, rest = ""] = head.exec(trimmed) ?? [];
    if (address !== undefined && !SENTENCE.test(rest) && !HELP.test(address))
      return { recipient: bare(address), rest: rest.replace(/^\s*[:-](?:\s|$)/, "") };
  }
  return undefined;
}

const bare = (address: string) => address.replace(/[.!?:;]+$/, "");

/** From the server's reply on, where there is one: what stands before it is the sending server's talk. */
function saidIn(text: string): Pick<Notice, "mailed" | "details"> {
  const single = text.slice(0, SAID_READ).replace(/\s+/g, " ").trim();
  const [, mailed] =
    new RegExp(`(?:expanded|generated|forwarded) from:? <?(${ADDRESS})`, "i").exec(
      single.slice(0, LINE_READ),
    ) ?? [];
  const reply = /(?<![\w.-])[45][0-5]\d[ -]\S/.exec(single);
  const details = single
    .slice(reply?.index ?? 0)
    .slice(0, DETAILS_READ)
    .trim();
  return { mailed, details: details === "" ? undefined : details };
}

/** Which SMTP command was refused, in capitals, where the notice tells. */
export function commandIn(
  { notice, transcript }: Told,
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
  const said = notice.slice(from, from + SAID_READ).replace(/\s+/g, " ");
  const command =
    /\b(?:in reply to|after) (?:end of |pipelined |initial )?(helo|ehlo|mail|rcpt|data)\b/i.exec(said);
  return command?.[1]?.toUpperCase();
}
