/**
 * An alarm that fails runs again and never records a retry twice: D1 fails at each of its calls in turn, the object
 * dies, and the retries that are listed and logged are compared with the schedule.
 */
import { runInDurableObject } from "cloudflare:test";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { callsOf, runs } from "../fuzz.ts";
import {
  alarmAt,
  bouncedSend,
  clock,
  log,
  newSend,
  pass,
  recordedSlots,
  runAlarm,
  type SendOf,
  schedule,
  softBounce,
  withoutRetries,
} from "../retries/world.ts";
import { environment } from "../worker.ts";
import { crash, type DatabaseFault, faultyDatabase } from "./broken.ts";

beforeEach(async () => {
  await withoutRetries();
  vi.spyOn(console, "warn").mockImplementation(() => {});
  vi.spyOn(console, "error").mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** Fails the calls from `first` on, `times` of them, and says whether there was one. */
function failingFrom(first: number, times: number, fault: DatabaseFault) {
  let calls = 0;
  const DB = faultyDatabase(() => {
    const call = calls++;
    return call >= first && call < first + times ? fault : undefined;
  });
  return { DB, hasFailed: () => calls > first };
}

/** More than an alarm of these tests has. */
const CALLS = 6;
const afterwards = [
  ["goes on", 0, async () => {}],
  ["dies", 1, () => crash(clock())],
] as const;

describe.each<[string, number, DatabaseFault]>([
  ["is overloaded at", 1, "overloaded"],
  ["loses the connection at", 1, "loses the connection"],
  ["loses the connection twice from", 2, "loses the connection"],
  ["commits and loses the connection at", 1, "commits and loses the connection"],
  ["commits and loses the connection twice from", 2, "commits and loses the connection"],
])("when D1 %s any call of an alarm", (_how, times, fault) => {
  it.each(afterwards)("and the object %s, every retry is recorded once", async (_what, first, meanwhile) => {
    let failures = 0;
    const calls = callsOf(CALLS, first);
    for (const call of calls) {
      await withoutRetries();
      const [one, two, delivered] = [await bouncedSend(), await bouncedSend(), await bouncedSend()];
      await log("delivered", delivered);
      await pass(1.01);
      const { DB, hasFailed } = failingFrom(call, times, fault);
      await runAlarm(environment({ DB }));
      expect(await alarmAt()).not.toBeNull();
      await meanwhile();
      // Too short for the next slot.
      for (let n = 0; n < 2; n++) {
        await pass(0.1);
        await runAlarm(environment());
      }
      if (hasFailed()) failures++;
      expect(await recordedSlots(one)).toEqual([0]);
      expect(await recordedSlots(two)).toEqual([0]);
      expect(await recordedSlots(delivered)).toEqual([]);
    }
    expect(failures).toBeGreaterThan(calls.length / 2);
    expect(failures).toBeLessThan(calls.length);
  });
});

describe("an alarm", () => {
  it("that fails repeatedly is set again after growing delays, a quarter of an hour at most", async () => {
    await bouncedSend();
    await pass(1.01);
    const DB = faultyDatabase(() => "overloaded");
    const pauseAfterFailing = async () => {
      await runAlarm(environment({ DB }));
      return Math.round((((await alarmAt()) ?? 0) - Date.now()) / 60_000);
    };
    const pauses: number[] = [];
    for (let n = 0; n < 7; n++) pauses.push(await pauseAfterFailing());
    expect(pauses).toEqual([1, 2, 4, 8, 15, 15, 15]);
    await runAlarm(environment());
    expect(await pauseAfterFailing()).toBe(1);
  });

  it("does not wait for a D1 that hangs for ever", async () => {
    const real = globalThis.setTimeout;
    const hurried = (callback: () => void, ms = 0) => real(callback, ms === 20_000 ? 50 : ms);
    vi.spyOn(globalThis, "setTimeout").mockImplementation(hurried as typeof setTimeout);
    const send = await bouncedSend();
    await pass(1.01);
    await runAlarm(environment({ DB: faultyDatabase(() => "hangs") }));
    expect(await alarmAt()).toBeGreaterThan(Date.now());
    vi.restoreAllMocks();
    await runAlarm(environment());
    expect(await recordedSlots(send)).toEqual([0]);
  });
});

type Act =
  | { readonly do: "bounce" | "bounce again" | "deliver"; readonly which: number }
  | { readonly do: "pass"; readonly hours: number }
  | { readonly do: "ring"; readonly faults: readonly (DatabaseFault | undefined)[] }
  | { readonly do: "ring twice at once" | "die" };

const SENDS = 3;
const which = fc.nat(SENDS - 1);
const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ do: fc.constantFrom("bounce" as const, "bounce again" as const, "deliver" as const), which }),
  fc.record({ do: fc.constant("pass" as const), hours: fc.constantFrom(0.1, 0.6, 1.1, 3, 8) }),
  fc.record({
    do: fc.constant("ring" as const),
    faults: fc.array(
      fc.option(
        fc.constantFrom<DatabaseFault>("overloaded", "loses the connection", "commits and loses the connection"),
        { nil: undefined, freq: 3 },
      ),
      { maxLength: 14 },
    ),
  }),
  fc.record({ do: fc.constantFrom("ring twice at once" as const, "die" as const) }),
);

