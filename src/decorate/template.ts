/**
 * A compiled email. Guarantees that every character outside a decorated address, a link's name, the honeypot
 * link and the pixel stays as it was, and that a link has the same id in every copy. Compiling parses; a copy only
 * signs tokens. Gives up: the transfer encoding, which is the sender's task (lines may grow past the 998
 * characters of RFC 5322).
 */
import { pseudonym } from "../tokens/pseudonym.ts";
import { type PreparedClick, prepareMessage, signIds, signMessage } from "../tokens/sign.ts";
import type { Compilation } from "./compilation.ts";
import { CopiedTokens } from "./copied-tokens.ts";
import { type Described, type EmailDescription, emailDescription } from "./describe.ts";
import { type EmailHeaders, emailHeaders } from "./headers.ts";
import { honeypotMarkup, prepareHoneypot } from "./honeypot.ts";
import { editHtml } from "./html.ts";
import { type DecoratedLink, LinkRegister, MAX_URL_LENGTH } from "./links.ts";
import { markedHtml } from "./marked.ts";
import {
  checkOptions,
  checkParts,
  checkRecipient,
  type DecorateOptions,
  type EmailSource,
  type Recipient,
} from "./options.ts";
import { compilePart, HONEYPOT, type Part, PIXEL, renderedBytes, renderPart } from "./part.ts";
import { pixelMarkup } from "./pixel.ts";
import { makePlaceholders } from "./placeholder.ts";
import { editText } from "./text.ts";
import { placeholdersIn, readVariables } from "./variables.ts";
import { unfilledWarning, type Warning, warning } from "./warning.ts";

export type { EmailHeaders, EmailSource };

/** 102 KB, the longest HTML that Gmail shows whole. */
const CLIPPED_BYTES = 102_400;

/** The decorated copy of one recipient. */
export interface Decorated {
  /** If the source has HTML. */
  readonly html?: string;
  /** If the source has plain text. */
  readonly text?: string;
  /** To be added to the email's own, before it is signed by DKIM. */
  readonly headers: EmailHeaders;
  /** The message token, as in the header: its claims are email, person, campaign and send. */
  readonly message: string;
  /** The id of this sending: the recipient's `send`, or the one that was made. */
  readonly send: string;
  /** The decorated links, each once, in the order of the email, HTML before text. */
  readonly links: readonly DecoratedLink[];
  /** What the sender should know of this copy: links left undecorated, and more. */
  readonly warnings: readonly Warning[];
}

/** An email that is parsed, for any number of recipients. */
export interface Template {
  /** The links of a copy, without regard to those that a recipient's ids make too long. */
  readonly links: readonly DecoratedLink[];
  /** The names of its variables, each once; none without the option. */
  readonly variables: readonly string[];
  /** What the sender should know of every copy. */
  readonly warnings: readonly Warning[];
  /**
   * Decorates the copy of one recipient.
   * @throws {DecorateError} naming the recipient's wrong field
   */
  render(recipient: Recipient): Decorated;
  /**
   * The body of `POST /v1/emails`, by which reports know the names of the email, its campaign and its links, and the
   * links that nobody has clicked yet.
   * @throws {DecorateError} naming `email` or `campaign` when it is no id
   * @example
   * const body = JSON.stringify(template.describe({ email: { id: 1042, name: "November news" } }));
   * await fetch(`${origin}/v1/emails`, { method: "POST", headers: { Authorization: `Bearer ${apiKey}` }, body });
   */
  describe(described: Described): EmailDescription;
  /**
   * The HTML without values, tokens and pixel, with the id of each link in place of its address: what the dashboard
   * shows of an email. Undefined without HTML.
   */
  markedHtml(): string | undefined;
}

/**
 * Parses an email once, for any number of recipients. Makes no request.
 * @param source HTML, or `{ html, text }` with either or both; characters, not the bytes of a file
 * @param options keys, the Worker's origin, placeholders
 * @throws {DecorateError} naming the wrong option or part of the email
 * @example
 * const template = compile({ html, text }, { keys, origin: "https://t.example.com" });
 * for (const warning of template.warnings) console.warn(warning.code, warning.url);
 * const copy = template.render({ email: 1042, person: 7, campaign: 88012 });
 * await transport.sendMail({ to, html: copy.html, text: copy.text, headers: copy.headers });
 */
export function compile(source: EmailSource, options: DecorateOptions): Template {
  const { html: htmlSource, text: textSource } = checkParts(source);
  const sources = [
    { kind: "html", source: htmlSource },
    { kind: "text", source: textSource },
  ] as const;
  const { render, ...shared } = compileParts(sources, options);
  return {
    ...shared,
    render(recipient) {
      const { parts, ...copy } = render(recipient);
      const [html, text] = parts;
      return { ...(html === undefined ? {} : { html }), ...(text === undefined ? {} : { text }), ...copy };
    },
  };
}

/** One part of an email; without a source it is not there. */
export interface PartSource {
  readonly kind: "html" | "text";
  readonly source: string | undefined;
}

/** Any number of parts of one email. */
export interface PartsTemplate extends Omit<Template, "render"> {
  /** The copy's parts, in the order of the sources. @throws {DecorateError} */
  render(recipient: Recipient): CopyOfParts;
}

type CopyOfParts = Omit<Decorated, "html" | "text"> & { readonly parts: readonly (string | undefined)[] };

