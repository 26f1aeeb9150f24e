/**
 * What an endpoint's object does at its alarm: reads the log behind its cursor, posts, and writes the cursor.
 * Guarantees that each event that the filter passes is posted at least once, for an ordered endpoint in the order of
 * recording, and in the form that it has when it is posted: a page is at most two seconds old. Gives up, of an endpoint
 * that is not ordered, the order: posts are made four at a time, and one that fails goes to the retry queue.
 */
import { type Settings, settingsOf } from "../config/settings.ts";
import { logger } from "../platform/logger.ts";
import { withDeadline } from "../platform/timeout.ts";
import { alertDisabled } from "./alert.ts";
import { type Deliveries, NO_TRY } from "./deliveries.ts";
import { disableEndpoint, type EndpointRow, findEndpoint } from "./endpoints.ts";
import type { WebhookMessage } from "./message.ts";
import type { WebhookPost } from "./post.ts";
import { batchOf, movedTo } from "./post-queue.ts";
import { postAt, type QueuedPost, type QueuePage, readQueue } from "./queue-page.ts";
import { recordQueuedPosts, recordRetry } from "./results.ts";
import { readRetries } from "./retry-queue.ts";
import { hasFailedForDays } from "./schedule.ts";
import { MAX_IN_FLIGHT, type SentMessage, sendMessage, sendSamples } from "./send.ts";
import type { EndpointState, QueueName } from "./state.ts";

/** How long an alarm works before it sets itself again. */
const SLICE_MS = 10_000;
/** A page of the log is read again when it is older. */
const FRESH_MS = 2_000;
/** A wake-up may be lost: the log is read once in a minute. */
const IDLE_MS = 60_000;
/** When it looks again after the log has grown: longer than the pause between two wake-ups. */
const LINGER_MS = 2_000;
/** An endpoint may be gone, and the call that says so lost. */
const CHECK_MS = 3_600_000;
const D1_DEADLINE_MS = 20_000;
/** Events that the retry queue may hold. */
const MAX_RETRYING = 1_000;

interface WorkParts {
  readonly environment: () => Env;
  readonly id: string;
  readonly state: EndpointState;
  readonly deliveries: Deliveries;
}

/** The endpoint as it was read, and the version that it had. */
interface Configuration {
  readonly settings: Settings;
  readonly row: EndpointRow;
  readonly version: number;
}

export class EndpointWork {
  readonly #parts: WorkParts;
  #version = 0;
  #isEnded = false;

  constructor(parts: WorkParts) {
    this.#parts = parts;
  }

