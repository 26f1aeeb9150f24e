/**
 * What stands around every call of Marketo's API: its size, its access token, how many there may be. 100 calls in 10 seconds, counted
 * by the platform for each of its locations, so that nobody who keeps to Marketo's 100 in 20 is refused; and 10 at once,
 * counted by each isolate: a count of all of them would cost a Durable Object's call for each.
 */
import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { verifyAccessToken } from "../access/access-token.ts";
import { clientDenial, type Denial } from "../access/authorize.ts";
import { bearerOf } from "../access/bearer.ts";
import { configured } from "../http/configured.ts";
import { type MarketoCode, MarketoError, refusal } from "./envelope.ts";

export interface MarketoEnv {
  Bindings: Env;
  /** Whose call it is. */
  Variables: { client: string };
}

const MAX_URI_LENGTH = 8 * 1024;
const MAX_BODY_BYTES = 1024 * 1024;
const MOST_AT_ONCE = 10;

const CODES: Readonly<Record<Denial, MarketoCode>> = {
  forged: "601",
  revoked: "601",
  expired: "602",
  denied: "603",
};

/** 414 before anything is looked at. */
export const shortUri: MiddlewareHandler<MarketoEnv> = async ({ req }, next) => {
  const { pathname, search } = new URL(req.url);
  if (pathname.length + search.length > MAX_URI_LENGTH) throw new MarketoError("414");
  await next();
};

export const shortBody = bodyLimit({ maxSize: MAX_BODY_BYTES, onError: () => refusal("413") });

/** Lets a call pass that has an access token, and says whose; whether that client may, D1 knows. */
export const named: MiddlewareHandler<MarketoEnv> = async (context, next) => {
  const token = bearerOf(context.req);
  if (token === "") throw new MarketoError("600");
  const claims = verifyAccessToken(configured(context.env).tokenKeys, token, Date.now());
  if (!claims.ok) throw new MarketoError(CODES[claims.reason]);
  context.set("client", claims.value.client);
  await next();
};

/** Lets a call pass whose client may read. */
export const authorized: MiddlewareHandler<MarketoEnv> = async (context, next) => {
  refuse(await clientDenial(context.get("client"), "read", context.env.DB));
  await next();
};

/** Throws 601, 602 or 603 when there is a denial. */
export function refuse(denial: Denial | undefined): void {
  if (denial !== undefined) throw new MarketoError(CODES[denial]);
}

/** How many calls of each client run in this isolate. */
const running = new Map<string, number>();

export const limited: MiddlewareHandler<MarketoEnv> = async (context, next) => {
  const client = context.get("client");
  const counted = await context.env.API_CALLS?.limit({ key: client });
  if (counted?.success === false) throw new MarketoError("606");
  const others = running.get(client) ?? 0;
  if (others >= MOST_AT_ONCE) throw new MarketoError("615");
  running.set(client, others + 1);
  try {
    await next();
  } finally {
    const left = (running.get(client) ?? 1) - 1;
    if (left === 0) running.delete(client);
    else running.set(client, left);
  }
};
