/**
 * Decodes bytes of any charset into text, and encodes that text again. Guarantees that unchanged text becomes the
 * same bytes, broken sequences included: a byte that cannot be decoded becomes a lone surrogate, U+DC00 plus its
 * value, which no link may hold and no charset produces. Gives up: on a line with such a byte, other letters beyond
 * ASCII become surrogates, too.
 */
import iconv from "iconv-lite";
import { ok, type Result, refused } from "../platform/result.ts";
import { linesOf } from "./lines.ts";

export interface DecodedText {
  /** Without its byte order mark. */
  readonly text: string;
  /** The bytes of a text in the same charset, after the same byte order mark. */
  encode(text: string): Buffer;
}

export type CharsetFailure = "unknown charset" | "bytes that are not of its charset";

/** `label` is the charset in a Content-Type or a meta element. */
export function decodeText(bytes: Buffer, label: string): Result<DecodedText, CharsetFailure> {
  const { mark, charset } = charsetOf(bytes, label);
  const content = bytes.subarray(mark.length);
  const decoded = decodeUnmarked(content, charset);
  if (!decoded.ok) return decoded;
  const { text, encode } = decoded.value;
  return ok({ text, encode: (given) => Buffer.concat([mark, encode(given)]) });
}

const BYTE_ORDER_MARKS: readonly (readonly [charset: string, mark: Buffer])[] = [
  ["utf-8", Buffer.of(0xef, 0xbb, 0xbf)],
  ["utf-16le", Buffer.of(0xff, 0xfe)],
  ["utf-16be", Buffer.of(0xfe, 0xff)],
];

/** A byte order mark takes precedence over a label (WHATWG Encoding §6). */
function charsetOf(bytes: Buffer, label: string): { readonly mark: Buffer; readonly charset: string } {
  const found = BYTE_ORDER_MARKS.find(([, mark]) => bytes.subarray(0, mark.length).equals(mark));
  return found === undefined
    ? { mark: Buffer.alloc(0), charset: canonicalName(label) }
    : { mark: found[1], charset: found[0] };
}

/**
 * The encoding of a label in browsers (WHATWG Encoding §4.2): "ascii" is windows-1252. Unknown labels stay as they
 * are.
 */
function canonicalName(label: string): string {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return label.trim().toLowerCase();
  }
}

function decodeUnmarked(bytes: Buffer, charset: string): Result<DecodedText, CharsetFailure> {
  if (charset === "iso-2022-jp") {
    const text = escapeBytes(bytes.toString("latin1"), JAPANESE_OR_HIGH);
    return ok({ text, encode: (given) => unescapeBytes(given, (part) => Buffer.from(part, "latin1")) });
  }
  if (!iconv.encodingExists(charset)) return refused("unknown charset");
  const options = { stripBOM: false, addBOM: false };
  const encode = (text: string) => iconv.encode(text, charset, options);
  const decodeExactly = (part: Buffer): string | undefined => {
    const text = iconv.decode(part, charset, options);
    return encode(text).equals(part) ? text : undefined;
  };
  const text = decodeExactly(bytes);
  if (text !== undefined) return ok({ text, encode });
  // In every charset that contains ASCII, line ends are the same bytes.
  const lines = linesOf(bytes).map((line) => decodeExactly(line) ?? escapeBytes(line.toString("latin1"), HIGH));
  const escaped = { text: lines.join(""), encode: (given: string) => unescapeBytes(given, encode) };
  // Not reversible in charsets without ASCII (UTF-16), and in those with two spellings of ASCII (UTF-7).
  return escaped.encode(escaped.text).equals(bytes) ? ok(escaped) : refused("bytes that are not of its charset");
}

const HIGH = /[\x80-\xff]+/g;
/** RFC 1468: escape sequences, and the text between one that leaves ASCII and the next one. */
const ESC = "\x1b";
const JAPANESE_OR_HIGH = new RegExp(
  String.raw`${ESC}(?:\$[@B]|\$\([A-D]|\(I)[^${ESC}]*|${ESC}\([BJ]|[\x80-\xff]+`,
  "g",
);
const ESCAPED = /((?<![\ud800-\udbff])[\udc00-\udcff]+)/;

function escapeBytes(latin1: string, which: RegExp): string {
  return latin1.replace(which, (run) =>
    Array.from(run, (each) => String.fromCharCode(0xdc00 + each.charCodeAt(0))).join(""),
  );
}

function unescapeBytes(text: string, encode: (text: string) => Buffer): Buffer {
  const runs = text.split(ESCAPED);
  return Buffer.concat(
    runs.map((run, index) =>
      index % 2 === 0 ? encode(run) : Buffer.from(Array.from(run, (each) => each.charCodeAt(0) - 0xdc00)),
    ),
  );
}
