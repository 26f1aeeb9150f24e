/**
 * A raw mail, taken apart by postal-mime. Guarantees to end, in bounded memory, whatever the bytes are; gives up what lies behind
 * the first mebibyte, in more than thirty-two nested parts or behind half a mebibyte of headers.
 */
import PostalMime, { type Attachment, type Email } from "postal-mime";
import { addressIn } from "./address.ts";
import { type Fields, fieldsOf } from "./fields.ts";

/** What a report says stands in front of the mail that it returns, of which only the headers matter. */
export const MAIL_READ = 1_048_576;

const LIMITS = {
  maxNestingDepth: 32,
  maxHeadersSize: 524_288,
  // What is attached is evidence: never read as if the mail itself said it.
  forceRfc822Attachments: true,
} as const;
/** Of a part's text. */
const PART_READ = 131_072;
const PARTS_READ = 50;

export interface Part {
  /** Media type in lower case, without parameters. */
  readonly type: string;
  readonly text: string;
}

export interface Mail {
  readonly headers: Fields;
  readonly subject: string;
  /** Address and display name of From, as they are written. */
  readonly from: string;
  readonly messageId: string | undefined;
  /** What people read. */
  readonly text: string;
  /** The other parts, in order. */
  readonly parts: readonly Part[];
}

/** Undefined: it can't be read within the limits. */
export async function readMail(raw: Uint8Array): Promise<Mail | undefined> {
  try {
    return mailOf(await PostalMime.parse(raw.subarray(0, MAIL_READ), LIMITS));
  } catch {
    return undefined;
  }
}

/** The headers of a mail that was returned, whole or only these, decoded. */
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
    from: `${email.from?.name ?? ""} <${email.from?.address ?? ""}>`,
    messageId: email.messageId,
    text: (email.text ?? textOf(email.html ?? "")).slice(0, PART_READ),
    parts: email.attachments.slice(0, PARTS_READ).map(partOf),
  };
}

const decoder = new TextDecoder();

function partOf({ mimeType, content }: Attachment): Part {
  if (typeof content === "string") return { type: mimeType, text: content.slice(0, PART_READ) };
  const bytes = content instanceof Uint8Array ? content : new Uint8Array(content);
  return { type: mimeType, text: decoder.decode(bytes.subarray(0, PART_READ)) };
}

/** Enough of a page to find addresses and sentences in it. */
function textOf(html: string): string {
  return html
    .slice(0, PART_READ)
    .replace(/<(?:br|p|div|tr|li|h\d|pre|table)\b[^<>]*>/gi, "\n")
    .replace(/<[^<>]*>/g, "")
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&(?:nbsp|#160);/g, " ")
    .replace(/&(?:#39|apos|rsquo);/g, "'")
    .replace(/&quot;/g, '"')
    .replace(/&amp;/g, "&");
}

/** Whether a mail system says that it wrote this, or it comes without a sender (RFC 5321 §4.5.5). */
export function isFromMailSystem({ from, headers }: Mail, envelopeFrom: string | undefined): boolean {
  const bare = envelopeFrom?.replace(/[<>\s]/g, "");
  if (bare === "" || (headers.get("return-path") ?? []).some((path) => path.replace(/\s/g, "") === "<>"))
    return true;
  const name = addressIn(from)?.split("@")[0] ?? from;
  return (
    /^(?:mailer[-_.]?daemon|mail[-_.]?daemon|post(?:master|office)|mdaemon|mail[-_.]?delivery)/i.test(name) ||
    /mail(?:er)?[- ](?:delivery|daemon|administrator|system)|delivery (?:sub)?system|system administrator|postmaster/i.test(
      from,
    )
  );
}
