/** Answers that people read: HTML with its content security policy, never cached, never framed. */
import { settingsOf } from "../config/settings.ts";
import { badLinkPage, type Page, pickLanguage, type Shown } from "../web/index.ts";

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

/** In whose name and in which language a page speaks. */
export function shownTo(request: Request, env: Env): Shown {
  const settings = settingsOf(env);
  return {
    sender: settings.ok ? settings.value.sender : NOBODY,
    language: pickLanguage(request.headers.get("Accept-Language")),
  };
}

/** While the Worker is not set up. */
const NOBODY = { name: "", color: "#7a1f2b" } as const;

/** 404 for a link whose token is not ours, without saying why. */
export function badLink(request: Request, env: Env): Response {
  return page(badLinkPage(shownTo(request, env)), 404);
}

/** 405 with the methods that are (RFC 9110 §15.5.6), in words for people. */
export function methodNotAllowed(...allow: readonly string[]): Response {
  return new Response("This address does not take that method.\n", {
    status: 405,
    headers: { Allow: allow.join(", "), "Cache-Control": "no-store" },
  });
}
