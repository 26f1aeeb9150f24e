/**
 * The Durable Object of an endpoint, which is named by the endpoint's id. It holds the secrets, how far it has posted,
 * what waits, and the deliveries; where and what it posts is a row of D1, which it reads whenever it works. Guarantees:
 * without that row it posts nothing and deletes all that it holds; after every failure its alarm is set again. Gives
 * up: if it dies between the receiver's answer and its write, the same post is made again, under the same webhook-id.
 */
import { DurableObject } from "cloudflare:workers";
import { backoffMs } from "../platform/backoff.ts";
import { DAY_MS } from "../platform/durations.ts";
import { logger } from "../platform/logger.ts";
import { ok, type Result, refused } from "../platform/result.ts";
import { Deliveries } from "./deliveries.ts";
import type { Delivery, DeliveryQuery, SeqStretch } from "./delivery.ts";
import { EndpointWork } from "./endpoint-work.ts";
import type { EndpointRow } from "./endpoints.ts";
import type { PostQueue } from "./post-queue.ts";
import type { SentMessage } from "./send.ts";
import { skipEvent } from "./skip.ts";
import { EndpointState, type RotatedSecret } from "./state.ts";

/** When the alarm fires again after its object died, and when it fires first. */
const SAFETY_MS = 60_000;
const PRUNED_EVERY_MS = DAY_MS;
const BACKOFF = { firstMs: 5_000, maxMs: 300_000, jitter: 0.5 } as const;

/** How far an endpoint is. */
export interface EndpointProgress {
  /** The seq of the last event that it was posted or passed over. */
  readonly seq: number;
  /** Undefined: nothing waits after a failure, or something was accepted since. */
  readonly failingSinceMs: number | undefined;
  /** When it tries again; undefined: nothing waits. */
  readonly nextTryAtMs: number | undefined;
  /** When the event was recorded behind `seq` that it does not accept; undefined: it does not wait at one. */
  readonly refusedAtMs: number | undefined;
  /** When the oldest event of the retry queue was recorded; undefined: there is none. */
  readonly retryingAtMs: number | undefined;
  /** Events in the retry queue. */
  readonly retrying: number;
  /** Events that were given up in the last 30 days. */
  readonly givenUp: number;
  /** Where it may have missed events that retention deleted, in the last 30 days. */
  readonly possibleGaps: readonly SeqStretch[];
  readonly replays: readonly Pick<PostQueue, "after" | "to">[];
}

