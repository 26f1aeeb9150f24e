/**
 * Limits of calls, counted by the platform at each of its locations. A limiter that fails refuses nobody: it protects
 * the log from floods, and nothing else.
 */
import type { HonoRequest } from "hono";
import { logger } from "../platform/logger.ts";
import { failureAnswer } from "./errors.ts";

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

/** Counts a login that failed, by the address that it came from. Returns whether it is within the limit. */
export async function mayFailAgain({ env, req }: { readonly env: Env; readonly req: HonoRequest }): Promise<boolean> {
  const ip = req.header("CF-Connecting-IP");
  return ip === undefined || (await isWithinLimit(env.LOGIN_CALLS, `ip ${ip}`));
}

/** 429 of `/v1`. */
export function tooManyCalls(): Response {
  const message = "That was too often; try again in a minute.";
  return failureAnswer({ status: 429, code: "too_many_requests", message }, RETRY_AFTER);
}
