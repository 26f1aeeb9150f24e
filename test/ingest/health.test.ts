import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { LATEST_MIGRATION } from "../../src/events/schema.ts";
import { aggregateLog } from "../../src/reports/index.ts";
import { unreachable } from "../faults/broken.ts";
import { logRows } from "../marketo/marketo.ts";
import { UNASKED } from "../reports/policy.ts";
import { ask, environment } from "../worker.ts";

/** The real database, where statements that match fail. */
function failingDatabase(statements: RegExp, message: string): D1Database {
  const fails = () => Promise.reject(new Error(message));
  const failing = { bind: () => ({ first: fails, run: fails, all: fails }) };
  return new Proxy(env.DB, {
    get: (real, name: keyof D1Database) => {
      if (name !== "prepare") throw new Error(`nothing here calls ${name} on D1`);
      return (query: string) => (statements.test(query) ? failing : real.prepare(query));
    },
  });
}

interface Health {
  readonly parts: Readonly<Record<string, string>>;
  readonly ageMs: number;
}

async function healthIn(around: Env) {
  const answer = await ask("/healthz", {}, around);
  return { status: answer.status, body: await answer.json<Health>() };
}

/** A new isolate's. */
const health = (replaced: Partial<Env> = {}) => healthIn(environment(replaced));

const OK = { d1: "ok", writes: "ok", migrations: "ok", outbox: "ok" };

describe("/healthz", () => {
  it("answers at its path only, not with a trailing slash", async () => {
    const answers = [
      await ask("/healthz"),
      await ask("/healthz/"),
      await ask("/v1/retries/", { headers: { Authorization: "Bearer wxs_dev_test" } }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 404, 404]);
  });

  it("says ok while the log can be read and written, with the size of D1", async () => {
    expect(await health()).toEqual({
      status: 200,
      body: {
        ok: true,
        parts: OK,
        bytes: expect.any(Number),
        unaggregated: expect.any(Number),
        waiting: 0,
        deadLetters: 0,
        webhookEndpoints: { disabled: 0, failing: 0, lagging: 0 },
        ageMs: expect.any(Number),
        lost: expect.any(Number),
        settings: [],
        warnings: [],
      },
    });
  });

  it("warns of what will fail, at 200", async () => {
    const around = environment({ RETENTION_DAYS: "soon" });
    const { status, body } = await health(around);
    expect(status).toBe(200);
    expect(body).toMatchObject({ warnings: [expect.stringContaining("RETENTION_DAYS")] });
  });

  it("says how much of the log statistics lack", async () => {
    await aggregateLog(env, UNASKED, Number.POSITIVE_INFINITY);
    expect((await health()).body).toMatchObject({ unaggregated: 0 });
    await logRows({ person: "lag-1" }, { person: "lag-2" });
    expect((await health()).body).toMatchObject({ unaggregated: 2 });
  });

  it("names D1 when it is out of reach", async () => {
    const DB = failingDatabase(/./, "D1_ERROR: Network connection lost");
    const lost = "out of reach";
    expect(await health({ DB })).toMatchObject({
      status: 503,
      body: { ok: false, parts: { d1: lost, writes: lost, migrations: lost, outbox: "ok" }, bytes: null },
    });
  });

  it.each([
    "D1_ERROR: Exceeded maximum DB size",
    "D1_ERROR: out of room: SQLITE_FULL",
  ])("says that D1 is full while it refuses writes and can be read: %s", async (error) => {
    const DB = failingDatabase(/^(?:INSERT|REPLACE|UPDATE|DELETE)/, error);
    expect(await health({ DB })).toMatchObject({ status: 503, body: { ok: false, parts: { ...OK, writes: "full" } } });
  });

  it("names the outbox when it is out of reach", async () => {
    expect(await health({ OUTBOX: unreachable() })).toMatchObject({
      status: 503,
      body: { parts: { ...OK, outbox: "out of reach" }, waiting: null },
    });
  });

  it("says what to do when there are no tables, or the latest migration was not applied", async () => {
    const DB = failingDatabase(/./, "D1_ERROR: no such table: events");
    const toMigrate = expect.stringContaining("migrations apply");
    expect(await health({ DB })).toMatchObject({ status: 503, body: { parts: { d1: toMigrate } } });
    const rename = env.DB.prepare("UPDATE d1_migrations SET name = ?2 WHERE name = ?1");
    await rename.bind(LATEST_MIGRATION, "older.sql").run();
    expect(await health()).toMatchObject({ status: 503, body: { parts: { ...OK, migrations: toMigrate } } });
    await rename.bind("older.sql", LATEST_MIGRATION).run();
    expect((await health()).status).toBe(200);
  });

  it("says so when a later version's migration has taken away a column that this version needs", async () => {
    await env.DB.exec("ALTER TABLE access_sign_outs RENAME COLUMN at TO later");
    const { status, body } = await health();
    expect([status, body.parts]).toEqual([503, { ...OK, migrations: expect.stringContaining("a column") }]);
    await env.DB.exec("ALTER TABLE access_sign_outs RENAME COLUMN later TO at");
    expect((await health()).status).toBe(200);
  });

  describe("asked for often", () => {
    const WRITES = /^(?:INSERT|REPLACE|UPDATE|DELETE)/;
    const refusing = { limit: async () => ({ success: false }) };
    const setClock = (ms: number) => vi.spyOn(Date, "now").mockReturnValue(ms);
    afterEach(() => vi.restoreAllMocks());

    /** The Worker with D1 that counts writes, and fails at them once it is full. */
    function watchedWorker(replaced: Partial<Env> = {}) {
      const state = { writes: 0, isFull: false };
      const full = failingDatabase(WRITES, "D1_ERROR: Exceeded maximum DB size");
      const DB = new Proxy(env.DB, {
        get: (real, name: keyof D1Database) => {
          if (name !== "prepare") throw new Error(`nothing here calls ${name} on D1`);
          return (query: string) => {
            if (WRITES.test(query)) state.writes++;
            return (state.isFull ? full : real).prepare(query);
          };
        },
      });
      const around = environment({ ...replaced, DB });
      const answer = async () => {
        const { status, body } = await healthIn(around);
        return { status, writes: body.parts.writes, ageMs: body.ageMs };
      };
      return { state, answer };
    }

    it("writes to D1 once in five seconds, and says then that D1 is full", async () => {
      const { state, answer } = watchedWorker({ HEALTH_CHECKS: { limit: async () => ({ success: true }) } });
      const now = Date.now();
      setClock(now);
      const answers = await Promise.all(Array.from({ length: 10 }, answer));
      expect(answers).toEqual(new Array(10).fill({ status: 200, writes: "ok", ageMs: 0 }));
      state.isFull = true;
      setClock(now + 4_000);
      expect(await answer()).toEqual({ status: 200, writes: "ok", ageMs: 4_000 });
      expect(state.writes).toBe(1);
      setClock(now + 6_000);
      expect(await answer()).toEqual({ status: 503, writes: "full", ageMs: 0 });
      state.isFull = false;
      setClock(now + 12_000);
      expect(await answer()).toMatchObject({ status: 200, ageMs: 0 });
    });

    it("by many isolates writes within their common limit, and is at most fifteen seconds old", async () => {
      const { state, answer } = watchedWorker({ HEALTH_CHECKS: refusing });
      const now = Date.now();
      setClock(now);
      expect(await answer()).toMatchObject({ status: 200, ageMs: 0 });
      state.isFull = true;
      setClock(now + 14_000);
      expect(await answer()).toEqual({ status: 200, writes: "ok", ageMs: 14_000 });
      expect(state.writes).toBe(1);
      setClock(now + 15_000);
      expect(await answer()).toEqual({ status: 503, writes: "full", ageMs: 0 });
    });
  });

  it("takes the last file of migrations/ for the latest one", () => {
    expect(LATEST_MIGRATION).toBe(env.TEST_MIGRATIONS.at(-1)?.name);
  });
});

