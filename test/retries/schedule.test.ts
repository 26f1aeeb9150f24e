import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dueSlotOf, slotOffsetsMs } from "../../src/retries/schedule.ts";
import { runs } from "../fuzz.ts";

const HOUR_MS = 3_600_000;
const OFFSETS = slotOffsetsMs([1, 4, 12, 24]);
const at = (hours: number) => hours * HOUR_MS;

describe("the due slot of a send", () => {
  it.each([
    [0, 1, 4],
    [1, 4, 12],
    [2, 12, 24],
    [3, 24, null],
  ])("is slot %i after %i hours, and then the next one is due", (slot, hours, next) => {
    expect(dueSlotOf({ firstAt: 0, slot, dueAt: at(hours) }, OFFSETS, at(hours))).toEqual({
      slot,
      dueAtMs: at(hours),
      nextDueAtMs: next === null ? null : at(next),
    });
  });

  it.each([
    [3.9, 0, 1, 4],
    [4, 1, 4, 12],
    [13, 2, 12, 24],
    [30, 3, 24, null],
  ])("is the latest slot when nothing ran for %d hours", (hours, slot, due, next) => {
    expect(dueSlotOf({ firstAt: 0, slot: 0, dueAt: at(1) }, OFFSETS, at(hours))).toEqual({
      slot,
      dueAtMs: at(due),
      nextDueAtMs: next === null ? null : at(next),
    });
  });

  it("is its last when the setting has fewer slots than it had", () => {
    const turn = dueSlotOf({ firstAt: 0, slot: 3, dueAt: at(24) }, slotOffsetsMs([30, 31]), at(24));
    expect(turn).toEqual({ slot: 3, dueAtMs: at(24), nextDueAtMs: null });
  });

  it("is never before the previous one, and the next one is in the future, for any settings and times", () => {
    const hours = fc
      .uniqueArray(fc.double({ min: 0.01, max: 36, noNaN: true }), { minLength: 1, maxLength: 8 })
      .map((all) => all.sort((a, b) => a - b));
    fc.assert(
      fc.property(hours, fc.nat(9), fc.nat(at(40)), fc.nat(at(40)), (schedule, slot, dueAtMs, lateMs) => {
        const nowMs = dueAtMs + lateMs;
        const turn = dueSlotOf({ firstAt: 0, slot, dueAt: dueAtMs }, slotOffsetsMs(schedule), nowMs);
        expect(turn.slot).toBeGreaterThanOrEqual(slot);
        expect(turn.dueAtMs).toBeLessThanOrEqual(nowMs);
        if (turn.nextDueAtMs !== null) expect(turn.nextDueAtMs).toBeGreaterThan(nowMs);
      }),
      runs(400),
    );
  });
});
