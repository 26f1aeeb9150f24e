/**
 * Wakes the endpoints when the log was written. Shared: an isolate does so once a second at most, and asks once a
 * minute which endpoints there are; where there are none, it does nothing meanwhile. What is written within that second
 * they find by themselves, because they look again two seconds after they were woken. A wake-up may be lost, and an
 * endpoint that was just added not be known: they read the log once a minute anyway. So it never fails, and nobody
 * waits for it.
 */
import type { MiddlewareHandler } from "hono";
import type { Lifetime } from "../ingest/group-commit.ts";
import { logger } from "../platform/logger.ts";
import { perEnv } from "../platform/per-env.ts";
import { withDeadline } from "../platform/timeout.ts";
import { enabledEndpointIds, endpointObject } from "./endpoints.ts";

const PAUSE_MS = 1_000;
const KNOWN_MS = 60_000;
const CALL_DEADLINE_MS = 2_000;

interface KnownEndpoints {
  /** Those that are not disabled, as they were at `readAtMs`. */
  ids: readonly string[];
  readAtMs: number;
  /** When the latest wake-up began. */
  wokenAtMs: number;
}

const knownOf = perEnv((_env: Env): KnownEndpoints => {
  return { ids: [], readAtMs: Number.NEGATIVE_INFINITY, wokenAtMs: Number.NEGATIVE_INFINITY };
});

/** Wakes them behind the request or message that wrote to the log. Never throws. */
export function wakeEndpoints(env: Env, lifetime: Lifetime): void {
  const known = knownOf(env);
  const nowMs = Date.now();
  const isKnown = isWithin(known.readAtMs, nowMs, KNOWN_MS);
  if ((isKnown && known.ids.length === 0) || isWithin(known.wokenAtMs, nowMs, PAUSE_MS)) return;
  known.wokenAtMs = nowMs;
  lifetime.waitUntil(wakeAll(env, known, isKnown, nowMs));
}

/** Asks again which endpoints there are: this isolate has added, changed or deleted one. */
export function forgetEndpoints(env: Env): void {
  const known = knownOf(env);
  known.readAtMs = Number.NEGATIVE_INFINITY;
  known.wokenAtMs = Number.NEGATIVE_INFINITY;
}

/** A clock that went back must not hold them off until it has caught up. */
function isWithin(atMs: number, nowMs: number, ms: number): boolean {
  return nowMs >= atMs && nowMs - atMs < ms;
}

/** Wakes the endpoints behind the answer of a route that writes to the log. */
export const wakeAfterAnswer: MiddlewareHandler<{ Bindings: Env }> = async (context, next) => {
  await next();
  if (context.res.ok) wakeEndpoints(context.env, context.executionCtx);
};

async function wakeAll(env: Env, known: KnownEndpoints, isKnown: boolean, nowMs: number): Promise<void> {
  try {
    if (!isKnown) {
      known.readAtMs = nowMs;
      known.ids = await withDeadline(enabledEndpointIds(env.DB), CALL_DEADLINE_MS, "D1");
    }
    const calls = known.ids.map((id) => withDeadline(endpointObject(env, id).wake(), CALL_DEADLINE_MS, "the endpoint"));
    await Promise.allSettled(calls);
  } catch (error) {
    known.readAtMs = Number.NEGATIVE_INFINITY;
    logger.warn("webhook endpoints were not woken", { error });
  }
}
