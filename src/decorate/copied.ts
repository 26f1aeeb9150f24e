/**
 * Tokens of another copy in the source: an email that was decorated before, forwarded or quoted. Guarantees that a URL
 * counts as copied only when one of our keys signed its token, whatever its host. Gives up: URLs that a scanner has
 * encrypted or replaced by a number.
 */
import { Buffer } from "node:buffer";
import { HONEYPOT_LINK_ID } from "../tokens/claims.ts";
import type { TokenKeys } from "../tokens/keys.ts";
import { verifyToken } from "../tokens/verify.ts";
import { percentDecoded } from "./placeholder.ts";

/**
 * What a copied URL was for. `remove`: the pixel or the honeypot link, of which this copy gets its own.
 * `unverified`: it looks like ours, and no key verifies it.
 */
export type CopiedUrl =
  | { readonly kind: "click"; readonly url: string }
  | { readonly kind: "unsubscribe" | "remove" | "unverified" };

/** A URL with a token in its path. */
const PATH = /^\/([cou])\/(.+)/s;

/** As scanners percent-encode them, also twice; as JSON and template languages escape them. */
const SLASH = String.raw`(?:\\?\/|%(?:25){0,2}2F|&#(?:x0{0,4}2f|0{0,4}47);|&sol;)`;
const COLON = "(?::|%(?:25){0,2}3A|&#(?:x0{0,4}3a|0{0,4}58);|&colon;)";
const HOST = String.raw`[\w.[\]-]{1,255}(?:${COLON}[0-9]{1,5})?`;
/** Without a scheme, mail clients make links of them, too. */
const BEGINNING = String.raw`(?:(?:https?${COLON})?${SLASH}{2}|(?<![\w.@/-]))`;

/** What may be such a URL in other text, with what decorating puts behind a token, which has 24 characters or more. */
export const COPIED = new RegExp(
  String.raw`${BEGINNING}${HOST}${SLASH}(?<letter>[cou])${SLASH}(?<token>[\w-]{24,})(?:\.gif|${SLASH}x(?!\w))?`,
  "gi",
);

/** Undefined for a URL that is not copied. */
export function copiedUrl(url: string, keys: TokenKeys, workerOrigin: string): CopiedUrl | undefined {
  const { origin, pathname } = new URL(url);
  const [, letter = "", token = ""] = PATH.exec(pathname) ?? [];
  const decoded = percentDecoded(token);
  // The header has spaces where mail libraries may break the line.
  const own = verified(keys, letter, decoded) ?? verified(keys, letter, decoded.replace(/\s+/g, ""));
  if (own !== undefined) return own;
  if (token !== "" && origin === workerOrigin) return { kind: "unverified" };
  for (const text of [url, ...unwrapped(url)]) {
    for (const { groups } of text.matchAll(COPIED)) {
      const inner = copiedToken(keys, groups);
      if (inner !== undefined) return inner;
    }
  }
  return undefined;
}

/** Proofpoint's second version writes "-" for "%" and "_" for "/". */
const PROOFPOINT = /\/v2\/url\?(?:[^#?]{0,2000}&)?u=(https?-3A__[^&#]+)/i;
/** "http" in base64, as Sophos writes what it has rewritten. */
const BASE64 = /aHR0c[A-Za-z0-9+/_-]{24,}/g;

/** What scanners have written otherwise than percent-encoded. */
function unwrapped(url: string): readonly string[] {
  const [, written = ""] = PROOFPOINT.exec(url) ?? [];
  const encoded = url.match(BASE64) ?? [];
  return [
    percentDecoded(written.replaceAll("-", "%").replaceAll("_", "/")),
    ...encoded.map((text) => Buffer.from(text, "base64").toString("latin1")),
  ];
}

/** What a match of `COPIED` was for; undefined when no key verifies it. */
export function copiedToken(
  keys: TokenKeys,
  { letter = "", token = "" }: Readonly<Record<string, string>> = {},
): CopiedUrl | undefined {
  // Proofpoint puts two underscores behind a URL.
  return verified(keys, letter, token) ?? verified(keys, letter, token.replace(/__$/, ""));
}

function verified(keys: TokenKeys, letter: string, token: string): CopiedUrl | undefined {
  if (token === "") return undefined;
  if (letter === "c") {
    const click = verifyToken(keys, "click", token);
    if (!click.ok) return undefined;
    const { id, url } = click.value.link;
    return id === HONEYPOT_LINK_ID ? { kind: "remove" } : { kind: "click", url };
  }
  if (letter === "u") {
    const isOurs = verifyToken(keys, "unsubscribe", token).ok || verifyToken(keys, "optout", token).ok;
    return isOurs ? { kind: "unsubscribe" } : undefined;
  }
  return verifyToken(keys, "open", token).ok ? { kind: "remove" } : undefined;
}
