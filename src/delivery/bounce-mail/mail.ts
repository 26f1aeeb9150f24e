/**
 * A raw mail, parsed by postal-mime. Guarantees to end, in bounded memory, whatever the bytes are. Gives up: what
 * stands after the first 256 KiB or the first 500 boundaries, and mails with more than 32 nested parts.
 */
import PostalMime, { type Attachment, decodeWords, type Email } from "postal-mime";
import { anyOf } from "../phrases.ts";
import { addressIn } from "./address.ts";
import { type Fields, fieldsOf } from "./fields.ts";
import { textOfHtml } from "./html-text.ts";

/** The report stands before the returned mail, of which only the headers are needed. */
export const MAX_MAIL_BYTES = 262_144;
/** Lines that begin with "--": each may begin a part, and even a small part takes kilobytes. */
const MAX_BOUNDARIES = 500;

const LIMITS = {
  maxNestingDepth: 32,
  maxHeadersSize: MAX_MAIL_BYTES,
  // An attached mail must not be read as the text of this one.
  forceRfc822Attachments: true,
} as const;
const MAX_PART_CHARS = 131_072;
const MAX_PARTS = 50;
const LINE_FEED = 10;
const DASH = 45;

export interface BounceMailPart {
  /** Media type in lower case, without parameters. */
  readonly type: string;
  readonly text: string;
}

export interface Mail {
  readonly headers: Fields;
  readonly subject: string;
  /** Address and display name in From, as written. */
  readonly from: string;
  readonly messageId: string | undefined;
  /** The text for people. */
  readonly text: string;
  /** The other parts, in order. */
  readonly parts: readonly BounceMailPart[];
}

/** Undefined when it cannot be parsed within the limits. */
export async function readMail(raw: Uint8Array): Promise<Mail | undefined> {
  try {
    return mailOf(await PostalMime.parse(withinBoundaries(raw.subarray(0, MAX_MAIL_BYTES)), LIMITS));
  } catch {
    return undefined;
  }
}

function withinBoundaries(raw: Uint8Array): Uint8Array {
  let boundaries = 0;
  for (let at = raw.indexOf(LINE_FEED); at !== -1; at = raw.indexOf(LINE_FEED, at + 1)) {
    if (raw[at + 1] !== DASH || raw[at + 2] !== DASH) continue;
    if (++boundaries > MAX_BOUNDARIES) return raw.subarray(0, at);
  }
  return raw;
}

/** The headers of a returned mail, which may be whole or only headers. */
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
    text: (email.text ?? textOfHtml((email.html ?? "").slice(0, MAX_PART_CHARS))).slice(0, MAX_PART_CHARS),
    parts: email.attachments.slice(0, MAX_PARTS).map(partOf),
  };
}

const decoder = new TextDecoder();

function partOf({ mimeType, content }: Attachment): BounceMailPart {
  if (typeof content === "string") return { type: mimeType, text: content.slice(0, MAX_PART_CHARS) };
  const bytes = content instanceof Uint8Array ? content : new Uint8Array(content);
  return { type: mimeType, text: decoder.decode(bytes.subarray(0, MAX_PART_CHARS)) };
}

/** Whether the mail claims to come from a mail system, or has a null sender (RFC 5321 §4.5.5). */
export function isFromMailSystem({ from, headers }: Mail, envelopeFrom: string | undefined): boolean {
  const senders = [envelopeFrom, ...(headers.get("return-path") ?? [])]
    .filter((sender) => sender !== undefined)
    .map((sender) => sender.replace(/[<>\s]/g, ""));
  return (
    senders.some((sender) => sender === "" || SYSTEM_ADDRESS.test(sender)) ||
    SYSTEM_ADDRESS.test(addressIn(from) ?? from.replace(/[<>\s]/g, "")) ||
    SYSTEM_NAME.test(from)
  );
}

const SYSTEM_ADDRESS =
  /^(?:mailer[-_.]?daemon|mail[-_.]?daemon|post(?:master|office)|mdaemon|mail[-_.]?delivery)(?:@|$)/i;
const SYSTEM_NAME = anyOf(
  [
    "mail(?:er)?[- ](?:delivery|daemon|administrator|system)|delivery (?:sub)?system",
    "system administrator|postmaster",
  ],
  "i",
);
