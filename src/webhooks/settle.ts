/** What follows from the results of posts, in the object's storage: all of it is written in one transaction. */
import { logger } from "../platform/logger.ts";
import { type Deliveries, type NextTry, NO_TRY } from "./deliveries.ts";
import type { LanePost } from "./lane-page.ts";
import type { WebhookMessage } from "./message.ts";
import type { ParkedPost } from "./parked.ts";
import type { WebhookPost } from "./post.ts";
import { hasFailedForDays, nextTryAtMs } from "./schedule.ts";
import type { EndpointState, Lane, LaneName } from "./state.ts";

interface SettledEndpoint {
  readonly id: string;
  readonly state: EndpointState;
  readonly deliveries: Deliveries;
}

/**
 * Moves a lane behind the posts that were accepted or parked, up to the first that makes it wait. Returns whether it
 * goes on.
 * @param results of the posts, in their order
 */
export function settleLane(
  endpoint: SettledEndpoint,
  name: LaneName,
  posts: readonly LanePost[],
  results: readonly WebhookPost[],
  canPark: boolean,
): boolean {
  const { state } = endpoint;
  for (const [index, { message, after, seenMs }] of posts.entries()) {
    const lane = state.lane(name);
    const result = results[index];
    if (lane === undefined || result === undefined) return false;
    if (result.type === "accepted") {
      recordLanePost(endpoint, name, lane, message, result, NO_TRY);
      state.saveLane(name, { ...movedTo(lane, after), seenMs });
      continue;
    }
    const nowMs = Date.now();
    const tries = (lane.failure?.tries ?? 0) + 1;
    const nextAtMs = nextTryAtMs(tries, nowMs, result.demandedMs);
    const delivery = recordLanePost(endpoint, name, lane, message, result, { nextAtMs, isParked: canPark });
    logger.warn("webhook not accepted", { endpoint: endpoint.id, delivery, tries, status: result.status ?? null });
    if (!canPark) {
      state.saveLane(name, {
        ...lane,
        failure: { sinceMs: lane.failure?.sinceMs ?? nowMs, tries, nextAtMs, delivery },
      });
      return false;
    }
    state.saveLane(name, { ...movedTo(lane, after), seenMs });
  }
  return true;
}

function movedTo({ failure: _failed, pin: _ended, ...lane }: Lane, after: number): Lane {
  return { ...lane, after };
}

/** Records a post of a lane, which may have failed before; returns the delivery's id. */
function recordLanePost(
  { deliveries }: SettledEndpoint,
  name: LaneName,
  { failure }: Lane,
  message: WebhookMessage,
  result: WebhookPost,
  next: NextTry,
): number {
  const before = failure === undefined ? undefined : deliveries.find(failure.delivery);
  if (before?.webhookId === message.id) {
    deliveries.repeat(before.id, message, result, next);
    return before.id;
  }
  // The post that failed is not the next one any more: its events have changed, or the filter.
  if (before !== undefined) deliveries.end(before.id, "replaced");
  return deliveries.add(name, message, result, next);
}

/**
 * Records what became of a parked post. It is given up after five days of failures, if something else was accepted
 * since its last one: an endpoint that accepts nothing is disabled, and loses nothing.
 * @param result undefined: there was nothing to post
 */
export function settleParked(
  { id, state, deliveries }: SettledEndpoint,
  { delivery, message, held }: ParkedPost,
  result: WebhookPost | undefined,
  isOrdered: boolean,
): void {
  if (message === undefined || result === undefined) {
    deliveries.end(delivery.id, held.length > 0 ? "filtered" : "replaced");
    return;
  }
  if (held.length > 0) deliveries.addFiltered(delivery.id, held);
  if (result.type === "accepted") {
    deliveries.repeat(delivery.id, message, result, NO_TRY);
    return;
  }
  const nowMs = Date.now();
  const tries = delivery.tries + 1;
  const isOver =
    !isOrdered &&
    hasFailedForDays(Math.max(delivery.firstAtMs, state.resumedAtMs), nowMs) &&
    deliveries.isAcceptedSince(delivery.lastAtMs);
  const nextAtMs = nextTryAtMs(tries, nowMs, result.demandedMs);
  deliveries.repeat(delivery.id, message, result, { nextAtMs, isParked: true });
  if (isOver) deliveries.end(delivery.id, "given_up");
  const { status = null } = result;
  logger.warn("webhook not accepted", { endpoint: id, delivery: delivery.id, tries, status, isGivenUp: isOver });
}
