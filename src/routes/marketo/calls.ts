/**
 * What stands around every call of Marketo's API: its size, its access token, how many there may be. 100 calls in 10 seconds, counted
 * by the platform for each of its locations, so that nobody who keeps to Marketo's 100 in 20 is refused; and 10 at once,
 * counted by each isolate: a count of all of them would cost a Durable Object's call for each.
 */
import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { authorize, type Caller, type Denial } from "../../access/authorize.ts";
import type { Scope } from "../../access/scope.ts";
import type { Env } from "../../env.ts";
import { settingsOf } from "../api.ts";
import { type MarketoCode, MarketoError, refusal } from "./envelope.ts";

export interface MarketoEnv {
  Bindings: Env;
  Variables: { caller: Caller };
}

const MAX_URI_LENGTH = 8 * 1024;
const MAX_BODY_BYTES = 1024 * 1024;
const MOST_AT_ONCE = 10;

const CODES: Readonly<Record<Denial, MarketoCode>> = { forged: "601", expired: "602", denied: "603" };

/** 414 before anything is looked at. */
export const shortUri: MiddlewareHandler<MarketoEnv> = async ({ req }, next) => {
  const { pathname, search } = new URL(req.url);
  if (pathname.length + search.length > MAX_URI_LENGTH) throw new MarketoError("414");
  await next();
};

export const shortBody = bodyLimit({ maxSize: MAX_BODY_BYTES, onError: () => refusal("413") });

/** Lets a call pass whose access token has `scope`, and tells the handlers whose it is. */
export function authorized(scope: Scope): MiddlewareHandler<MarketoEnv> {
  return async (context, next) => {
    const { env, req } = context;
    const [, token = ""] = /^Bearer +(\S+)\s*$/i.exec(req.header("Authorization") ?? "") ?? [];
    if (token === "") throw new MarketoError("600");
    const caller = await authorize(token, scope, settingsOf(env), env.DB, Date.now());
    if (!caller.ok) throw new MarketoError(CODES[caller.reason]);
    context.set("caller", caller.value);
    await next();
  };
}

/** How many calls of each client run in this isolate. */
const running = new Map<string, number>();

export const limited: MiddlewareHandler<MarketoEnv> = async (context, next) => {
  const { client } = context.get("caller");
  const { success } = await context.env.API_CALLS.limit({ key: client });
  if (!success) throw new MarketoError("606");
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
