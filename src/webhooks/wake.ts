/**
 * Wakes the endpoints when the log was written. Shared: an isolate does so once a second at most, for all that was
 * written meanwhile. It may be lost, because an endpoint reads the log once a minute anyway; so it never fails, and
 * nobody waits for it.
 */
import type { MiddlewareHandler } from "hono";
import type { Lifetime } from "../ingest/group-commit.ts";
import { logger } from "../platform/logger.ts";
import { perEnv } from "../platform/per-env.ts";
import { withDeadline } from "../platform/timeout.ts";
import { enabledEndpointIds } from "./enabled.ts";

const PAUSE_MS = 1_000;
const CALL_DEADLINE_MS = 5_000;
/** A wake-up that has waited longer died with its request. */
const MAX_WAIT_MS = 3_000;

interface Wakes {
  /** When the latest began. */
  lastAtMs: number;
  /** Since when one waits for its second. */
  waitingSinceMs: number;
  /** Whether the latest found endpoints. */
  isAnyEnabled: boolean;
}

const wakesOf = perEnv(
  (_env: Env): Wakes => ({
    lastAtMs: Number.NEGATIVE_INFINITY,
    waitingSinceMs: Number.NEGATIVE_INFINITY,
    isAnyEnabled: false,
  }),
);

/** Wakes them behind the request or message that wrote to the log. Never throws. */
export function wakeEndpoints(env: Env, lifetime: Lifetime): void {
  const wakes = wakesOf(env);
  const nowMs = Date.now();
  if (nowMs - wakes.waitingSinceMs < MAX_WAIT_MS) return;
  const restMs = wakes.lastAtMs + PAUSE_MS - nowMs;
  // An endpoint that another isolate has added since then was started by that.
  if (restMs > 0 && !wakes.isAnyEnabled) return;
  wakes.waitingSinceMs = nowMs;
  lifetime.waitUntil(wakeAfter(env, wakes, restMs));
}

/** Wakes the endpoints behind the answers of a path that writes to the log. */
export const wakeAfterAnswer: MiddlewareHandler<{ Bindings: Env }> = async (context, next) => {
  await next();
  if (context.res.ok) wakeEndpoints(context.env, context.executionCtx);
};

async function wakeAfter(env: Env, wakes: Wakes, restMs: number): Promise<void> {
  try {
    if (restMs > 0) await scheduler.wait(restMs);
    wakes.waitingSinceMs = Number.NEGATIVE_INFINITY;
    wakes.lastAtMs = Date.now();
    const ids = await withDeadline(enabledEndpointIds(env.DB), CALL_DEADLINE_MS, "D1");
    wakes.isAnyEnabled = ids.length > 0;
    const calls = ids.map((id) => withDeadline(env.WEBHOOKS.getByName(id).wake(), CALL_DEADLINE_MS, "the endpoint"));
    await Promise.allSettled(calls);
  } catch (error) {
    logger.warn("webhook endpoints were not woken", { error });
  }
}
