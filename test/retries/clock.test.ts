/** When a soft-bounced send yields a retry, and what ends its schedule. */
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { settingsOf } from "../../src/config/settings.ts";
import type { Report } from "../../src/delivery/outcome.ts";
import { recordReports } from "../../src/delivery/record.ts";
import { environment, token } from "../worker.ts";
import {
  alarmAt,
  bouncedSend,
  HOUR_MS,
  inHours,
  know,
  liveThrough,
  log,
  newSend,
  pass,
  recordedSlots,
  runAlarm,
  type SendOf,
  schedule,
  scheduleOf,
  softBounce,
  suppress,
  withoutRetries,
} from "./world.ts";

beforeEach(withoutRetries);
afterEach(() => {
  vi.restoreAllMocks();
});

describe("a soft-bounced send", () => {
  it("yields one retry in each slot, and then its schedule has ended", async () => {
    const send = await bouncedSend();
    await runAlarm();
    expect(await recordedSlots(send)).toEqual([]);
    for (const [index, hours] of [1.01, 3, 8, 12].entries()) {
      await pass(hours);
      await runAlarm();
      await runAlarm();
      expect(await recordedSlots(send)).toEqual([0, 1, 2, 3].slice(0, index + 1));
    }
    expect(await scheduleOf(send)).toMatchObject({ slot: 4, due_at: null });
    await pass(48);
    await runAlarm();
    expect(await recordedSlots(send)).toHaveLength(4);
    expect(await alarmAt()).toBeNull();
  });

  it("yields no retry before its slot is due", async () => {
    const send = await bouncedSend();
    await pass(0.999);
    await runAlarm();
    expect(await recordedSlots(send)).toEqual([]);
  });

  it.each([
    [4.5, [1], [2, 3]],
    [13, [2], [3]],
    [24.1, [3], []],
  ])("yields one retry for the slots that passed in %d hours of downtime", async (hours, once, later) => {
    const send = await bouncedSend();
    await pass(hours);
    await runAlarm();
    expect(await recordedSlots(send)).toEqual(once);
    for (let n = 0; n < 3; n++) {
      await pass(12);
      await runAlarm();
    }
    expect((await recordedSlots(send)).at(-1)).toBe(later.at(-1) ?? 3);
  });

  it("yields no retry after an outage longer than its schedule", async () => {
    const send = await bouncedSend();
    await pass(37.1);
    await runAlarm();
    expect(await recordedSlots(send)).toEqual([]);
    expect((await scheduleOf(send))?.due_at).toBeNull();
  });

  it("follows the hours of the setting RETRY_HOURS", async () => {
    const around = environment({ RETRY_HOURS: "1 2 24" });
    const send = await bouncedSend();
    await pass(1.1);
    await runAlarm(around);
    const { first_at = 0, due_at } = (await scheduleOf(send)) ?? {};
    expect(due_at).toBe(first_at + 2 * HOUR_MS);
  });
});

const stops: readonly (readonly [string, (send: SendOf) => Promise<void>])[] = [
  ["it is delivered", (send) => log("delivered", send)],
  ["it bounces hard", (send) => log("hard bounced", send)],
  ["its message is opened", (send) => log("opened", send)],
  ["its address unsubscribes", () => suppress("address:marie@example.com", "unsubscribed")],
  ["its address is found to be invalid", () => suppress("address:marie@example.com", "invalid")],
  ["its person unsubscribes", (send) => suppress(`person:${send.person}`, "unsubscribed")],
  ["its person is found to be invalid", (send) => suppress(`person:${send.person}`, "invalid")],
  [
    "its person unsubscribes, whose address by now did not",
    async ({ person }) => {
      await know(person, "marie@new.example");
      await suppress(`person:${person}`, "unsubscribed");
    },
  ],
  [
    "the address unsubscribes that its person had before",
    async ({ person }) => {
      await know(person, "marie@new.example");
      await suppress("address:marie@example.com", "unsubscribed");
    },
  ],
  [
    "the address that the person has now unsubscribes",
    async ({ person }) => {
      await know(person, "marie@new.example");
      await suppress("address:marie@new.example", "unsubscribed");
    },
  ],
];

describe.each(stops)("when %s", (_when, stop) => {
  it("a send yields no retry at all", async () => {
    const [send, other] = [await bouncedSend(), await bouncedSend({ address: "other@example.com" })];
    await stop(send);
    await liveThrough(4);
    expect(await recordedSlots(send)).toEqual([]);
    expect((await scheduleOf(send))?.due_at).toBeNull();
    expect(await recordedSlots(other)).toEqual([0, 1, 2, 3]);
  });

  it("a send yields no further retry", async () => {
    const send = await bouncedSend();
    await liveThrough(2);
    await stop(send);
    for (let n = 0; n < 2; n++) {
      await pass(12);
      await runAlarm();
    }
    expect(await recordedSlots(send)).toEqual([0, 1]);
  });
});

