/**
 * Content-Transfer-Encoding (RFC 2045 §6) of one text part. Guarantees that unchanged lines of quoted-printable keep
 * their bytes, and that a line end which is encoded (=0A) never becomes one of the message. Gives up: the line lengths
 * of base64.
 */
import { linesOf } from "./lines.ts";

export type TransferEncoding = "7bit or 8bit" | "binary" | "quoted-printable" | "base64";
export type LineEnd = "\r\n" | "\n";

export interface Body {
  readonly encoding: TransferEncoding;
  /** The bytes in the message. */
  readonly raw: Buffer;
  readonly decoded: Buffer;
}

export interface EncodedBody {
  readonly raw: Buffer;
  /** The part's new Content-Transfer-Encoding, when the old one cannot hold the lines. */
  readonly encoding?: "quoted-printable";
}

/** What mail programs write besides the five names of RFC 2045, by its letters and digits. Some write the charset. */
const SPELLINGS: ReadonlyMap<string, TransferEncoding> = new Map([
  ["quotedprintable", "quoted-printable"],
  ["base64", "base64"],
  ["binary", "binary"],
  ...["", "7bit", "7bits", "8bit", "8bits", "8bitmime", "unknown8bit", "none", "plain", "text", "identity"].map(asItIs),
  ...["ascii", "usascii", "utf8", "iso88591", "windows1252"].map(asItIs),
]);

function asItIs(spelling: string): [string, TransferEncoding] {
  return [spelling, "7bit or 8bit"];
}

/** `field` is a Content-Transfer-Encoding without comments; undefined when nobody knows it. */
export function transferEncodingOf(field: string): TransferEncoding | undefined {
  const [name = ""] = field.split(/[;,]/);
  return SPELLINGS.get(name.toLowerCase().replace(/[^a-z0-9]/g, ""));
}

/** Whether decoding `raw` loses nothing, for instance a footer that a mailing list appended. */
export function isBase64(raw: Buffer): boolean {
  return /^[A-Za-z0-9+/\s]*(?:=\s*){0,2}$/.test(raw.toString("latin1"));
}

export function decodeBody(encoding: TransferEncoding, raw: Buffer): Body {
  switch (encoding) {
    case "base64":
      return { encoding, raw, decoded: Buffer.from(raw.toString("latin1"), "base64") };
    case "quoted-printable":
      return { encoding, raw, decoded: Buffer.concat(quotedLinesOf(raw).map(({ decoded }) => decoded)) };
    default:
      return { encoding, raw, decoded: raw };
  }
}

/**
 * Encodes `bytes` as the part is, or in quoted-printable when 7bit or 8bit would get a line of more than 998 bytes.
 * @param messageLineEnd for lines that are broken anew, when the part has no line end of its own
 */
export function encodeBody(body: Body, bytes: Buffer, messageLineEnd: LineEnd): EncodedBody {
  const lineEnd = lineEndOf(body.raw) ?? messageLineEnd;
  switch (body.encoding) {
    case "base64":
      return { raw: base64(bytes, { like: body.raw, lineEnd }) };
    case "quoted-printable":
      return { raw: changedLines(body, bytes, lineEnd) ?? quotedPrintable(bytes, lineEnd) };
    case "binary":
      return { raw: bytes };
    default:
      if (!hasLongLine(bytes)) return { raw: bytes };
      return { raw: quotedPrintable(bytes, lineEnd), encoding: "quoted-printable" };
  }
}

/** What its lines end in: a bare LF among CRLF is none. */
export function lineEndOf(bytes: Buffer): LineEnd | undefined {
  if (bytes.includes("\r\n")) return "\r\n";
  return bytes.includes("\n") ? "\n" : undefined;
}

/** A line of quoted-printable, joined at soft line breaks (RFC 2045 §6.7, rule 5). */
interface QuotedLine {
  readonly raw: Buffer;
  /** With the line end; encoded line ends may come before it. */
  readonly decoded: Buffer;
  readonly lineEnd: LineEnd | "";
}

