/**
 * A page as one document with its content security policy. Guarantees that only the page's own style and script,
 * named by their hashes, are applied and run.
 */
import { raw } from "hono/html";
import type { Color } from "../platform/color.ts";
import { sha256 } from "../platform/sha256.ts";
import { type Markup, markup } from "./markup.ts";

/** A page, and the value of its Content-Security-Policy. */
export interface Page {
  readonly html: string;
  readonly csp: string;
}

export interface DocumentParts {
  /** BCP 47. */
  readonly language: string;
  readonly title: string;
  /** For the browser's bars and the icon. */
  readonly color: Color;
  readonly style: string;
  /** Trusted text: never from a request. */
  readonly script?: string;
  /** Directives besides or instead of the usual ones, which allow the page's own form only. */
  readonly policy?: Readonly<Record<string, string>>;
  readonly body: Markup;
}

export function documentOf({ language, title, color, style, script, policy, body }: DocumentParts): Page {
  const directives = {
    "default-src": "'none'",
    "style-src": sourceOf(style),
    // For the icon: without one, browsers ask for /favicon.ico.
    "img-src": "data:",
    ...(script === undefined ? {} : { "script-src": sourceOf(script) }),
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    ...policy,
  };
  const head = [
    markup`<meta charset="utf-8"/><title>${title}</title>`,
    markup`<meta name="viewport" content="width=device-width, initial-scale=1"/>`,
    markup`<meta name="color-scheme" content="light dark"/><meta name="theme-color" content="${color}"/>`,
    markup`<link rel="icon" href="${iconOf(color)}"/><style>${raw(style)}</style>`,
  ];
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
  const circle = `<circle cx='4.5' cy='4.5' r='4.5' fill='${color}'/>`;
  const svg = `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'>${circle}</svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
