/** One mail cannot fill the log, however often its unsubscribe link is used and with whatever form. */
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Message } from "../../src/tokens/claims.ts";
import { aggregate, rowsOf } from "../privacy/people-world.ts";
import { ask, environment, logOf, newMessage, token } from "../worker.ts";

const HOUR_MS = 3_600_000;
const UNLIMITED = environment({ PAGE_CALLS: { limit: async () => ({ success: true }) } });

const path = (message: Message) => `/u/${token("unsubscribe", message)}`;
const submit = (message: Message, fields: Record<string, string>, init: RequestInit = {}) =>
  ask(
    path(message),
    { method: "POST", body: new URLSearchParams(fields), ...init } as RequestInit<IncomingRequestCfProperties>,
    UNLIMITED,
  );

/** The bytes of all that D1 holds of a person's events and suppressions. */
async function bytesOf({ person }: Message): Promise<number> {
  const rows = await env.DB.batch([
    env.DB.prepare("SELECT * FROM events WHERE person = ?").bind(person),
    env.DB.prepare("SELECT * FROM suppressions WHERE subject = ?").bind(`person:${person}`),
  ]);
  const values = rows.flatMap(({ results }) => results).flatMap((row) => Object.values(Object(row)));
  return values.reduce<number>((sum, value) => sum + new TextEncoder().encode(String(value ?? "")).length, 0);
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe("subscribing and unsubscribing by turns", () => {
  it("adds no rows within an hour, and the last one decides", async () => {
    const message = newMessage();
    for (let turn = 0; turn < 100; turn++)
      await submit(message, { action: turn % 2 === 0 ? "unsubscribe" : "subscribe", why: "\u0001".repeat(5_000) });
    expect((await logOf(message.person)).map(({ type }) => type)).toEqual([9, 100_001]);
    await submit(message, { action: "unsubscribe" });
    expect((await logOf(message.person)).map(({ type }) => type)).toEqual([100_001, 9]);
    expect(
      await env.DB.prepare("SELECT cause FROM suppressions WHERE subject = ?").bind(`person:${message.person}`).first(),
    ).toEqual({ cause: "form" });
  });

  it.each([
    [30_000, [100_001, 9]],
    [HOUR_MS - 1, [100_001, 9]],
    [HOUR_MS, [9, 100_001, 9]],
  ])("is logged again %d ms after the last time, and counts so: %j", async (laterMs, types) => {
    const message = newMessage();
    // Late in an hour, so that the second time is in another one.
    const atMs = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 60_000;
    const now = vi.spyOn(Date, "now");
    now.mockReturnValue(atMs);
    await submit(message, { action: "unsubscribe" });
    await aggregate();
    now.mockReturnValue(atMs + 1_000);
    await submit(message, { action: "subscribe" });
    now.mockReturnValue(atMs + laterMs);
    await submit(message, { action: "unsubscribe" });
    const log = await logOf(message.person);
    expect(log.map(({ type }) => type)).toEqual(types);
    await aggregate();
    expect(await rowsOf("SELECT since FROM message_stats WHERE person = ?", message.person)).toEqual([
      { since: log.find(({ type }) => type === 9)?.at },
    ]);
  });
});

describe("a form", () => {
  it("is kept with ten fields at most, names of 64 and values of 256 characters, no control character", async () => {
    const message = newMessage();
    await submit(message, { ["n".repeat(100)]: "v".repeat(300), "a\u0007b": "c\nd" });
    const [event] = await logOf(message.person);
    const { formFields } = JSON.parse(event?.detail ?? "");
    expect(formFields).toEqual({ ["n".repeat(64)]: "v".repeat(256), ab: "cd" });
    const other = newMessage();
    await submit(other, Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`f${n}`, "x"])));
    const [few] = await logOf(other.person);
    expect(Object.keys(JSON.parse(few?.detail ?? "").formFields)).toHaveLength(10);
  });

  it.each([
    ["control characters", "\u0001"],
    ["quotation marks", '"'],
    ["letters of three bytes", "漢"],
    ["emoji", "😀"],
    ["half surrogate pairs", "\ud800"],
  ])("of %s takes at most 2 KiB in D1", async (_what, character) => {
    const message = newMessage();
    const long = character.repeat(300);
    const fields = Object.fromEntries(Array.from({ length: 3 }, (_, n) => [`${n}${long.slice(0, 200)}`, long]));
    await submit(message, fields, {
      headers: { "User-Agent": '"'.repeat(4_000), Referer: `https://a.example/${"\\".repeat(4_000)}` },
    });
    expect(await logOf(message.person)).toHaveLength(1);
    expect(await bytesOf(message)).toBeLessThanOrEqual(2_048);
  });
});

describe("the limit of calls", () => {
  const LIMITED = environment({ PAGE_CALLS: { limit: async () => ({ success: false }) } });

  it("answers 429 with a page that says so, and a person's one-click unsubscribe all the same", async () => {
    const message = newMessage();
    for (const init of [{}, { method: "POST", body: new URLSearchParams({ action: "subscribe" }) }]) {
      const answer = await ask(path(message), init, LIMITED);
      expect(answer.status).toBe(429);
      expect(Number(answer.headers.get("Retry-After"))).toBeGreaterThan(0);
      expect(answer.headers.get("Content-Type")).toMatch(/^text\/html/);
    }
    const body = new URLSearchParams({ "List-Unsubscribe": "One-Click" });
    expect((await ask(path(message), { method: "POST", body }, LIMITED)).status).toBe(200);
    expect((await logOf(message.person)).map(({ type }) => type)).toEqual([9]);
  });

  it("counts by person, generously", async () => {
    const [one, other] = [newMessage(), newMessage()];
    const statuses = [];
    // More than twice the limit, because a minute may begin meanwhile.
    for (let call = 0; call < 130; call++) statuses.push((await ask(path(one))).status);
    expect(statuses.slice(0, 50)).toEqual(Array(50).fill(200));
    expect(statuses).toContain(429);
    expect((await ask(path(other))).status).toBe(200);
  });

  it("refuses nobody while the limiter fails", async () => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    const failing = environment({ PAGE_CALLS: { limit: () => Promise.reject(new Error("out of order")) } });
    expect((await ask(path(newMessage()), {}, failing)).status).toBe(200);
  });

  it("keeps nobody waiting while the limiter never answers", { timeout: 20_000 }, async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const hanging = environment({ PAGE_CALLS: { limit: () => new Promise(() => {}) } });
    const message = newMessage();
    const form = { method: "POST", body: new URLSearchParams({ action: "unsubscribe" }) };
    expect((await ask(path(message), form, hanging)).status).toBe(200);
    expect((await logOf(message.person)).map(({ type }) => type)).toEqual([9]);
    expect(JSON.stringify(warn.mock.calls)).toContain("the rate limiter did not answer within");
  });
});