describe("a send", () => {
  it("is stopped by a suppression of its address, in any case and with spaces around it", async () => {
    const send = await bouncedSend({ address: " Marie@Example.COM " });
    await suppress("address:marie@example.com", "unsubscribed");
    await liveThrough(1);
    expect(await recordedSlots(send)).toEqual([]);
  });
});

describe("a send whose schedule has ended", () => {
  it("yields no retry when the person is not suppressed any more", async () => {
    const send = await bouncedSend();
    await suppress("address:marie@example.com", "unsubscribed");
    await liveThrough(1);
    await env.DB.prepare("DELETE FROM suppressions").run();
    for (let n = 0; n < 3; n++) {
      await pass(8);
      await runAlarm();
    }
    expect(await recordedSlots(send)).toEqual([]);
  });
});

describe("a send yields its retries", () => {
  it("although the address that its person had before is invalid", async () => {
    const send = await bouncedSend();
    await know(send.person, "marie@new.example");
    await suppress("address:marie@example.com", "invalid");
    await liveThrough(1);
    expect(await recordedSlots(send)).toEqual([0]);
  });

  it.each([
    ["the same campaign was opened before this send", { atMs: inHours(-48) }],
    ["a bot loads the pixel", { isBot: true }],
  ])("although %s", async (_although, opened) => {
    const send = await bouncedSend();
    await log("opened", send, opened);
    await liveThrough(1);
    expect(await recordedSlots(send)).toEqual([0]);
  });

  it("although the same email was opened in another campaign, where opens count per email", async () => {
    const send = await bouncedSend();
    await log("opened", { ...send, campaign: "another" }, { per: "email", atMs: inHours(0.1) });
    await pass(1.1);
    await runAlarm(environment({ OPENS_PER: "email" }));
    expect(await recordedSlots(send)).toEqual([0]);
  });

  it("until it is opened, where opens count per email", async () => {
    const send = await bouncedSend();
    await log("opened", send, { per: "email", atMs: inHours(0.1) });
    await pass(1.1);
    await runAlarm(environment({ OPENS_PER: "email" }));
    expect(await recordedSlots(send)).toEqual([]);
  });

  it("although another send of the same message is delivered", async () => {
    const send = await bouncedSend();
    await log("delivered", { ...send, send: "another" });
    await liveThrough(1);
    expect(await recordedSlots(send)).toEqual([0]);
  });

  it.each([
    ["person", (send: SendOf) => `person:${send.person}`],
    ["address", () => "address:marie@example.com"],
  ])("in its next slot when the %s is blocked in this one", async (_whose, subject) => {
    const send = await bouncedSend();
    await suppress(subject(send), "blocked", inHours(3));
    await liveThrough(1);
    expect(await recordedSlots(send)).toEqual([]);
    expect(await scheduleOf(send)).toMatchObject({ slot: 1 });
    await pass(3);
    await runAlarm();
    expect(await recordedSlots(send)).toEqual([1]);
  });

  it("except those for which the person is blocked", async () => {
    const send = await bouncedSend();
    await suppress(`person:${send.person}`, "blocked", inHours(30));
    await liveThrough(4);
    await pass(7);
    await runAlarm();
    expect(await recordedSlots(send)).toEqual([]);
    expect((await scheduleOf(send))?.due_at).toBeNull();
  });
});

describe("outcomes in another order", () => {
  it("a Delivered before the soft bounce starts no schedule", async () => {
    const send = newSend();
    await log("delivered", send);
    await schedule([softBounce(send)]);
    await liveThrough(4);
    expect(await recordedSlots(send)).toEqual([]);
  });

  it("a soft bounce that is reported again at any time starts no second schedule", async () => {
    const send = await bouncedSend();
    for (const hours of [1.01, 3, 8, 12, 5]) {
      await schedule([softBounce(send)]);
      await pass(hours);
      await runAlarm();
      await schedule([softBounce(send)]);
      await runAlarm();
    }
    expect(await recordedSlots(send)).toEqual([0, 1, 2, 3]);
  });
});

describe("a report of a soft bounce", () => {
  it("sets the alarm, whose schedule counts from the Sent of the same report, and yields a retry", async () => {
    const settings = settingsOf(env);
    if (!settings.ok) throw new Error(settings.reason.join());
    const send = newSend();
    const common = { tokens: [token("message", send)], address: "marie@example.com" };
    const sentAtMs = inHours(-0.5);
    const reports: Report[] = [
      { ...common, sourceId: "2", atMs: Date.now(), outcome: { type: "bounced", bounce: { category: 3 } } },
      { ...common, sourceId: "1", atMs: sentAtMs, outcome: { type: "sent" } },
    ];
    await recordReports(reports, settings.value, env, Date.now());
    expect(await scheduleOf(send)).toEqual({ first_at: sentAtMs, slot: 0, due_at: sentAtMs + HOUR_MS });
    expect(await alarmAt()).toBe(sentAtMs + HOUR_MS);
    await pass(0.51);
    await runAlarm();
    await recordReports(reports, settings.value, env, Date.now());
    await runAlarm();
    expect(await recordedSlots(send)).toEqual([0]);
  });
});
