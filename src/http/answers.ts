/** Answers that are never cached: pages of HTML with their content security policy, and what handlers answer. */
import type { MiddlewareHandler } from "hono";
import { settingsOf } from "../config/settings.ts";
import { badLinkPage, type Page, type PageOptions, pickLanguage } from "../web/index.ts";

/** Adds `Cache-Control: no-store` to every answer that has no `Cache-Control`. */
export const noStore: MiddlewareHandler = async (context, next) => {
  await next();
  const { headers } = context.res;
  if (!headers.has("Cache-Control")) headers.set("Cache-Control", "no-store");
};

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

/** The sender that a page is shown for, and the language of its reader. */
export function pageOptions(request: Request, env: Env): PageOptions {
  const settings = settingsOf(env);
  return {
    sender: settings.ok ? settings.value.sender : UNKNOWN_SENDER,
    language: pickLanguage(request.headers.get("Accept-Language")),
  };
}

/** While the Worker is not set up. */
const UNKNOWN_SENDER = { name: "", color: "#7a1f2b" } as const;

/** 404 for a link with a bad token. Does not say what is wrong with it. */
export function badLink(request: Request, env: Env): Response {
  return page(badLinkPage(pageOptions(request, env)), 404);
}
