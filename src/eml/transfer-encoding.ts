/**
 * Content-Transfer-Encoding (RFC 2045 §6) of one text part. Guarantees that unchanged lines of quoted-printable
 * keep their bytes. Gives up: the line lengths of base64.
 */
import type { Transform } from "node:stream";
import type { MimeNode } from "mailsplit";
import { linesOf } from "./lines.ts";

/** RFC 5322 §2.1.1, without the line end. */
const MAX_LINE_BYTES = 998;
const KNOWN: ReadonlySet<string> = new Set(["", "7bit", "8bit", "binary", "quoted-printable", "base64"]);

export type LineEnd = "\r\n" | "\n";

export interface Body {
  /** The bytes in the message. */
  readonly raw: Buffer;
  readonly decoded: Buffer;
}

export interface NewContent {
  readonly bytes: Buffer;
  /** For lines that are broken or joined anew. */
  readonly lineEnd: LineEnd;
}

export interface EncodedBody {
  readonly raw: Buffer;
  /** The part's new Content-Transfer-Encoding, when the old one cannot hold the lines. */
  readonly encoding?: "quoted-printable";
}

export function isKnownEncoding(node: MimeNode): boolean {
  return KNOWN.has(node.encoding);
}

/** Whether decoding `raw` loses nothing, for instance a footer that a mailing list appended. */
export function isBase64(raw: Buffer): boolean {
  return /^[A-Za-z0-9+/\s]*(?:=\s*){0,2}$/.test(raw.toString("latin1"));
}

export async function decodeBody(node: MimeNode, raw: Buffer): Promise<Body> {
  // libqp reads seven bits of a byte; bytes that should have been encoded must not be lost.
  const readable = node.encoding === "quoted-printable" ? encodeHighBytes(raw) : raw;
  return { raw, decoded: await through(node.getDecoder(), readable) };
}

/** Encodes `bytes` as the part is, or in quoted-printable when 7bit or 8bit would get a line of more than 998 bytes. */
export async function encodeBody(node: MimeNode, body: Body, { bytes, lineEnd }: NewContent): Promise<EncodedBody> {
  switch (node.encoding) {
    case "base64":
      return { raw: base64(bytes, { like: body.raw, lineEnd }) };
    case "quoted-printable":
      return { raw: await encodeChangedLines(node, body, { bytes, lineEnd }) };
    case "binary":
      return { raw: bytes };
    default:
      if (!hasLongLine(bytes)) return { raw: bytes };
      return { raw: await quotedPrintable(node, bytes, lineEnd), encoding: "quoted-printable" };
  }
}

async function encodeChangedLines(
  node: MimeNode,
  { raw, decoded }: Body,
  { bytes, lineEnd }: NewContent,
): Promise<Buffer> {
  const lines = linesOf(bytes);
  const linesBefore = linesOf(decoded);
  const linesInMessage = logicalLinesOf(raw);
  // A line end inside an address, or an encoded one: old and new lines do not correspond.
  if (lines.length !== linesBefore.length || lines.length !== linesInMessage.length)
    return await quotedPrintable(node, bytes, lineEnd);
  const encoded: Buffer[] = [];
  for (const [index, line] of lines.entries()) {
    const same = linesBefore[index]?.equals(line) === true;
    encoded.push(same ? (linesInMessage[index] ?? line) : await quotedPrintable(node, line, lineEnd));
  }
  return Buffer.concat(encoded);
}

async function quotedPrintable(node: MimeNode, bytes: Buffer, lineEnd: LineEnd): Promise<Buffer> {
  const encoded = await through(node.getEncoder("quoted-printable"), bytes);
  // libqp breaks lines with "=\r\n". No other "=" is followed by a line end: one of the text is "=3D".
  return lineEnd === "\r\n" ? encoded : Buffer.from(encoded.toString("latin1").replaceAll("=\r\n", "=\n"), "latin1");
}

function base64(bytes: Buffer, { like, lineEnd }: { readonly like: Buffer; readonly lineEnd: LineEnd }): Buffer {
  const lines = bytes.toString("base64").match(/.{1,76}/g) ?? [];
  const ending = /[\r\n]*$/.exec(like.subarray(-4).toString("latin1"))?.[0] ?? "";
  return Buffer.from(lines.join(lineEnd) + ending, "latin1");
}

function encodeHighBytes(raw: Buffer): Buffer {
  const encode = (byte: string) => `=${byte.charCodeAt(0).toString(16).toUpperCase()}`;
  return Buffer.from(raw.toString("latin1").replace(/[\x80-\xff]/g, encode), "latin1");
}

function hasLongLine(bytes: Buffer): boolean {
  return linesOf(bytes).some((line) => line.toString("latin1").trimEnd().length > MAX_LINE_BYTES);
}

/** Lines of quoted-printable, joined at soft line breaks (RFC 2045 §6.7, rule 5). */
function logicalLinesOf(raw: Buffer): Buffer[] {
  const logical: Buffer[] = [];
  let pieces: Buffer[] = [];
  for (const line of linesOf(raw)) {
    pieces.push(line);
    if (/=[ \t]*\r?\n$/.test(line.toString("latin1"))) continue;
    logical.push(Buffer.concat(pieces));
    pieces = [];
  }
  if (pieces.length > 0) logical.push(Buffer.concat(pieces));
  return logical;
}

async function through(codec: Transform, bytes: Buffer): Promise<Buffer> {
  codec.end(bytes);
  return Buffer.concat(await codec.toArray());
}
