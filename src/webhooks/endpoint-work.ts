/**
 * What an endpoint's object does at its alarm: reads the log behind its cursor, posts, and writes the cursor.
 * Guarantees that each event that the filter passes is posted at least once, for an ordered endpoint in the order of
 * recording, and in the form that it has when it is posted: a page is at most two seconds old. Gives up, of an endpoint
 * that is not ordered, the order: posts are made four at a time, and one that fails goes to the retry queue.
 */
import { type Settings, settingsOf } from "../config/settings.ts";
import { HOUR_MS } from "../platform/durations.ts";
import { logger } from "../platform/logger.ts";
import { fromD1 } from "../platform/timeout.ts";
import { alertDisabled } from "./alert.ts";
import { NO_TRY } from "./delivery.ts";
import { disableEndpoint, type EndpointRow, findEndpoint } from "./endpoints.ts";
import type { WebhookPost } from "./post.ts";
import { type EndpointConfiguration, Posting, type PostingParts } from "./posting.ts";
import { hasFailedForDays } from "./schedule.ts";
import { type SentMessage, sendSamples } from "./send.ts";
import type { QueueName } from "./state.ts";

/** How long an alarm works before it sets itself again. */
const SLICE_MS = 10_000;
/** A wake-up may be lost: the log is read once in a minute. */
const IDLE_MS = 60_000;
/** When it looks again after the log has grown: longer than the pause between two wake-ups. */
const AFTER_GROWTH_MS = 2_000;
/** An endpoint may be gone, and the call that says so lost. */
const CHECK_MS = HOUR_MS;

type WorkParts = Omit<PostingParts, "isEnded" | "disableIfFailing">;

export class EndpointWork {
  readonly #parts: WorkParts;
  readonly #posting: Posting;
  #version = 0;
  #isEnded = false;

  constructor(parts: WorkParts) {
    this.#parts = parts;
    this.#posting = new Posting({
      ...parts,
      isEnded: () => this.#isEnded,
      disableIfFailing: (result, row) => this.#disableIfFailing(result, row),
    });
  }

  get #env(): Env {
    return this.#parts.environment();
  }

  /** The endpoint was changed: what was read before is not posted. */
  invalidate(): void {
    this.#version++;
  }

  /** The endpoint is there, also after its end: its row came back. */
  begin(): void {
    this.#isEnded = false;
    this.invalidate();
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
      const row = await fromD1(findEndpoint(this.#env.DB, id));
      // Its row may have come back since it was looked for.
      if (row === undefined && version !== this.#version && !this.#isEnded) continue;
      if (row === undefined || this.#isEnded) return undefined;
      const nowMs = Date.now();
      this.#setPaused(row.disabledAt !== null, nowMs);
      if (row.disabledAt !== null)
        return Math.min(nowMs + CHECK_MS, await alertDisabled(this.#parts.state, row, settings));
      const isMore = await this.#turn({ row, settings, isStale: () => version !== this.#version });
      const hasGrown = wasWoken || this.#parts.state.queue("live")?.after !== begunAfter;
      if (!isMore) return this.#nextAtMs(hasGrown ? AFTER_GROWTH_MS : IDLE_MS);
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
  async #turn(configuration: EndpointConfiguration): Promise<boolean> {
    const { state, deliveries } = this.#parts;
    const posts = [
      () => this.#posting.postRetries(configuration),
      () => this.#posting.advance("replay", configuration),
      () => this.#posting.advance("live", configuration),
    ];
    let isMore = false;
    for (const post of posts) {
      if (configuration.isStale()) return true;
      isMore = (await post()) || isMore;
      // It was not ordered before: its retry queue comes first.
      if (configuration.row.ordered && !this.#isEnded && deliveries.retryQueue().events > 0) break;
    }
    if (!(this.#isEnded || this.#isAnythingWaiting())) state.refusingSinceMs = undefined;
    return isMore || configuration.isStale();
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
      deliveries.retryQueue(this.#posting.retrying).nextAtMs ?? latestMs,
      latestMs,
    );
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
  async #disableIfFailing({ type }: WebhookPost, row: EndpointRow): Promise<void> {
    const { id, state } = this.#parts;
    const nowMs = Date.now();
    if (type === "accepted") state.refusingSinceMs = undefined;
    else state.refusingSinceMs ??= nowMs;
    const isGone = type === "gone";
    if (!isGone && !hasFailedForDays(state.failingSinceMs ?? nowMs, nowMs)) return;
    const reason = isGone ? "gone" : "failing";
    state.alert = { tries: 0, nextAtMs: nowMs };
    await fromD1(disableEndpoint(this.#env.DB, row, reason, nowMs));
    this.invalidate();
    logger.error("webhook endpoint disabled", { endpoint: id, reason });
  }
}
