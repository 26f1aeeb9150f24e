/**
 * Limits of calls, counted by the platform at each of its locations. A limiter that fails refuses nobody: it protects
 * the log from floods, and nothing else.
 */
import type { HonoRequest } from "hono";
import { logger } from "../platform/logger.ts";
import { callerNetwork } from "./client-ip.ts";
import { failureAnswer } from "./errors.ts";

interface LoginCall {
  readonly env: Env;
  readonly req: HonoRequest;
}

/** The period over which wrangler.toml counts, in seconds. */
const RETRY_AFTER = { "Retry-After": "60" };

/** Counts a call. Returns whether it is within the limit of its key. */
export async function isWithinLimit(limiter: RateLimit, key: string): Promise<boolean> {
  try {
    return (await limiter.limit({ key })).success;
  } catch (error) {
    logger.warn("calls are not counted", { error });
    return true;
  }
}

/**
 * Counts a login that failed, by the network that it came from: a caller of IPv6 has more addresses than there are
 * limits. Returns whether it is within the limit.
 */
export async function mayFailAgain({ env, req }: LoginCall): Promise<boolean> {
  const network = callerNetwork(req);
  return network === undefined || (await isWithinLimit(env.LOGIN_CALLS, `failed ${network}`));
}

/**
 * Counts a login by the network that it comes from, and in it by the client whose id it names. So random ids do not
 * get past it, and who guesses at a client's id locks nobody out elsewhere. Returns whether it is within both limits.
 */
export async function mayLogIn({ env, req }: LoginCall, client: string): Promise<boolean> {
  const network = callerNetwork(req);
  if (network !== undefined && !(await isWithinLimit(env.NETWORK_LOGINS, network))) return false;
  return await isWithinLimit(env.LOGIN_CALLS, `client ${client} ${network ?? ""}`);
}

/** 429 of `/v1`. */
export function tooManyCalls(): Response {
  const message = "That was too often; try again in a minute.";
  return failureAnswer({ status: 429, code: "too_many_requests", message }, RETRY_AFTER);
}
