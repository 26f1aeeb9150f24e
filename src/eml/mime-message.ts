/**
 * A whole MIME message (RFC 2045 and 2046), as text parts that can be replaced. Guarantees that every byte outside
 * replaced parts and named header fields is kept, and refuses a message that cannot be split without loss. Gives
 * up: attachments, attached messages, and everything that a signature or encryption covers.
 */
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type MimeChunk, type MimeNode, Splitter } from "mailsplit";
import { ok, type Result, refused } from "../platform/result.ts";
import { type DecodedText, decodeText } from "./charset.ts";
import { charsetOfHtml } from "./html-file.ts";
import { linesOf } from "./lines.ts";
import { editHeader, fieldNamesIn, type HeaderField } from "./mime-header.ts";
import { ancestorsOf, isMessage, kindOf, typeOf } from "./mime-node.ts";
import {
  type Body,
  decodeBody,
  type EncodedBody,
  encodeBody,
  isBase64,
  type LineEnd,
  lineEndOf,
  transferEncodingOf,
} from "./transfer-encoding.ts";

export interface TextPart {
  readonly kind: "html" | "text";
  readonly text: string;
}

/** A text that stays as it is. */
export interface LeftText {
  /** What it is in, as the subject of a sentence. */
  readonly container: string;
  /** One character a byte, but for the texts of an attached message. */
  readonly text: string;
}

export interface MimeMessage {
  /** In the order of the message. */
  readonly parts: readonly TextPart[];
  /** What recipients may read beside them. */
  readonly left: readonly LeftText[];
  /** The names of the message's own header fields, in lower case. */
  readonly fieldNames: ReadonlySet<string>;
  /** What was left as it is, and what the sender should know, each a sentence. */
  readonly remarks: readonly string[];
  /** The message with other texts in its parts, and with `fields` at the top instead of those of the same name. */
  write(texts: ReadonlyMap<TextPart, string>, fields: readonly HeaderField[]): Buffer;
}

export type MimeFailure =
  | "it does not begin with a header"
  | "its lines end in CR alone"
  | "it is a mailbox of several messages"
  | "it has a header of more than 1 MiB, or more than 1,000 parts"
  | "it cannot be taken apart and put together again without loss";

/** A header field, perhaps after the line that a mailbox puts before each message (RFC 4155). */
const BEGINS_WITH_HEADER = /^(?:From [^\n]*\n)?[!-9;-~]+[ \t]*:/;
const NEXT_MESSAGE = /\n\r?\nFrom [^\n]*\n[!-9;-~]+:/;

interface ReadPart extends TextPart {
  readonly node: MimeNode;
  readonly body: Body;
  readonly decoded: DecodedText;
}

/** A run of bytes of the message. Boundaries, preambles and epilogues are data. */
interface Piece {
  readonly node: MimeNode;
  readonly type: "header" | "body" | "data";
  readonly raw: Buffer;
}

/** @param depth in how many messages it is attached */
export async function readMessage(bytes: Buffer, depth = 0): Promise<Result<MimeMessage, MimeFailure>> {
  const form = checkForm(bytes.toString("latin1"));
  if (!form.ok) return form;
  // mailsplit has these two limits, and throws for nothing else.
  const pieces = await split(bytes).catch(() => undefined);
  if (pieces === undefined) return refused("it has a header of more than 1 MiB, or more than 1,000 parts");
  const root = pieces.find(({ node }) => node.root)?.node;
  if (root === undefined || !Buffer.concat(pieces.map(({ raw }) => raw)).equals(bytes))
    return refused("it cannot be taken apart and put together again without loss");
  const remarks = new Set<string>();
  const parts: ReadPart[] = [];
  const left: LeftText[] = [];
  const delimiters = delimitersIn(pieces);
  for (const node of new Set(pieces.map((piece) => piece.node))) {
    const raw = Buffer.concat(
      pieces.filter((piece) => piece.node === node && piece.type === "body").map((piece) => piece.raw),
    );
    if (isMessage(node)) remarks.add("An attached message was left as it is.");
    const consequence = OTHER_TEXTS.get(typeOf(node));
    if (consequence !== undefined) remarks.add(leftAsItIs(node, consequence));
    const kind = kindOf(node);
    if (raw.length === 0) continue;
    const part = kind && readPart(kind, node, raw, delimiters);
    if (part?.ok === true) parts.push(part.value);
    else left.push(...(await leftTexts(node, raw, depth)));
    if (part?.ok === false) remarks.add(leftAsItIs(node, part.reason));
  }
  for (const name of staleFieldsOf(parts)) remarks.add(`The header field ${name} is left out where the body changes.`);
  if (parts.length === 0) remarks.add("No text/html or text/plain part to decorate; only the header changed.");
  const fieldNames = fieldNamesIn(root.getHeaders());
  if (fieldNames.has("dkim-signature"))
    remarks.add("The message bears a DKIM signature, which no longer holds: decorate first, then sign.");
  return ok({
    parts,
    left,
    fieldNames,
    remarks: [...remarks],
    write(texts, fields) {
      const bodies = new Map<MimeNode, EncodedBody>();
      for (const part of parts) {
        const text = texts.get(part);
        if (text === undefined || text === part.text) continue;
        bodies.set(part.node, encodeBody(part.body, part.decoded.encode(text), headerLineEnd(part.node)));
      }
      return join(pieces, bodies, { root, fields });
    },
  });
}

