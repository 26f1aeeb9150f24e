/** What follows from the results of posts, in the object's storage: all of it is written in one transaction. */
import { logger } from "../platform/logger.ts";
import { type Deliveries, type NextTry, NO_TRY } from "./deliveries.ts";
import type { WebhookMessage } from "./message.ts";
import type { WebhookPost } from "./post.ts";
import type { QueuedPost } from "./queue-page.ts";
import type { RetriedPost } from "./retry-queue.ts";
import { hasFailedForDays, nextTryAtMs } from "./schedule.ts";
import type { EndpointState, PostQueue, QueueName } from "./state.ts";

interface EndpointStorage {
  readonly id: string;
  readonly state: EndpointState;
  readonly deliveries: Deliveries;
}

/**
 * Moves a queue behind the posts that were accepted or are in the retry queue now, up to the first that makes it wait. Returns whether it
 * goes on.
 * @param results of the posts, in their order
 */
export function recordQueuedPosts(
  endpoint: EndpointStorage,
  name: QueueName,
  posts: readonly QueuedPost[],
  results: readonly WebhookPost[],
  canRetry: boolean,
): boolean {
  const { state } = endpoint;
  for (const [index, { message, after, seenMs }] of posts.entries()) {
    const queue = state.queue(name);
    const result = results[index];
    if (queue === undefined || result === undefined) return false;
    if (result.type === "accepted") {
      recordQueuedPost(endpoint, name, queue, message, result, NO_TRY);
      state.saveQueue(name, { ...movedTo(queue, after), seenMs });
      continue;
    }
    const nowMs = Date.now();
    const tries = (queue.failure?.tries ?? 0) + 1;
    const nextAtMs = nextTryAtMs(tries, nowMs, result.demandedMs);
    const delivery = recordQueuedPost(endpoint, name, queue, message, result, { nextAtMs, isRetried: canRetry });
    logger.warn("webhook not accepted", { endpoint: endpoint.id, delivery, tries, status: result.status ?? null });
    if (!canRetry) {
      state.saveQueue(name, {
        ...queue,
        failure: { sinceMs: queue.failure?.sinceMs ?? nowMs, tries, nextAtMs, delivery },
      });
      return false;
    }
    state.saveQueue(name, { ...movedTo(queue, after), seenMs });
  }
  return true;
}

function movedTo({ failure: _failed, batchEnd: _ended, ...queue }: PostQueue, after: number): PostQueue {
  return { ...queue, after };
}

/** Records a post of a queue, which may have failed before; returns the delivery's id. */
function recordQueuedPost(
  { deliveries }: EndpointStorage,
  name: QueueName,
  { failure }: PostQueue,
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
 * Records a try of the retry queue. It is given up after five days of failures, if something else was accepted
 * since its last one: an endpoint that accepts nothing is disabled, and loses nothing.
 * @param result undefined: there was nothing to post
 */
export function recordRetry(
  { id, state, deliveries }: EndpointStorage,
  { delivery, message, held }: RetriedPost,
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
  deliveries.repeat(delivery.id, message, result, { nextAtMs, isRetried: true });
  if (isOver) deliveries.end(delivery.id, "given_up");
  const { status = null } = result;
  logger.warn("webhook not accepted", { endpoint: id, delivery: delivery.id, tries, status, isGivenUp: isOver });
}
