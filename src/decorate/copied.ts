/**
 * Tokens of another copy in the source: an email that was decorated before, forwarded or quoted. Guarantees that a URL
 * counts as copied only when one of our keys signed its token, whatever its host. Gives up: URLs that a scanner has
 * rewritten beyond percent-encoding.
 */
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

/** Such a URL inside another, where scanners put it: percent-encoded or not. No token has fewer than 24 characters. */
const INSIDE =
  /https?(?::\/\/|%3A%2F%2F)[\w.[\]-]{1,255}(?:(?::|%3A)[0-9]{1,5})?(?:\/|%2F)([cou])(?:\/|%2F)([\w-]{24,})/gi;

/** Undefined for a URL that is not copied. */
export function copiedUrl(url: string, keys: TokenKeys, workerOrigin: string): CopiedUrl | undefined {
  const { origin, pathname } = new URL(url);
  const [, letter, token] = PATH.exec(pathname) ?? [];
  const own = letter && token ? verified(keys, letter, percentDecoded(token)) : undefined;
  if (own !== undefined) return own;
  if (token !== undefined && origin === workerOrigin) return { kind: "unverified" };
  for (const [, innerLetter = "", innerToken = ""] of url.matchAll(INSIDE)) {
    // Proofpoint puts two underscores behind a URL.
    const inner = verified(keys, innerLetter, innerToken) ?? verified(keys, innerLetter, innerToken.replace(/__$/, ""));
    if (inner !== undefined) return inner;
  }
  return undefined;
}

function verified(keys: TokenKeys, letter: string, token: string): CopiedUrl | undefined {
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
