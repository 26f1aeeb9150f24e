/** Who may call `/v1`: one of API_KEYS, or a client's access token (RFC 6750). */
import type { HonoRequest, MiddlewareHandler } from "hono";
import type { Settings } from "../config/settings.ts";
import { configured } from "../http/configured.ts";
import { failureAnswer, orStorageUnavailable } from "../http/errors.ts";
import { isSameSecret } from "../platform/constant-time.ts";
import { verifyAccessToken } from "./access-token.ts";
import { denialOf } from "./authorize.ts";
import type { Scope } from "./scope.ts";

/**
 * Lets a request pass that presents one of API_KEYS, which may do everything, or the access token of a client with `needed`
 * (RFC 6750 §2.1). Without a scope, whatever token is genuine.
 */
export function bearer(needed?: Scope): MiddlewareHandler<{ Bindings: Env }> {
  return async ({ env, req }, next) => {
    const settings = configured(env);
    const presented = bearerOf(req);
    if (isOneOf(presented, settings.apiKeys)) return await next();
    if (presented === "") return unauthorized("missing");
    return (await refusalOf(presented, needed, settings, env.DB)) ?? (await next());
  };
}

/** What a request presents as its bearer's (RFC 6750 §2.1); empty without. */
export function bearerOf(req: HonoRequest): string {
  return /^Bearer +(\S+)$/i.exec(req.header("Authorization") ?? "")?.[1] ?? "";
}

/** Undefined for an access token that may. Throws ApiError when D1 cannot say. */
async function refusalOf(
  token: string,
  needed: Scope | undefined,
  settings: Settings,
  d1: D1Database,
): Promise<Response | undefined> {
  const nowMs = Date.now();
  if (needed === undefined) {
    const claims = verifyAccessToken(settings.tokenKeys, token, nowMs);
    return claims.ok ? undefined : unauthorized(claims.reason);
  }
  const denial = await orStorageUnavailable("The client could not be looked up", () =>
    denialOf(token, needed, settings, d1, nowMs),
  );
  if (denial === undefined) return undefined;
  return denial === "denied" ? denied(needed) : unauthorized(denial);
}

const HOW_TO = 'Send one of the API_KEYS, or a client\'s access token, as "Authorization: Bearer <key>".';
/** A stranger learns nothing of tokens: only who holds one that was genuine is told what became of it. */
const UNAUTHORIZED = {
  missing: HOW_TO,
  forged: HOW_TO,
  expired: "The access token is an hour old and has expired; get another.",
  revoked: "The client of this access token has been revoked.",
};

/** With the challenge of RFC 6750 §3.1: without an error for whoever presented nothing. */
function unauthorized(why: keyof typeof UNAUTHORIZED): Response {
  const challenge = `Bearer realm="waxseal"${why === "missing" ? "" : ', error="invalid_token"'}`;
  return failureAnswer(
    { status: 401, code: "unauthorized", message: UNAUTHORIZED[why] },
    { "WWW-Authenticate": challenge },
  );
}

function denied(needed: Scope): Response {
  const message = `This takes a client with the scope "${needed}".`;
  const challenge = `Bearer realm="waxseal", error="insufficient_scope", scope="${needed}"`;
  return failureAnswer({ status: 403, code: "forbidden", message }, { "WWW-Authenticate": challenge });
}

/** Compares all of them, so that the time it takes tells nothing of the keys. */
function isOneOf(presented: string, keys: readonly string[]): boolean {
  return keys.filter((key) => isSameSecret(presented, key)).length > 0;
}
