/** What follows from the results of posts, in the object's storage: all of it is written in one transaction. */
import { logger } from "../platform/logger.ts";
import { type Deliveries, type NextTry, NO_TRY } from "./deliveries.ts";
import type { WebhookMessage } from "./message.ts";
import type { WebhookPost } from "./post.ts";
import { grown, halved, movedTo, type PostQueue } from "./post-queue.ts";
import type { QueuedPost } from "./queue-page.ts";
import type { RetriedPost } from "./retry-queue.ts";
import { hasFailedForDays, nextTryAtMs } from "./schedule.ts";
import type { EndpointState, QueueName } from "./state.ts";

interface EndpointStorage {
  readonly id: string;
  readonly state: EndpointState;
  readonly deliveries: Deliveries;
}

/**
 * Moves a queue behind the posts that were accepted or are in the retry queue now, up to the first that makes it wait.
 * Returns whether it goes on.
 * @param results of the posts, in their order
 * @param batch at most how many events the endpoint takes a post
 */
export function recordQueuedPosts(
  endpoint: EndpointStorage,
  name: QueueName,
  posts: readonly QueuedPost[],
  results: readonly WebhookPost[],
  { canRetry, batch }: { readonly canRetry: boolean; readonly batch: number },
): boolean {
  const { state, deliveries } = endpoint;
  for (const [index, { message, after, seenMs }] of posts.entries()) {
    const queue = state.queue(name);
    const result = results[index];
    if (queue === undefined || result === undefined) return false;
    if (result.type === "accepted") {
      recordQueuedPost(endpoint, name, queue, message, result, NO_TRY);
      state.saveQueue(name, { ...grown(movedTo(queue, after), batch), seenMs });
      continue;
    }
    const { isTooLarge, tries, nextAtMs } = nextTryOf(queue.failure?.tries ?? 0, message, result);
    const delivery = recordQueuedPost(endpoint, name, queue, message, result, { nextAtMs, isRetried: canRetry });
    logger.warn("webhook not accepted", { endpoint: endpoint.id, delivery, tries, status: result.status ?? null });
    if (isTooLarge && canRetry) deliveries.halve(delivery, message.events, nextAtMs);
    const smaller = isTooLarge ? halved(queue, message.events.length) : queue;
    if (!canRetry) {
      const sinceMs = queue.failure?.sinceMs ?? Date.now();
      state.saveQueue(name, { ...smaller, failure: { sinceMs, tries, nextAtMs, delivery } });
      return false;
    }
    state.saveQueue(name, { ...movedTo(smaller, after), seenMs });
  }
  return true;
}

const CONTENT_TOO_LARGE = 413;

/** When a post that was not accepted is tried again: a smaller one at once, unless the receiver demands a delay. */
function nextTryOf(triesBefore: number, { events }: WebhookMessage, { status, demandedMs }: WebhookPost) {
  const nowMs = Date.now();
  const isTooLarge = status === CONTENT_TOO_LARGE && events.length > 1;
  const tries = triesBefore + 1;
  if (!isTooLarge) return { isTooLarge, tries, nextAtMs: nextTryAtMs(tries, nowMs, demandedMs) };
  // The smaller post has not failed yet.
  return { isTooLarge, tries: 0, nextAtMs: demandedMs > 0 ? nextTryAtMs(tries, nowMs, demandedMs) : nowMs };
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
  const { isTooLarge, tries, nextAtMs } = nextTryOf(delivery.tries, message, result);
  const isOver =
    !isTooLarge &&
    !isOrdered &&
    hasFailedForDays(Math.max(delivery.firstAtMs, state.resumedAtMs), nowMs) &&
    deliveries.isAcceptedSince(delivery.lastAtMs);
  deliveries.repeat(delivery.id, message, result, { nextAtMs, isRetried: true });
  if (isTooLarge) deliveries.halve(delivery.id, message.events, nextAtMs);
  if (isOver) deliveries.end(delivery.id, "given_up");
  const { status = null } = result;
  logger.warn("webhook not accepted", { endpoint: id, delivery: delivery.id, tries, status, isGivenUp: isOver });
}
