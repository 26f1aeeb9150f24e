/** What ALERT_WEBHOOK is told of the Worker: once when a warning begins, once when it is over, an hour apart. */
import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { Webhook } from "standardwebhooks";
import * as v from "valibot";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ALERTS_NAME } from "../../src/alerts/alerts.ts";
import { HEALTH_PARTS } from "../../src/health-parts.ts";
import worker from "../../src/index.ts";
import { findWarnings } from "../../src/ingest/health.ts";
import { logLostEvents, OUTBOX_NAME } from "../../src/ingest/record.ts";
import { groupOf } from "../../src/ingest/row-group.ts";
import { deleteEndpoint, insertEndpoint } from "../../src/webhooks/endpoints.ts";
import { brokenDatabase } from "../faults/broken.ts";
import { environment } from "../worker.ts";
import { AlertBody } from "./alert-body.ts";

const HOOK = "https://hooks.example/T1/secret";
const SECRET = `whsec_${btoa("a secret of at least 24 bytes")}`;
const MINUTE_MS = 60_000;

interface ReceivedAlert {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly type: string;
  readonly text: string;
  readonly data: { readonly warning: string; readonly since: string };
}

let nowMs = 0;
let received: ReceivedAlert[] = [];
let status = 204;

beforeEach(async () => {
  // Each test has hours of its own, in which nothing of the one before counts.
  nowMs = Math.max(nowMs, Date.now()) + 48 * 60 * MINUTE_MS;
  received = [];
  status = 204;
  vi.spyOn(Date, "now").mockImplementation(() => nowMs);
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const request = new Request(input as RequestInfo, init as RequestInit);
    expect([request.url, request.redirect]).toEqual([HOOK, "manual"]);
    const body = await request.text();
    v.parse(AlertBody, JSON.parse(body));
    received.push({ ...JSON.parse(body), body, headers: Object.fromEntries(request.headers) });
    return new Response(null, { status });
  });
  await minutes(2);
  await minutes(1, {}, 60 * MINUTE_MS);
  received = [];
});

afterEach(() => vi.restoreAllMocks());

/** Runs the schedule that often, and moves the clock each time. */
async function minutes(count: number, bindings: Readonly<Record<string, unknown>> = {}, ms = MINUTE_MS): Promise<void> {
  for (let minute = 0; minute < count; minute++) {
    const settings = { ALERT_WEBHOOK: HOOK, TRACKING_ORIGIN: "https://t.example.com", ...bindings };
    await worker.scheduled({} as ScheduledController, environment(settings));
    nowMs += ms;
  }
}

const toldOf = () => received.map(({ type, data }) => [type, data.warning]);

