/** From a soft bounce to its schedule. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { sendKey } from "../../src/events/send-key.ts";
import { dueSends, earliestStatement } from "../../src/retries/store.ts";
import { ordersOf, reportOutcomes } from "../outcomes.ts";
import {
  alarmAt,
  bouncedSend,
  HOUR_MS,
  log,
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

const NOW = Date.now();
const hoursAgo = (hours: number) => NOW - hours * HOUR_MS;

describe("a soft bounce", () => {
  it("makes its send due an hour after it", async () => {
    const send = newSend();
    await schedule([softBounce(send, { atMs: hoursAgo(0.5) })], NOW);
    expect(await scheduleOf(send)).toEqual({
      first_at: hoursAgo(0.5),
      slot: 0,
      due_at: hoursAgo(-0.5),
    });
  });

  it.each([
    ["the time of its Sent, when that is logged", 3, 1, 4 - 3],
    ["its own, when the Sent is later", 0.5, 0, 1 - 0.6],
  ])("counts from %s", async (_what, sentAgo, slot, dueIn) => {
    const send = newSend();
    await log("sent", send, { atMs: hoursAgo(sentAgo) });
    await schedule([softBounce(send, { atMs: hoursAgo(0.6) })], NOW);
    expect(await scheduleOf(send)).toMatchObject({ slot, due_at: NOW + dueIn * HOUR_MS });
  });

  it.each([
    [0.9, 0, 1],
    [1, 1, 4],
    [11, 2, 12],
    [12.5, 3, 24],
  ])("reported %d hours late skips the slots that have passed", async (hours, slot, next) => {
    const send = newSend();
    await schedule([softBounce(send, { atMs: hoursAgo(hours) })], NOW);
    expect(await scheduleOf(send)).toMatchObject({ slot, due_at: hoursAgo(hours) + next * HOUR_MS });
  });

  it.each([24, 30, 36])("reported %d hours late makes its last slot due at once", async (hours) => {
    const send = newSend();
    await schedule([softBounce(send, { atMs: hoursAgo(hours) })], NOW);
    expect(await scheduleOf(send)).toMatchObject({ slot: 3, due_at: hoursAgo(hours - 24) });
    await runAlarm();
    expect(await recordedSlots(send)).toEqual([3]);
    expect((await scheduleOf(send))?.due_at).toBeNull();
  });

  it("reported more than 36 hours after the first attempt makes nothing due", async () => {
    const send = newSend();
    await schedule([softBounce(send, { atMs: hoursAgo(36) - 1 })], NOW);
    expect(await scheduleOf(send)).toMatchObject({ slot: 4, due_at: null });
  });

  it("that names an address after one that did not gives it to the schedule", async () => {
    const send = newSend();
    await schedule([softBounce(send, { address: undefined })]);
    await schedule([softBounce(send, { address: "marie@example.com" })]);
    await schedule([softBounce(send, { address: "other@example.com" })]);
    expect(await dueSends(env.DB, Date.now() + 2 * HOUR_MS, 10)).toMatchObject([{ address: "marie@example.com" }]);
  });

  it("that is dated in the future counts from now", async () => {
    const send = newSend();
    await schedule([softBounce(send, { atMs: hoursAgo(-100) })], NOW);
    expect(await scheduleOf(send)).toMatchObject({ first_at: NOW, due_at: NOW + HOUR_MS });
  });

  it("reported again, or a second one of the same send, changes nothing", async () => {
    const send = await bouncedSend();
    await pass(2);
    const before = await scheduleOf(send);
    await schedule([softBounce(send), softBounce(send, { bounce: { category: 9 } })]);
    expect(await scheduleOf(send)).toEqual(before);
  });

  it("is one schedule for each send of a report, from the earliest bounce of it", async () => {
    const [one, two] = [newSend(), newSend()];
    await schedule([
      softBounce(one, { atMs: hoursAgo(0.1), bounce: { category: 9 } }),
      softBounce(two, { atMs: hoursAgo(0.2) }),
      softBounce(one, { atMs: hoursAgo(0.3) }),
    ]);
    expect((await scheduleOf(one))?.first_at).toBe(hoursAgo(0.3));
    expect((await scheduleOf(two))?.first_at).toBe(hoursAgo(0.2));
    expect(await scheduleOf({ ...one, send: "another" })).toBeNull();
  });

  it.each(["delivered", "hard bounced"] as const)("of a send that is %s starts no schedule", async (what) => {
    const send = newSend();
    await log(what, send);
    await schedule([softBounce(send)]);
    expect(await scheduleOf(send)).toBeNull();
  });

  it("can be one of a thousand with long details", async () => {
    const sends = Array.from({ length: 1_000 }, newSend);
    const bounce = { category: 4, details: '☃"\\'.repeat(250) } as const;
    await schedule(sends.map((send) => softBounce(send, { bounce })));
    const { results } = await env.DB.prepare("SELECT bounce FROM soft_bounced_sends").all<{
      bounce: string;
    }>();
    expect(results).toHaveLength(1_000);
    expect(JSON.parse(results[999]?.bounce ?? "")).toEqual(bounce);
  });

  it("without the send's id and without an address has a schedule, too", async () => {
    const { email, person, campaign } = newSend();
    await schedule([softBounce({ email, person, campaign }, { address: undefined })]);
    const row = await env.DB.prepare("SELECT send, address FROM soft_bounced_sends WHERE key = ?")
      .bind(sendKey({ email, person, campaign }))
      .first();
    expect(row).toEqual({ send: null, address: null });
  });
});

describe("what is reported of a send, in whatever order,", () => {
  const address = "marie@example.com";
  const sent = { type: "sent", at: hoursAgo(3) };
  const soft = { type: "soft_bounced", category: 3, at: hoursAgo(2) };
  const earlier = { ...soft, at: hoursAgo(2.5) };
  const delivered = { type: "delivered", at: hoursAgo(1), address };

  /** How a reporter sees it: due at the fourth hour after the first attempt. */
  it.each([
    ["the Sent", [{ ...sent, address }, soft], 3],
    ["the Sent, and a bounce names one too", [{ ...sent, address }, soft, { ...earlier, address }], 3],
    ["a second bounce, the Sent is not reported", [soft, { ...earlier, address }], 2.5],
    ["a second bounce, the Sent names none", [sent, soft, { ...earlier, address }], 3],
    ["the later bounce", [{ ...soft, address }, earlier], 2.5],
    [
      "both bounces, each another",
      [
        { ...soft, address },
        { ...earlier, address: "other@example.com" },
      ],
      2.5,
    ],
  ])("has the same retry when the address is named by %s", async (_what, events, firstHoursAgo) => {
    for (const order of ordersOf(events)) {
      const send = newSend();
      for (const event of order) await reportOutcomes(send, event);
      expect(await scheduleOf(send)).toEqual({
        first_at: hoursAgo(firstHoursAgo),
        slot: 1,
        due_at: hoursAgo(firstHoursAgo - 4),
      });
      const due = await dueSends(env.DB, NOW + 5 * HOUR_MS, 1_000);
      expect(due.filter(({ person }) => person === send.person)).toMatchObject([{ address }]);
    }
  });

  it("gives a Delivered's address to the bounce that named none, and has no retry", async () => {
    const sends = ordersOf([soft, delivered]).map((order) => ({ order, send: newSend() }));
    for (const { order, send } of sends) for (const event of order) await reportOutcomes(send, event);
    await pass(5);
    expect(await dueSends(env.DB, Date.now(), 1_000)).toMatchObject([{ person: sends[0]?.send.person, address }]);
    await runAlarm();
    for (const { send } of sends) expect(await recordedSlots(send)).toEqual([]);
  });

  it("does not move a schedule of which a retry was recorded", async () => {
    const send = await bouncedSend();
    await pass(1.01);
    await runAlarm();
    const before = await scheduleOf(send);
    await reportOutcomes(send, { type: "sent", at: hoursAgo(3) });
    expect(await scheduleOf(send)).toEqual(before);
    expect(await recordedSlots(send)).toEqual([0]);
  });

  it("sets the clock to the earlier retry", async () => {
    const send = newSend();
    await reportOutcomes(send, { type: "soft_bounced", category: 3, at: NOW });
    await reportOutcomes(send, { type: "sent", at: hoursAgo(0.9) });
    expect(await alarmAt()).toBe(hoursAgo(-0.1));
  });
});

describe("what is due next", () => {
  it("is the earliest of all sends", async () => {
    expect(await earliestStatement(env.DB).first()).toEqual({ dueAt: null });
    const bounces = [0.5, 3.9].map((hours) => softBounce(newSend(), { atMs: hoursAgo(hours) }));
    await schedule(bounces, NOW);
    expect(await earliestStatement(env.DB).first()).toEqual({ dueAt: hoursAgo(-0.1) });
  });
});
