/**
 * The dashboard's own cookies. Guarantees that no script reads them, that other sites' requests do not carry them, and,
 * by HTTPS, that no other host of the same site can set them.
 */
import type { Context } from "hono";
import { generateCookie, getCookie } from "hono/cookie";
import { configured } from "../http/configured.ts";

type CookieContext = Context<{ Bindings: Env }>;

/** A cookie of a request; undefined without one. */
export function ownCookie(context: CookieContext, name: string): string | undefined {
  const value = getCookie(context, name, prefixOf(context));
  return value === "" ? undefined : value;
}

/** The value of a `Set-Cookie` that sets it. */
export function settingCookie(context: CookieContext, name: string, value: string, lifeMs: number): string {
  const prefix = prefixOf(context);
  return generateCookie(name, value, {
    path: "/",
    httpOnly: true,
    sameSite: "Strict",
    maxAge: lifeMs / 1000,
    ...(prefix === undefined ? {} : { prefix, secure: true }),
  });
}

/** The value of a `Set-Cookie` that deletes it. */
export function deletingCookie(context: CookieContext, name: string): string {
  return settingCookie(context, name, "", 0);
}

/**
 * `__Host-` keeps other hosts of the same site from setting the cookie, and takes HTTPS, which not every browser
 * believes `localhost` to be (RFC 6265bis §4.1.3.2).
 */
function prefixOf({ env, req }: CookieContext): "host" | undefined {
  return configured(env).development && new URL(req.url).protocol === "http:" ? undefined : "host";
}
