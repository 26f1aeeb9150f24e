/**
 * Text out of bytes of any charset, and the same bytes back. Guarantees that text given back unchanged becomes the bytes it
 * came from, broken sequences and all: a byte that cannot be decoded becomes a lone surrogate, U+DC00 and its value, which
 * no link may hold and no charset produces. Gives up: on a line with such a byte, other letters beyond ASCII are
 * surrogates too.
 */
import iconv from "iconv-lite";
import { ok, type Result, refused } from "../platform/result.ts";
import { linesOf } from "./lines.ts";

export interface DecodedText {
  /** Without its byte order mark. */
  readonly text: string;
  /** The bytes of a text in the charset that this one had, its byte order mark in front. */
  encode(text: string): Buffer;
}

export type CharsetRefusal = "unknown charset" | "bytes that are not of its charset";

/** `label` as it stands in a Content-Type or a meta element. */
export function decodeText(bytes: Buffer, label: string): Result<DecodedText, CharsetRefusal> {
  const { mark, charset } = marked(bytes, label);
  const content = bytes.subarray(mark.length);
  const decoded = decodeUnmarked(content, charset);
  if (!decoded.ok) return decoded;
  const { text, encode } = decoded.value;
  return ok({ text, encode: (given) => Buffer.concat([mark, encode(given)]) });
}

const FLAGS: readonly (readonly [charset: string, mark: Buffer])[] = [
  ["utf-8", Buffer.of(0xef, 0xbb, 0xbf)],
  ["utf-16le", Buffer.of(0xff, 0xfe)],
  ["utf-16be", Buffer.of(0xfe, 0xff)],
];

/** A byte order mark outranks what a label says (WHATWG Encoding §6). */
function marked(bytes: Buffer, label: string): { readonly mark: Buffer; readonly charset: string } {
  const found = FLAGS.find(([, mark]) => bytes.subarray(0, mark.length).equals(mark));
  return found === undefined
    ? { mark: Buffer.alloc(0), charset: canonicalName(label) }
    : { mark: found[1], charset: found[0] };
}

/** What browsers make of a label (WHATWG Encoding §4.2): "ascii" is windows-1252. One that they do not know stands for itself. */
function canonicalName(label: string): string {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return label.trim().toLowerCase();
  }
}

function decodeUnmarked(bytes: Buffer, charset: string): Result<DecodedText, CharsetRefusal> {
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
  // Bytes that are line ends are, in every charset that holds ASCII.
  const lines = linesOf(bytes).map(
    (line) => decodeExactly(line) ?? escapeBytes(line.toString("latin1"), HIGH),
  );
  const escaped = { text: lines.join(""), encode: (given: string) => unescapeBytes(given, encode) };
  // In others, as in UTF-16, and where ASCII itself is spelled in two ways, as in UTF-7, that does not give the bytes back.
  return escaped.encode(escaped.text).equals(bytes)
    ? ok(escaped)
    : refused("bytes that are not of its charset");
}

const HIGH = /[\x80-\xff]+/g;
/** RFC 1468: escape sequences, and what stands between one that leaves ASCII and the next one. */
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
