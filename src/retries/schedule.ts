/**
 * When a soft-bounced send is due again, and when a failed post is repeated. Pure: times in, times out.
 *
 * A schedule is RETRY_HOURS, counted from the first attempt; each of its hours is a slot, numbered from 0. A slot
 * yields one retry. Slots that passed unnoticed, for instance in an outage, yield one retry together: that of the
 * latest slot.
 */

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** A send is tried for so long at most. A soft bounce that is reported later makes nothing due. */
export const RETRIED_MS = 36 * HOUR_MS;
/** The 37th hour is for a retry that is due at their end and recorded late. */
export const MAX_RETRY_AGE_MS = 37 * HOUR_MS;

/**
 * Delays before each repetition of a post: the Standard Webhooks specification's table, as far as a retry is worth
 * posting. Not exponential, so not platform/backoff.ts.
 */
const POST_DELAYS_MS = [5_000, 5 * MINUTE_MS, 30 * MINUTE_MS, 120 * MINUTE_MS] as const;
/** The longest delay that a receiver can demand with Retry-After. */
const MAX_POST_DELAY_MS = 120 * MINUTE_MS;

/** RETRY_HOURS → how long after the first attempt each slot is due, in ms. */
export function slotOffsetsMs(hours: readonly number[]): number[] {
  return hours.map((hour) => Math.round(hour * HOUR_MS));
}

/** A send's position in its schedule, as its row holds it: `slot` comes next. */
export type SchedulePosition = Readonly<Record<"firstAt" | "slot" | "dueAt", number>>;

/** A slot that is due. */
export interface DueSlot {
  readonly slot: number;
  readonly dueAtMs: number;
  /** When the next slot is due; null: this was the last. */
  readonly nextDueAtMs: number | null;
}

/** The latest slot that is due, for a send whose next slot is. The setting may have changed since `dueAt` was set. */
export function dueSlotOf(position: SchedulePosition, offsetsMs: readonly number[], nowMs: number): DueSlot {
  const { firstAt, slot, dueAt } = position;
  const passed = offsetsMs.filter((offsetMs) => firstAt + offsetMs <= nowMs);
  const latest = Math.max(slot, passed.length - 1);
  const nextOffsetMs = offsetsMs[latest + 1];
  return {
    slot: latest,
    dueAtMs: latest === slot ? dueAt : firstAt + (passed.at(-1) ?? 0),
    nextDueAtMs: nextOffsetMs === undefined ? null : firstAt + nextOffsetMs,
  };
}

/** The number of the attempt that a slot's retry is; the first attempt was 1. */
export function attemptOf(slot: number): number {
  return slot + 2;
}

/**
 * When to repeat a post that failed `tries` times; null: never. The receiver can demand a longer
 * delay. Up to a tenth is added at random, so that posts that failed together are not repeated together.
 */
export function nextPostAt(tries: number, nowMs: number, demandedDelayMs = 0): number | null {
  const delayMs = POST_DELAYS_MS[tries - 1];
  if (delayMs === undefined) return null;
  const longerMs = Math.max(delayMs, Math.min(demandedDelayMs, MAX_POST_DELAY_MS));
  return nowMs + Math.round(longerMs * (1 + Math.random() / 10));
}
