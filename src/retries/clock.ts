/**
 * The Durable Object whose alarm records the retries that are due: for GET /v1/retries, and as events of the log.
 *
 * Guarantees: a retry is in D1 once, whatever fails, because its schedule advances in the same transaction. And after
 * every failure the alarm is set again, as long as there is something to do. Gives up speed: one object records some
 * thousand retries a minute.
 */
import { DurableObject } from "cloudflare:workers";
import { objectNamed } from "../config/objects.ts";
import { settingsOf } from "../config/settings.ts";
import { backoffMs } from "../platform/backoff.ts";
import { logger } from "../platform/logger.ts";
import { fromD1 } from "../platform/timeout.ts";
import { recordDueRetries } from "./decisions.ts";
import { dueSlotOf, slotOffsetsMs } from "./schedule.ts";
import { dueSends, earliestDueAt } from "./store.ts";

const SENDS_PER_BATCH = 100;
const BATCHES_PER_ALARM = 50;
const BACKOFF = { firstMs: 60_000, maxMs: 900_000 } as const;

/** There is one clock, for all sends: the name of its Durable Object. */
export const RETRY_CLOCK_NAME = "retries";

/** Storage key: failed alarms in a row. */
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
      const nextAtMs = await this.#recordDue();
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

  /** Resolves to when the next retry is due. Throws when D1 fails; repeating all of it is harmless. */
  async #recordDue(): Promise<number | undefined> {
    const settings = settingsOf(this.env);
    if (!settings.ok) throw new Error("this Worker is not set up");
    const { opensPer, retryHours } = settings.value;
    const offsetsMs = slotOffsetsMs(retryHours);
    for (let batch = 0; batch < BATCHES_PER_ALARM; batch++) {
      const nowMs = Date.now();
      const sends = await fromD1(dueSends(this.env.DB, nowMs, SENDS_PER_BATCH));
      if (sends.length === 0) break;
      const due = sends.map((send) => ({ ...send, due: dueSlotOf(send, offsetsMs, nowMs) }));
      await fromD1(recordDueRetries(this.env.DB, due, { opensPer, nowMs }));
    }
    // Where there are more, the others are due at once.
    return (await fromD1(earliestDueAt(this.env.DB))) ?? undefined;
  }
}

/** What the clock is reached by. */
export type RetryClockEnv = Pick<Env, "RETRIES" | "JURISDICTION">;

/** Sets the clock's alarm unless an earlier one is set. */
export async function ensureRetryAlarm(env: RetryClockEnv, atMs: number): Promise<void> {
  await objectNamed(env.RETRIES, RETRY_CLOCK_NAME, env).ensureAlarm(atMs);
}
