/** Expensive reads: few at once, so that D1 is free for what recipients do. */
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { Hono } from "hono";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { leaseReads, limitReads } from "../../src/http/read-limit.ts";
import { ReadTurns } from "../../src/http/read-turns.ts";
import { faultyObjects, hurry } from "../faults/broken.ts";
import { type Envelope, emptyLog, logRows, newClient } from "../marketo/marketo.ts";
import { suppressionCheckOf } from "../outcomes.ts";
import { ask, environment, newMessage, token } from "../worker.ts";

const BEARER = { Authorization: "Bearer wxs_dev_test" };

beforeEach(emptyLog);
afterEach(() => vi.restoreAllMocks());

/** The statement of a page of the log. */
const PAGE = /^SELECT \* FROM/;

function heldPage(page: D1PreparedStatement, held: <T>(work: () => Promise<T>) => Promise<T>) {
  return { bind: (...values: unknown[]) => ({ raw: () => held(() => page.bind(...values).raw()) }) };
}

/** D1, whose answers wait until `letPass`; `begun` says how many reads have begun. */
function heldDatabase(replaced: Partial<Env> = {}) {
  const { promise: passed, resolve: letPass } = Promise.withResolvers<void>();
  let begun = 0;
  const d1 = new Proxy(env.DB, {
    get: (real, name: keyof D1Database) => {
      const held = async <T>(work: () => Promise<T>) => {
        begun++;
        await passed;
        return await work();
      };
      if (name === "batch") return (statements: D1PreparedStatement[]) => held(() => real.batch(statements));
      return (query: string) => (PAGE.test(query) ? heldPage(real.prepare(query), held) : real.prepare(query));
    },
  });
  return { around: environment({ ...replaced, DB: d1 }), begun: () => begun, letPass };
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
    expect(await suppressionCheckOf({ person: message.person })).toMatchObject({ suppressed: true });
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

  it("are limited by the isolate alone while the leases of all isolates are out of reach, or hang", async () => {
    for (const how of ["out of reach", "hangs"] as const) {
      vi.spyOn(console, "warn").mockReturnValue();
      hurry();
      const { around, begun, letPass } = heldDatabase({ READS: faultyObjects(env.READS, () => how) });
      const reports = Array.from({ length: 12 }, () => ask("/v1/reports/emails", { headers: BEARER }, around));
      await vi.waitFor(() => expect(begun()).toBe(1), { timeout: 10_000 });
      letPass();
      expect(await statusesOf(reports)).toEqual({ answered: 10, refused: 2 });
      vi.restoreAllMocks();
    }
  });
});

describe("reads of two isolates", () => {
  const ONE = { running: 1, waiting: 1 };

  /** Answers when it is let; `begun` says how many reads have begun. */
  function isolate(name: string) {
    const { promise: passed, resolve: letPass } = Promise.withResolvers<void>();
    const state = { begun: 0 };
    const app = new Hono<{ Bindings: Env }>();
    app.use(leaseReads(name, ONE, () => new Response("refused", { status: 429 })));
    app.get("/", async () => {
      state.begun++;
      await passed;
      return new Response("read");
    });
    const read = async () => {
      const context = createExecutionContext();
      const answer = await app.request("/", {}, env, context);
      await waitOnExecutionContext(context);
      return answer.status;
    };
    return { state, letPass, read };
  }

  it("run one after the other, and are refused beyond their common limit", async () => {
    const [one, other] = [isolate("two"), isolate("two")];
    const first = one.read();
    await vi.waitFor(() => expect(one.state.begun).toBe(1), { timeout: 10_000 });
    const second = other.read();
    await vi.waitFor(async () => expect(await one.read()).toBe(429), { timeout: 10_000 });
    expect(other.state.begun).toBe(0);
    one.letPass();
    expect(await first).toBe(200);
    await vi.waitFor(() => expect(other.state.begun).toBe(1), { timeout: 10_000 });
    other.letPass();
    expect(await second).toBe(200);
  });

  it("go on when the holder of the lease has died", async () => {
    const leases = env.READS.getByName("died");
    expect(await leases.hold("dies", ONE)).toBe("reads");
    const { letPass, read } = isolate("died");
    letPass();
    const answer = read();
    const now = Date.now();
    await vi.waitFor(async () => expect(await leases.hold("third", ONE)).toBe("refused"), { timeout: 10_000 });
    vi.spyOn(Date, "now").mockReturnValue(now + 13_000);
    expect(await answer).toBe(200);
  });
});

describe("turns to read", () => {
  it("are kept by who asks again and again, in the order of arrival, and pass from who does not", () => {
    const turns = new ReadTurns({ running: 1, waiting: 2 });
    const holdAll = (nowMs: number, ...ids: string[]) => ids.map((id) => turns.hold(id, nowMs));
    expect(holdAll(0, "a", "b", "c", "d")).toEqual(["reads", "waits", "waits", "refused"]);
    // "b" waits no more, and "a" says seldom that it reads.
    for (let ms = 200; ms <= 6_000; ms += 200) expect(turns.hold("c", ms)).toBe("waits");
    expect(holdAll(6_000, "a", "d", "e")).toEqual(["reads", "waits", "refused"]);
    turns.release("a");
    expect(holdAll(6_200, "d", "c")).toEqual(["waits", "reads"]);
    expect(turns.hold("d", 60_000)).toBe("reads");
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

  it("leaves D1 free for as long as a read took before the next one that waits begins", async () => {
    const times: { beganAtMs: number; endedAtMs: number }[] = [];
    const app = new Hono();
    app.use(limitReads({ running: 1, waiting: 1 }, () => new Response("refused", { status: 429 }), 10_000));
    app.get("/", async () => {
      const beganAtMs = Date.now();
      await scheduler.wait(300);
      times.push({ beganAtMs, endedAtMs: Date.now() });
      return new Response("read");
    });
    const read = () => app.request("/", {}, {}, createExecutionContext());
    expect((await Promise.all([read(), read()])).map(({ status }) => status)).toEqual([200, 200]);
    const [first, second] = times;
    const tookMs = (first?.endedAtMs ?? 0) - (first?.beganAtMs ?? 0);
    expect((second?.beganAtMs ?? 0) - (first?.endedAtMs ?? 0)).toBeGreaterThanOrEqual(tookMs - 20);
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
