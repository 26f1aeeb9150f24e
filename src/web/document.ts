/**
 * One page as one document: its content security policy names its own style and script by their hashes, so that whatever
 * else finds its way into the page is not run, not applied and not loaded.
 */

import { raw } from "hono/html";
import { sha256 } from "../platform/sha256.ts";
import type { Color } from "./color.ts";
import { type Markup, markup } from "./markup.ts";

/** A page and the value of the Content-Security-Policy that it needs. */
export interface Page {
  readonly html: string;
  readonly csp: string;
}

export interface DocumentParts {
  /** BCP 47. */
  readonly language: string;
  readonly title: string;
  /** Of the browser's own bars and of the icon. */
  readonly color: Color;
  readonly style: string;
  /** Trusted text: ours, never anything that a request brought along. */
  readonly script?: string;
  /** Directives over the usual ones, which forbid everything but the page's own form. */
  readonly policy?: Readonly<Record<string, string>>;
  readonly body: Markup;
}

export function documentOf({ language, title, color, style, script, policy, body }: DocumentParts): Page {
  const directives = {
    "default-src": "'none'",
    "style-src": sourceOf(style),
    // The icon stands in the page: without one, browsers ask for /favicon.ico.
    "img-src": "data:",
    ...(script === undefined ? {} : { "script-src": sourceOf(script) }),
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    ...policy,
  };
  const head = markup`<meta charset="utf-8"/><title>${title}</title><meta name="viewport" content="width=device-width, initial-scale=1"/><meta name="color-scheme" content="light dark"/><meta name="theme-color" content="${color}"/><link rel="icon" href="${iconOf(color)}"/><style>${raw(style)}</style>`;
  const scripted = script === undefined ? null : markup`<script>${raw(script)}</script>`;
  const document = markup`<html lang="${language}"><head>${head}</head><body>${body}${scripted}</body></html>`;
  return {
    html: `<!doctype html>${document}`,
    csp: Object.entries(directives)
      .map(([name, sources]) => `${name} ${sources}`)
      .join("; "),
  };
}

/** CSP Level 3 §2.3.1, hash-source. */
function sourceOf(text: string): string {
  const digest = sha256(text);
  return `'sha256-${btoa(String.fromCharCode(...digest))}'`;
}

function iconOf(color: Color): string {
  const svg = `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'><circle cx='4.5' cy='4.5' r='4.5' fill='${color}'/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
