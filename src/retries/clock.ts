/**
 * The Durable Object whose alarm records the retries that are due and posts them to the sender.
 *
 * Guarantees: a retry is in D1 once, whatever fails, because its schedule advances in the same transaction. A retry
 * that the receiver accepted is not posted again: the object first stores that in its own storage, then records it
 * in D1. And after every failure the alarm is set again, as long as there is something to do. Gives up: if the
 * object dies between the receiver's answer and that write, or the answer is lost, the same post is made twice,
 * under the same webhook-id, by which receivers recognise it. And speed: one object records some thousand retries a
 * minute, and makes some dozens of posts at a time.
 */
import { DurableObject } from "cloudflare:workers";
import { type RetryWebhook, type Settings, settingsOf } from "../config/settings.ts";
import { backoffMs } from "../platform/backoff.ts";
import { logger } from "../platform/logger.ts";
import { withDeadline } from "../platform/timeout.ts";
import { recordDueRetries } from "./decisions.ts";
import { postRetry } from "./post.ts";
import { retryOf, stillDue } from "./retry.ts";
import { dueSlotOf, nextPostAt, slotOffsetsMs } from "./schedule.ts";
import { dueSends, earliest, type PostState, type RetryRow, recordPosts, retriesToPost } from "./store.ts";

const SENDS_PER_BATCH = 100;
const BATCHES_PER_ALARM = 50;
const POSTS_PER_ALARM = 60;
/** Workers open six connections at a time; D1 is one of them. */
const POSTS_AT_A_TIME = 5;
const D1_DEADLINE_MS = 20_000;
const BACKOFF = { firstMs: 60_000, maxMs: 900_000 } as const;

/** There is one clock, for all sends: the name of its Durable Object. */
export const RETRY_CLOCK_NAME = "retries";

/** Storage keys: "accepted:" and a retry's id → its tries; the URL that answered 410; failed alarms in a row. */
const ACCEPTED = "accepted:";
const GONE = "gone";
const FAILURES = "failures";

export class RetryClock extends DurableObject<Env> {
  #running: Promise<void> | undefined;

  /** Sets the alarm unless an earlier one is set. */
  async ensureAlarm(atMs: number): Promise<void> {
    const alarmAtMs = await this.ctx.storage.getAlarm();
    if (alarmAtMs === null || alarmAtMs > atMs) await this.ctx.storage.setAlarm(atMs);
  }

