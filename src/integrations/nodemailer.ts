/**
 * A plugin for nodemailer. Guarantees that each mail of the transporter is decorated before it is built and signed by
 * DKIM, or refused with an error that names its field; `waxseal: false` alone sends a mail as it is. Gives up
 * reporting the mail as sent: a plugin does not see whether a server took it.
 */
import {
  compile,
  type Decorated,
  DecorateError,
  type DecorateOptions,
  PLAIN_ADDRESS,
  type Recipient,
  returnPath,
  type Template,
} from "../decorate/index.ts";
import { cachedByText } from "../platform/lru-cache.ts";
import { parseTokenKeys, type TokenKeys } from "../tokens/keys.ts";
import {
  contentOf,
  headersWith,
  listWithout,
  type NodemailerMessage,
  type NodemailerPlugin,
  recipientOfMail,
  refuseOthersCopy,
  refuseUndecorated,
  sendFrom,
  withContent,
} from "./nodemailer-mail.ts";
import { personalLinkWarnings, reportWarnings, type WarningOptions } from "./warnings.ts";

export type { NodemailerPlugin } from "./nodemailer-mail.ts";

/** What `waxseal` takes: how to decorate each mail, as `compile` takes it, and what is done with copy and warnings. */
export interface NodemailerOptions extends Omit<DecorateOptions, "keys">, WarningOptions {
  /** `TOKEN_KEYS` as text, or the value that `parseTokenKeys` returns for it; the first key signs. */
  readonly keys: TokenKeys | string;
  /**
   * Where bounces come back to, "bounces@mail.example.com": the envelope sender is made of it and the message token.
   * Default: nodemailer's envelope sender
   */
  readonly bounceAddress?: string;
  /** Called with each copy before it is sent. */
  readonly onCopy?: (copy: Decorated, recipient: Recipient) => void;
}

/** What a mail says to the plugin, beside nodemailer's own fields. */
export interface NodemailerFields {
  /** Whom the copy is for; false sends the mail as it is. */
  readonly waxseal: Recipient | false;
}

/** Compiled templates that are kept, of each HTML for so many texts. */
const KEPT_TEMPLATES = 16;
const KEPT_TEXTS = 2;

/**
 * A plugin for the step "compile" of a transporter. A mail says in `waxseal` whom it is for, and has one recipient.
 * @param options `keys`: the text of `TOKEN_KEYS`, or what `parseTokenKeys` returns for it
 * @throws {DecorateError} naming the wrong option; a mail that cannot be decorated fails with one that names its field
 * @example
 * const transporter = createTransport(process.env.SMTP_URL);
 * transporter.use("compile", waxseal({ keys: process.env.TOKEN_KEYS, origin: "https://t.example.com" }));
 * await transporter.sendMail({ from, to, subject, html, waxseal: { email: 1042, person: 7, campaign: 88012 } });
 */
export function waxseal({ bounceAddress, onCopy, onWarning, keys, ...others }: NodemailerOptions): NodemailerPlugin {
  const options = { keys: readKeys(keys), ...others };
  // Refuses wrong options here, not with the first mail.
  compile({}, options);
  if (bounceAddress !== undefined && !PLAIN_ADDRESS.test(bounceAddress))
    throw new DecorateError("bounceAddress", 'is not an address without a "+", like bounces@mail.example.com');
  const templateOf = cachedByText(KEPT_TEMPLATES, (html) =>
    cachedByText(KEPT_TEXTS, (text) => newTemplate(html, text, options)),
  );
  const warned = personalLinkWarnings();
  const addressing = new WeakSet<NodemailerMessage["mailer"]>();
  const decorated = new WeakMap<NodemailerMessage, { readonly copy: Decorated; readonly recipient: Recipient }>();
  return (mail, done) => {
    decorateMail(mail).then(() => done(), done);
  };

  async function decorateMail(mail: NodemailerMessage): Promise<void> {
    const { data, mailer } = mail;
    if (data.waxseal === false) return;
    const recipient = recipientOfMail(data);
    refuseUndecorated(data);
    const html = await contentOf(mail, "html");
    const text = await contentOf(mail, "text");
    if (html === "" && text === "") throw new DecorateError("html", "is missing, and so is text");
    const template = templateOf(html)(text);
    const copy = warned(template, recipient, template.render(recipient));
    if (copy.html !== undefined) data.html = withContent(data.html, copy.html);
    if (copy.text !== undefined) data.text = withContent(data.text, copy.text);
    data.headers = headersWith(data.headers, copy.headers);
    data.list = listWithout(data.list, copy.headers);
    decorated.set(mail, { copy, recipient });
    if (addressing.has(mailer)) return;
    addressing.add(mailer);
    mailer.use("stream", addressMail);
  }

  function addressMail(mail: NodemailerMessage, done: (error?: Error) => void): void {
    try {
      addressCopy(mail);
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    done();
  }

  function addressCopy(mail: NodemailerMessage): void {
    const made = decorated.get(mail);
    if (made === undefined) return;
    const { copy, recipient } = made;
    refuseOthersCopy(mail);
    if (bounceAddress !== undefined) sendFrom(returnPath(bounceAddress, copy.message) ?? bounceAddress, mail);
    onCopy?.(copy, recipient);
    reportWarnings(copy.warnings, { onWarning }, `email ${recipient.email}`);
  }
}

function readKeys(keys: TokenKeys | string): TokenKeys {
  if (typeof keys !== "string") return keys;
  const read = parseTokenKeys(keys);
  if (!read.ok) throw new DecorateError("keys", `are wrong: ${read.reason}`);
  return read.value;
}

function newTemplate(html: string, text: string, options: DecorateOptions): Template {
  return compile({ ...(html === "" ? {} : { html }), ...(text === "" ? {} : { text }) }, options);
}
