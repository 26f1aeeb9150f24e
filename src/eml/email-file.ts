/**
 * An email in a file: HTML, plain text, or a whole MIME message. Guarantees that undecorated parts keep their
 * bytes.
 */
import { extname } from "node:path";
import { ok, type Result, refused } from "../platform/result.ts";
import { decodeText } from "./charset.ts";
import { charsetOfHtml } from "./html-file.ts";
import { type MimeFailure, type MimeMessage, readMessage, type TextPart } from "./mime-message.ts";

export type EmailFormat = "eml" | "html" | "text";

/** An HTML or text file is a message of one part, without a header: `write` sets no fields in it. */
export interface EmailFile extends MimeMessage {
  readonly format: EmailFormat;
}

/** The limit of mail servers (Gmail: 25 MB). */
const MAX_EMAIL_BYTES = 25_000_000;

const HEADER_FIRST = /^(?:From [^\n]*\n)?[!-9;-~]+:[ \t\r\n]/;

/** Why a file cannot be read, and what to do about it: a sentence each. */
export interface EmailFileFailure {
  readonly complaint: string;
  readonly next: string;
}

/** `name` is the path of the file, "-" for standard input. */
export async function readEmailFile(
  bytes: Buffer,
  name: string,
  format: EmailFormat = guessFormat(bytes, name),
): Promise<Result<EmailFile, EmailFileFailure>> {
  if (bytes.length > MAX_EMAIL_BYTES) {
    return refused({
      complaint: `${name} has ${bytes.length.toLocaleString("en")} bytes; an email has 25,000,000 at most.`,
      next: "No mail server takes it: send large attachments as links.",
    });
  }
  return format === "eml" ? await readMime(bytes, name) : readDocument(bytes, name, format);
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
  "its lines end in CR alone": "No mail program reads it: end them in CR LF or LF.",
  "it is a mailbox of several messages": "Give it message by message.",
  "it has a header of more than 1 MiB, or more than 1,000 parts": "No mail program makes such a message.",
  "it cannot be taken apart and put together again without loss":
    "Its MIME is broken: does an empty line follow the header of each part?",
};

async function readMime(bytes: Buffer, name: string): Promise<Result<EmailFile, EmailFileFailure>> {
  const message = await readMessage(bytes);
  if (message.ok) return ok({ format: "eml", ...message.value });
  const { reason } = message;
  return refused({ complaint: `${name} cannot be read as a MIME message: ${reason}.`, next: MIME_ADVICE[reason] });
}

function readDocument(bytes: Buffer, name: string, kind: "html" | "text"): Result<EmailFile, EmailFileFailure> {
  const charset = charsetOfHtml(bytes);
  const decoded = decodeText(bytes, charset);
  if (!decoded.ok) {
    const complaint = `${name} cannot be read: ${decoded.reason}.`;
    return refused({ complaint, next: "Save it as UTF-8 and try again." });
  }
  const part: TextPart = { kind, text: decoded.value.text };
  return ok({
    format: kind,
    parts: [part],
    left: [],
    fieldNames: new Set<string>(),
    remarks: [],
    write: (texts) => decoded.value.encode(texts.get(part) ?? part.text),
  });
}