  /** Never rejects for faults outside: Cloudflare drops an alarm that has failed seven times. */
  override async alarm(): Promise<void> {
    this.#running ??= this.#runAlarm().finally(() => {
      this.#running = undefined;
    });
    await this.#running;
  }

  async #runAlarm(): Promise<void> {
    const { kv } = this.ctx.storage;
    try {
      const nextAtMs = await this.#processDue();
      kv.delete(FAILURES);
      if (nextAtMs !== undefined) await this.ensureAlarm(nextAtMs);
    } catch (error) {
      const failures = (kv.get<number>(FAILURES) ?? 0) + 1;
      kv.put(FAILURES, failures);
      const delayMs = backoffMs(BACKOFF, failures);
      logger.error("retries are delayed", { seconds: delayMs / 1_000, error });
      await this.ensureAlarm(Date.now() + delayMs);
    }
  }

  /** Resolves to the time of what is to do next. Throws when D1 fails; repeating all of it is harmless. */
  async #processDue(): Promise<number | undefined> {
    const settings = settingsOf(this.env);
    if (!settings.ok) throw new Error("this Worker is not set up");
    const { retryWebhook } = settings.value;
    await this.#recordDue(settings.value);
    if (this.#isPostedTo(retryWebhook)) await this.#post(settings.value, retryWebhook);
    const { dueAt, postAt } = await inTime(earliest(this.env.DB));
    const times = [dueAt, this.#isPostedTo(retryWebhook) ? postAt : null].filter((time) => time !== null);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Records the retries that are due; those beyond the last batch are left to the next alarm. */
  async #recordDue({ opensPer, retryHours, retryWebhook }: Settings): Promise<void> {
    const offsetsMs = slotOffsetsMs(retryHours);
    for (let batch = 0; batch < BATCHES_PER_ALARM; batch++) {
      const nowMs = Date.now();
      const sends = await inTime(dueSends(this.env.DB, nowMs, SENDS_PER_BATCH));
      if (sends.length === 0) return;
      const due = sends.map((send) => ({ ...send, due: dueSlotOf(send, offsetsMs, nowMs) }));
      const postAtMs = this.#isPostedTo(retryWebhook) ? nowMs : null;
      await inTime(recordDueRetries(this.env.DB, due, { opensPer, postAtMs, nowMs }));
    }
  }

  async #post(settings: Settings, webhook: RetryWebhook): Promise<void> {
    await this.#recordAccepted();
    const nowMs = Date.now();
    const retries = await inTime(retriesToPost(this.env.DB, nowMs, POSTS_PER_ALARM));
    const due = await inTime(stillDue(this.env.DB, retries, settings, nowMs));
    const ended = retries.filter((retry) => !due.includes(retry));
    await this.#recordPosts(ended.map(({ id, tries }) => ({ id, tries, postAtMs: null })));
    const failed: PostState[] = [];
    for (let from = 0; from < due.length && this.#isPostedTo(webhook); from += POSTS_AT_A_TIME) {
      const posts = due.slice(from, from + POSTS_AT_A_TIME).map((retry) => this.#postOne(retry, settings, webhook));
      for (const post of await Promise.all(posts)) if (post !== undefined) failed.push(post);
    }
    await this.#recordPosts(failed);
    await this.#recordAccepted();
  }

  /** What to record in D1 when the receiver did not accept the retry. */
  async #postOne(retry: RetryRow, { tokenKeys }: Settings, webhook: RetryWebhook): Promise<PostState | undefined> {
    const { id } = retry;
    const tries = retry.tries + 1;
    const result = await postRetry(retryOf(retry, tokenKeys), webhook, Date.now());
    switch (result.type) {
      case "accepted":
        this.ctx.storage.kv.put(`${ACCEPTED}${id}`, tries);
        return undefined;
      case "gone":
        this.ctx.storage.kv.put(GONE, webhook.url);
        logger.error("the receiver of retries is gone (410); nothing is posted to it");
        return { id, tries, postAtMs: null };
      case "failed": {
        const postAtMs = nextPostAt(tries, Date.now(), result.demandedDelayMs);
        logger.warn("retry not accepted", { id, tries, reason: result.reason, postAtMs });
        return { id, tries, postAtMs };
      }
    }
  }

  /** Records in D1 what the receiver accepted. */
  async #recordAccepted(): Promise<void> {
    const { kv } = this.ctx.storage;
    const accepted = [...kv.list<number>({ prefix: ACCEPTED })];
    await this.#recordPosts(
      accepted.map(([key, tries]) => ({ id: key.slice(ACCEPTED.length), tries, postAtMs: null })),
    );
    for (const [key] of accepted) kv.delete(key);
  }

  async #recordPosts(posts: readonly PostState[]): Promise<void> {
    await inTime(recordPosts(this.env.DB, posts));
  }

  /** Whether retries are posted: there is a webhook, and it has not answered 410. */
  #isPostedTo(webhook: RetryWebhook | undefined): webhook is RetryWebhook {
    return webhook !== undefined && this.ctx.storage.kv.get(GONE) !== webhook.url;
  }
}

/** Sets the clock's alarm unless an earlier one is set. */
export async function ensureRetryAlarm(clocks: Env["RETRIES"], atMs: number): Promise<void> {
  await clocks.getByName(RETRY_CLOCK_NAME).ensureAlarm(atMs);
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  return await withDeadline(work, D1_DEADLINE_MS, "D1");
}