describe("a warning", () => {
  it("is told once when it has begun and once when it is over, signed, with what it is and since when", async () => {
    const alerting = { ALERT_WEBHOOK_SECRET: SECRET, RETRY_HOURS: "never" };
    const sinceMs = nowMs;
    await minutes(1, alerting);
    expect(toldOf()).toEqual([]);
    await minutes(5, alerting);
    expect(toldOf()).toEqual([["health_warning.began", "settings"]]);
    const [began] = received;
    expect(JSON.parse(began?.body ?? "")).toEqual({
      type: "health_warning.began",
      timestamp: new Date(sinceMs + MINUTE_MS).toISOString(),
      text: expect.stringMatching(/^Waxseal at https:\/\/t\.example\.com: RETRY_HOURS must be/),
      data: {
        warning: "settings",
        since: new Date(sinceMs).toISOString(),
        text: expect.stringMatching(/^RETRY_HOURS must be/),
        origin: "https://t.example.com",
      },
    });
    const {
      "webhook-id": id = "",
      "webhook-timestamp": timestamp = "",
      "webhook-signature": signature,
    } = began?.headers ?? {};
    expect(Number(timestamp)).toBe(Math.floor((sinceMs + MINUTE_MS) / 1_000));
    expect(new Webhook(SECRET).sign(id, new Date(Number(timestamp) * 1_000), began?.body ?? "")).toBe(signature);
    // It is over after an hour at the earliest, whatever was in between.
    await minutes(2, {}, 25 * MINUTE_MS);
    expect(received).toHaveLength(1);
    await minutes(2, {}, 10 * MINUTE_MS);
    expect(toldOf().slice(1)).toEqual([["health_warning.ended", "settings"]]);
    expect(received[1]?.text).toMatch(/^Waxseal at https:\/\/t\.example\.com: this is over: RETRY_HOURS must be/);
    expect(received[1]?.headers["webhook-signature"]).toBeUndefined();
    await minutes(3);
    expect(received).toHaveLength(2);
  });

  it("that a single look has seen is not told, nor one that comes and goes within the hour", async () => {
    const wrong = { RETRY_HOURS: "never" };
    for (let time = 0; time < 3; time++) {
      await minutes(1, wrong);
      await minutes(1);
    }
    expect(toldOf()).toEqual([]);
    await minutes(2, wrong);
    for (let time = 0; time < 5; time++) {
      await minutes(3);
      await minutes(3, wrong);
    }
    expect(toldOf()).toEqual([["health_warning.began", "settings"]]);
  });

  it("of a D1 out of reach is one alert, without D1, and ends nothing that is unknown meanwhile", async () => {
    const { d1 } = brokenDatabase();
    await env.OUTBOX.getByName(OUTBOX_NAME).addDeadLetter("unknown", "no such column");
    await minutes(2);
    expect(toldOf()).toEqual([["health_warning.began", "dead_letters"]]);
    await minutes(3, { DB: d1 }, 30 * MINUTE_MS);
    expect(toldOf().slice(1)).toEqual([["health_warning.began", "d1"]]);
    await minutes(3, {}, 30 * MINUTE_MS);
    expect(toldOf().slice(2)).toEqual([["health_warning.ended", "d1"]]);
  });

  it("that is not accepted is told again after 1, 5 and 30 minutes and then each hour, by the same id", async () => {
    status = 500;
    const startMs = nowMs;
    const times: number[] = [];
    // Each of its minutes, those before and behind it, and some between.
    for (const minute of [0, 1, 2, 3, 6, 7, 8, 22, 36, 37, 38, 67, 96, 97, 98, 109]) {
      const before = received.length;
      nowMs = startMs + minute * MINUTE_MS;
      await minutes(1, { RETRY_HOURS: "never" });
      if (received.length > before) times.push(minute);
    }
    expect(times).toEqual([1, 2, 7, 37, 97]);
    expect(new Set(received.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
    status = 204;
    await minutes(3, { RETRY_HOURS: "never" }, 60 * MINUTE_MS);
    expect(received).toHaveLength(6);
  });

  it("is told once, although the schedule fires in several isolates at once", async () => {
    const wrong = { RETRY_HOURS: "never" };
    await minutes(1, wrong);
    await Promise.all(Array.from({ length: 4 }, () => minutes(1, wrong, 0)));
    expect(toldOf()).toEqual([["health_warning.began", "settings"]]);
  });

  it("of lost events is posted once an hour while more are lost, and is never over, in whatever isolate", async () => {
    const lose = () => logLostEvents(groupOf([]), []);
    lose();
    await minutes(1);
    // Another isolate, which has lost nothing, reports next.
    const findings = await findWarnings(env, HEALTH_PARTS, []);
    const elsewhere = { findings, latestLossAtMs: undefined, receiver: { url: HOOK, secret: undefined } };
    const reportElsewhere = () => env.ALERTS.getByName(ALERTS_NAME).report({ ...elsewhere, origin: undefined });
    await reportElsewhere();
    expect(received.map(({ type, text, data }) => [type, text, data.warning])).toEqual([
      ["health_warning.began", expect.stringMatching(/^Waxseal: Events were lost: "events not recorded"/), "lost"],
    ]);
    for (let hour = 0; hour < 3; hour++) {
      await minutes(1, {}, 60 * MINUTE_MS);
      await reportElsewhere();
    }
    expect(received).toHaveLength(1);
    for (let minute = 0; minute < 75; minute += 5) {
      lose();
      await minutes(1, {}, 5 * MINUTE_MS);
    }
    expect(toldOf().slice(1)).toEqual([
      ["health_warning.began", "lost"],
      ["health_warning.began", "lost"],
    ]);
  });

  it("of an endpoint that Waxseal disabled is left to the post of that endpoint's own", async () => {
    const disabled = { disabledAt: nowMs, disabledReason: "gone" } as const;
    const filter = { description: null, events: null, email: null, campaign: null, bots: "include" } as const;
    const row = { id: "gone", url: "https://hooks.example/", ordered: true, batch: 1, createdAt: nowMs };
    expect(await insertEndpoint(env.DB, { ...row, ...filter, ...disabled })).toBe(true);
    await minutes(3);
    expect(toldOf()).toEqual([]);
    await deleteEndpoint(env.DB, row.id);
  });

  it("stays with the object when it dies", async () => {
    await minutes(2, { RETRY_HOURS: "never" });
    await evictDurableObject(env.ALERTS.getByName(ALERTS_NAME));
    await minutes(3, { RETRY_HOURS: "never" });
    expect(received).toHaveLength(1);
  });
});

it("nothing is checked or posted without ALERT_WEBHOOK", async () => {
  await minutes(3, { ALERT_WEBHOOK: "", RETRY_HOURS: "never", DB: brokenDatabase().d1 });
  expect(received).toEqual([]);
});
