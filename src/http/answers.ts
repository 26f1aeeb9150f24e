/** Answers: pages of HTML with their content security policy, and the header fields that all others have, too. */
import type { MiddlewareHandler } from "hono";
import type { RequestIdVariables } from "hono/request-id";
import { type Settings, settingsOf } from "../config/settings.ts";
import { badLinkPage, notReadyPage, type Page, type PageOptions, pickLanguage, type Sender } from "../web/index.ts";

/** Header fields of every answer, unless a handler sets others: not cached, its type not guessed, HTTPS only. */
export const PROTECTION = {
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
  "Strict-Transport-Security": "max-age=31536000",
} as const;

/** Adds the fields of `PROTECTION` that an answer does not have. */
export const protectAnswers: MiddlewareHandler = async (context, next) => {
  await next();
  const { headers } = context.res;
  for (const [name, value] of Object.entries(PROTECTION)) if (!headers.has(name)) headers.set(name, value);
};

/** Adds the request's id, by which the Worker's log and an error name it. */
export const answerRequestId: MiddlewareHandler<{ Variables: RequestIdVariables }> = async (context, next) => {
  await next();
  context.res.headers.set("X-Request-Id", context.get("requestId"));
};

/** An HTML page, with its content security policy; it is not indexed, and its links send no referrer. */
export function page({ html, csp }: Page, status: number, headers: Record<string, string> = {}): Response {
  return new Response(html, {
    status,
    headers: {
      ...PROTECTION,
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy": csp,
      "Referrer-Policy": "no-referrer",
      "X-Robots-Tag": "noindex",
      ...headers,
    },
  });
}

/** The sender whose tracking origin the request was made to, and the language that the browser prefers. */
export function pageOptions(request: Request, env: Env): PageOptions {
  const settings = settingsOf(env);
  return {
    sender: settings.ok ? senderOf(settings.value, new URL(request.url).host) : UNKNOWN_SENDER,
    language: pickLanguage(request.headers.get("Accept-Language")),
  };
}

function senderOf({ sender, trackingOrigins }: Settings, host: string): Sender {
  const brand = trackingOrigins.find(({ origin }) => new URL(origin).host === host);
  return brand === undefined ? sender : { name: brand.name, color: brand.color ?? sender.color };
}

/** While the Worker is not set up. */
const UNKNOWN_SENDER = { name: "", color: "#7a1f2b" } as const;

/** 503 for a link while the Worker is not set up: a recipient cannot set it up, so what is missing is not said. */
export function notReady(request: Request, env: Env): Response {
  return page(notReadyPage(pageOptions(request, env)), 503, { "Retry-After": "3600" });
}

/** 404 for a link with a bad token. Does not say what is wrong with it. */
export function badLink(request: Request, env: Env): Response {
  return page(badLinkPage(pageOptions(request, env)), 404);
}
