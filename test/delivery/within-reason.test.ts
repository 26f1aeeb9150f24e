/** What others report is believed within reason: times from 31 days ago to five minutes ahead, and no poison. */
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { settingsOf } from "../../src/config/settings.ts";
import { bounceReports, readBounceMail } from "../../src/delivery/bounce-mail/index.ts";
import { OUTCOME } from "../../src/delivery/outcome.ts";
import { ses } from "../../src/delivery/providers/ses.ts";
import { recordReports, recordSendReports } from "../../src/delivery/record.ts";
import { HmacState } from "../../src/platform/hmac.ts";
import { MAX_CLOCK_SKEW_MS } from "../../src/platform/timestamp.ts";
import { get, newSend, outcomesOf, reportOutcomes, suppressionCheckOf } from "../outcomes.ts";
import { withTextLimit } from "../text-limit.ts";
import { ask, environment, logOf, newMessage, token } from "../worker.ts";
import { raw } from "./bounce-mail/mails.ts";
import { knowing, speakers } from "./signed-webhooks.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

async function logged(at: unknown) {
  const send = newSend();
  const begunMs = Date.now();
  await reportOutcomes(send, { type: "hard_bounced", category: 2, at });
  const event = (await outcomesOf(send.person)).find(({ type }) => type === 8);
  if (event === undefined) throw new Error("nothing is logged");
  const isArrival = begunMs <= event.at && event.at <= Date.now();
  return { ...event, isArrival, reportedAt: event.detail?.reportedAt };
}

describe("a time that the sender reports", () => {
  it.each([
    ["just now", -1],
    ["nearly 31 days ago", -31 * DAY_MS + MINUTE_MS],
    ["nearly five minutes ahead", MAX_CLOCK_SKEW_MS - MINUTE_MS],
  ])("is believed: %s", async (_, offsetMs) => {
    const at = Date.now() + offsetMs;
    const event = await logged(at);
    expect(event).toMatchObject({ at, reportedAt: undefined });
  });

  it.each([
    ["over 31 days ago", -31 * DAY_MS - MINUTE_MS],
    ["years ago", -4_000 * DAY_MS],
    ["over five minutes ahead", MAX_CLOCK_SKEW_MS + MINUTE_MS],
    ["years ahead", 4_000 * DAY_MS],
  ])("is not believed, and the arrival is logged with it: %s", async (_, offsetMs) => {
    const at = Date.now() + offsetMs;
    expect(await logged(at)).toMatchObject({ isArrival: true, reportedAt: at });
  });

  it.each([
    [-31 * DAY_MS, true],
    [-31 * DAY_MS - 1, false],
    [MAX_CLOCK_SKEW_MS, true],
    [MAX_CLOCK_SKEW_MS + 1, false],
  ])("is believed to the millisecond: %i ms from now is %s", async (offsetMs, isBelieved) => {
    const { address: _, ...send } = newSend();
    const nowMs = Date.now();
    const report = { send, outcome: OUTCOME.delivered, sourceId: "", atMs: nowMs + offsetMs };
    await recordSendReports([report], { retryHours: [24] }, env, nowMs);
    const [, delivered] = await outcomesOf(send.person);
    expect(delivered?.at).toBe(isBelieved ? nowMs + offsetMs : nowMs);
    expect(delivered?.detail).toEqual(isBelieved ? null : { reportedAt: nowMs + offsetMs });
  });

  it.each([0, -1, "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])("is not believed: %j", async (at) => {
    expect(await logged(at)).toMatchObject({ isArrival: true, reportedAt: new Date(at).getTime() });
  });

  it.each([1e16, -1e16, 253_402_300_800_000, 1e30])("is not believed where no calendar has it: %j", async (at) => {
    const { body } = await get("/v1/events?cursor=end");
    expect(await logged(at)).toMatchObject({ isArrival: true, reportedAt: at });
    const answer = await get(`/v1/events?type=hard_bounced&cursor=${body.next}`);
    expect(answer.body.data).toMatchObject([{ reportedAt: String(at) }]);
  });

  it("that is not believed does not end a suppression early, or make the event another one", async () => {
    const send = newSend();
    const blocked = { type: "hard_bounced", category: 1, at: "2020-01-01T00:00:00Z" };
    await reportOutcomes(send, blocked);
    await reportOutcomes(send, blocked);
    expect(await suppressionCheckOf({ person: send.person })).toMatchObject({ suppressed: true });
    const soft = { type: "soft_bounced", category: 3, at: "2020-01-01T00:00:00Z" };
    await reportOutcomes(send, soft);
    await reportOutcomes(send, soft);
    expect((await outcomesOf(send.person)).map(({ type }) => type)).toEqual([6, 8, 27]);
  });

  it("of a Sent, a Delivered and a Soft Bounced is kept beside the arrival, too", async () => {
    const send = newSend();
    const at = "2020-01-01T00:00:00Z";
    await reportOutcomes(send, { type: "sent", at }, { type: "delivered", at }, { type: "soft_bounced", at });
    const details = (await outcomesOf(send.person)).map(({ detail }) => detail?.reportedAt);
    expect(details).toEqual([Date.parse(at), Date.parse(at), Date.parse(at)]);
  });
});

