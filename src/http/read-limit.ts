/**
 * Limits of expensive reads. D1 runs one statement at a time, so that a write waits for every read in front of it. So
 * few reads run at once, some more wait for their turn, and the others are refused. Each isolate counts its own: an
 * exact count would cost a Durable Object's call each.
 */
import type { MiddlewareHandler } from "hono";
import { failureAnswer } from "./errors.ts";

export interface ReadLimit {
  /** Reads that run at once. */
  readonly running: number;
  /** Further reads that wait for their turn. */
  readonly waiting: number;
}

interface Turn {
  readonly sinceMs: number;
}

/** How often a waiting read looks whether it is its turn: a promise may not settle across requests. */
const POLL_MS = 20;
/** A request that its client cancels ends without a word, and would hold its turn for ever. */
const MAX_TURN_MS = 60_000;

/** Longer than reports take, shorter than clients wait. */
const MAX_WAIT_MS = 10_000;

/** Passes as many requests at once as the limit says. `refuse` answers those beyond it and those that wait too long. */
export function limitReads({ running, waiting }: ReadLimit, refuse: () => Response): MiddlewareHandler {
  /** In the order of arrival: the first ones run. */
  let turns: Turn[] = [];
  return async (_context, next) => {
    turns = turns.filter(isHeld);
    if (turns.length >= running + waiting) return refuse();
    const turn = { sinceMs: Date.now() };
    turns.push(turn);
    try {
      while (turns.filter(isHeld).indexOf(turn) >= running) {
        if (Date.now() - turn.sinceMs >= MAX_WAIT_MS) return refuse();
        await scheduler.wait(POLL_MS);
      }
      return await next();
    } finally {
      turns = turns.filter((each) => each !== turn);
    }
  };
}

function isHeld({ sinceMs }: Turn): boolean {
  return Date.now() - sinceMs < MAX_TURN_MS;
}

/** 429 of `/v1` for a read beyond the limit. */
export function tooManyReads(): Response {
  const message = "Too many reports and exports are being read; try again in a moment.";
  return failureAnswer({ status: 429, code: "too_many_requests", message }, { "Retry-After": "2" });
}