function checkForm(message: string): Result<void, MimeFailure> {
  if (!BEGINS_WITH_HEADER.test(message)) return refused("it does not begin with a header");
  if (/\r/.test(message) && !/\n/.test(message)) return refused("its lines end in CR alone");
  const isMailbox = message.startsWith("From ") && NEXT_MESSAGE.test(message);
  return isMailbox ? refused("it is a mailbox of several messages") : ok(undefined);
}

/** The opening and closing lines between parts of multiparts, without their line ends. */
function delimitersIn(pieces: readonly Piece[]): ReadonlySet<string> {
  const between = pieces.filter(({ type }) => type === "data").flatMap(({ raw }) => linesOf(raw));
  const delimiters = between.map((line) => line.toString("latin1").trimEnd()).filter((line) => /^--./.test(line));
  return new Set(delimiters.flatMap((line) => [line, `${line}--`]));
}

async function split(bytes: Buffer): Promise<Piece[]> {
  const pieces: Piece[] = [];
  await pipeline(
    Readable.from([bytes]),
    // An attached message is another mail, whose links must stay.
    new Splitter({ ignoreEmbedded: true }),
    async (chunks: AsyncIterable<MimeNode | MimeChunk>) => {
      for await (const chunk of chunks) {
        if (chunk.type === "node") pieces.push({ node: chunk, type: "header", raw: chunk.getHeaders() });
        else pieces.push({ node: chunk.node, type: chunk.type, raw: chunk.value ?? Buffer.alloc(0) });
      }
    },
  );
  return pieces.flatMap((piece, index) => withoutBoundarysLineEnd(piece, pieces[index + 1]));
}

const HYPHEN = 0x2d;
const CR = 0x0d;

/** The line end before a boundary belongs to the boundary (RFC 2046 §5.1.1); mailsplit leaves it in an empty body. */
function withoutBoundarysLineEnd(piece: Piece, next: Piece | undefined): Piece[] {
  const { node, type, raw } = piece;
  if (type !== "body" || next?.type !== "data" || next.raw[0] !== HYPHEN) return [piece];
  const length = raw.length - (raw.at(-2) === CR ? 2 : 1);
  return [
    { node, type, raw: raw.subarray(0, length) },
    { node, type: "data", raw: raw.subarray(length) },
  ];
}

const INVITATION = "the links of an invitation are not decorated";

/** Parts whose links stay, and what that means for the sender. */
const OTHER_TEXTS: ReadonlyMap<string, string> = new Map([
  ["text/x-amp-html", "mail clients that know AMP show it instead of the HTML, and log no open and no click"],
  ["text/calendar", INVITATION],
  ["application/ics", INVITATION],
]);

/** Messages that are attached to an attached message, and so on, are read no deeper. */
const MAX_DEPTH = 3;

/** The texts of a node that stays as it is; none of pictures and documents. */
async function leftTexts(node: MimeNode, raw: Buffer, depth: number): Promise<readonly LeftText[]> {
  const encoding = transferEncodingOf(node.encoding);
  const type = typeOf(node);
  if (encoding === undefined || !(isMessage(node) || /^text\/|^application\/ics$/.test(type))) return [];
  const { decoded } = decodeBody(encoding, raw);
  const attached = isMessage(node) && depth < MAX_DEPTH ? await readMessage(decoded, depth + 1) : undefined;
  const container = isMessage(node) ? "An attached message" : `The ${type} part`;
  if (attached?.ok !== true) return [{ container, text: decoded.toString("latin1") }];
  const { parts, left } = attached.value;
  return [...parts, ...left].map(({ text }) => ({ container, text }));
}

