/** Expensive reads: few at once, so that D1 is free for what recipients do. */
import { env } from "cloudflare:workers";
import { Hono } from "hono";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { limitReads } from "../../src/http/read-limit.ts";
import { type Envelope, emptyLog, logRows, newClient } from "../marketo/marketo.ts";
import { suppressionsOf } from "../outcomes.ts";
import { ask, environment, newMessage, token } from "../worker.ts";

const BEARER = { Authorization: "Bearer wxs_dev_test" };

beforeEach(emptyLog);
afterEach(() => vi.restoreAllMocks());

/** D1, whose answers wait until `letPass`; `begun` says how many reads have begun. */
function heldDatabase() {
  const { promise: passed, resolve: letPass } = Promise.withResolvers<void>();
  let begun = 0;
  const d1 = new Proxy(env.DB, {
    get: (real, name: keyof D1Database) => {
      if (name !== "batch") return (query: string) => real.prepare(query);
      return async (statements: D1PreparedStatement[]) => {
        begun++;
        await passed;
        return await real.batch(statements);
      };
    },
  });
  return { around: environment({ DB: d1 }), begun: () => begun, letPass };
}

async function statusesOf(answers: readonly Promise<Response>[]) {
  const statuses = (await Promise.all(answers)).map(({ status }) => status);
  const count = (wanted: number) => statuses.filter((status) => status === wanted).length;
  return { answered: count(200), refused: count(429) };
}

describe("24 reports asked for at once", () => {
  it("begin one at a time, so that an unsubscription waits for one at most", async () => {
    await logRows({ person: "a" }, { person: "b" });
    const { around, begun, letPass } = heldDatabase();
    const reports = Array.from({ length: 24 }, () => ask("/v1/reports/emails", { headers: BEARER }, around));
    await vi.waitFor(() => expect(begun()).toBe(1), { timeout: 10_000 });
    const message = newMessage();
    const body = "List-Unsubscribe=One-Click";
    const headers = { "Content-Type": "application/x-www-form-urlencoded" };
    const unsubscribed = await ask(`/u/${token("unsubscribe", message)}`, { method: "POST", headers, body });
    expect(unsubscribed.status).toBe(200);
    expect(await suppressionsOf({ person: message.person })).toMatchObject({ suppressed: true });
    expect(begun()).toBe(1);
    letPass();
    expect(await statusesOf(reports)).toEqual({ answered: 10, refused: 14 });
  });

  it("are answered with 429, Retry-After and a code beyond those that wait", async () => {
    const { around, letPass } = heldDatabase();
    const paths = ["reports/emails", "reports/links?email=7", "reports/emails.csv", "people/export?person=7"];
    const reads = paths.flatMap((path) =>
      Array.from({ length: 6 }, () => ask(`/v1/${path}`, { headers: BEARER }, around)),
    );
    // The others wait for D1.
    const first = await Promise.race(reads);
    expect(first.status).toBe(429);
    expect(Number(first.headers.get("Retry-After"))).toBeGreaterThan(0);
    expect(await first.json()).toMatchObject({ error: { code: "too_many_requests" } });
    letPass();
    expect(await statusesOf(reads)).toEqual({ answered: 10, refused: 14 });
    expect((await ask("/v1/reports/emails", { headers: BEARER })).status).toBe(200);
  });
});

describe("activity pages asked for at once", () => {
  it("are answered with Marketo's 615 beyond twenty", async () => {
    const clients = await Promise.all([1, 2, 3].map(() => newClient("read")));
    const { around, begun, letPass } = heldDatabase();
    const pageTokens = await Promise.all(
      clients.map(async (client) => {
        const headers = { Authorization: `Bearer ${client.token}` };
        const path = "/rest/v1/activities/pagingtoken.json?sinceDatetime=2026-01-01T00:00:00Z";
        const { nextPageToken } = await (await ask(path, { headers })).json<{ nextPageToken: string }>();
        return { headers, path: `/rest/v1/activities.json?activityTypeIds=6&nextPageToken=${nextPageToken}` };
      }),
    );
    const calls = pageTokens.flatMap(({ headers, path }) =>
      Array.from({ length: 8 }, async () => (await ask(path, { headers }, around)).json<Envelope>()),
    );
    await vi.waitFor(() => expect(begun()).toBe(4), { timeout: 10_000 });
    letPass();
    const answers = await Promise.all(calls);
    expect(answers.filter(({ success }) => success)).toHaveLength(20);
    expect(answers.flatMap(({ errors = [] }) => errors.map(({ code }) => code))).toEqual(["615", "615", "615", "615"]);
  });
});

describe("a limit of reads", () => {
  it("refuses a read that has waited for ten seconds", async () => {
    const { promise: passed, resolve: letPass } = Promise.withResolvers<void>();
    const app = new Hono();
    app.use(limitReads({ running: 1, waiting: 1 }, () => new Response("refused", { status: 429 })));
    app.get("/", async () => {
      await passed;
      return new Response("read");
    });
    const first = app.request("/");
    const second = app.request("/");
    await vi.waitFor(async () => expect((await app.request("/")).status).toBe(429));
    const now = Date.now();
    vi.spyOn(Date, "now").mockReturnValue(now + 11_000);
    expect((await second).status).toBe(429);
    letPass();
    expect((await first).status).toBe(200);
  });

  it("forgets a read that its client cancelled, which never ends", async () => {
    const app = new Hono();
    app.use(limitReads({ running: 1, waiting: 0 }, () => new Response("refused", { status: 429 })));
    app.get("/cancelled", () => new Promise<Response>(() => {}));
    app.get("/next", () => new Response("read"));
    void app.request("/cancelled");
    await vi.waitFor(async () => expect((await app.request("/next")).status).toBe(429));
    const now = Date.now();
    vi.spyOn(Date, "now").mockReturnValue(now + 120_000);
    expect((await app.request("/next")).status).toBe(200);
  });
});
