/** Who may call `/v1`: the holder of one of API_KEYS, or of a client's access token (RFC 6750). */
import type { Context, HonoRequest, MiddlewareHandler, Next } from "hono";
import { configured } from "../http/configured.ts";
import { failureAnswer, orStorageUnavailable } from "../http/errors.ts";
import { isWithinLimit, mayFailAgain, RATE_LIMIT_POLICY, tooManyCalls } from "../http/rate-limit.ts";
import { isSameSecret } from "../platform/constant-time.ts";
import { logger } from "../platform/logger.ts";
import { verifyAccessToken } from "./access-token.ts";
import { type AccessDenial, checkClient } from "./authorize.ts";
import { type Scope, showsAddresses } from "./scope.ts";

declare module "hono" {
  interface ContextVariableMap {
    /** Whether the caller may do everything: has an API key, or is a client with the scope "admin". */
    isAdmin: boolean;
    /** Whether the caller is shown whole addresses: has an API key, or another scope than "read". */
    seesAddresses: boolean;
  }
}

/**
 * Passes requests with one of API_KEYS, which may do everything, or with the access token of a client that has the
 * scope (RFC 6750 §2.1).
 * @param needed the scope; without one, every genuine token passes
 */
export function bearer(needed?: Scope): MiddlewareHandler<{ Bindings: Env }> {
  return async (context, next) => {
    const { apiKeys, tokenKeys } = configured(context.env);
    const presented = bearerOf(context.req);
    context.set("isAdmin", isAmong(presented, apiKeys));
    context.set("seesAddresses", context.get("isAdmin"));
    if (context.get("isAdmin")) return await withinLimit(context, "an API key", next);
    if (presented === "") return await refuse(context, "missing");
    const claims = verifyAccessToken(tokenKeys, presented, Date.now());
    if (!claims.ok) return await refuse(context, claims.reason);
    const { client } = claims.value;
    if (needed === undefined) return await withinLimit(context, client, next);
    const access = await orStorageUnavailable("The client could not be looked up", () =>
      checkClient(context.env.DB, client, needed),
    );
    if (access.ok) {
      context.set("isAdmin", access.value.includes("admin"));
      context.set("seesAddresses", showsAddresses(access.value));
      return await withinLimit(context, client, next);
    }
    return access.reason === "denied" ? forbidden(context, needed) : await refuse(context, access.reason);
  };
}

type CallContext = Context<{ Bindings: Env }>;

async function withinLimit(context: CallContext, caller: string, next: Next): Promise<Response | undefined> {
  if (!(await isWithinLimit(context.env.SENDER_CALLS, caller))) return tooManyCalls(context);
  await next();
  for (const [name, value] of Object.entries(RATE_LIMIT_POLICY)) context.res.headers.set(name, value);
  return undefined;
}

/** Says in the log that a login failed, and nothing of what was tried. */
async function refuse(context: CallContext, reason: keyof typeof UNAUTHORIZED): Promise<Response> {
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
const UNAUTHORIZED: Readonly<Record<Exclude<AccessDenial, "denied"> | "missing", string>> = {
  missing: HOW_TO,
  forged: HOW_TO,
  expired: "The access token is an hour old and has expired; get another.",
  revoked: "The client of this access token has been revoked.",
};

/** The challenge has no error for a request without credentials (RFC 6750 §3.1). */
function unauthorized(context: CallContext, why: keyof typeof UNAUTHORIZED): Response {
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

/** Compares with every key, so that the time does not reveal which one is nearest. */
function isAmong(presented: string, keys: readonly string[]): boolean {
  return keys.filter((key) => isSameSecret(presented, key)).length > 0;
}
