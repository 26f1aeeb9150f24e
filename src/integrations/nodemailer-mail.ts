/** A mail of nodemailer's: its parts are read and changed in the step "compile", its envelope in the step "stream". */
import { DecorateError, type EmailHeaders, type Recipient } from "../decorate/index.ts";
import { keepsHeader, mergedHeaders, refuseFields, requireOneRecipient } from "./copy.ts";
import { refuseChangingHeaders } from "./provider-headers.ts";

/** The fields of a mail that the plugin reads and writes. */
export interface NodemailerData {
  waxseal?: unknown;
  html?: unknown;
  text?: unknown;
  headers?: unknown;
  list?: unknown;
  envelope?: unknown;
  alternatives?: unknown;
}

/** A mail as nodemailer has built it. */
interface BuiltMail {
  getEnvelope(): { readonly from: string | false; readonly to: readonly string[] };
  setEnvelope(envelope: { readonly from: string; readonly to: string }): unknown;
  getAddresses(): object;
  getHeader(name: string): unknown;
}

/** What nodemailer gives to a plugin. */
export interface NodemailerMessage {
  readonly data: NodemailerData;
  /** There in the step "stream". */
  readonly message: BuiltMail;
  readonly mailer: { use(step: string, plugin: NodemailerPlugin): unknown };
  resolveContent(data: { [key: string]: unknown }, key: string): Promise<unknown>;
}

/** What a transporter takes for a step. */
export type NodemailerPlugin = (mail: NodemailerMessage, done: (error?: Error | null) => void) => void;

/** The fields of an object of the sender's. */
type Fields = Readonly<Record<string, unknown>>;

/** @throws {DecorateError} naming `waxseal` when the mail does not say whom it is for */
export function recipientOfMail({ waxseal }: NodemailerData): Recipient {
  if (isFields(waxseal)) return waxseal as unknown as Recipient;
  throw new DecorateError(
    "waxseal",
    "is missing: say whom this copy is for, { email, person, campaign }, or false to send the mail as it is",
  );
}

/** @throws {DecorateError} naming what would be shown without its decoration */
export function refuseUndecorated(data: NodemailerData): void {
  refuseFields(data, {
    raw: "is a finished message: decorate it by `waxseal decorate` before, and send it with waxseal: false",
    amp: "would be shown instead of the HTML, and is not decorated: leave it out",
    watchHtml: "would be shown instead of the HTML, and is not decorated: leave it out",
  });
  for (const [index, alternative] of [data.alternatives ?? []].flat().entries()) {
    const complaint = isFields(alternative) ? complaintOfAlternative(alternative) : undefined;
    if (complaint !== undefined) throw new DecorateError(`alternatives[${index}]`, complaint);
  }
}

function complaintOfAlternative({ contentType, raw }: Fields): string | undefined {
  if (raw) return "is a finished part, which may be HTML: give its content";
  // nodemailer guesses it from the name of a file, and else takes it for plain text.
  if (typeof contentType !== "string" || contentType.trim() === "")
    return "has no contentType: say what it is, and give HTML or plain text as html or text";
  const isShown = /^\s*text\/(?:html|plain|x-amp-html|watch-html)\b/i.test(contentType);
  return isShown ? `of ${contentType} is not decorated: give it as html or text` : undefined;
}

/**
 * Whom nodemailer sends the mail to is read where nodemailer has read it, of all fields and forms of headers.
 * @throws {DecorateError} naming the field by which others would get this recipient's copy, or a header by which a
 *   provider would change it
 */
export function refuseOthersCopy({ data, message }: NodemailerMessage): void {
  const { to } = message.getEnvelope();
  if (to.length > 1) {
    const { to: shown, cc, bcc } = message.getAddresses() as Fields;
    requireOneRecipient(data.envelope ? { to } : { to: shown, cc, bcc });
    requireOneRecipient({ to: to.map((address) => ({ address })) });
  }
  refuseChangingHeaders((name) => message.getHeader(name) || undefined);
}

/** Sets the envelope sender; one that the mail names is kept. */
export function sendFrom(from: string, { data, message }: NodemailerMessage): void {
  if (isFields(data.envelope) && data.envelope.from !== undefined) return;
  const envelope = message.getEnvelope();
  message.setEnvelope({ ...envelope, from, to: envelope.to.map((address) => `<${address}>`).join(", ") });
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

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
