/**
 * A raw mail, taken apart by postal-mime. Guarantees to end, in bounded memory, whatever the bytes are; gives up what lies behind
 * the first quarter of a mebibyte or the first five hundred boundaries, and mails of more than thirty-two nested parts.
 */
import PostalMime, { type Attachment, decodeWords, type Email } from "postal-mime";
import { addressIn } from "./address.ts";
import { type Fields, fieldsOf } from "./fields.ts";
import { textOfHtml } from "./html-text.ts";

/** What a report says stands in front of the mail that it returns, of which only the headers matter. */
export const MAIL_READ = 262_144;
/** Lines that begin with "--": each may begin a part, and a part costs kilobytes, however small. */
const BOUNDARIES_READ = 500;

const LIMITS = {
  maxNestingDepth: 32,
  maxHeadersSize: MAIL_READ,
  // What is attached is evidence: never read as if the mail itself said it.
  forceRfc822Attachments: true,
} as const;
/** Of a part's text. */
const PART_READ = 131_072;
const PARTS_READ = 50;
const LINE_FEED = 10;
const DASH = 45;

export interface Part {
  /** Media type in lower case, without parameters. */
  readonly type: string;
  readonly text: string;
}

export interface Mail {
  readonly headers: Fields;
  readonly subject: string;
  /** Address and display name of From, as they are written. */
  readonly from: string;
  readonly messageId: string | undefined;
  /** What people read. */
  readonly text: string;
  /** The other parts, in order. */
  readonly parts: readonly Part[];
}

/** Undefined: it can't be read within the limits. */
export async function readMail(raw: Uint8Array): Promise<Mail | undefined> {
  try {
    return mailOf(await PostalMime.parse(readable(raw.subarray(0, MAIL_READ)), LIMITS));
  } catch {
    return undefined;
  }
}

function readable(raw: Uint8Array): Uint8Array {
  let boundaries = 0;
  for (let at = raw.indexOf(LINE_FEED); at !== -1; at = raw.indexOf(LINE_FEED, at + 1)) {
    if (raw[at + 1] !== DASH || raw[at + 2] !== DASH) continue;
    if (++boundaries > BOUNDARIES_READ) return raw.subarray(0, at);
  }
  return raw;
}

/** The headers of a mail that was returned, whole or only these, decoded. */
export const headersIn = (text: string): Fields => fieldsOf(text.split(/\r?\n\r?\n/, 1)[0] ?? "");

function mailOf(email: Email): Mail {
  const headers = new Map<string, string[]>();
  for (const { key, value } of email.headers) {
    const values = headers.get(key);
    if (values === undefined) headers.set(key, [value.trim()]);
    else values.push(value.trim());
  }
  return {
    headers,
    subject: email.subject ?? "",
    from: decodeWords(headers.get("from")?.[0] ?? ""),
    messageId: email.messageId,
    text: (email.text ?? textOfHtml((email.html ?? "").slice(0, PART_READ))).slice(0, PART_READ),
    parts: email.attachments.slice(0, PARTS_READ).map(partOf),
  };
}

const decoder = new TextDecoder();

function partOf({ mimeType, content }: Attachment): Part {
  if (typeof content === "string") return { type: mimeType, text: content.slice(0, PART_READ) };
  const bytes = content instanceof Uint8Array ? content : new Uint8Array(content);
  return { type: mimeType, text: decoder.decode(bytes.subarray(0, PART_READ)) };
}

/** Whether a mail system says that it wrote this, or it comes without a sender (RFC 5321 §4.5.5). */
export function isFromMailSystem({ from, headers }: Mail, envelopeFrom: string | undefined): boolean {
  const senders = [
    ...(envelopeFrom === undefined ? [] : [envelopeFrom]),
    ...(headers.get("return-path") ?? []),
  ].map((sender) => sender.replace(/[<>\s]/g, ""));
  return (
    senders.some((sender) => sender === "" || DAEMON.test(sender)) ||
    DAEMON.test(addressIn(from) ?? from.replace(/[<>\s]/g, "")) ||
    /mail(?:er)?[- ](?:delivery|daemon|administrator|system)|delivery (?:sub)?system|system administrator|postmaster/i.test(
      from,
    )
  );
}

const DAEMON =
  /^(?:mailer[-_.]?daemon|mail[-_.]?daemon|post(?:master|office)|mdaemon|mail[-_.]?delivery)(?:@|$)/i;
