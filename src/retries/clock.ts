/**
 * The Durable Object whose alarm makes retries due and posts them to the sender.
 *
 * Guarantees: a retry is in D1 once, whatever fails, because its slot moves in the same transaction; one that the receiver took
 * is not posted again, because that is written here, in the object's own storage, before anything else happens, and told to D1
 * afterwards; and the alarm rings again after every failure, for as long as there is something to do.
 * Gives up: an object that dies between the receiver's answer and that write, or an answer that gets lost, makes the same post
 * twice, under the same webhook-id, by which receivers know it. And speed: one object, some thousand retries a minute into D1,
 * some dozens of posts at a time.
 */

import { DurableObject } from "cloudflare:workers";
import type { RetryWebhook, Settings } from "../config/settings.ts";
import { settingsOf } from "../config/settings.ts";
import { openKey } from "../events/open-id.ts";
import { logger } from "../platform/logger.ts";
import { withDeadline } from "../platform/timeout.ts";
import { postRetry } from "./post.ts";
import { stillDue, toldOf } from "./retry.ts";
import { nextPostAt, slotOffsets, turnOf } from "./schedule.ts";
import {
  earliest,
  type LoggedRetry,
  moveOn,
  type Post,
  recordPosts,
  retriesToPost,
  waitingSends,
} from "./store.ts";

const SENDS_A_BATCH = 100;
const BATCHES_AN_ALARM = 50;
const POSTS_AN_ALARM = 60;
/** Workers hold six connections open at a time; D1 is one of them. */
const POSTS_AT_A_TIME = 5;
const D1_DEADLINE_MS = 20_000;
const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 900_000;

/** Keys of the object's storage: "posted:<retry's id>" → its tries; the URL that answered 410; the last pause. */
const POSTED = "posted:";
const GONE = "gone";
const PAUSE_MS = "pauseMs";

export class RetryClock extends DurableObject<Env> {
  #running: Promise<void> | undefined;

  /** Makes sure that the alarm rings at `atMs` (ms since 1970 UTC) or before. */
  async wake(atMs: number): Promise<void> {
    const alarmMs = await this.ctx.storage.getAlarm();
    if (alarmMs === null || alarmMs > atMs) await this.ctx.storage.setAlarm(atMs);
  }

  /** Never rejects for what fails outside: Cloudflare gives an alarm up that fails seven times. */
  override async alarm(): Promise<void> {
    this.#running ??= this.#ring().finally(() => {
      this.#running = undefined;
    });
    await this.#running;
  }

  async #ring(): Promise<void> {
    const { kv } = this.ctx.storage;
    try {
      const nextMs = await this.#work();
      kv.delete(PAUSE_MS);
      if (nextMs !== undefined) await this.wake(nextMs);
    } catch (error) {
      const pauseMs = Math.min((kv.get<number>(PAUSE_MS) ?? FIRST_PAUSE_MS / 2) * 2, LONGEST_PAUSE_MS);
      kv.put(PAUSE_MS, pauseMs);
      logger.error("retries have to wait", { seconds: pauseMs / 1_000, error });
      await this.wake(Date.now() + pauseMs);
    }
  }

  /** When there is something to do next, ms since 1970 UTC. Throws when D1 fails; all of it may be done again. */
  async #work(): Promise<number | undefined> {
    const settings = settingsOf(this.env);
    if (!settings.ok) throw new Error("this Worker is not set up");
    const { retryWebhook } = settings.value;
    await this.#moveOn(settings.value);
    if (this.#isOpen(retryWebhook)) await this.#post(settings.value, retryWebhook);
    const { dueAt, postAt } = await this.#ask(() => earliest(this.env.DB));
    const times = [dueAt, this.#isOpen(retryWebhook) ? postAt : null].filter((time) => time !== null);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Hands out what has come. What an alarm has no time for is left to the next. */
  async #moveOn({ opensPer, retryHours, retryWebhook }: Settings): Promise<void> {
    const offsets = slotOffsets(retryHours);
    for (let batch = 0; batch < BATCHES_AN_ALARM; batch++) {
      const nowMs = Date.now();
      const sends = await this.#ask(() => waitingSends(this.env.DB, nowMs, SENDS_A_BATCH));
      if (sends.length === 0) return;
      const moves = sends.map((send) => ({
        send,
        openedId: openKey(send, opensPer),
        turn: turnOf({ firstAtMs: send.firstAt, slot: send.slot, dueAtMs: send.dueAt }, offsets, nowMs),
      }));
      const postAtMs = this.#isOpen(retryWebhook) ? nowMs : null;
      await this.#ask(() => moveOn(this.env.DB, moves, postAtMs, nowMs));
    }
  }

  async #post(settings: Settings, webhook: RetryWebhook): Promise<void> {
    await this.#settle();
    const nowMs = Date.now();
    const retries = await this.#ask(() => retriesToPost(this.env.DB, nowMs, POSTS_AN_ALARM));
    const due = await this.#ask(() => stillDue(this.env.DB, retries, settings, nowMs));
    const ended = retries.filter((retry) => !due.includes(retry));
    await this.#ask(() =>
      recordPosts(
        this.env.DB,
        ended.map(({ id, tries }) => ({ id, tries, postAtMs: null })),
      ),
    );
    const failed: Post[] = [];
    for (let at = 0; at < due.length && this.#isOpen(webhook); at += POSTS_AT_A_TIME) {
      const posts = due
        .slice(at, at + POSTS_AT_A_TIME)
        .map((retry) => this.#postOne(retry, settings, webhook));
      for (const post of await Promise.all(posts)) if (post !== undefined) failed.push(post);
    }
    await this.#ask(() => recordPosts(this.env.DB, failed));
    await this.#settle();
  }

  /** What is to be told to D1, when it was not taken. */
  async #postOne(
    retry: LoggedRetry,
    { tokenKeys }: Settings,
    webhook: RetryWebhook,
  ): Promise<Post | undefined> {
    const { id } = retry;
    const tries = retry.tries + 1;
    const posted = await postRetry(toldOf(retry, tokenKeys), webhook, Date.now());
    switch (posted.type) {
      case "taken":
        this.ctx.storage.kv.put(`${POSTED}${id}`, tries);
        return undefined;
      case "gone":
        this.ctx.storage.kv.put(GONE, webhook.url);
        logger.error("the receiver of retries is gone (410); nothing is posted to it");
        return { id, tries, postAtMs: null };
      case "failed": {
        const postAtMs = nextPostAt(tries, Date.now(), posted.askedPauseMs);
        logger.warn("retry not taken", { id, tries, why: posted.why, postAtMs });
        return { id, tries, postAtMs };
      }
    }
  }

  /** Tells D1 what the receiver took. */
  async #settle(): Promise<void> {
    const { kv } = this.ctx.storage;
    const taken = [...kv.list<number>({ prefix: POSTED })];
    await this.#ask(() =>
      recordPosts(
        this.env.DB,
        taken.map(([key, tries]) => ({ id: key.slice(POSTED.length), tries, postAtMs: null })),
      ),
    );
    for (const [key] of taken) kv.delete(key);
  }

  /** Whether retries are posted: somebody wants them, and has not said since that they do not. */
  #isOpen(webhook: RetryWebhook | undefined): webhook is RetryWebhook {
    return webhook !== undefined && this.ctx.storage.kv.get(GONE) !== webhook.url;
  }

  async #ask<T>(work: () => Promise<T>): Promise<T> {
    return await withDeadline(work(), D1_DEADLINE_MS, "D1");
  }
}
