/** The alarm of the retry clock: when it runs, and what it records. */
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { sendKey } from "../../src/events/send-key.ts";
import { accepted, addEndpoint, receiver, ring, withoutEndpoints } from "../webhooks/world.ts";
import { environment } from "../worker.ts";
import {
  alarmAt,
  bouncedSend,
  clock,
  HOUR_MS,
  inHours,
  liveThrough,
  newSend,
  pass,
  recordedSlots,
  runAlarm,
  schedule,
  scheduleOf,
  softBounce,
  withoutRetries,
} from "./world.ts";

beforeEach(withoutRetries);
afterEach(() => {
  vi.restoreAllMocks();
});

describe("the alarm", () => {
  it("is set by the first call, and by one with an earlier time, not by one with a later time", async () => {
    const [early, middle, late] = [inHours(1), inHours(2), inHours(3)];
    await clock().ensureAlarm(middle);
    expect(await alarmAt()).toBe(middle);
    await clock().ensureAlarm(late);
    expect(await alarmAt()).toBe(middle);
    await clock().ensureAlarm(early);
    expect(await alarmAt()).toBe(early);
  });

  it("changes nothing when it runs too early, and is set to the due time", async () => {
    const send = await bouncedSend();
    await clock().ensureAlarm(inHours(0.1));
    expect(await runDurableObjectAlarm(clock())).toBe(true);
    expect(await recordedSlots(send)).toEqual([]);
    expect(await alarmAt()).toBe((await scheduleOf(send))?.due_at);
  });

  it("runs by itself when its time has come", async () => {
    const send = await bouncedSend();
    await pass(1.1);
    await clock().ensureAlarm(Date.now());
    await vi.waitFor(async () => expect(await recordedSlots(send)).toEqual([0]), { timeout: 5_000 });
  });

  it("is set to the next slot after each", async () => {
    const send = await bouncedSend();
    await liveThrough(1);
    const { first_at = 0 } = (await scheduleOf(send)) ?? {};
    expect(await alarmAt()).toBe(first_at + 4 * HOUR_MS);
  });

  it("records a retry as an event, which is posted to webhook endpoints", async () => {
    const received = receiver(accepted);
    const endpoint = await addEndpoint({ events: ["send.retry"] });
    const send = await bouncedSend();
    await pass(1.1);
    await runAlarm();
    await ring(endpoint);
    const [event] = received.flatMap(({ events }) => events);
    expect(event).toMatchObject({ type: "send.retry", data: { id: `retry/${sendKey(send)}-0`, attempt: 2 } });
    await withoutEndpoints();
  });

  it("that runs twice at once records each retry once", async () => {
    const send = await bouncedSend();
    await pass(1.1);
    await runInDurableObject(clock(), (instance) => Promise.all([instance.alarm(), instance.alarm()]));
    expect(await recordedSlots(send)).toEqual([0]);
  });

  it("records more retries than fit into one batch, in the order of their due times", async () => {
    const sends = Array.from({ length: 250 }, newSend);
    const nowMs = Date.now();
    await schedule(sends.map((send, n) => softBounce(send, { atMs: nowMs - n })));
    await pass(1.1);
    await runAlarm();
    const { results } = await env.DB.prepare("SELECT due_at FROM retries ORDER BY seq").all<{
      due_at: number;
    }>();
    expect(results).toHaveLength(250);
    expect(results.map(({ due_at }) => due_at)).toEqual(results.map(({ due_at }) => due_at).sort());
  });

  it("of a Worker that is not set up runs again in a minute, and records the retries when it is set up", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const send = await bouncedSend();
    await pass(1.1);
    await runAlarm(environment({ TOKEN_KEYS: "" }));
    expect(await alarmAt()).toBeLessThanOrEqual(Date.now() + 60_000);
    expect(await recordedSlots(send)).toEqual([]);
    await runAlarm(environment());
    expect(await recordedSlots(send)).toEqual([0]);
  });
});
