/**
 * Decides which addresses of an email are decorated. Guarantees that only an absolute http(s) URL that a browser
 * could follow is, byte for byte as in the email except for the whitespace that browsers drop.
 */
import { type Result, refused } from "../platform/result.ts";
import { parseDestination } from "../tokens/destination.ts";
import { copiedUrl } from "./copied.ts";
import type { CopiedTokens, CopiedUrl } from "./copied-tokens.ts";
import type { Placeholders } from "./placeholder.ts";
import { type UrlTemplate, urlTemplate } from "./url-template.ts";
import type { WarningCode } from "./warning.ts";

export interface LinkContext {
  /** What relative addresses resolve against. */
  readonly base: URL | undefined;
  readonly copiedTokens: CopiedTokens;
  /** The Worker's. */
  readonly origin: string;
  readonly placeholders: Placeholders;
  /** Whether `{{name}}` is filled. */
  readonly hasVariables: boolean;
}

/**
 * What an address becomes. `remove`: the pixel or honeypot link of another copy, of which this one gets its own.
 * `leave` without a warning: not a web address, or it opts out.
 */
export type LinkDecision = (
  | {
      readonly kind: "link";
      readonly url: string;
      /** The template of an address with variables; the URL is then its text. */
      readonly template?: UrlTemplate;
    }
  | { readonly kind: "unsubscribe" | "remove" }
  | { readonly kind: "leave"; readonly warning?: WarningCode }
) & {
  /** There for an address of another copy, which never stays: what is put there undecorated. */
  readonly copied?: string;
};

const LEAVE: LinkDecision = { kind: "leave" };

/** @param value the address in the email, entities decoded */
export function classifyLink(value: string, context: LinkContext): LinkDecision {
  const { base, copiedTokens, origin, placeholders } = context;
  const url = withoutDroppedSpace(value);
  if (url === "" || url.startsWith("#")) return LEAVE;
  if (placeholders.isUnsubscribe(url)) return { kind: "unsubscribe" };
  const template = context.hasVariables ? urlTemplate(url) : undefined;
  if (template !== undefined) return classifyTemplate(template, context);
  const scheme = /^[a-z][a-z0-9+.-]*(?=:)/i.exec(url)?.[0].toLowerCase();
  if (scheme !== undefined && scheme !== "http" && scheme !== "https") return LEAVE;
  if (placeholders.isIn(url)) return { kind: "leave", warning: "placeholder" };
  const absolute = scheme === undefined ? resolve(url, base) : url;
  if (absolute === undefined) return { kind: "leave", warning: "relative" };
  const web = webUrl(absolute);
  // Browsers repair "https:/t.example.com", so another copy's address is found there, too.
  const isFollowed = web.ok || (web.reason === "malformed" && URL.canParse(absolute));
  const copied = isFollowed ? copiedUrl(absolute, copiedTokens, origin) : undefined;
  if (copied !== undefined && (web.ok || copied.kind !== "unverified")) return classifyCopied(copied, context);
  return web.ok ? { kind: "link", url: web.value } : { kind: "leave", warning: web.reason };
}

/** Only its values show whether it is a web address: `LinkRegister` refuses values with which it is not. */
function classifyTemplate(template: UrlTemplate, context: LinkContext): LinkDecision {
  const { sample } = template;
  const isWhole = sample.startsWith("//");
  const decision = classifyLink(sample, { ...context, base: undefined, hasVariables: false });
  if (decision.kind !== "link") {
    const isRelative = decision.kind === "leave" && decision.warning === "relative" && context.base !== undefined;
    return isRelative ? { kind: "leave", warning: "placeholder" } : decision;
  }
  const scheme = isWhole ? (context.base?.protocol ?? "https:") : "";
  const whole = isWhole ? (urlTemplate(scheme + template.text) ?? template) : template;
  return { kind: "link", url: whole.text, template: whole };
}

export function classifyCopied(copied: CopiedUrl, context: LinkContext): LinkDecision {
  if (copied.kind === "unverified") return { kind: "leave", warning: "unverified" };
  if (copied.kind !== "click") return { kind: copied.kind, copied: "" };
  const decision = classifyLink(copied.url, context);
  return { ...decision, copied: decision.copied ?? copied.url };
}

/** The decision for an address that opts out, which gets no warnings. */
export function untracked(decision: LinkDecision): LinkDecision {
  if (decision.kind !== "link" && decision.kind !== "leave") return decision;
  return decision.copied === undefined ? LEAVE : { ...LEAVE, copied: decision.copied };
}

/** A link's address as URL parsers can read it. */
export function readableUrl({ url, template }: { readonly url: string; readonly template?: UrlTemplate }): string {
  return template?.sample ?? url;
}

/** A key, equal for URLs of the same page: as the URL standard writes them, escapes normalised (RFC 3986 §6.2.2). */
export function samePage(url: string): string {
  return new URL(url.replaceAll("&amp;", "&")).href.replace(/%[0-9a-f]{2}/gi, (encoded) => {
    const character = String.fromCharCode(Number.parseInt(encoded.slice(1), 16));
    return UNRESERVED.test(character) ? character : encoded.toUpperCase();
  });
}

const UNRESERVED = /[\w.~-]/;

/** The `<base href>` if links can resolve against it. */
export function usableBase(href: string | undefined, placeholders: Placeholders): URL | undefined {
  const url = withoutDroppedSpace(href ?? "");
  return webUrl(url).ok && !placeholders.isIn(url) ? new URL(url) : undefined;
}

/** Browsers drop space and controls at both ends, tabs and line breaks anywhere (WHATWG URL, 4.4). */
function withoutDroppedSpace(value: string): string {
  let start = 0;
  let end = value.length;
  while (start < end && value.charCodeAt(start) <= 0x20) start++;
  while (end > start && value.charCodeAt(end - 1) <= 0x20) end--;
  return value.slice(start, end).replace(/[\t\n\r]+/g, "");
}

function resolve(url: string, base: URL | undefined): string | undefined {
  // An email has no scheme of its own.
  if (url.startsWith("//")) return `${base?.protocol ?? "https:"}${url}`;
  if (base === undefined) return undefined;
  // What does not resolve is returned as it is: `webUrl` finds it malformed.
  return URL.canParse(url, base.href) ? new URL(url, base.href).href : url;
}

/**
 * `url`, as it is, when it can be decorated, else why not. The URL standard reads "https:///path" as the host "path",
 * which no sender means.
 */
export function webUrl(url: string): Result<string, "malformed" | "too_long"> {
  const destination = parseDestination(url);
  if (!destination.ok) return refused(destination.reason === "too_long" ? "too_long" : "malformed");
  return /^https?:\/\/[^/\\?#]/i.test(url) && URL.canParse(url) ? destination : refused("malformed");
}