/** The text part of a node, or the reason why it stays as it is. */
function readPart(
  kind: TextPart["kind"],
  node: MimeNode,
  raw: Buffer,
  delimiters: ReadonlySet<string>,
): Result<ReadPart, string> {
  const encoding = transferEncodingOf(node.encoding);
  if (encoding === undefined) return refused(`its transfer encoding "${node.encoding}" is unknown`);
  const editable = checkEditable(node, raw, delimiters);
  if (!editable.ok) return editable;
  if (encoding === "base64" && !isBase64(raw)) return refused("something in it is no base64");
  const body = decodeBody(encoding, raw);
  if (kind === "text" && SIGNED_TEXT.test(body.decoded.toString("latin1")))
    return refused("it is signed or encrypted with OpenPGP, which would no longer be valid");
  const charset = node.charset || charsetOfHtml(body.decoded);
  const decoded = decodeText(body.decoded, charset);
  return decoded.ok ? ok({ kind, text: decoded.value.text, node, body, decoded: decoded.value }) : decoded;
}

/** Fields about the bytes of a body: RFC 1864, 3230 and 9530, and what mailboxes and web servers add. */
const STALE_FIELDS = ["Content-MD5", "Content-Digest", "Repr-Digest", "Digest", "Content-Length", "Lines"];

function staleFieldsOf(parts: readonly ReadPart[]): readonly string[] {
  const nodes = parts.flatMap(({ node }) => [node, ...ancestorsOf(node)]);
  const names = new Set(nodes.flatMap((node) => [...fieldNamesIn(node.getHeaders())]));
  return STALE_FIELDS.filter((name) => names.has(name.toLowerCase()));
}

function leftAsItIs(node: MimeNode, reason: string): string {
  return `The ${typeOf(node)} part ${node.root ? "" : "of the message "}was left as it is: ${reason}.`;
}

const SIGNED = /^multipart\/(signed|encrypted)$/;
/** RFC 9580 §6.2 and 7. */
const SIGNED_TEXT = /^-----BEGIN PGP (?:SIGNED )?MESSAGE-----/m;

/** Checks that a part may be changed, whatever its text; otherwise the reason. */
function checkEditable(node: MimeNode, raw: Buffer, delimiters: ReadonlySet<string>): Result<void, string> {
  const signed = [...ancestorsOf(node)].find((each) => SIGNED.test(typeOf(each)));
  if (signed !== undefined) return refused(`it is inside ${typeOf(signed)}, which would no longer be valid`);
  if (node.delSp) return refused("its lines are joined by the reader (format=flowed, delsp=yes), addresses too");
  // mailsplit recognises the boundaries of the innermost two multiparts only.
  if (linesOf(raw).some((line) => delimiters.has(line.toString("latin1").trimEnd())))
    return refused("it contains a boundary, so a multipart around it is never closed");
  return ok(undefined);
}

function headerLineEnd(node: MimeNode): LineEnd {
  return lineEndOf(node.getHeaders()) ?? "\r\n";
}

interface RootFields {
  readonly root: MimeNode;
  readonly fields: readonly HeaderField[];
}

function join(
  pieces: readonly Piece[],
  bodies: ReadonlyMap<MimeNode, EncodedBody>,
  { root, fields }: RootFields,
): Buffer {
  const changed = new Set([...bodies.keys()].flatMap((node) => [node, ...ancestorsOf(node)]));
  const removed = STALE_FIELDS.map((name) => name.toLowerCase());
  const written = new Set<MimeNode>();
  const joined: Buffer[] = [];
  for (const { node, type, raw } of pieces) {
    const body = bodies.get(node);
    if (type === "header") {
      const encoding = body?.encoding;
      const own = encoding === undefined ? [] : [{ name: "Content-Transfer-Encoding", value: encoding }];
      const set = node === root ? [...fields, ...own] : own;
      const isSame = set.length === 0 && !changed.has(node);
      joined.push(
        isSame
          ? raw
          : editHeader(raw, { set, removed: changed.has(node) ? removed : [], lineEnd: headerLineEnd(node) }),
      );
    } else if (type !== "body" || body === undefined) {
      joined.push(raw);
    } else if (!written.has(node)) {
      written.add(node);
      joined.push(body.raw);
    }
  }
  return Buffer.concat(joined);
}