interface Lived {
  readonly send: SendOf;
  ageHours: number;
  isBounced: boolean;
  isDelivered: boolean;
  /** The slots with retries when it was delivered. */
  beforeDelivered: readonly number[] | undefined;
}

async function passHours(hours: number, lives: readonly Lived[]): Promise<void> {
  await pass(hours);
  for (const life of lives) if (life.isBounced) life.ageHours += hours;
}

describe("whatever happens, in whatever order", () => {
  it("each slot yields at most one retry, in order, none after a Delivered, and none is lost", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 25 }), async (acts) => {
        await withoutRetries();
        const lives: Lived[] = Array.from({ length: SENDS }, () => ({
          send: newSend(),
          ageHours: 0,
          isBounced: false,
          isDelivered: false,
          beforeDelivered: undefined,
        }));
        for (const each of acts) {
          const life = "which" in each ? lives[each.which] : undefined;
          if (each.do === "pass") await passHours(each.hours, lives);
          else if (each.do === "die") await crash(clock());
          else if (each.do === "ring") {
            const faults = [...each.faults];
            await runAlarm(environment({ DB: faultyDatabase(() => faults.shift()) }));
          } else if (each.do === "ring twice at once") {
            await runInDurableObject(clock(), async (instance) => {
              Object.assign(instance, { env: environment() });
              await Promise.all([instance.alarm(), instance.alarm()]);
            });
          } else if (life !== undefined && each.do === "deliver" && !life.isDelivered) {
            await log("delivered", life.send);
            life.isDelivered = true;
            life.beforeDelivered = await recordedSlots(life.send);
          } else if (life !== undefined && each.do !== "deliver" && (each.do === "bounce" || life.isBounced)) {
            await schedule([softBounce(life.send)]);
            if (!life.isDelivered) life.isBounced = true;
          }
        }

        const young = lives.filter(({ isBounced, isDelivered, ageHours }) => {
          return isBounced && !isDelivered && ageHours < 24;
        });
        for (let hours = 0; hours < 26; hours++) {
          await runAlarm(environment());
          await passHours(1, lives);
        }
        for (const { send, beforeDelivered } of lives) {
          const slots = await recordedSlots(send);
          expect(slots).toEqual([...new Set(slots)].toSorted());
          if (beforeDelivered !== undefined) expect(slots).toEqual(beforeDelivered);
        }
        for (const { send } of young) {
          expect((await recordedSlots(send)).at(-1)).toBe(3);
        }
      }),
      runs(15),
    );
  });
});