/** Like `compile`: a link that opts out in any HTML does so in every text. */
export function compileParts(sources: readonly PartSource[], options: DecorateOptions): PartsTemplate {
  checkOptions(options);
  const hasHtml = sources.some(({ kind, source }) => kind === "html" && source !== undefined);
  const compilation = newCompilation(options, hasHtml);
  const { register, warnings, copied, untracked, variableCounts } = compilation;
  const parts = compileAll(sources, compilation);
  const htmlParts = parts.flatMap((part, index) => (sources[index]?.kind === "html" && part ? [part] : []));
  const left = options.variables === undefined ? leftIn(sources, compilation) : [];
  if (left.length > 0) warnings.push(unfilledWarning(left));
  if (copied.length > 0) warnings.push(warning("copied", copied[0], copied.length));
  if (untracked.length > 0) warnings.push(warning("untracked", untracked[0], untracked.length));
  const honeypot = prepareHoneypot(options.keys, htmlParts, register);
  const [firstHtml] = htmlParts;
  const marked = () => firstHtml && markedHtml(firstHtml, register.links);
  return {
    links: register.links,
    warnings,
    variables: [...variableCounts.keys()],
    describe: (described) => emailDescription(described, register, marked),
    markedHtml: marked,
    render: (recipient) => renderCopy({ parts, htmlParts, honeypot, compilation, options }, recipient),
  };
}

function leftIn(sources: readonly PartSource[], { placeholders }: Compilation): readonly string[] {
  return placeholdersIn(
    sources.flatMap(({ source = [] }) => source),
    placeholders,
  );
}

/** What all copies of an email have in common. */
interface CompiledParts {
  /** In the order of the sources. */
  readonly parts: readonly (Part | undefined)[];
  readonly htmlParts: readonly Part[];
  readonly honeypot: PreparedClick | undefined;
  readonly compilation: Compilation;
  readonly options: DecorateOptions;
}

function renderCopy(
  { parts, htmlParts, honeypot, compilation, options }: CompiledParts,
  recipient: Recipient,
): CopyOfParts {
  const { keys, origin, unsubscribe } = options;
  const { register, warnings, variableCounts } = compilation;
  const { message, send, tracking, unsubscribeUse, variables } = checkRecipient(recipient);
  const filled = readVariables(variableCounts, variables, keys);
  const links = register.linksFor(filled);
  const addressed = prepareMessage(message);
  const unsubscribeUrl = `${origin}/u/${signIds(keys, unsubscribeUse, addressed)}`;
  const messageToken = signMessage(keys, addressed, send);
  const values: (string | undefined)[] = [unsubscribeUrl, undefined, undefined, undefined];
  let tooLong: readonly DecoratedLink[] = [];
  if (tracking !== "none") {
    const tracked = tracking === "full" ? addressed : prepareMessage({ ...message, person: pseudonym(keys, message) });
    if (htmlParts.length > 0) values[PIXEL] = pixelMarkup(`${origin}/o/${signIds(keys, "open", tracked)}.gif`);
    const honeypotUrl = honeypot && `${origin}/c/${honeypot.signToken(tracked)}`;
    if (honeypotUrl !== undefined && honeypotUrl.length <= MAX_URL_LENGTH)
      values[HONEYPOT] = honeypotMarkup(honeypotUrl);
    tooLong = register.signInto(values, tracked, links);
  }
  const isClipped = htmlParts.some((part) => renderedBytes(part, values, filled) > CLIPPED_BYTES);
  return {
    parts: parts.map((part) => part && renderPart(part, values, filled)),
    headers: emailHeaders(unsubscribe === "none" ? undefined : unsubscribeUrl, messageToken),
    message: messageToken,
    send,
    links: tracking === "none" ? [] : links.filter((link) => !tooLong.includes(link)),
    warnings: warnings.concat(
      tooLong.map(({ url }) => warning("too_long", url)),
      isClipped ? warning("clipped") : [],
    ),
  };
}

function newCompilation(options: DecorateOptions, hasHtml: boolean): Compilation {
  const {
    keys,
    origin,
    honeypotLink = false,
    pixel = "end",
    unsubscribe = "list",
    unsubscribePlaceholders = [],
  } = options;
  return {
    copiedTokens: new CopiedTokens(keys, "html"),
    origin,
    honeypotLink,
    pixel,
    unsubscribe,
    hasVariables: options.variables ?? false,
    variableCounts: new Map(),
    placeholders: makePlaceholders(unsubscribePlaceholders),
    register: new LinkRegister(options),
    warnings: [],
    copied: [],
    hasHtml,
    untracked: [],
    optedOut: new Set(),
  };
}

/** HTML first, whose opt-outs hold in text. @returns the parts in the order of the sources */
function compileAll(sources: readonly PartSource[], compilation: Compilation): readonly (Part | undefined)[] {
  const parts = new Map<PartSource, Part>();
  for (const kind of ["html", "text"] as const) {
    for (const part of sources) {
      if (part.kind !== kind || part.source === undefined) continue;
      compilation.register.beginPart();
      compilation.copiedTokens.beginPart(kind);
      const edits = kind === "html" ? editHtml(part.source, compilation) : editText(part.source, compilation);
      parts.set(part, compilePart(part.source, edits));
    }
  }
  return sources.map((part) => parts.get(part));
}

/**
 * Decorates one email for one recipient. For several recipients, `compile` it once.
 * @param source HTML, or `{ html, text }` with either or both; characters, not the bytes of a file
 * @param options keys, the Worker's origin, placeholders
 * @param recipient the ids of email, person and campaign
 * @throws {DecorateError} naming the wrong option, part of the email or field of the recipient
 * @example
 * const options = { keys, origin: "https://t.example.com" };
 * const { html, headers } = decorate("<p>Hello</p>", options, { email: 1042, person: 7, campaign: 88012 });
 */
export function decorate(source: EmailSource, options: DecorateOptions, recipient: Recipient): Decorated {
  return compile(source, options).render(recipient);
}
