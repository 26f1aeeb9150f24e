/**
 * A compiled email. Guarantees that every character outside a decorated address, a removed opt-out marker, the honeypot and the
 * pixel stays as it stood, and that every copy of a template names its links alike. Compiling costs the parsing, a recipient
 * only tokens. Gives up: the transfer encoding, which is the sender's (lines may grow past the 998 characters of RFC 5322).
 */
import type { Link } from "../tokens/claims.ts";
import { pseudonym } from "../tokens/pseudonym.ts";
import { prepareMessage, signMessage, signOpen, signUnsubscribe } from "../tokens/sign.ts";
import { type EmailHeaders, emailHeaders } from "./headers.ts";
import { honeypotMarkup, prepareHoneypot } from "./honeypot.ts";
import { editHtml } from "./html.ts";
import { LinkRegister, MAX_URL_LENGTH } from "./links.ts";
import {
  checkOptions,
  checkParts,
  checkRecipient,
  type DecorateOptions,
  type EmailSource,
  type Recipient,
} from "./options.ts";
import { compilePart, HONEYPOT, PIXEL, renderPart } from "./part.ts";
import { pixelMarkup } from "./pixel.ts";
import { makePlaceholders } from "./placeholder.ts";
import { editText } from "./text.ts";
import { type Warning, warning } from "./warning.ts";

export type { EmailHeaders, EmailSource };

/** One recipient's copy. `html` and `text` are there when the source had them. */
export interface Decorated {
  readonly html?: string;
  readonly text?: string;
  readonly headers: EmailHeaders;
  /** The message token, as in the header: it opens to email, person, campaign and send. */
  readonly message: string;
  /** The links decorated in this copy, each once, in the order of the email, HTML before text. */
  readonly links: readonly Link[];
  /** Links left alone in this copy; the email is good to send. */
  readonly warnings: readonly Warning[];
}

/** An email read once. */
export interface Template {
  /** What a copy's links are, but for those that its recipient's ids make too long. */
  readonly links: readonly Link[];
  /** Links left alone in every copy. */
  readonly warnings: readonly Warning[];
  /** @throws {DecorateError} naming the field of the recipient that is wrong */
  render(recipient: Recipient): Decorated;
}

/**
 * Reads an email once, for any number of recipients.
 * @throws {DecorateError} naming the option or the part of the email that is wrong
 */
export function compile(source: EmailSource, options: DecorateOptions): Template {
  checkOptions(options);
  const { keys, origin, honeypotLink = false } = options;
  const { html, text } = checkParts(source);
  const register = new LinkRegister(keys, origin);
  const warnings: Warning[] = [];
  const placeholders = makePlaceholders(options.unsubscribePlaceholders ?? []);
  const compilation = { origin, placeholders, register, honeypotLink, warnings };
  const htmlPart = html === undefined ? undefined : compilePart(html, editHtml(html, compilation));
  register.beginPart();
  const textPart = text === undefined ? undefined : compilePart(text, editText(text, compilation));
  const hasPixel = htmlPart?.holes.some(({ slot }) => slot === PIXEL) ?? false;
  const { links } = register;
  const honeypot = htmlPart && prepareHoneypot(keys, htmlPart, links);
  return {
    links,
    warnings,
    render(recipient) {
      const { message, send, tracking } = checkRecipient(recipient);
      const addressed = prepareMessage(message);
      const unsubscribeUrl = `${origin}/u/${signUnsubscribe(keys, addressed)}`;
      const messageToken = signMessage(keys, addressed, send);
      const values: (string | undefined)[] = [unsubscribeUrl, undefined, undefined];
      let tooLong: readonly Link[] = [];
      if (tracking !== "none") {
        const tracked =
          tracking === "full" ? addressed : prepareMessage({ ...message, person: pseudonym(keys, message) });
        if (hasPixel) values[PIXEL] = pixelMarkup(`${origin}/o/${signOpen(keys, tracked)}.gif`);
        const honeypotUrl = honeypot && `${origin}/c/${honeypot.signToken(tracked)}`;
        if (honeypotUrl !== undefined && honeypotUrl.length <= MAX_URL_LENGTH)
          values[HONEYPOT] = honeypotMarkup(honeypotUrl);
        tooLong = register.signToken(tracked, values);
      }
      return {
        ...(htmlPart === undefined ? {} : { html: renderPart(htmlPart, values) }),
        ...(textPart === undefined ? {} : { text: renderPart(textPart, values) }),
        headers: emailHeaders(unsubscribeUrl, messageToken),
        message: messageToken,
        links: tracking === "none" ? [] : without(links, tooLong),
        warnings: warnings.concat(tooLong.map(({ url }) => warning("too_long", url))),
      };
    },
  };
}

function without(links: readonly Link[], tooLong: readonly Link[]): readonly Link[] {
  if (tooLong.length === 0) return links;
  const left = new Set(tooLong);
  return links.filter((link) => !left.has(link));
}

/**
 * One email for one recipient; for many, `compile` once.
 * @throws {DecorateError} naming the option, the part of the email or the field of the recipient that is wrong
 */
export function decorate(source: EmailSource, options: DecorateOptions, recipient: Recipient): Decorated {
  return compile(source, options).render(recipient);
}
