/** Due retries, posted to the sender. */
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { Webhook } from "standardwebhooks";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Send, sendKey } from "../../src/events/send-key.ts";
import { parseTokenKeys } from "../../src/tokens/keys.ts";
import { verifyToken } from "../../src/tokens/verify.ts";
import { hurry } from "../faults/broken.ts";
import { environment, newMessage } from "../worker.ts";
import {
  alarmAt,
  bouncedSend,
  clock,
  HOUR_MS,
  know,
  log,
  newSend,
  pass,
  posting,
  type ReceivedPost,
  receiver,
  runAlarm,
  SECRET,
  schedule,
  softBounce,
  suppress,
  URL_OF_RECEIVER,
  withoutRetries,
} from "./world.ts";

beforeEach(async () => {
  await withoutRetries();
  vi.spyOn(console, "warn").mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

const accepted = () => new Response(null, { status: 204 });
const failing = (status: number, headers: Record<string, string> = {}) => {
  return () => new Response("no", { status, headers });
};

async function dueSend(): Promise<Send> {
  const send = await bouncedSend();
  await pass(1.01);
  return send;
}

/** The first post. */
async function posted(): Promise<ReceivedPost> {
  const [post] = received;
  if (post === undefined) throw new Error("nothing was posted");
  return post;
}

let received: ReceivedPost[] = [];

interface PostState {
  readonly tries: number;
  readonly post_at: number | null;
}

async function postOf(send: Send): Promise<PostState | null> {
  return await env.DB.prepare("SELECT tries, post_at FROM retries WHERE key = ?")
    .bind(sendKey(send))
    .first<PostState>();
}

describe("a due retry", () => {
  it("is posted once, with everything the sender needs", async () => {
    received = receiver(accepted);
    const send = await dueSend();
    await runAlarm(posting());
    await runAlarm();
    expect(received).toHaveLength(1);
    const { request, content } = await posted();
    expect(request).toMatchObject({ method: "POST", url: URL_OF_RECEIVER, redirect: "manual" });
    expect(request.headers.get("Content-Type")).toBe("application/json");
    const { message, dueAt, firstAttemptAt, ...data } = content.data;
    expect(data).toEqual({
      id: `${sendKey(send)}-0`,
      email: { id: 7 },
      person: { id: send.person, address: "marie@example.com" },
      campaign: { id: 42 },
      send: send.send,
      attempt: 2,
      bounce: { category: 3, status: "4.2.2", details: 'mailbox "full"' },
    });
    expect(Date.parse(dueAt) - Date.parse(firstAttemptAt)).toBe(HOUR_MS);
    expect(dueAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect({ type: content.type, timestamp: content.timestamp }).toEqual({
      type: "send.retry",
      timestamp: dueAt,
    });
    const keys = parseTokenKeys(env.TOKEN_KEYS ?? "");
    expect(keys.ok && verifyToken(keys.value, "message", message ?? "")).toEqual({ ok: true, value: send });
  });

  it("is signed as Standard Webhooks are, at the time of the post", async () => {
    received = receiver(accepted);
    await dueSend();
    await runAlarm(posting());
    const { request, body, content } = await posted();
    const headers = Object.fromEntries(request.headers);
    expect(headers["webhook-id"]).toBe(content.data.id);
    // A dot in the id could be mistaken for the separator.
    expect(content.data.id).not.toContain(".");
    expect(Math.abs(Number(headers["webhook-timestamp"]) * 1_000 - Date.now())).toBeLessThan(60_000);
    expect(() => new Webhook(SECRET).verify(body, headers)).not.toThrow();
    expect(() => new Webhook(SECRET).verify(`${body} `, headers)).toThrow();

    // By hand, without the library: HMAC-SHA256 over id, timestamp and body.
    const raw = Uint8Array.from(atob(SECRET.slice(6)), (byte) => byte.charCodeAt(0));
    const key = await crypto.subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    const signedContent = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
    const mac = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(signedContent));
    expect(headers["webhook-signature"]).toBe(`v1,${btoa(String.fromCharCode(...new Uint8Array(mac)))}`);
  });

  it("of a send without an id and an address names neither, and has no token", async () => {
    received = receiver(accepted);
    await schedule([softBounce(newMessage(), { address: undefined })]);
    await pass(1.01);
    await runAlarm(posting());
    const fields = "id email person campaign attempt dueAt firstAttemptAt bounce".split(" ");
    const { data } = (await posted()).content;
    expect(Object.keys(data)).toEqual(fields);
    expect(Object.keys(data.person)).toEqual(["id"]);
  });

  it("names the address that the person has now", async () => {
    received = receiver(accepted);
    const { person } = await dueSend();
    await know(person, "marie@new.example");
    await runAlarm(posting());
    expect((await posted()).content.data.person.address).toBe("marie@new.example");
  });

  it("is posted nowhere without RETRY_WEBHOOK_URL, not even when it is set later", async () => {
    received = receiver(accepted);
    const send = await dueSend();
    await runAlarm(environment());
    await runAlarm(posting());
    expect(received).toEqual([]);
    expect(await postOf(send)).toEqual({ tries: 0, post_at: null });
  });

  it("is posted in each of its slots, under another id and as another attempt", async () => {
    received = receiver(accepted);
    await bouncedSend();
    for (const hours of [1.01, 3, 8, 12]) {
      await pass(hours);
      await runAlarm(posting());
    }
    expect(received.map(({ content }) => content.data.attempt)).toEqual([2, 3, 4, 5]);
    expect(new Set(received.map(({ request }) => request.headers.get("webhook-id"))).size).toBe(4);
  });

  it("leaves nothing in the clock's storage", async () => {
    received = receiver(accepted);
    await dueSend();
    await runAlarm(posting());
    expect(received).toHaveLength(1);
    expect(await runInDurableObject(clock(), (_instance, { storage }) => [...storage.kv.list()])).toEqual([]);
  });

  it("is one of more than an alarm posts: the others are posted by the alarms after it", async () => {
    received = receiver(accepted);
    await schedule(Array.from({ length: 70 }, () => softBounce(newSend())));
    await pass(1.01);
    await runAlarm(posting());
    expect(received).toHaveLength(60);
    expect(await alarmAt()).toBeLessThanOrEqual(Date.now());
    await runAlarm();
    expect(new Set(received.map(({ content }) => content.data.id)).size).toBe(70);
  });
});

describe("a receiver that does not accept it", () => {
  it.each([
    ["an error of its own", failing(500)],
    ["too many requests", failing(429)],
    ["an unknown path", failing(404)],
    ["a redirect", failing(302, { Location: "https://elsewhere.example/" })],
    ["no answer in time", () => Promise.reject(new DOMException("timed out", "TimeoutError"))],
    ["a broken connection", () => Promise.reject(new TypeError("connection refused"))],
  ])("for %s gets the post again after delays, under the same id, five times in all", async (_why, answer) => {
    received = receiver(answer);
    const send = await dueSend();
    await runAlarm(posting());
    for (const [index, seconds] of [5, 300, 1_800, 7_200].entries()) {
      const { tries, post_at } = (await postOf(send)) ?? {};
      expect(tries).toBe(index + 1);
      const pauseMs = (post_at ?? 0) - Date.now();
      expect(pauseMs).toBeGreaterThan(seconds * 1_000 - 5_000);
      expect(pauseMs).toBeLessThanOrEqual(seconds * 1_100);
      expect(await alarmAt()).toBe(post_at);
      await env.DB.prepare("UPDATE retries SET post_at = ? WHERE key = ?").bind(Date.now(), sendKey(send)).run();
      await runAlarm();
    }
    expect(await postOf(send)).toEqual({ tries: 5, post_at: null });
    await runAlarm();
    expect(received).toHaveLength(5);
    expect(new Set(received.map(({ request }) => request.headers.get("webhook-id"))).size).toBe(1);
  });

  it("because it hangs is not waited for after the deadline", async () => {
    hurry();
    received = receiver(() => new Promise(() => {}));
    const send = await dueSend();
    await runAlarm(posting());
    expect(received[0]?.request.signal.aborted).toBe(true);
    expect(await postOf(send)).toEqual({ tries: 1, post_at: expect.any(Number) });
  });

  it("gets the post again after its Retry-After", async () => {
    received = receiver(failing(503, { "Retry-After": "120" }));
    const send = await dueSend();
    await runAlarm(posting());
    expect(((await postOf(send))?.post_at ?? 0) - Date.now()).toBeGreaterThan(110_000);
  });

  it("can accept it the second time", async () => {
    const answers = [failing(500), accepted];
    received = receiver(() => (answers.shift() ?? accepted)());
    const send = await dueSend();
    await runAlarm(posting());
    await pass(0.1);
    await runAlarm();
    await pass(0.1);
    await runAlarm();
    expect(received).toHaveLength(2);
    expect(await postOf(send)).toEqual({ tries: 2, post_at: null });
  });

  it("holds up no other retry", async () => {
    received = receiver(() => (received.length % 2 === 0 ? accepted() : failing(500)()));
    await schedule(Array.from({ length: 7 }, () => softBounce(newSend())));
    await pass(1.01);
    await runAlarm(posting());
    expect(new Set(received.map(({ content }) => content.data.id)).size).toBe(7);
  });

  it("because it is gone (410) gets no further post until the URL changes", async () => {
    const lines = vi.spyOn(console, "error").mockImplementation(() => {});
    received = receiver(failing(410));
    const send = await dueSend();
    await runAlarm(posting());
    expect(await postOf(send)).toEqual({ tries: 1, post_at: null });
    await pass(3);
    await runAlarm();
    expect(received).toHaveLength(1);
    expect(lines.mock.calls.join()).toContain("410");
    expect(lines.mock.calls.join()).not.toContain(URL_OF_RECEIVER);
    await pass(8);
    await runAlarm(posting({ RETRY_WEBHOOK_URL: `${URL_OF_RECEIVER}/2` }));
    expect(received.map(({ content }) => content.data.attempt)).toEqual([2, 4]);
  });
});

describe("a retry that waits to be posted again", () => {
  it.each([
    ["the send is delivered", (send: Send) => log("delivered", send)],
    ["the address unsubscribes", () => suppress("address:marie@example.com", "unsubscribed")],
    ["the person is blocked", ({ person }: Send) => suppress(`person:${person}`, "blocked", Date.now() + 8e7)],
    ["the next slot has come", () => pass(3)],
  ])("is not posted when %s", async (_when, happens) => {
    received = receiver(failing(500));
    const send = await dueSend();
    await runAlarm(posting());
    await happens(send);
    await pass(0.1);
    await runAlarm();
    expect(received.filter(({ content }) => content.data.attempt === 2)).toHaveLength(1);
    expect((await postOf(send))?.post_at).toBeNull();
  });
});
