/** A mail of nodemailer's, read and changed in the step "compile". */
import { DecorateError, type EmailHeaders, type Recipient } from "../decorate/index.ts";
import { keepsHeader, mergedHeaders, refuseFields, requireOneRecipient } from "./copy.ts";

/** The fields of a mail that the plugin reads and writes. */
export interface NodemailerData {
  waxseal?: unknown;
  html?: unknown;
  text?: unknown;
  headers?: unknown;
  list?: unknown;
  envelope?: unknown;
  to?: unknown;
  cc?: unknown;
  bcc?: unknown;
  alternatives?: unknown;
}

/** What nodemailer gives to a plugin. */
export interface NodemailerMessage {
  readonly data: NodemailerData;
  resolveContent(data: { [key: string]: unknown }, key: string): Promise<unknown>;
}

/** Of an object of the sender's. */
type Fields = Readonly<Record<string, unknown>>;

/** @throws {DecorateError} naming `waxseal` when the mail does not say whom it is for */
export function recipientOfMail({ waxseal }: NodemailerData): Recipient {
  if (isFields(waxseal)) return waxseal as unknown as Recipient;
  throw new DecorateError(
    "waxseal",
    "is missing: say whom this copy is for, { email, person, campaign }, or false to send the mail as it is",
  );
}

/** @throws {DecorateError} naming what would be shown without its decoration, or who would get another's copy */
export function refuseUndecorated(data: NodemailerData): void {
  refuseFields(data, {
    raw: "is a finished message: decorate it by `waxseal decorate` before, and send it with waxseal: false",
    amp: "would be shown instead of the HTML, and is not decorated: leave it out",
    watchHtml: "would be shown instead of the HTML, and is not decorated: leave it out",
  });
  const alternatives = Array.isArray(data.alternatives) ? data.alternatives : [];
  for (const [index, { contentType }] of alternatives.filter(isFields).entries()) {
    if (typeof contentType === "string" && /^\s*text\/(?:html|plain|x-amp-html|watch-html)\b/i.test(contentType))
      throw new DecorateError(`alternatives[${index}]`, `of ${contentType} is not decorated: give it as html or text`);
  }
  const { to, cc, bcc } = isFields(data.envelope) ? data.envelope : data;
  requireOneRecipient({ to, cc, bcc });
}

/**
 * A part of the mail, whether it is a text, a Buffer, a stream, a file or a URL; "" when the mail has none.
 * @throws {DecorateError} naming the part when it is no text in UTF-8
 */
export async function contentOf(mail: NodemailerMessage, part: "html" | "text"): Promise<string> {
  const { data } = mail;
  if (typeof data[part] === "string") return data[part];
  if (!data[part]) return "";
  const content = await mail.resolveContent({ [part]: data[part] }, part);
  if (typeof content === "string") return content;
  if (!(content instanceof Uint8Array)) throw new DecorateError(part, "is neither a text nor a Buffer, stream or file");
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(content);
  } catch {
    throw new DecorateError(part, "is not in UTF-8");
  }
}

/** Where the content came from, and how it was encoded. */
const OF_SOURCE = ["content", "path", "href", "httpHeaders", "tls", "encoding"];

/** The part with its decorated content, and what else the mail said of the part. */
export function withContent(part: unknown, content: string): unknown {
  const isStream = isFields(part) && typeof part.pipe === "function";
  if (!isFields(part) || part instanceof Uint8Array || isStream) return content;
  return { ...Object.fromEntries(Object.entries(part).filter(([name]) => !OF_SOURCE.includes(name))), content };
}

/** Headers in each of nodemailer's forms, with those of the copy instead of any of the same name. */
export function headersWith(own: unknown, headers: EmailHeaders): unknown {
  if (!Array.isArray(own) && !isHeader(own)) return mergedHeaders(isFields(own) ? own : {}, { headers });
  const isOwn = keepsHeader(headers);
  const kept = (Array.isArray(own) ? own : [own]).filter((each) => !isHeader(each) || isOwn(each.key));
  return [...kept, ...Object.entries(headers).map(([key, value]) => ({ key, value }))];
}

function isHeader(value: unknown): value is { readonly key: string } {
  return isFields(value) && typeof value.key === "string" && "value" in value;
}

/** nodemailer makes headers of `list`: those of the copy are left out. */
export function listWithout(list: unknown, headers: EmailHeaders): unknown {
  if (!isFields(list)) return list;
  const isOwn = keepsHeader(headers);
  return Object.fromEntries(Object.entries(list).filter(([name]) => isOwn(`List-${name.trim()}`)));
}

/** The envelope of the mail from this address; one that the mail names is kept. */
export function envelopeFrom({ envelope, to, cc, bcc }: NodemailerData, from: string): unknown {
  if (!isFields(envelope)) return { from, to: [to, cc, bcc].flat().filter((each) => each !== undefined) };
  return envelope.from === undefined ? { ...envelope, from } : envelope;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