function quotedLinesOf(raw: Buffer): QuotedLine[] {
  const quoted: QuotedLine[] = [];
  let pieces: Buffer[] = [];
  let text = "";
  const end = (lineEnd: LineEnd | "") => {
    quoted.push({ raw: Buffer.concat(pieces), decoded: unescaped(text + lineEnd), lineEnd });
    pieces = [];
    text = "";
  };
  for (const line of linesOf(raw)) {
    pieces.push(line);
    const lineEnd = lineEndOf(line) ?? "";
    // White space at the end of a line was added on the way (rule 3).
    const content = line.toString("latin1", 0, line.length - lineEnd.length).replace(/(?<![\t ])[\t ]+$/, "");
    const isSoft = content.endsWith("=");
    text += isSoft ? content.slice(0, -1) : content;
    if (!isSoft) end(lineEnd);
  }
  if (pieces.length > 0) end("");
  return quoted;
}

function unescaped(text: string): Buffer {
  const decoded = text.replace(/=([\da-f]{2})/gi, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  return Buffer.from(decoded, "latin1");
}

/** Undefined when old and new lines do not correspond: a line end inside an address was removed. */
function changedLines({ raw, decoded }: Body, bytes: Buffer, lineEnd: LineEnd): Buffer | undefined {
  const newLines = linesOf(bytes);
  if (newLines.length !== linesOf(decoded).length) return undefined;
  const encoded: Buffer[] = [];
  let taken = 0;
  for (const before of quotedLinesOf(raw)) {
    const next = taken + linesOf(before.decoded).length;
    const line = Buffer.concat(newLines.slice(taken, next));
    taken = next;
    if (line.equals(before.decoded)) {
      encoded.push(before.raw);
      continue;
    }
    if (!line.toString("latin1").endsWith(before.lineEnd)) return undefined;
    const content = line.subarray(0, line.length - before.lineEnd.length);
    encoded.push(quotedLine(content, lineEnd), Buffer.from(before.lineEnd));
  }
  return Buffer.concat(encoded);
}

/** Line ends other than the message's are encoded. */
function quotedPrintable(bytes: Buffer, lineEnd: LineEnd): Buffer {
  const lines = bytes.toString("latin1").split(lineEnd === "\n" ? /(?<!\r)\n/ : lineEnd);
  const encoded = lines.map((line) => quotedLine(Buffer.from(line, "latin1"), lineEnd).toString("latin1"));
  return Buffer.from(encoded.join(lineEnd), "latin1");
}

/** RFC 2045 §6.7: lines of at most 76 characters, which end in no white space. A soft break splits no escape. */
function quotedLine(content: Buffer, lineEnd: LineEnd): Buffer {
  const escaped = content.toString("latin1").replace(/[^\t\x20-\x3c\x3e-\x7e]|[\t ]$/g, escapeOf);
  const isShort = escaped.length <= MAX_QUOTED_CHARS;
  const lines = isShort ? [escaped] : (escaped.match(/.{1,75}(?<!=.?)/g) ?? []);
  return Buffer.from(lines.join(`=${lineEnd}`), "latin1");
}

const MAX_QUOTED_CHARS = 76;

function escapeOf(byte: string): string {
  return `=${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
}

function base64(bytes: Buffer, { like, lineEnd }: { readonly like: Buffer; readonly lineEnd: LineEnd }): Buffer {
  const lines = bytes.toString("base64").match(/.{1,76}/g) ?? [];
  const ending = /(?<![\r\n])[\r\n]*$/.exec(like.subarray(-4).toString("latin1"))?.[0] ?? "";
  return Buffer.from(lines.join(lineEnd) + ending, "latin1");
}

/** RFC 5322 §2.1.1, without the line end. */
const MAX_LINE_BYTES = 998;

function hasLongLine(bytes: Buffer): boolean {
  return linesOf(bytes).some((line) => line.toString("latin1").trimEnd().length > MAX_LINE_BYTES);
}
