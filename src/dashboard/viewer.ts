/** Who looks at the dashboard: the holder of a session, whose token stands in a cookie. */
import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { allows, type Scope } from "../access/scope.ts";
import { findSession, SESSION_LIFE_MS, type Session } from "../access/sessions.ts";
import { configured } from "../http/configured.ts";
import { orStorageUnavailable } from "../http/errors.ts";

export interface Viewer {
  /** A client's name, "API key", or the address of a user of Cloudflare Access. */
  readonly name: string;
  /** For `/v1`, as a bearer token. */
  readonly token: string;
  readonly scopes: readonly Scope[];
  /** Whether the scope, or "admin", is among them. */
  may(scope: Scope): boolean;
}

/** A viewer, with the session that makes them one. */
export interface SignedIn {
  readonly viewer: Viewer;
  readonly session: Session;
}

type ViewerContext = Context<{ Bindings: Env }>;

const SESSION_COOKIE = "waxseal-session";

/**
 * Who is signed in; undefined when nobody is.
 * @throws {ApiError} 503 when D1 is out of reach
 */
export async function findViewer(context: ViewerContext): Promise<Viewer | undefined> {
  return (await findSignedIn(context))?.viewer;
}

export async function findSignedIn(context: ViewerContext): Promise<SignedIn | undefined> {
  const token = getCookie(context, SESSION_COOKIE, prefixOf(context));
  if (token === undefined || token === "") return undefined;
  const found = await orStorageUnavailable("The session could not be looked up", () =>
    findSession(context.env, token, Date.now()),
  );
  if (!found.ok) return undefined;
  const { name, scopes } = found.value;
  return { viewer: { name, token, scopes, may: (scope) => allows(scopes, scope) }, session: found.value };
}

/** Other sites' requests do not carry it (SameSite), and no script reads it. */
export function setSessionCookie(context: ViewerContext, token: string): void {
  const prefix = prefixOf(context);
  setCookie(context, SESSION_COOKIE, token, {
    path: "/",
    httpOnly: true,
    sameSite: "Strict",
    maxAge: SESSION_LIFE_MS / 1000,
    ...(prefix === undefined ? {} : { prefix, secure: true }),
  });
}

export function deleteSessionCookie(context: ViewerContext): void {
  const prefix = prefixOf(context);
  deleteCookie(context, SESSION_COOKIE, { path: "/", ...(prefix === undefined ? {} : { prefix, secure: true }) });
}

/**
 * `__Host-` keeps other hosts of the same site from setting the cookie, and takes HTTPS, which not every browser
 * believes `localhost` to be (RFC 6265bis §4.1.3.2).
 */
function prefixOf({ env, req }: ViewerContext): "host" | undefined {
  return configured(env).development && new URL(req.url).protocol === "http:" ? undefined : "host";
}
