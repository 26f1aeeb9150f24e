/** Who looks at the dashboard: the holder of a session, by its cookie, or a user of Cloudflare Access. */
import type { Context } from "hono";
import { ASSERTION_HEADER, type AssertionDenial, KEYS_PAUSE_MS, verifyAssertion } from "../access/cloudflare-access.ts";
import { allows, type Scope } from "../access/scope.ts";
import { accessSession, findSession, SESSION_LIFE_MS, type Session } from "../access/sessions.ts";
import { configured } from "../http/configured.ts";
import { ApiError, orStorageUnavailable } from "../http/errors.ts";
import { mayFailAgain } from "../http/rate-limit.ts";
import { logger } from "../platform/logger.ts";
import { ok, type Result, refused } from "../platform/result.ts";
import { deletingCookie, ownCookie, settingCookie } from "./own-cookie.ts";

export interface Viewer {
  /** A client's name, "API key", or the address of a user of Cloudflare Access. */
  readonly name: string;
  /** For `/v1`, as a bearer token. */
  readonly token: string;
  readonly scopes: readonly Scope[];
  /** What makes them a viewer. */
  readonly session: Session;
  /** Whether Cloudflare Access has said who they are, besides their cookie. */
  readonly isAccessUserToo: boolean;
  /** Whether the scope, or "admin", is among them. */
  may(scope: Scope): boolean;
}

/** Why nobody is signed in: there is nothing to go by, it is no longer good, or Cloudflare Access's word is not. */
export type NotSignedIn = "nobody" | "over" | AssertionDenial;

type ViewerContext = Context<{ Bindings: Env }>;

const SESSION_COOKIE = "waxseal-session";

/**
 * Who is signed in; undefined when nobody is.
 * @throws {ApiError} 503 when D1, or the keys of Cloudflare Access, are out of reach
 */
export async function findViewer(context: ViewerContext): Promise<Viewer | undefined> {
  const found = await findSignedIn(context);
  return found.ok ? found.value : undefined;
}

/**
 * By the cookie, or else by the assertion of Cloudflare Access: so an operator signs in with a key behind Access, too.
 * @throws {ApiError} as `findViewer`
 */
export async function findSignedIn(context: ViewerContext): Promise<Result<Viewer, NotSignedIn>> {
  const ofCookie = await findByCookie(context);
  if (ofCookie !== undefined) return ok({ ...ofCookie, isAccessUserToo: assertionOf(context) !== undefined });
  return await findByAssertion(context);
}

/**
 * Every session of a request: its cookie's, and the one that its assertion is.
 * @throws {ApiError} as `findViewer`
 */
export async function findSessions(context: ViewerContext): Promise<readonly Session[]> {
  const ofCookie = await findByCookie(context);
  const ofAssertion = await findByAssertion(context);
  return [ofCookie, ofAssertion.ok ? ofAssertion.value : undefined].flatMap((viewer) => viewer?.session ?? []);
}

async function findByCookie(context: ViewerContext): Promise<Viewer | undefined> {
  const token = sessionCookie(context);
  if (token === undefined) return undefined;
  const found = await fromStorage(() => findSession(context.env, token, Date.now()));
  return found.ok ? viewerOf(found.value, token) : undefined;
}

async function findByAssertion(context: ViewerContext): Promise<Result<Viewer, NotSignedIn>> {
  const { env } = context;
  const nowMs = Date.now();
  const assertion = assertionOf(context);
  if (assertion === undefined) return refused(sessionCookie(context) === undefined ? "nobody" : "over");
  const user = await verifyAssertion(env, assertion);
  if (!user.ok) {
    const { reason } = user;
    if (reason === "keys_unavailable") throw new ApiError(KEYS_UNAVAILABLE);
    if (await mayFailAgain(context)) logger.warn("nobody was signed in", { reason: `assertion_${reason}` });
    return refused(reason);
  }
  const begun = await fromStorage(() => accessSession(env, assertion, user.value, nowMs));
  return begun.ok ? ok(viewerOf(begun.value, begun.value.token)) : refused("over");
}

const KEYS_UNAVAILABLE = {
  status: 503,
  code: "access_unavailable",
  message: "The keys of Cloudflare Access are out of reach; try again in a moment.",
  retryAfterSeconds: KEYS_PAUSE_MS / 1_000,
} as const;

/** The assertion of a request; undefined without one, and where Access is not set up. */
function assertionOf({ env, req }: ViewerContext): string | undefined {
  return configured(env).cloudflareAccess === undefined ? undefined : req.header(ASSERTION_HEADER);
}

function viewerOf(session: Session, token: string): Viewer {
  const { name, scopes } = session;
  return { name, token, scopes, session, isAccessUserToo: false, may: (scope) => allows(scopes, scope) };
}

function fromStorage<T>(work: () => Promise<T>): Promise<T> {
  return orStorageUnavailable("The session could not be looked up", work);
}

/** The session's token that a request carries. */
export function sessionCookie(context: ViewerContext): string | undefined {
  return ownCookie(context, SESSION_COOKIE);
}

export function setSessionCookie(context: ViewerContext, token: string): void {
  context.header("Set-Cookie", settingCookie(context, SESSION_COOKIE, token, SESSION_LIFE_MS), { append: true });
}

export function deleteSessionCookie(context: ViewerContext): void {
  context.header("Set-Cookie", deletingCookie(context, SESSION_COOKIE), { append: true });
}
