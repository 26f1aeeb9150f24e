/**
 * A raw mail, parsed by postal-mime. Guarantees to end, in bounded memory, whatever the bytes are. Gives up: what
 * comes after the first 256 KiB, 4,000 lines or 500 boundaries, and mails with more than 32 nested parts.
 */
import PostalMime, { type Attachment, decodeWords, type Email } from "postal-mime";
import { type Fields, fieldsOf } from "./fields.ts";
import { textOfHtml } from "./html-text.ts";

/** The report comes before the returned mail, of which only the headers are needed. */
export const MAX_MAIL_BYTES = 262_144;
/** Lines that begin with "--": each may begin a part, and even a small part takes kilobytes. */
const MAX_BOUNDARIES = 500;
/** More than 256 KiB of text have. The parser's time grows with the square of the number of empty lines. */
const MAX_LINES = 4_000;

const LIMITS = {
  maxNestingDepth: 32,
  maxHeadersSize: MAX_MAIL_BYTES,
  // An attached mail must not be read as the text of this one.
  forceRfc822Attachments: true,
} as const;
const MAX_PART_CHARS = 131_072;
const MAX_HTML_CHARS = 65_536;
const MAX_SUBJECT_CHARS = 500;
const MAX_PARTS = 50;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const SPACE = 32;
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
    const read = withinLines(withoutEmptyStart(withLineFeeds(raw.subarray(0, MAX_MAIL_BYTES))));
    return mailOf(await PostalMime.parse(read, LIMITS), read);
  } catch {
    return undefined;
  }
}

/** A relay, or a file, may have left only the carriage return of each line end. */
function withLineFeeds(raw: Uint8Array): Uint8Array {
  if (raw.includes(LINE_FEED) || !raw.includes(CARRIAGE_RETURN)) return raw;
  return raw.map((byte) => (byte === CARRIAGE_RETURN ? LINE_FEED : byte));
}

/** Without empty lines in front of the headers, which would end them. */
function withoutEmptyStart(raw: Uint8Array): Uint8Array {
  const start = raw.findIndex((byte) => byte > SPACE);
  return start === -1 ? raw : raw.subarray(raw.lastIndexOf(LINE_FEED, start) + 1);
}

function withinLines(raw: Uint8Array): Uint8Array {
  let boundaries = 0;
  let lines = 0;
  for (let at = raw.indexOf(LINE_FEED); at !== -1; at = raw.indexOf(LINE_FEED, at + 1)) {
    if (++lines > MAX_LINES) return raw.subarray(0, at);
    if (raw[at + 1] !== DASH || raw[at + 2] !== DASH) continue;
    if (++boundaries > MAX_BOUNDARIES) return raw.subarray(0, at);
  }
  return raw;
}

/** The headers of a returned mail, which may be whole or only headers. */
export const headersIn = (text: string): Fields => fieldsOf(text.split(/\r?\n\r?\n/, 1)[0] ?? "");

function mailOf(email: Email, raw: Uint8Array): Mail {
  const headers = new Map<string, string[]>();
  for (const { key, value } of email.headers) {
    const values = headers.get(key);
    if (values === undefined) headers.set(key, [value.trim()]);
    else values.push(value.trim());
  }
  return {
    headers,
    subject: (email.subject ?? "").slice(0, MAX_SUBJECT_CHARS).trim(),
    from: decodeWords((headers.get("from")?.[0] ?? "").slice(0, MAX_SUBJECT_CHARS)),
    messageId: email.messageId,
    text: textIn(email, raw).slice(0, MAX_PART_CHARS),
    parts: email.attachments.slice(0, MAX_PARTS).map(partOf),
  };
}

function textIn(email: Email, raw: Uint8Array): string {
  const text = [...email.attachments.filter(isMistyped).map((part) => partOf(part).text), textOf(email)].join("\n");
  const isUnparted = text.trim() === "" && !email.attachments.some(({ mimeType }) => mimeType.startsWith("message/"));
  // Its boundary is another one, or a relay removed the headers of its parts.
  return isUnparted ? bodyOf(raw) : text;
}

/** "text/plain charset=us-ascii", without a semicolon. */
const isMistyped = ({ mimeType }: Attachment) => /^text\/plain\s/.test(mimeType);

/** What follows the headers, with the headers of parts. */
function bodyOf(raw: Uint8Array): string {
  const text = decoded(raw);
  const start = text.search(/\r?\n\r?\n/);
  return start === -1 ? "" : text.slice(start);
}

function textOf({ text = "", html = "" }: Email): string {
  return text.trim() === "" ? textOfHtml(html.slice(0, MAX_HTML_CHARS)) : text;
}

const decoder = new TextDecoder();

function partOf({ mimeType, content }: Attachment): BounceMailPart {
  const type = mimeType.trim().split(/[\s;]/, 1)[0] ?? "";
  if (typeof content === "string") return { type, text: content.slice(0, MAX_PART_CHARS) };
  const bytes = content instanceof Uint8Array ? content : new Uint8Array(content);
  return { type, text: decoded(bytes.subarray(0, MAX_PART_CHARS)) };
}

/** Parts that declare no charset: UTF-8, or ISO-2022-JP, recognised by its escape sequences (RFC 1468). */
function decoded(bytes: Uint8Array): string {
  const text = decoder.decode(bytes);
  return text.includes("\u001b$") ? new TextDecoder("iso-2022-jp").decode(bytes) : text;
}
