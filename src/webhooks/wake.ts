/**
 * Wakes the endpoints when the log was written. Shared: an isolate does so once a second at most. What is written
 * meanwhile they find by themselves, because they look again two seconds after they were woken. A wake-up may be lost:
 * they read the log once a minute anyway. So it never fails, and nobody waits for it.
 */
import type { MiddlewareHandler } from "hono";
import type { Lifetime } from "../ingest/group-commit.ts";
import { logger } from "../platform/logger.ts";
import { perEnv } from "../platform/per-env.ts";
import { withDeadline } from "../platform/timeout.ts";
import { enabledEndpointIds } from "./enabled.ts";

const PAUSE_MS = 1_000;
const CALL_DEADLINE_MS = 2_000;

/** When an isolate's latest wake-up began. */
const latestOf = perEnv((_env: Env) => ({ atMs: Number.NEGATIVE_INFINITY }));

/** Wakes them behind the request or message that wrote to the log. Never throws. */
export function wakeEndpoints(env: Env, lifetime: Lifetime): void {
  const latest = latestOf(env);
  const nowMs = Date.now();
  const sinceMs = nowMs - latest.atMs;
  // A clock that went back must not hold them off until it has caught up.
  if (sinceMs >= 0 && sinceMs < PAUSE_MS) return;
  latest.atMs = nowMs;
  lifetime.waitUntil(wakeAll(env));
}

/** Wakes the endpoints behind the answers of a path that writes to the log. */
export const wakeAfterAnswer: MiddlewareHandler<{ Bindings: Env }> = async (context, next) => {
  await next();
  if (context.res.ok) wakeEndpoints(context.env, context.executionCtx);
};

async function wakeAll({ DB, WEBHOOKS }: Env): Promise<void> {
  try {
    const ids = await withDeadline(enabledEndpointIds(DB), CALL_DEADLINE_MS, "D1");
    const calls = ids.map((id) => withDeadline(WEBHOOKS.getByName(id).wake(), CALL_DEADLINE_MS, "the endpoint"));
    await Promise.allSettled(calls);
  } catch (error) {
    logger.warn("webhook endpoints were not woken", { error });
  }
}