describe("a webhook of SendGrid with one poisoned event", () => {
  const sendgrid = speakers.find(({ name }) => name === "sendgrid");
  if (sendgrid === undefined) throw new Error("SendGrid is no provider");

  it.each([
    1e30,
    "1e30",
    -5,
    "Infinity",
    1e306,
  ])("records all of them; a time of %j becomes the arrival", async (bad) => {
    const messages = [newMessage(), newMessage(), newMessage()];
    const begunMs = Date.now();
    const events = messages.map((message, index) => ({
      event: "delivered",
      email: `${message.person}@example.net`,
      timestamp: index === 1 ? bad : Math.floor(begunMs / 1_000) - 60,
      sg_event_id: `${index}`,
      waxseal: token("message", { ...message, send: "s1" }),
    }));
    const body = JSON.stringify([events[0], { email: "no event" }, events[1], null, events[2]]);
    const answer = await ask("/v1/webhooks/sendgrid", { method: "POST", ...sendgrid.sign(body, begunMs) }, knowing());
    expect([answer.status, await answer.json()]).toEqual([200, { recorded: 3, ignored: 2 }]);
    for (const [index, { person }] of messages.entries()) {
      const delivered = (await logOf(person)).find(({ type }) => type === 7);
      expect(delivered?.at).toBeGreaterThanOrEqual(index === 1 ? begunMs : begunMs - 62_000);
      expect(delivered?.at).toBeLessThanOrEqual(index === 1 ? Date.now() : begunMs - 59_000);
    }
  });

  it.each([
    ["half a surrogate pair in its address", { email: "mar\ud800ie@example.net" }],
    ["an endless address", { email: `${"a".repeat(100_000)}@example.net` }],
    ["half a surrogate pair in its reason", { reason: "452 \udc00 full" }],
    ["an endless type with half a surrogate pair", { type: `blocked${"\ud800".repeat(10_000)}` }],
    ["a NUL in its reason", { reason: "452 \u0000 full" }],
  ])("records all of them: %s", async (_, poison) => {
    const messages = [newMessage(), newMessage()];
    const events = messages.map((message, index) => ({
      ...{ event: "blocked", email: `${message.person}@example.net`, reason: "452 full", sg_event_id: `${index}` },
      ...(index === 0 ? poison : {}),
      waxseal: token("message", { ...message, send: "s1" }),
    }));
    const signed = sendgrid.sign(JSON.stringify(events), Date.now());
    const answer = await ask("/v1/webhooks/sendgrid", { method: "POST", ...signed }, knowing());
    expect([answer.status, await answer.json()]).toEqual([200, { recorded: 2, ignored: 0 }]);
    for (const { person } of messages) expect((await logOf(person)).map(({ type }) => type)).toEqual([6, 27]);
  });
});

describe("a thousand bounces with long words of three bytes a character", () => {
  it("are recorded, and change when they are reported again", async () => {
    const sends = Array.from({ length: 1_000 }, newSend);
    const reported = async (word: string) => {
      const bounce = { category: 2, details: `550 5.1.1 ${word.repeat(990)}` } as const;
      const outcome = { type: "bounced", bounce } as const;
      const reports = sends.map(({ address, ...send }) => ({ send, address, outcome, sourceId: "1", atMs: undefined }));
      await recordSendReports(reports, { retryHours: [24] }, environment({ DB: withTextLimit() }), Date.now());
      const [first, last] = [sends[0]?.person, sends.at(-1)?.person];
      return [...(await outcomesOf(first ?? "")), ...(await outcomesOf(last ?? ""))]
        .filter(({ type }) => type === 8)
        .map(({ detail }) => String(detail?.details).at(-1));
    };
    expect(await reported("退")).toEqual(["退", "退"]);
    expect(await reported("信")).toEqual(["信", "信"]);
  });
});

describe("a notification of SES with hundreds of forged tokens and recipients", () => {
  const message = newMessage();
  const real = token("message", { ...message, send: "s1" });
  const forged = (nth: number) => real.slice(0, -9) + String(nth).padStart(8, "0") + real.slice(-1);
  const some = (count: number) => Array.from({ length: count }, (_, nth) => forged(nth));
  const event = {
    notificationType: "Bounce",
    mail: {
      tags: { waxseal: some(300) },
      headers: some(300).map((value) => ({ name: "X-Waxseal-Message", value })),
      commonHeaders: { messageId: `<${real}@mail.example.com>` },
    },
    bounce: {
      bounceType: "Transient",
      feedbackId: "f",
      bouncedRecipients: Array.from({ length: 300 }, (_, nth) => ({ emailAddress: `${nth}@example.net` })),
    },
  };
  const mail = raw("From: no-reply@sns.amazonaws.com", "X-Amz-Sns-Message-Id: 1", "", JSON.stringify(event));
  const signed = { Type: "Notification", Message: JSON.stringify(event) };
  const readWebhook = () => {
    const read = ses.read(signed);
    return read.ok ? read.value.reports : [];
  };

  it.each([
    ["mail", async () => bounceReports(await readBounceMail(mail))],
    ["webhook", readWebhook],
  ])("is recorded, at the cost of few HMACs: a %s", async (_, read) => {
    const hmacs = vi.spyOn(HmacState.prototype, "digestInto");
    const settings = settingsOf(environment());
    if (!settings.ok) throw new Error(settings.reason.join());
    try {
      const reports = await read();
      const { recorded } = await recordReports(reports, settings.value, env, Date.now());
      expect(recorded).toBe(reports.length);
      expect(recorded).toBeGreaterThan(0);
      expect(hmacs.mock.calls.length).toBeLessThan(50);
    } finally {
      hmacs.mockRestore();
    }
  });
});