  get #env(): Env {
    return this.#parts.environment();
  }

  /** The endpoint was changed: what was read before is not posted. */
  invalidate(): void {
    this.#version++;
  }

  /** The endpoint was deleted: nothing is posted or written any more. */
  end(): void {
    this.#isEnded = true;
    this.invalidate();
  }

  /**
   * Resolves to the time of what is to do next; undefined: there is no such endpoint.
   * @param wasWoken whether somebody has written to the log
   * @throws {Error} D1's; to run again is harmless
   */
  async run(wasWoken: boolean): Promise<number | undefined> {
    const { id } = this.#parts;
    const settings = this.#settings();
    const untilMs = Date.now() + SLICE_MS;
    const begunAfter = this.#parts.state.queue("live")?.after;
    for (;;) {
      const version = this.#version;
      const row = await inTime(findEndpoint(this.#env.DB, id));
      if (row === undefined || this.#isEnded) return undefined;
      const nowMs = Date.now();
      this.#setPaused(row.disabledAt !== null, nowMs);
      if (row.disabledAt !== null)
        return Math.min(nowMs + CHECK_MS, await alertDisabled(this.#parts.state, row, settings));
      const isMore = await this.#turn({ row, version, settings });
      const hasGrown = wasWoken || this.#parts.state.queue("live")?.after !== begunAfter;
      if (!isMore) return this.#nextAtMs(hasGrown ? LINGER_MS : IDLE_MS);
      if (Date.now() >= untilMs) return Date.now();
    }
  }

  /** Once it is enabled again it tries at once. */
  #setPaused(isPaused: boolean, nowMs: number): void {
    const { state, deliveries } = this.#parts;
    if (state.isPaused && !isPaused) {
      state.forgetFailures(nowMs);
      deliveries.resumeRetries(nowMs);
    }
    state.isPaused = isPaused;
    if (!isPaused) state.alert = undefined;
  }

  /** A page of each queue, and of the retry queue. Resolves to whether there is more to do at once. */
  async #turn(configuration: Configuration): Promise<boolean> {
    const { state, deliveries } = this.#parts;
    const steps = [
      () => this.#postRetries(configuration),
      () => this.#advance("replay", configuration),
      () => this.#advance("live", configuration),
    ];
    let isMore = false;
    for (const step of steps) {
      if (this.#isStale(configuration)) return true;
      isMore = (await step()) || isMore;
      // It was not ordered before: its retry queue comes first.
      if (configuration.row.ordered && !this.#isEnded && deliveries.retryQueue().events > 0) break;
    }
    if (!(this.#isEnded || this.#isAnythingWaiting())) state.refusingSinceMs = undefined;
    return isMore || this.#isStale(configuration);
  }

  #isStale({ version }: Configuration): boolean {
    return version !== this.#version;
  }

  #isAnythingWaiting(): boolean {
    const { state, deliveries } = this.#parts;
    const isFailing = (name: QueueName) => state.queue(name)?.failure !== undefined;
    return isFailing("live") || isFailing("replay") || deliveries.retryQueue().events > 0;
  }

  #nextAtMs(idleMs: number): number {
    const { state, deliveries } = this.#parts;
    const latestMs = Date.now() + CHECK_MS;
    return Math.min(
      state.queue("live")?.failure?.nextAtMs ?? Date.now() + idleMs,
      state.queue("replay")?.failure?.nextAtMs ?? latestMs,
      deliveries.retryQueue().nextAtMs ?? latestMs,
      latestMs,
    );
  }

  /** Posts a page of a queue. Resolves to whether there is more to do at once. */
  async #advance(name: QueueName, configuration: Configuration): Promise<boolean> {
    const { state } = this.#parts;
    const { row, settings } = configuration;
    const queue = state.queue(name);
    if (queue === undefined || !this.#isDue(name)) return false;
    const page = await inTime(readQueue(this.#env.DB, queue, row, settings));
    const staleAtMs = Date.now() + FRESH_MS;
    for (let from = 0; from < page.rows.length; ) {
      if (this.#isStale(configuration) || Date.now() > staleAtMs) return true;
      const posts = this.#postsAtOnce(name, page, from, configuration);
      if (!(await this.#post(name, posts, configuration))) return this.#isDue(name);
      from += posts.reduce((sum, { message }) => sum + message.events.length, 0);
    }
    if (this.#isStale(configuration)) return true;
    return this.#leavePage(name, page);
  }

  #isDue(name: QueueName): boolean {
    const queue = this.#parts.state.queue(name);
    return queue !== undefined && (queue.failure?.nextAtMs ?? 0) <= Date.now();
  }

  /** The posts of a page that are made at a time. */
  #postsAtOnce(name: QueueName, page: QueuePage, from: number, configuration: Configuration): readonly QueuedPost[] {
    const { row, settings } = configuration;
    const queue = this.#parts.state.queue(name);
    const batch = queue === undefined ? row.batch : batchOf(queue, row.batch);
    const [most, room] = row.ordered ? [1, 1] : [MAX_IN_FLIGHT, Math.floor(this.#roomToRetry() / batch)];
    // A batch that is not full is posted alone: its queue remembers where it ends.
    const full = Math.floor((page.rows.length - from) / batch);
    const count = Math.max(1, Math.min(most, room, full));
    return Array.from({ length: count }, (_, index) =>
      postAt(page, from + index * batch, batch, row.batch > 1, settings.tokenKeys),
    );
  }

  #roomToRetry(): number {
    return MAX_RETRYING - this.#parts.deliveries.retryQueue().events;
  }

  /** Makes posts of a queue at once. Resolves to whether the queue goes on. */
  async #post(name: QueueName, posts: readonly QueuedPost[], configuration: Configuration): Promise<boolean> {
    const { state } = this.#parts;
    const { row } = configuration;
    const [first] = posts;
    const queue = state.queue(name);
    if (first === undefined || queue === undefined) return false;
    const isFull = first.message.events.length >= batchOf(queue, row.batch);
    if (!isFull) state.saveQueue(name, { ...queue, batchEnd: first.last });
    const results = await Promise.all(posts.map(({ message }) => this.#send(message, configuration)));
    if (this.#isEnded) return false;
    const events = posts.reduce((sum, { message }) => sum + message.events.length, 0);
    const canRetry = !row.ordered && events <= this.#roomToRetry();
    const isMoved = recordQueuedPosts(this.#parts, name, posts, results, { canRetry, batch: row.batch });
    await this.#afterPosts(results, row);
    return isMoved;
  }

  /** Tries posts of the retry queue again. Resolves to whether there may be more. */
  async #postRetries(configuration: Configuration): Promise<boolean> {
    const { deliveries } = this.#parts;
    const { row, settings } = configuration;
    const due = deliveries.dueRetries(Date.now(), MAX_IN_FLIGHT);
    if (due.length === 0) return false;
    const retrying = await inTime(readRetries(this.#env.DB, due, row, settings));
    if (this.#isStale(configuration)) return true;
    const results = await Promise.all(
      retrying.map(async ({ message }) =>
        message === undefined ? undefined : await this.#send(message, configuration),
      ),
    );
    if (this.#isEnded) return false;
    for (const [index, each] of retrying.entries()) recordRetry(this.#parts, each, results[index], row.ordered);
    const made = results.filter((result) => result !== undefined);
    await this.#afterPosts(made, row);
    return true;
  }

  /** Where the queue is behind a page that was posted. Returns whether there is more to do at once. */
  #leavePage(name: QueueName, { after, seenMs, isMore }: QueuePage): boolean {
    const { state, deliveries } = this.#parts;
    const queue = state.queue(name);
    if (queue === undefined) return false;
    // What failed is not there any more, or the filter does not pass it.
    if (queue.failure !== undefined) deliveries.end(queue.failure.delivery, "replaced");
    if (name === "replay" && !isMore) {
      state.endReplay();
      return state.replays().length > 0;
    }
    const isChanged = queue.after !== after || queue.failure !== undefined || queue.batchEnd !== undefined;
    if (isChanged) state.saveQueue(name, { ...movedTo(queue, after), seenMs });
    return isMore;
  }

  async #send(message: WebhookMessage, { row, settings }: Configuration): Promise<WebhookPost> {
    return await sendMessage(message, row, settings, this.#parts.state);
  }

  /** Posts samples, and resolves to what was answered. They change nothing of what the endpoint is. */
  async postSamples(row: EndpointRow, types: readonly string[]): Promise<readonly SentMessage[]> {
    const sent = await sendSamples(types, row, this.#settings(), this.#parts.state, () => this.#isEnded);
    if (this.#isEnded) return sent;
    for (const { message, result } of sent) this.#parts.deliveries.add("test", message, result, NO_TRY);
    return sent;
  }

  /** @throws {Error} when the Worker is not set up */
  #settings(): Settings {
    const settings = settingsOf(this.#env);
    if (settings.ok) return settings.value;
    throw new Error("this Worker is not set up");
  }

  /** Disables an endpoint that is gone, or has failed for days. Throws D1's error: the next post says so again. */
  async #afterPosts(results: readonly WebhookPost[], row: EndpointRow): Promise<void> {
    const { id, state } = this.#parts;
    const nowMs = Date.now();
    if (results.some(({ type }) => type === "accepted")) state.refusingSinceMs = undefined;
    else if (results.length > 0) state.refusingSinceMs ??= nowMs;
    const isGone = results.some(({ type }) => type === "gone");
    if (!isGone && !hasFailedForDays(state.failingSinceMs ?? nowMs, nowMs)) return;
    const reason = isGone ? "gone" : "failing";
    state.alert = { tries: 0, nextAtMs: nowMs };
    await inTime(disableEndpoint(this.#env.DB, row, reason, nowMs));
    this.invalidate();
    logger.error("webhook endpoint disabled", { endpoint: id, reason });
  }
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  return await withDeadline(work, D1_DEADLINE_MS, "D1");
}
