/**
 * What is to become of an address found in an email. Guarantees that only an absolute http(s) URL that a browser could
 * follow is decorated, byte for byte as it stood but for the whitespace that browsers drop.
 */
import { destinationFault } from "../tokens/destination.ts";
import type { Placeholders } from "./placeholder.ts";
import type { WarningCode } from "./warning.ts";

export interface Surroundings {
  /** What relative addresses resolve against. */
  readonly base: URL | undefined;
  /** The Worker's: addresses that are decorated already stay. */
  readonly origin: string;
  readonly placeholders: Placeholders;
}

/** `leave` without a warning: no web address, or decorated already. */
export type Verdict =
  | { readonly kind: "link"; readonly url: string }
  | { readonly kind: "unsubscribe" }
  | { readonly kind: "leave"; readonly warning?: WarningCode };

const LEAVE: Verdict = { kind: "leave" };

/** `value` with entities decoded. */
export function classifyLink(value: string, { base, origin, placeholders }: Surroundings): Verdict {
  const url = withoutDroppedSpace(value);
  if (url === "" || url.startsWith("#")) return LEAVE;
  if (placeholders.isUnsubscribe(url)) return { kind: "unsubscribe" };
  const scheme = /^[a-z][a-z0-9+.-]*(?=:)/i.exec(url)?.[0].toLowerCase();
  if (scheme !== undefined && scheme !== "http" && scheme !== "https") return LEAVE;
  if (placeholders.isIn(url)) return { kind: "leave", warning: "placeholder" };
  const absolute = scheme === undefined ? resolve(url, base) : url;
  if (absolute === undefined) return { kind: "leave", warning: "relative" };
  const fault = webFault(absolute);
  if (fault !== undefined) return { kind: "leave", warning: fault };
  return isOurs(new URL(absolute), origin) ? LEAVE : { kind: "link", url: absolute };
}

/** The `<base href>` when links can resolve against it. */
export function usableBase(href: string | undefined, placeholders: Placeholders): URL | undefined {
  const url = withoutDroppedSpace(href ?? "");
  return webFault(url) === undefined && !placeholders.isIn(url) ? new URL(url) : undefined;
}

/** The Worker's own paths: links, pixels, unsubscribe pages. */
export function isOurs({ origin, pathname }: URL, ours: string): boolean {
  return origin === ours && /^\/[cou]\/./.test(pathname);
}

/** Space and controls at both ends, tabs and line breaks anywhere: dropped before a URL is read (WHATWG URL, 4.4). */
function withoutDroppedSpace(value: string): string {
  let start = 0;
  let end = value.length;
  while (start < end && value.charCodeAt(start) <= 0x20) start++;
  while (end > start && value.charCodeAt(end - 1) <= 0x20) end--;
  return value.slice(start, end).replace(/[\t\n\r]+/g, "");
}

function resolve(url: string, base: URL | undefined): string | undefined {
  // A mail has no scheme of its own to lend.
  if (url.startsWith("//")) return `${base?.protocol ?? "https:"}${url}`;
  if (base === undefined) return undefined;
  // What does not resolve is left as it is, for the caller to find malformed.
  return URL.canParse(url, base.href) ? new URL(url, base.href).href : url;
}

/** Why `url` is no web address to seal. The URL standard takes "https:///path" for the host "path"; no sender means that. */
function webFault(url: string): "malformed" | "too_long" | undefined {
  const fault = destinationFault(url);
  if (fault === "too_long") return "too_long";
  const isWhole = fault === undefined && /^https?:\/\/[^/\\?#]/i.test(url) && URL.canParse(url);
  return isWhole ? undefined : "malformed";
}
