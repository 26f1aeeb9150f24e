/**
 * When a soft-bounced send is due again. Pure: times in, times out.
 *
 * A schedule is RETRY_HOURS, counted from the first attempt; each of its hours is a slot, numbered from 0. A slot
 * yields one retry. Slots that passed unnoticed, for instance in an outage, yield one retry together: that of the
 * latest slot.
 */
import { HOUR_MS } from "../platform/durations.ts";

/** A send is tried for so long at most. A soft bounce that is reported later makes nothing due. */
export const RETRIED_MS = 36 * HOUR_MS;
/** The 37th hour is for a retry that is due at their end and recorded late. */
export const MAX_RETRY_AGE_MS = 37 * HOUR_MS;

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
