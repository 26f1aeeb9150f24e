/**
 * Limits of calls, counted by the platform at each of its locations. A limiter that fails, or does not answer in time,
 * refuses nobody: it protects the log from floods, and nothing else.
 */
import type { Context, HonoRequest } from "hono";
import { logger } from "../platform/logger.ts";
import { withDeadline } from "../platform/timeout.ts";
import { callerNetwork } from "./client-ip.ts";
import { failureAnswer } from "./errors.ts";

interface LoginCall {
  readonly env: Env;
  readonly req: HonoRequest;
}

/** The period over which wrangler.toml counts, in seconds. */
const RETRY_AFTER = { "Retry-After": "60" };

/**
 * The limit of SENDER_CALLS (draft-ietf-httpapi-ratelimit-headers-10 §3). How many calls are left the platform does not
 * say, so that only 429 has `RateLimit`.
 */
export const RATE_LIMIT_POLICY = { "RateLimit-Policy": '"calls";q=60000;w=60' };

/** It counts where the Worker runs, so this is long. */
const DEADLINE_MS = 1_000;

/** Counts a call. Returns whether it is within the limit of its key. */
export async function isWithinLimit(limiter: RateLimit, key: string): Promise<boolean> {
  try {
    return (await withDeadline(limiter.limit({ key }), DEADLINE_MS, "the rate limiter")).success;
  } catch (error) {
    logger.warn("calls are not counted", { error });
    return true;
  }
}

/**
 * Counts a failed login by the caller's network, not by its address: a caller of IPv6 has any number of addresses.
 * Returns whether it is within the limit.
 */
export async function mayFailAgain(call: LoginCall): Promise<boolean> {
  return await isWithinNetworkLimit(call, "failed");
}

/** Counts what a stranger causes by their network, each kind by itself. Returns whether it is within the limit. */
export async function isWithinNetworkLimit({ env, req }: LoginCall, kind: string): Promise<boolean> {
  const network = callerNetwork(req);
  return network === undefined || (await isWithinLimit(env.LOGIN_CALLS, `${kind} ${network}`));
}

/**
 * Counts a login by the caller's network, so that random ids do not evade the limit, and by network and client id, so
 * that guessing a client's secret locks the client out on no other network. Returns whether it is within both.
 */
export async function mayLogIn({ env, req }: LoginCall, client: string): Promise<boolean> {
  const network = callerNetwork(req);
  if (network !== undefined && !(await isWithinLimit(env.NETWORK_LOGINS, network))) return false;
  return await isWithinLimit(env.LOGIN_CALLS, `client ${client} ${network ?? ""}`);
}

/** 429 of `/v1`. */
export function tooManyCalls(context: Context): Response {
  const message = "That was too often; try again in a minute.";
  const headers = { ...RETRY_AFTER, ...RATE_LIMIT_POLICY, RateLimit: '"calls";r=0;t=60' };
  return failureAnswer(context, { status: 429, code: "too_many_requests", message }, headers);
}
