/**
 * Limits of expensive reads. D1 runs one statement at a time, so that a write waits for every read in front of it. So
 * few reads run at once, some more wait for their turn, and the others are refused. Each isolate counts its own; what
 * reads much takes a lease as well, which all isolates share. No write depends on a lease, and while the Durable Object
 * of leases is out of reach the isolate's limit holds.
 */
import type { Context, MiddlewareHandler, Next } from "hono";
import { objectNamed } from "../config/objects.ts";
import { logger } from "../platform/logger.ts";
import { withDeadline } from "../platform/timeout.ts";
import { failureAnswer } from "./errors.ts";
import { type ReadLimit, type ReadTurn, ReadTurns } from "./read-turns.ts";

/** How often a waiting read asks whether it is its turn: a promise may not settle across requests. */
const POLL_MS = 20;
/** The same for a lease, where each time is a call of a Durable Object; at first it asks more often. */
const LEASE_POLL_MS = 200;
/** How often a read says that it still runs. A request that its client cancels ends without notice. */
const HOLD_MS = 3_000;
/** A read that never settles gives its turn up. */
const MAX_TURN_MS = 60_000;

/** Reads of much of D1, in an isolate and in all together. */
const EXPENSIVE: ReadLimit = { running: 1, waiting: 9 };
/** Reads of a page of the log, in an isolate: of `/v1`, and as many of Marketo's API. */
const PAGES: ReadLimit = { running: 4, waiting: 16 };
/** Between two expensive reads of an isolate, at most. */
const MAX_PAUSE_MS = 250;

/** Longer than reports take, shorter than clients wait. */
const MAX_WAIT_MS = 10_000;
const LEASE_DEADLINE_MS = 1_000;
const LEASE = "the lease of reads";

type ReadContext = Context<{ Bindings: Env }>;

/**
 * Passes as many requests at once as the limit says. `refuse` answers those beyond it and those that wait too long.
 * @param maxPauseMs while others wait D1 is free for as long as a read took, at most so long, before the next begins
 */
export function limitReads(
  limit: ReadLimit,
  refuse: (context: Context) => Response,
  maxPauseMs = 0,
): MiddlewareHandler {
  const turns = new ReadTurns(limit);
  return async (context, next) => {
    const id = crypto.randomUUID();
    const hold = async () => turns.hold(id, Date.now());
    let beganAtMs = Number.POSITIVE_INFINITY;
    try {
      if (!(await hasTurn(hold, POLL_MS, Date.now() + MAX_WAIT_MS))) return refuse(context);
      beganAtMs = Date.now();
      return await whileHeld(hold, next);
    } finally {
      const pauseMs = turns.isAwaited ? Math.min(Date.now() - beganAtMs, maxPauseMs) : 0;
      if (pauseMs <= 0) turns.release(id);
      else context.executionCtx.waitUntil(scheduler.wait(pauseMs).then(() => turns.release(id)));
    }
  };
}

/** The same for all isolates together, by leases of this name. */
export function leaseReads(
  name: string,
  limit: ReadLimit,
  refuse: (context: Context) => Response,
): MiddlewareHandler<{ Bindings: Env }> {
  return async (context, next) => {
    const id = crypto.randomUUID();
    const hold = () => holdLease(context, name, id, limit);
    try {
      if (!(await hasTurn(hold, LEASE_POLL_MS, Date.now() + MAX_WAIT_MS))) return refuse(context);
      return await whileHeld(hold, next);
    } finally {
      context.executionCtx.waitUntil(releaseLease(context, name, id));
    }
  };
}

/** Waits for a turn. Returns false when it is refused, or has not come at `untilMs`. */
async function hasTurn(hold: () => Promise<ReadTurn>, maxPollMs: number, untilMs: number): Promise<boolean> {
  for (let pollMs = POLL_MS; ; pollMs = Math.min(2 * pollMs, maxPollMs)) {
    const turn = await hold();
    if (turn === "reads") return true;
    if (turn === "refused" || Date.now() >= untilMs) return false;
    await scheduler.wait(pollMs);
  }
}

/** Holds the turn while the request is answered. */
async function whileHeld(hold: () => Promise<ReadTurn>, next: Next): Promise<void> {
  const untilMs = Date.now() + MAX_TURN_MS;
  const timer = setInterval(() => {
    if (Date.now() < untilMs) void hold();
  }, HOLD_MS);
  try {
    await next();
  } finally {
    clearInterval(timer);
  }
}

async function holdLease({ env }: ReadContext, name: string, id: string, limit: ReadLimit): Promise<ReadTurn> {
  try {
    return await withDeadline(objectNamed(env.READS, name, env).hold(id, limit), LEASE_DEADLINE_MS, LEASE);
  } catch (error) {
    logger.warn("reads are limited in each isolate only", { error });
    return "reads";
  }
}

/** Never rejects: a lease that is not released expires. */
async function releaseLease({ env }: ReadContext, name: string, id: string): Promise<void> {
  try {
    await withDeadline(objectNamed(env.READS, name, env).release(id), LEASE_DEADLINE_MS, LEASE);
  } catch (error) {
    logger.warn("a lease of reads has to expire", { error });
  }
}

/** The limits of what reads much of D1. `refuse` answers those beyond them; by default as `/v1` does. */
export function limitExpensiveReads(
  refuse: (context: Context) => Response = tooManyReads,
): readonly MiddlewareHandler<{ Bindings: Env }>[] {
  return [limitReads(EXPENSIVE, refuse, MAX_PAUSE_MS), leaseReads("expensive", EXPENSIVE, refuse)];
}

/** The limit of reads of a page of the log, in each isolate. `refuse` answers those beyond it, as above. */
export function limitPageReads(refuse: (context: Context) => Response = tooManyReads): MiddlewareHandler {
  return limitReads(PAGES, refuse);
}

/** 429 of `/v1` for a read beyond the limit. */
function tooManyReads(context: Context): Response {
  const message = "Too many reports, exports or pages are being read; try again in a moment.";
  return failureAnswer(context, { status: 429, code: "too_many_requests", message }, { "Retry-After": "2" });
}
