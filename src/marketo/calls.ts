/**
 * What every call of Marketo's API passes first: limits of size, its access token, limits of rate. 100 calls in 10
 * seconds, which the platform counts at each of its locations, so that a client that keeps to Marketo's 100 in 20 is
 * never refused; and 10 at once, which each isolate counts: an exact count would cost a Durable Object's call each.
 */
import type { Context, MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { verifyAccessToken } from "../access/access-token.ts";
import { type AccessDenial, checkClient } from "../access/authorize.ts";
import { bearerOf } from "../access/bearer.ts";
import { configured } from "../http/configured.ts";
import { isWithinLimit, mayFailAgain } from "../http/rate-limit.ts";
import { logger } from "../platform/logger.ts";
import type { Result } from "../platform/result.ts";
import { type MarketoCode, MarketoError, marketoErrorAnswer } from "./envelope.ts";
import { isGet } from "./parameters.ts";

export interface MarketoEnv {
  Bindings: Env;
  /** The id of the calling client. */
  Variables: { client: string };
}

const MAX_URI_LENGTH = 8 * 1024;
const MAX_BODY_BYTES = 1024 * 1024;
const MAX_CONCURRENT_CALLS = 10;
/** A call whose client hangs up ends without notice here, and would count for ever. */
const MAX_CALL_MS = 60_000;

const CODES: Readonly<Record<AccessDenial, MarketoCode>> = {
  forged: "601",
  revoked: "601",
  expired: "602",
  denied: "603",
};

/** 414 for a long URI, before anything else is checked. */
export const limitUri: MiddlewareHandler<MarketoEnv> = async ({ req }, next) => {
  const { pathname, search } = new URL(req.url);
  if (pathname.length + search.length > MAX_URI_LENGTH) throw new MarketoError("414");
  await next();
};

/** 413 for a long body. */
export const limitCallBody = bodyLimit({ maxSize: MAX_BODY_BYTES, onError: () => marketoErrorAnswer("413") });

/** Verifies the access token and sets `client`. Whether that client may read is in D1: `requireReadScope` asks. */
export const verifyBearer: MiddlewareHandler<MarketoEnv> = async (context, next) => {
  const token = bearerOf(context.req) || tokenInQuery(context);
  if (token === "") throw new MarketoError("600");
  const claims = verifyAccessToken(configured(context.env).tokenKeys, token, Date.now());
  if (!claims.ok && !(await mayFailAgain(context))) throw new MarketoError("606");
  context.set("client", accessOrThrow(claims).client);
  await next();
};

/** Empty unless the setting allows it: queries are in logs, and Adobe has ended it. */
function tokenInQuery({ env, req }: Context<MarketoEnv>): string {
  if (!configured(env).marketo.takesTokenInQuery) return "";
  const query = new URL(req.url).searchParams;
  const isRead = req.method === "GET" || req.method === "HEAD" || (req.method === "POST" && isGet(query));
  return isRead ? (query.get("access_token") ?? "") : "";
}

/** Passes calls of clients with the scope "read". */
export const requireReadScope: MiddlewareHandler<MarketoEnv> = async (context, next) => {
  accessOrThrow(await checkClient(context.env.DB, context.get("client"), "read"));
  await next();
};

/**
 * Says in the log that a login failed, and nothing of what was tried.
 * @throws {MarketoError} 601, 602 or 603 when access is denied
 */
export function accessOrThrow<T>(access: Result<T, AccessDenial>): T {
  if (access.ok) return access.value;
  if (access.reason !== "denied") logger.warn("a call of Marketo's API was refused", { reason: access.reason });
  throw new MarketoError(CODES[access.reason]);
}

interface RunningCall {
  readonly startedAtMs: number;
}

/** The calls of each client that this isolate is answering. */
const running = new Map<string, readonly RunningCall[]>();

/** 606 for too many calls in a time, 615 for too many at once. */
export const limitCalls: MiddlewareHandler<MarketoEnv> = async (context, next) => {
  const client = context.get("client");
  if (!(await isWithinLimit(context.env.API_CALLS, client))) throw new MarketoError("606");
  const call = { startedAtMs: Date.now() };
  const others = (running.get(client) ?? []).filter(({ startedAtMs }) => call.startedAtMs - startedAtMs < MAX_CALL_MS);
  if (others.length >= MAX_CONCURRENT_CALLS) throw new MarketoError("615");
  running.set(client, [...others, call]);
  try {
    await next();
  } finally {
    const left = (running.get(client) ?? []).filter((each) => each !== call);
    if (left.length === 0) running.delete(client);
    else running.set(client, left);
  }
};
