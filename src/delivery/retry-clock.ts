import { DurableObject } from "cloudflare:workers";
import type { Env } from "../env.ts";

/** There is one clock: its work is a query a minute at most, and what it moves is a few sends in a hundred. */
export const RETRY_CLOCK_NAME = "retries";

export class RetryClock extends DurableObject<Env> {
  /** Makes sure that the alarm rings at `atMs` (ms since 1970 UTC) or before. */
  async wake(atMs: number): Promise<void> {
    const alarmMs = await this.ctx.storage.getAlarm();
    if (alarmMs === null || alarmMs > atMs) await this.ctx.storage.setAlarm(atMs);
  }

  override async alarm(): Promise<void> {}
}
