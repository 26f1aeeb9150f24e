/** A bounce's text, taken apart: what the server wrote, the session that it shows, and the returned mail behind it. */
import { commandNamedIn, enhancedStatusOf, replyCodeIn } from "../said.ts";
import { returnedMailAt } from "./separators.ts";

/** More than any notice has: what follows is not read, so that a stranger's mail costs little. */
const MAX_LINES = 400;
const MAX_LINE_CHARS = 1_000;
const MAX_NOTICE_CHARS = 16_000;
const MAX_REPLIES = 100;
/** A shorter reply ("550 no") may occur in any text. */
const MIN_QUOTE_CHARS = 10;
/** How far behind an address the command that was refused for it may be. */
const MAX_COMMAND_CHARS = 2_000;

/** A text, cut where the returned mail begins. */
export interface DividedText {
  readonly notice: readonly string[];
  /** The returned mail, as text; empty when the text holds none. */
  readonly returned: string;
}

export interface BounceText {
  /** The lines that the server wrote, without quoted subjects. */
  readonly lines: readonly string[];
  /** The SMTP session, where the notice shows it. */
  readonly transcript: readonly Reply[];
}

interface Reply {
  /** The command that was replied to, in capitals. */
  readonly command: string;
  readonly replyCode: string | undefined;
  readonly status: string | undefined;
  /** The whole reply, with single spaces. */
  readonly text: string;
}

/** The newsletter's own subject, which a notice quotes, is not the server's. */
const SUBJECT_LINE =
  /^[\s>*-]{0,20}(?:subject|betreff|objet|sujet|asunto|oggetto|assunto|onderwerp|тема|件名|主题|主題|主旨)\s{0,5}[:：]/i;

/** Separates the notice from the returned mail. */
export function dividedText(text: string): DividedText {
  const lines = text.split(/\r?\n/);
  const start = returnedMailAt(lines);
  const notice = withinLimits(start === -1 ? lines : lines.slice(0, start));
  return { notice, returned: start === -1 ? "" : lines.slice(start).join("\n") };
}

/** `subject`: that of the returned mail, where it is known. */
export function bounceTextOf({ notice }: DividedText, subject: string): BounceText {
  const lines = notice.filter((line) => !SUBJECT_LINE.test(line)).map((line) => withoutSubject(line, subject));
  const shown = replyUnderHeadings(lines);
  return { lines, transcript: [...(shown === undefined ? [] : [shown]), ...transcriptOf(lines)] };
}

/** `text` without the subject that it quotes. Subjects of a word or two stay: they may be anything. */
export function withoutSubject(text: string, subject: string): string {
  return subject.length < 8 ? text : text.replaceAll(subject, " ");
}

function withinLimits(lines: readonly string[]): readonly string[] {
  const kept: string[] = [];
  let length = 0;
  for (const line of lines) {
    if (kept.length === MAX_LINES || length >= MAX_NOTICE_CHARS) break;
    const cut = line.slice(0, MAX_LINE_CHARS);
    kept.push(cut);
    length += cut.length;
  }
  return kept;
}

/** m-FILTER's "-------server message", "550 …", "-------SMTP command", "DATA". */
function replyUnderHeadings(lines: readonly string[]): Reply | undefined {
  const replyAt = lines.findIndex((line) => /^-{3,20}server message\s{0,5}$/i.test(line)) + 1;
  const headingAt = lines.findIndex((line) => /^-{3,20}SMTP command\s{0,5}$/i.test(line));
  const [, command] = /^\s{0,5}([A-Z]{4})\b/.exec(lines[headingAt + 1] ?? "") ?? [];
  if (replyAt === 0 || headingAt === -1 || command === undefined) return undefined;
  const text = withSingleSpaces(lines.slice(replyAt, headingAt).join(" "));
  return { command, replyCode: replyCodeIn(text), status: enhancedStatusOf(undefined, text), text };
}

/** Sendmail's ">>> DATA", followed by "<<< 550 5.2.1 …". */
function transcriptOf(lines: readonly string[]): readonly Reply[] {
  const replies: Reply[] = [];
  let command: string | undefined;
  let first = 0;
  for (const line of lines) {
    const [, shown] = /^\s{0,20}>{2,3} ?([A-Za-z]{4})\b/.exec(line) ?? [];
    command = shown?.toUpperCase() ?? command;
    if (shown !== undefined) first = replies.length;
    const [, reply] = /^\s{0,20}<{2,3} (.*)/.exec(line) ?? [];
    if (reply === undefined || command === undefined) continue;
    if (replies.length === MAX_REPLIES) break;
    const replyCode = replyCodeIn(reply);
    if (command === "DATA" && NO_RECIPIENT.test(reply)) answerRecipients(replies, first);
    replies.push({ command, replyCode, status: enhancedStatusOf(undefined, reply), text: withSingleSpaces(reply) });
  }
  return replies;
}

/** "503 Need RCPT", and Postfix's "554 5.5.1 Error: no valid recipients". */
const NO_RECIPIENT = /^503\b|\bno valid recipients\b/i;

/**
 * With pipelining, DATA was sent before the recipients were answered (RFC 2920 §3.1). "503 Need RCPT" shows it: the
 * replies in front of it are about addresses. One about the mailbox ("5.2.1") may still be about the content.
 */
function answerRecipients(replies: Reply[], from: number): void {
  for (const [index, reply] of replies.entries()) {
    if (index < from || /^.\.2\./.test(reply.status ?? "")) continue;
    replies[index] = { ...reply, command: "RCPT" };
  }
}

/** The SMTP command that was refused, in capitals, where the notice names it. */
export function commandIn(
  { lines, transcript }: BounceText,
  recipient: string,
  { status, details = "" }: { readonly status?: string | undefined; readonly details?: string | undefined },
): string | undefined {
  const reply = replyIn(transcript, details, status);
  if (reply === undefined) return commandNamedIn(details) ?? commandNamedFor(lines, recipient);
  // With pipelining, answers to RCPT arrive after DATA was sent (RFC 2920): such a code is about the address.
  return reply.command === "DATA" && /^5\.1\./.test(status ?? "") ? "RCPT" : reply.command;
}

/** The reply of the session that `details` quote, or one with their codes. */
function replyIn(transcript: readonly Reply[], details: string, status: string | undefined): Reply | undefined {
  const said = withSingleSpaces(details);
  const replyCode = replyCodeIn(details);
  return (
    transcript.find(({ text }) => text.length > MIN_QUOTE_CHARS && said.includes(text)) ??
    // A report may name a status of its own where the reply has none.
    transcript.find((each) => each.replyCode === replyCode && (each.status ?? status) === status)
  );
}

/** Line breaks become spaces, too. */
export function withSingleSpaces(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

/** Postfix: "(in reply to end of DATA command)"; Exim: "after RCPT TO:<marie@example.com>". */
function commandNamedFor(lines: readonly string[], recipient: string): string | undefined {
  const at = lines.findIndex((line) => line.toLowerCase().includes(recipient.toLowerCase()));
  return commandNamedIn(lines.slice(Math.max(at, 0)).join(" ").slice(0, MAX_COMMAND_CHARS));
}