export class WebhookEndpoint extends DurableObject<Env> {
  readonly #state: EndpointState;
  readonly #deliveries: Deliveries;
  readonly #work: EndpointWork;
  #running: Promise<void> | undefined;
  #isWoken = false;
  #isTesting = false;
  #isRemoved = false;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#state = new EndpointState(ctx.storage.kv);
    this.#deliveries = new Deliveries(ctx.storage.sql);
    const environment = () => this.env;
    this.#work = new EndpointWork({
      environment,
      id: ctx.id.name ?? "",
      state: this.#state,
      deliveries: this.#deliveries,
      setAlarmBy: (atMs) => ctx.waitUntil(this.#ensureAlarm(atMs)),
    });
  }

  /** Begins behind a seq of the log. Returns the secret. */
  async start(seq: number): Promise<string> {
    // An alarm that has found no row removes what it holds, and that must not be what begins here.
    if (this.#isRemoved) await this.#running;
    this.#isRemoved = false;
    this.#work.begin();
    this.#deliveries.start();
    const secret = this.#state.start(seq);
    await this.ctx.storage.setAlarm(Date.now() + SAFETY_MS);
    return secret;
  }

  /** Something was written to the log. */
  async wake(): Promise<void> {
    this.#isWoken = true;
    const live = this.#state.queue("live");
    if (this.#running !== undefined || live === undefined) return;
    if ((live.failure?.nextAtMs ?? 0) > Date.now()) return;
    await this.#ensureAlarm(Date.now());
  }

  /** Its row was changed: it tries at once what failed, with the new one. */
  async resume(): Promise<void> {
    if (this.#state.queue("live") === undefined) return;
    this.#work.invalidate();
    this.#isWoken = true;
    this.#state.forgetFailures(Date.now());
    this.#deliveries.resumeRetries(Date.now());
    await this.#ensureAlarm(Date.now());
  }

  /** @param seq where it begins if it holds nothing, because its row came back when D1 was restored */
  async rotate(seq: number): Promise<Result<RotatedSecret, "full">> {
    if (this.#state.queue("live") === undefined) await this.start(seq);
    else this.#work.invalidate();
    return this.#state.rotate(Date.now());
  }

  /** Posts a stretch of the log again, up to where the endpoint is at most. */
  async replay(stretch: PostQueue): Promise<Result<EndpointProgress, "full" | "nothing">> {
    const { after } = this.#state.queue("live") ?? { after: 0 };
    const to = Math.min(stretch.to ?? after, after);
    if (stretch.after >= to) return refused("nothing");
    if (!this.#state.addReplay({ ...stretch, to })) return refused("full");
    this.#isWoken = true;
    await this.#ensureAlarm(Date.now());
    return ok(this.progress());
  }

  /** Ends its replays, also those that wait; returns how many there were. */
  stopReplays(): number {
    this.#deliveries.stopReplays();
    return this.#state.stopReplays();
  }

  /** Leaves out an event that waits after a failure. Refused for any other. */
  async skip(eventId: string): Promise<Result<EndpointProgress, "not_waiting">> {
    if (!skipEvent(this.#state, this.#deliveries, eventId)) return refused("not_waiting");
    this.#isWoken = true;
    await this.#ensureAlarm(Date.now());
    return ok(this.progress());
  }

  progress(): EndpointProgress {
    const live = this.#state.queue("live");
    const replays = this.#state.replays();
    const { events, nextAtMs } = this.#deliveries.retryQueue();
    const tries = [live?.failure?.nextAtMs, replays[0]?.failure?.nextAtMs, nextAtMs ?? undefined].filter(
      (time) => time !== undefined,
    );
    return {
      seq: live?.after ?? 0,
      failingSinceMs: this.#state.failingSinceMs,
      nextTryAtMs: tries.length === 0 ? undefined : Math.min(...tries),
      refusedAtMs: live?.failure && this.#deliveries.find(live.failure.delivery)?.recordedAtMs,
      retryingAtMs: this.#deliveries.oldestRetryingAtMs() ?? undefined,
      retrying: events,
      givenUp: this.#deliveries.givenUp(),
      possibleGaps: this.#deliveries.possibleGaps(),
      replays: replays.map(({ after, to }) => ({ after, to })),
    };
  }

  /** The newest first. */
  deliveries(query: DeliveryQuery): readonly Delivery[] {
    return this.#deliveries.list(query);
  }

  /** Posts a sample of each of these types. Refused while it does so already. */
  async postSamples(row: EndpointRow, types: readonly string[]): Promise<Result<readonly SentMessage[], "busy">> {
    if (this.#isTesting) return refused("busy");
    this.#isTesting = true;
    try {
      return ok(await this.#work.postSamples(row, types));
    } finally {
      this.#isTesting = false;
    }
  }

  /** Deletes all that it holds. */
  async remove(): Promise<void> {
    this.#isRemoved = true;
    this.#work.end();
    await this.ctx.storage.deleteAlarm();
    await this.ctx.storage.deleteAll();
  }

  /** Never rejects for faults outside: Cloudflare drops an alarm that has failed seven times. */
  override async alarm(): Promise<void> {
    this.#running ??= this.#runAlarm().finally(() => {
      this.#running = undefined;
    });
    await this.#running;
  }

  async #runAlarm(): Promise<void> {
    const { storage } = this.ctx;
    try {
      await storage.setAlarm(Date.now() + SAFETY_MS);
      const wasWoken = this.#isWoken;
      this.#isWoken = false;
      const nextAtMs = await this.#work.run(wasWoken);
      if (nextAtMs === undefined || this.#isRemoved) return await this.remove();
      this.#state.failedAlarms = 0;
      this.#pruneDaily();
      await storage.setAlarm(this.#isWoken ? Date.now() : nextAtMs);
    } catch (error) {
      await this.#retryLater(error);
    }
  }

  #pruneDaily(): void {
    const nowMs = Date.now();
    if (nowMs - this.#state.prunedAtMs < PRUNED_EVERY_MS) return;
    this.#deliveries.prune(nowMs);
    this.#state.prunedAtMs = nowMs;
  }

  async #retryLater(error: unknown): Promise<void> {
    const failures = this.#state.failedAlarms + 1;
    this.#state.failedAlarms = failures;
    const delayMs = backoffMs(BACKOFF, failures);
    logger.warn("webhooks are delayed", { endpoint: this.ctx.id.name, seconds: delayMs / 1_000, error });
    await this.ctx.storage.setAlarm(Date.now() + delayMs);
  }

  /** Sets the alarm unless an earlier one is set. */
  async #ensureAlarm(atMs: number): Promise<void> {
    const { storage } = this.ctx;
    const alarmAtMs = await storage.getAlarm();
    if (alarmAtMs === null || alarmAtMs > atMs) await storage.setAlarm(atMs);
  }
}
