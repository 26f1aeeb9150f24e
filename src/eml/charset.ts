/**
 * Decodes bytes of any charset into text, and encodes that text again. Guarantees that unchanged text becomes the
 * same bytes, broken sequences included: a byte that cannot be decoded becomes a lone surrogate, U+DC00 plus its
 * value, which no link may hold and no charset produces. Gives up: on a line with such a byte, other letters beyond
 * ASCII become surrogates, too.
 */
import { isUtf8 } from "node:buffer";
import iconv from "iconv-lite";
import { ok, type Result, refused } from "../platform/result.ts";
import { linesOf } from "./lines.ts";

export interface DecodedText {
  /** Without its byte order mark. */
  readonly text: string;
  /** The bytes of a text in the same charset, after the same byte order mark. */
  encode(text: string): Buffer;
}

/**
 * @param label the charset in a Content-Type or a meta element
 * @returns why it cannot be read, as a clause: "its charset is unknown"
 */
export function decodeText(bytes: Buffer, label: string): Result<DecodedText, string> {
  const { mark, charset } = charsetOf(bytes, label);
  const content = bytes.subarray(mark.length);
  const units = checkUnits(charset, content);
  if (!units.ok) return units;
  const decoded = decodeUnmarked(content, charset);
  if (!decoded.ok) return decoded;
  const { text, encode } = decoded.value;
  return ok({ text, encode: (given) => Buffer.concat([mark, encode(given)]) });
}

/** The marks of UTF-32 come first: one begins as a mark of UTF-16 does. */
const BYTE_ORDER_MARKS: readonly (readonly [charset: string, mark: Buffer])[] = [
  ["utf-32", Buffer.of(0xff, 0xfe, 0, 0)],
  ["utf-32", Buffer.of(0, 0, 0xfe, 0xff)],
  ["utf-8", Buffer.of(0xef, 0xbb, 0xbf)],
  ["utf-16le", Buffer.of(0xff, 0xfe)],
  ["utf-16be", Buffer.of(0xfe, 0xff)],
];

/** A byte order mark takes precedence over a label (WHATWG Encoding §6). */
function charsetOf(bytes: Buffer, label: string): { readonly mark: Buffer; readonly charset: string } {
  const found = BYTE_ORDER_MARKS.find(([, mark]) => bytes.subarray(0, mark.length).equals(mark));
  return found === undefined
    ? { mark: Buffer.alloc(0), charset: canonicalName(label, bytes) }
    : { mark: found[1], charset: found[0] };
}

/** Names of UTF-16 that leave the order of its bytes to a mark (RFC 2781 §4.3). Browsers take it for little-endian. */
const UNORDERED = /^(?:utf-?16|unicode|(?:iso-10646-)?ucs-2|csunicode|unicodefeff)$/;
/** Their letters are bytes of ASCII. */
const STATEFUL = /^(?:hz|iso-?2022)/;
const ASCII = /^(?:us-)?ascii$/;
/** In these every letter of ASCII has a NUL in it, so that UTF-8 without one is mislabelled. */
const WIDE = /^(?:utf-?(?:16|32)|(?:iso-10646-)?ucs-[24])/;

/**
 * The encoding of a label in browsers (WHATWG Encoding §4.2): "ascii" is windows-1252. But UTF-8 when the bytes are,
 * and the label is ASCII, UTF-16, UTF-32, "unicode", or one that nobody knows, such as "utf8mb4".
 */
function canonicalName(given: string, bytes: Buffer): string {
  const withoutComment = given.replace(/\(.*$/s, "");
  const label = withoutComment.replace(/^["'\s]+|(?<!["'\s;,])["'\s;,]+$/g, "").toLowerCase();
  const isText = isUtf8(bytes) && !bytes.includes(0);
  if (WIDE.test(label) && isText) return "utf-8";
  if (UNORDERED.test(label)) return isText ? "utf-8" : "utf-16";
  if (ASCII.test(label) && isText) return "utf-8";
  try {
    return new TextDecoder(label).encoding;
  } catch {
    const isMislabelled = !iconv.encodingExists(label) && !STATEFUL.test(label) && isUtf8(bytes);
    return isMislabelled ? "utf-8" : label;
  }
}

/** NUL is a letter of no text; of ASCII in UTF-16 it is every second byte. */
const MAX_NUL_SHARE = 1 / 8;
/** As many may be rubbish. */
const MAX_NULS = 8;
const SAMPLE_BYTES = 1024;

/** Whether letters are of as many bytes as the charset says, and in a known order. */
function checkUnits(charset: string, content: Buffer): Result<void, string> {
  if (/^(?:utf-?32|(?:iso-10646-)?ucs-4)/.test(charset)) {
    return refused("it is in UTF-32, which mail clients do not read");
  }
  if (charset === "utf-16") {
    return refused("it is in UTF-16 without a byte order mark, so the order of its bytes is unknown");
  }
  const sample = content.subarray(0, SAMPLE_BYTES);
  if (charset.startsWith("utf-16")) return checkOrder(charset, sample);
  const nuls = sample.filter((byte) => byte === 0).length;
  if (nuls <= Math.max(MAX_NULS, sample.length * MAX_NUL_SHARE)) return ok(undefined);
  return refused("it seems to be in UTF-16 or UTF-32 without a byte order mark");
}

/** NUL is every second letter, at least, of UTF-32 that is read as UTF-16. */
const MAX_NUL_LETTER_SHARE = 1 / 4;
/** ASCII that is a rare letter when its bytes change places. Not "g", "N" or "%": 最, 一 and ─ would be such. */
const DECISIVE = /[\t\n\r ,\-./:<>ac-fh-uw-z]/g;
/** A rare letter may occur once. */
const MIN_DECISIVE = 2;

/** Whether a text is UTF-16, in the order that its charset says. */
function checkOrder(charset: string, sample: Buffer): Result<void, string> {
  const even = sample.subarray(0, sample.length - (sample.length % 2));
  const littleEndian = even.toString("utf16le");
  const bigEndian = Buffer.from(even).swap16().toString("utf16le");
  const [said, other] = charset === "utf-16be" ? [bigEndian, littleEndian] : [littleEndian, bigEndian];
  if (said.split("\0").length - 1 > said.length * MAX_NUL_LETTER_SHARE) return refused("it seems to be in UTF-32");
  const decisive = other.match(DECISIVE)?.length ?? 0;
  if (decisive < MIN_DECISIVE || decisive <= (said.match(DECISIVE)?.length ?? 0)) return ok(undefined);
  return refused(`its bytes are in another order than its charset says (${charset})`);
}

function decodeUnmarked(bytes: Buffer, charset: string): Result<DecodedText, string> {
  if (charset === "iso-2022-jp") {
    const text = escapeBytes(bytes.toString("latin1"), JAPANESE_OR_HIGH);
    return ok({ text, encode: (given) => unescapeBytes(given, (part) => Buffer.from(part, "latin1")) });
  }
  const fault = `its charset "${charset}" is unknown`;
  if (!iconv.encodingExists(charset)) return refused(fault);
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
  return escaped.encode(escaped.text).equals(bytes)
    ? ok(escaped)
    : refused(`it holds bytes that are not of its charset (${charset})`);
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
