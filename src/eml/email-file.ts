/**
 * An email in a file: HTML, plain text, or a whole MIME message. Guarantees that undecorated parts keep their
 * bytes.
 */
import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import { buffer } from "node:stream/consumers";
import { CommandError, errorMessage, usageError } from "../cli/command-error.ts";
import { decodeText } from "./charset.ts";
import { charsetOfHtml } from "./html-file.ts";
import type { HeaderField } from "./mime-header.ts";
import { type MimeFailure, type MimeMessage, readMessage, type TextPart } from "./mime-message.ts";

export type { HeaderField, TextPart };

export type EmailFormat = "eml" | "html" | "text";

export interface EmailFile {
  readonly format: EmailFormat;
  readonly parts: readonly TextPart[];
  /** The names of a MIME message's header fields, in lower case; otherwise none. */
  readonly fieldNames: ReadonlySet<string>;
  /** What was left as it is, and what the sender should know, each a sentence. */
  readonly remarks: readonly string[];
  /** The file with other texts in its parts. `fields` are set in a MIME message only. */
  write(texts: ReadonlyMap<TextPart, string>, fields: readonly HeaderField[]): Promise<Buffer>;
}

/** The limit of mail servers (Gmail: 25 MB). */
const MAX_EMAIL_BYTES = 25_000_000;

const HEADER_FIRST = /^(?:From [^\n]*\n)?[!-9;-~]+:[ \t\r\n]/;

/** The bytes at a path, "-" for standard input. */
export async function bytesOf(path: string): Promise<Buffer> {
  if (path === "-") return await buffer(process.stdin);
  try {
    return await readFile(path);
  } catch (error) {
    throw usageError(`${path} cannot be read: ${errorMessage(error)}`, "Check the path.");
  }
}

/** `name` is the path of the file, "-" for standard input. */
export async function readEmailFile(bytes: Buffer, name: string, format?: EmailFormat): Promise<EmailFile> {
  if (bytes.length > MAX_EMAIL_BYTES) {
    throw new CommandError(
      `${name} has ${bytes.length.toLocaleString("en")} bytes; an email has 25,000,000 at most.`,
      "No mail server takes it: send large attachments as links.",
    );
  }
  const as = format ?? guessFormat(bytes, name);
  if (as === "eml") return { format: as, ...(await readMime(bytes, name)) };
  return { format: as, ...readDocument(bytes, name, as) };
}

function guessFormat(bytes: Buffer, name: string): EmailFormat {
  const extension = extname(name).toLowerCase();
  if (extension === ".eml" || extension === ".mbox") return "eml";
  if (extension === ".html" || extension === ".htm") return "html";
  if (extension === ".txt") return "text";
  return HEADER_FIRST.test(bytes.subarray(0, 2_000).toString("latin1")) ? "eml" : "html";
}

const MIME_ADVICE: Readonly<Record<MimeFailure, string>> = {
  "it does not begin with a header":
    "Is it a message as it is sent (RFC 5322), header first? For an HTML file say --format html.",
  "it is a mailbox of several messages": "Give it message by message.",
  "it cannot be taken apart and put together again without loss":
    "Its MIME is broken: does an empty line follow the header of each part?",
};

async function readMime(bytes: Buffer, name: string): Promise<MimeMessage> {
  const complaint = (why: string) => `${name} cannot be read as a MIME message: ${why}.`;
  const message = await readMessage(bytes).catch((error: unknown) => {
    throw new CommandError(complaint(errorMessage(error)), "No mail program makes such a message.");
  });
  if (message.ok) return message.value;
  throw new CommandError(complaint(message.reason), MIME_ADVICE[message.reason]);
}

function readDocument(bytes: Buffer, name: string, kind: "html" | "text") {
  const charset = charsetOfHtml(bytes);
  const decoded = decodeText(bytes, charset);
  if (!decoded.ok) {
    throw new CommandError(
      decoded.reason === "unknown charset"
        ? `${name} says that its charset is "${charset}", which is unknown.`
        : `${name} holds ${decoded.reason} (${charset}).`,
      "Save it as UTF-8 and try again.",
    );
  }
  const part: TextPart = { kind, text: decoded.value.text };
  return {
    parts: [part],
    fieldNames: new Set<string>(),
    remarks: [],
    write: async (texts: ReadonlyMap<TextPart, string>) => decoded.value.encode(texts.get(part) ?? part.text),
  };
}
