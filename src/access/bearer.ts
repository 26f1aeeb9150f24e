/** Who may call `/v1`: the holder of one of API_KEYS, of a client's access token or of a session's (RFC 6750). */
import type { Context, HonoRequest, MiddlewareHandler, Next } from "hono";
import { configured } from "../http/configured.ts";
import { failureAnswer, orStorageUnavailable } from "../http/errors.ts";
import { isWithinLimit, mayFailAgain, RATE_LIMIT_POLICY, tooManyCalls } from "../http/rate-limit.ts";
import { logger } from "../platform/logger.ts";
import { ok, type Result, refused } from "../platform/result.ts";
import { verifyAccessToken } from "./access-token.ts";
import { type AccessDenial, scopesOfClient } from "./authorize.ts";
import { vouchedSession } from "./own-requests.ts";
import { allows, SCOPES, type Scope, showsAddresses } from "./scope.ts";
import { findSession, keyHolder, type Session } from "./sessions.ts";

declare module "hono" {
  interface ContextVariableMap {
    /** Whether the caller may do everything: has an API key, or is a client with the scope "admin". */
    isAdmin: boolean;
    /** Whether the caller is shown whole addresses: has an API key, or another scope than "read". */
    seesAddresses: boolean;
  }
}

/** Who calls, and what they may do. */
interface Caller {
  /** For the limit of calls. */
  readonly name: string;
  readonly scopes: readonly Scope[];
}

type CallDenial = Exclude<AccessDenial, "denied"> | "missing" | "session_expired" | "session_over";

/**
 * Passes requests with one of API_KEYS, which may do everything, with the access token of a client that has the scope,
 * or with the token of a session that has it (RFC 6750 §2.1).
 * @param needed the scope; without one, every genuine token passes
 */
export function bearer(needed?: Scope): MiddlewareHandler<{ Bindings: Env }> {
  return async (context, next) => {
    const own = vouchedSession(context.req.raw);
    const caller =
      own === undefined
        ? await callerOf(context.env, bearerOf(context.req), needed !== undefined)
        : ok(sessionCaller(own));
    if (!caller.ok) return await refuse(context, caller.reason);
    const { name, scopes } = caller.value;
    if (needed !== undefined && !allows(scopes, needed)) return forbidden(context, needed);
    context.set("isAdmin", scopes.includes("admin"));
    context.set("seesAddresses", showsAddresses(scopes));
    return await withinLimit(context, name, next);
  };
}

/** @param readsScopes whether the caller's scopes matter: D1 has those of a client */
async function callerOf(env: Env, presented: string, readsScopes: boolean): Promise<Result<Caller, CallDenial>> {
  if (keyHolder(env, presented) !== undefined) return ok({ name: "an API key", scopes: SCOPES });
  if (presented === "") return refused("missing");
  const nowMs = Date.now();
  const claims = verifyAccessToken(configured(env).tokenKeys, presented, nowMs);
  if (!claims.ok) return claims.reason === "forged" ? await callerOfSession(env, presented, nowMs) : claims;
  const { client: name } = claims.value;
  if (!readsScopes) return ok({ name, scopes: [] });
  const scopes = await orStorageUnavailable("The client could not be looked up", () => scopesOfClient(env.DB, name));
  return scopes.ok ? ok({ name, scopes: scopes.value }) : scopes;
}

async function callerOfSession(env: Env, presented: string, nowMs: number): Promise<Result<Caller, CallDenial>> {
  const session = await orStorageUnavailable("The session could not be looked up", () =>
    findSession(env, presented, nowMs),
  );
  if (session.ok) return ok(sessionCaller(session.value));
  return session.reason === "forged" ? refused("forged") : refused(`session_${session.reason}`);
}

function sessionCaller({ kind, holder, scopes }: Session): Caller {
  return { name: `${kind} ${holder}`, scopes };
}

type CallContext = Context<{ Bindings: Env }>;

async function withinLimit(context: CallContext, caller: string, next: Next): Promise<Response | undefined> {
  if (!(await isWithinLimit(context.env.SENDER_CALLS, caller))) return tooManyCalls(context);
  await next();
  for (const [name, value] of Object.entries(RATE_LIMIT_POLICY)) context.res.headers.set(name, value);
  return undefined;
}

/** Says in the log that a login failed, and nothing of what was tried. */
async function refuse(context: CallContext, reason: CallDenial): Promise<Response> {
  // A caller with a key learns that this Worker has none.
  configured(context.env, "API_KEYS");
  if (!(await mayFailAgain(context))) return tooManyCalls(context);
  if (reason !== "missing") logger.warn("a call of the API was refused", { reason });
  return unauthorized(context, reason);
}

/** The bearer token that a request presents (RFC 6750 §2.1); empty without one. */
export function bearerOf(req: HonoRequest): string {
  return /^Bearer +(\S+)$/i.exec(req.header("Authorization") ?? "")?.[1] ?? "";
}

const HOW_TO = 'Send one of the API_KEYS, or a client\'s access token, as "Authorization: Bearer <key>".';
/** Nothing about a forged token is said: only the holder of a genuine one learns what is wrong with it. */
const UNAUTHORIZED: Readonly<Record<CallDenial, string>> = {
  missing: HOW_TO,
  forged: HOW_TO,
  expired: "The access token is an hour old and has expired; get another.",
  revoked: "The client of this access token has been revoked.",
  session_expired: "The session is twelve hours old and has expired; sign in again.",
  session_over: "The session is over; sign in again.",
};

/** The challenge has no error for a request without credentials (RFC 6750 §3.1). */
function unauthorized(context: CallContext, why: CallDenial): Response {
  const challenge = `Bearer realm="waxseal"${why === "missing" ? "" : ', error="invalid_token"'}`;
  return failureAnswer(
    context,
    { status: 401, code: "unauthorized", message: UNAUTHORIZED[why] },
    { "WWW-Authenticate": challenge },
  );
}

function forbidden(context: CallContext, needed: Scope): Response {
  const message = `This takes a client with the scope "${needed}".`;
  const challenge = `Bearer realm="waxseal", error="insufficient_scope", scope="${needed}"`;
  return failureAnswer(context, { status: 403, code: "forbidden", message }, { "WWW-Authenticate": challenge });
}
