/** What follows from the results of posts, in the object's storage: all of it is written in one transaction. */
import { logger } from "../platform/logger.ts";
import { POST_DEADLINE_MS } from "../platform/standard-webhooks.ts";
import type { Deliveries } from "./deliveries.ts";
import { type NextTry, NO_ANSWER_YET, NO_TRY, type SeqStretch } from "./delivery.ts";
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

/** A post of a queue that was made. */
export interface MadePost {
  readonly post: QueuedPost;
  /** The queue when it was posted. */
  readonly queue: PostQueue;
  /** Whether it goes to the retry queue when it fails. */
  readonly canRetry: boolean;
  /** At most how many events the endpoint takes a post. */
  readonly batch: number;
}

/** Moves a queue behind a post that was accepted or is in the retry queue now. Returns whether it goes on. */
export function recordQueuedPost(
  endpoint: EndpointStorage,
  name: QueueName,
  { post, queue: posted, canRetry, batch }: MadePost,
  result: WebhookPost,
): boolean {
  const { id, state, deliveries } = endpoint;
  const { message, after, seenMs } = post;
  const queue = state.queue(name);
  if (queue === undefined || queue.id !== posted.id) {
    // The replay was stopped meanwhile.
    const delivery = recordDelivery(deliveries, { name, queue: posted, message }, result, NO_TRY);
    if (result.type !== "accepted") deliveries.end(delivery, "stopped");
    return false;
  }
  if (result.type === "accepted") {
    recordDelivery(deliveries, { name, queue, message }, result, NO_TRY);
    state.saveQueue(name, { ...resized(movedTo(queue, after), message, result, batch), seenMs });
    return true;
  }
  const { isTooLarge, tries, nextAtMs } = nextTryOf(queue.failure?.tries ?? 0, message, result);
  const next = { nextAtMs, isRetried: canRetry };
  const delivery = recordDelivery(deliveries, { name, queue, message }, result, next);
  logger.warn("webhook not accepted", { endpoint: id, delivery, tries, status: result.status ?? null });
  if (isTooLarge && canRetry) deliveries.halve(delivery, message.events, nextAtMs);
  const smaller = resized(queue, message, result, batch);
  if (canRetry) {
    state.saveQueue(name, { ...movedTo(smaller, after), seenMs });
    return true;
  }
  const sinceMs = queue.failure?.sinceMs ?? Date.now();
  state.saveQueue(name, { ...smaller, failure: { sinceMs, tries, nextAtMs, delivery } });
  return false;
}

/**
 * Moves a queue behind a post that is not answered yet, and puts that into the retry queue: it is made again at a time
 * if no answer comes. Returns its delivery, and whether the queue goes on.
 */
export function recordUnanswered(
  { state, deliveries }: EndpointStorage,
  name: QueueName,
  { post: { message, after, seenMs }, queue: posted }: MadePost,
): { readonly delivery: number; readonly goesOn: boolean } {
  const next = { nextAtMs: Date.now() + 2 * POST_DEADLINE_MS, isRetried: true };
  const queue = state.queue(name);
  if (queue === undefined || queue.id !== posted.id) {
    const delivery = recordDelivery(deliveries, { name, queue: posted, message }, NO_ANSWER_YET, next);
    deliveries.end(delivery, "stopped");
    return { delivery, goesOn: false };
  }
  const delivery = recordDelivery(deliveries, { name, queue, message }, NO_ANSWER_YET, next);
  state.saveQueue(name, { ...movedTo(queue, after), seenMs });
  return { delivery, goesOn: true };
}

/** A queue's post that waits for its answer in the retry queue. */
interface UnansweredPost {
  readonly name: QueueName;
  readonly made: MadePost;
  readonly delivery: number;
  readonly isOrdered: boolean;
}

/** Records the answer to a post that has waited for it in the retry queue. */
export function recordLateAnswer(
  endpoint: EndpointStorage,
  { name, made, delivery, isOrdered }: UnansweredPost,
  result: WebhookPost,
): void {
  const { state, deliveries } = endpoint;
  const { post, queue: posted, batch } = made;
  const { message } = post;
  const queue = state.queue(name);
  if (queue !== undefined && queue.id === posted.id) {
    const changed = resized(queue, message, result, batch);
    if (changed.batchLimit !== queue.batchLimit) state.saveQueue(name, changed);
  }
  const found = deliveries.find(delivery);
  if (found === undefined) return;
  recordRetry(endpoint, { delivery: found, message, held: [], isDeleted: false }, result, isOrdered);
}

/** The queue behind the answer to one of its posts: its next post is smaller, or larger. */
function resized(queue: PostQueue, message: WebhookMessage, result: WebhookPost, batch: number): PostQueue {
  if (result.type === "accepted") return grown(queue, batch);
  return isTooLargeFor(result, message) ? halved(queue, message.events.length) : queue;
}

/** Notes that retention may have deleted events before a queue has read them. */
export function recordPossibleGap(
  { state, deliveries, id: endpoint }: EndpointStorage,
  name: QueueName,
  id: number | undefined,
  gap: SeqStretch,
): void {
  const queue = state.queue(name);
  if (queue === undefined || queue.id !== id) return;
  deliveries.addPossibleGap(name, gap);
  state.saveQueue(name, { ...queue, gapEnd: gap.to });
  logger.warn("events may have been deleted before they were posted", { endpoint, from: gap.from, to: gap.to });
}

const CONTENT_TOO_LARGE = 413;

function isTooLargeFor({ status }: WebhookPost, { events }: WebhookMessage): boolean {
  return status === CONTENT_TOO_LARGE && events.length > 1;
}

/** When a post that was not accepted is tried again: a smaller one at once, unless the receiver demands a delay. */
function nextTryOf(triesBefore: number, message: WebhookMessage, result: WebhookPost) {
  const { demandedMs } = result;
  const nowMs = Date.now();
  const isTooLarge = isTooLargeFor(result, message);
  const tries = triesBefore + 1;
  if (!isTooLarge) return { isTooLarge, tries, nextAtMs: nextTryAtMs(tries, nowMs, demandedMs) };
  // The smaller post has not failed yet.
  return { isTooLarge, tries: 0, nextAtMs: demandedMs > 0 ? nextTryAtMs(tries, nowMs, demandedMs) : nowMs };
}

interface QueuedMessage {
  readonly name: QueueName;
  readonly queue: PostQueue;
  readonly message: WebhookMessage;
}

/** Records a post of a queue, which may have failed before; returns the delivery's id. */
function recordDelivery(
  deliveries: Deliveries,
  { name, queue: { failure }, message }: QueuedMessage,
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
  { delivery, message, held, isDeleted }: RetriedPost,
  result: WebhookPost | undefined,
  isOrdered: boolean,
): void {
  if (message === undefined || result === undefined) {
    deliveries.end(delivery.id, held.length > 0 ? "filtered" : isDeleted ? "deleted" : "replaced");
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
