/** Answers that people read: HTML with its content security policy, never cached, never framed. */
import type { Language, Page } from "../pages/index.ts";
import { badLinkPage, pickLanguage } from "../pages/index.ts";

export function page({ html, csp }: Page, status: number, headers: Record<string, string> = {}): Response {
  return new Response(html, {
    status,
    headers: {
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy": csp,
      "Cache-Control": "no-store",
      "Referrer-Policy": "no-referrer",
      "X-Content-Type-Options": "nosniff",
      "X-Robots-Tag": "noindex",
      ...headers,
    },
  });
}

export function languageOf(request: Request): Language {
  return pickLanguage(request.headers.get("Accept-Language"));
}

/** 404 for a link whose token is not ours, without saying why. */
export function badLink(request: Request): Response {
  return page(badLinkPage({ language: languageOf(request) }), 404);
}

/** 405 with the methods that are (RFC 9110 §15.5.6), in words for people. */
export function methodNotAllowed(...allow: readonly string[]): Response {
  return new Response("This address does not take that method.\n", {
    status: 405,
    headers: { Allow: allow.join(", "), "Cache-Control": "no-store" },
  });
}