const STRONG_TOKEN_KEY = "1:Iuy4o_jRCJUShlqBSxFi2VKCvqFAWyAYMPVb8bnas4c";
const STRONG_API_KEY = "wxs_0123456789abcdefghijklmnopqrstuv";

describe("a deploy that is not set up", () => {
  it.each([
    ["no token keys", { ENVIRONMENT: "production", TOKEN_KEYS: "" }, "waxseal keys new"],
    [
      "development token keys",
      { ENVIRONMENT: "production", API_KEYS: STRONG_API_KEY },
      "wrangler secret put TOKEN_KEYS",
    ],
    ["a token key of zeros", { TOKEN_KEYS: `1:${"A".repeat(43)}` }, "can be guessed"],
  ])("refuses to serve with %s, and says what to do", async (_what, settings, words) => {
    for (const path of ["/healthz", "/v1/decorate", "/app", "/"]) {
      const answer = await ask(path, {}, environment(settings));
      expect(answer.status).toBe(503);
      expect(await answer.text()).toContain(words);
    }
  });

  it.each([
    "/c/x",
    "/u/x",
  ])("tells a recipient in a sentence of their language, and nothing of settings: %s", async (path) => {
    const headers = { "Accept-Language": "fr" };
    const answer = await ask(path, { headers }, environment({ ENVIRONMENT: "production", TOKEN_KEYS: "" }));
    expect([answer.status, answer.headers.get("Content-Type")]).toEqual([503, "text/html; charset=utf-8"]);
    const text = await answer.text();
    expect(text).toContain("Il fonctionnera dès que l’expéditeur aura terminé sa mise en place.");
    expect(text).not.toContain("TOKEN_KEYS");
  });

  it("still answers the pixel with a GIF", async () => {
    const answer = await ask("/o/x.gif", {}, environment({ ENVIRONMENT: "production" }));
    expect(answer.status).toBe(200);
    expect(answer.headers.get("Content-Type")).toBe("image/gif");
  });

  it("never shows a secret in its answer", async () => {
    const answer = await ask("/", {}, environment({ ENVIRONMENT: "production" }));
    const words = await answer.text();
    for (const secret of `${env.TOKEN_KEYS},${env.API_KEYS}`.split(/[,:]/)) {
      if (secret.length > 3) expect(words).not.toContain(secret);
    }
  });

  it("has no page of a developer's at its address in production", async () => {
    const keys = { TOKEN_KEYS: STRONG_TOKEN_KEY, API_KEYS: STRONG_API_KEY };
    const answer = await ask("/", {}, environment({ ENVIRONMENT: "production", ...keys }));
    expect(answer.status).toBe(404);
  });
});
