/** Decorates for tests, and writes what came out so that people can read it. */
import { type Decorated, type DecorateOptions, decorate, type Recipient } from "../../src/decorate/index.ts";
import { verifyToken } from "../../src/tokens/verify.ts";
import { KEYS } from "../tokens/keyring.ts";

export const ORIGIN = "https://t.example.com";
/** A later step fills placeholders. */
export const OPTIONS: DecorateOptions = { keys: KEYS, origin: ORIGIN, variables: false };
export const RECIPIENT: Recipient = { email: 1042, person: 3918273, campaign: 88012 };

const PIXEL = /<img src="https:\/\/t\.example\.com\/o\/([\w-]+)\.gif"[^>]*>/g;
// With the end that a URL in running text may have.
const LINK = /https:\/\/t\.example\.com\/c\/([\w-]+)(?:(?<=[-_])\/x)?/g;
const UNSUBSCRIBE = /https:\/\/t\.example\.com\/u\/([\w-]+)(?:(?<=[-_])\/x)?/g;

/** Every decorated URL verified: `⟦url⟧`, `⟦unsubscribe⟧` or `⟦pixel⟧`. Throws on a token that does not verify. */
export function revealed(decorated: string): string {
  return decorated
    .replace(PIXEL, (_, token: string) => `⟦${opened("open", token) && "pixel"}⟧`)
    .replace(LINK, (_, token: string) => `⟦${opened("click", token).link.url}⟧`)
    .replace(UNSUBSCRIBE, (_, token: string) => `⟦${opened("unsubscribe", token) && "unsubscribe"}⟧`);
}

function opened<U extends "open" | "click" | "unsubscribe">(use: U, token: string) {
  const claims = verifyToken(KEYS, use, token);
  if (!claims.ok) throw new Error(`${use}: ${claims.reason}`);
  return claims.value;
}

export function decorateHtml(html: string, options: Partial<DecorateOptions> = {}): Decorated {
  return decorate(html, { ...OPTIONS, ...options }, RECIPIENT);
}

/** The HTML as it reads afterwards, without the pixel. */
export function html(source: string, options: Partial<DecorateOptions> = {}): string {
  return revealed(decorateHtml(source, options).html ?? "").replace("⟦pixel⟧", "");
}

/** The plain text as it reads afterwards. */
export function text(source: string, options: Partial<DecorateOptions> = {}): string {
  return revealed(decorate({ text: source }, { ...OPTIONS, ...options }, RECIPIENT).text ?? "");
}

/** Codes and addresses of what was left alone. */
export function warnings(
  source: string | { readonly html?: string; readonly text?: string },
  options: Partial<DecorateOptions> = {},
): readonly (readonly [string, string | undefined])[] {
  const { warnings: all } = decorate(source, { ...OPTIONS, ...options }, RECIPIENT);
  return all.map(({ code, url }) => [code, url] as const);
}
