/** The checks that every call of Marketo's API passes: each code that refuses one, provoked. */
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { signAccessToken } from "../../src/access/access-token.ts";
import { ask, environment, withoutD1 } from "../worker.ts";
import { call, type Envelope, keys, newClient } from "./marketo.ts";

const TYPES = "/rest/v1/activities/types.json";
const ACTIVITIES = "/rest/v1/activities.json";
const HOUR_MS = 3_600_000;

let client = "";
let token = "";

beforeEach(async () => {
  ({ client, token } = await newClient());
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

async function refused(answer: Response, status = 200): Promise<string> {
  expect(answer.status).toBe(status);
  const envelope = await answer.json<Envelope>();
  expect(envelope).toEqual({
    requestId: expect.any(String),
    success: false,
    errors: [{ code: expect.any(String), message: expect.stringMatching(/./) }],
  });
  return envelope.errors?.[0]?.code ?? "";
}

const asking = async (authorization: string | undefined, path = TYPES) =>
  refused(await ask(path, authorization === undefined ? {} : { headers: { Authorization: authorization } }));

const code = ({ errors }: Envelope) => errors?.map(({ code }) => code).join();

describe("an access token", () => {
  it("is required: without one, with an empty one or another scheme a call is refused with 600", async () => {
    expect(await asking(undefined)).toBe("600");
    expect(await asking("Bearer ")).toBe("600");
    expect(await asking("Basic dXNlcjpwYXNz")).toBe("600");
  });

  it("is not read from the query, which proxies log, unless the setting says so, of reads", async () => {
    const path = `${TYPES}?access_token=${token}`;
    expect(await asking(undefined, path)).toBe("600");
    const allowing = environment({ MARKETO_TOKEN_IN_QUERY: "on" });
    const codeOf = async (path: string, init = {}) => code(await (await ask(path, init, allowing)).json<Envelope>());
    expect(await codeOf(path)).toBeUndefined();
    const form = { "Content-Type": "application/x-www-form-urlencoded" };
    expect(await codeOf(`${path}&_method=GET`, { method: "POST", headers: form })).toBeUndefined();
    expect(await codeOf(`${TYPES}?access_token=x`)).toBe("601");
    expect(await codeOf(`${TYPES}?access_token=`)).toBe("600");
    expect(await codeOf(path, { headers: { Authorization: "Bearer x" } })).toBe("601");
    const creation = `/bulk/v1/activities/export/create.json?access_token=${token}`;
    expect(await codeOf(creation, { method: "POST", body: "{}" })).toBe("600");
  });

  it("is refused with 601 when it is not genuine, or a bit of it is changed", async () => {
    expect(await asking("Bearer something")).toBe("601");
    const last = token.at(-6) === "A" ? "B" : "A";
    expect(await asking(`Bearer ${token.slice(0, -6)}${last}${token.slice(-5)}`)).toBe("601");
    expect(await asking(`Bearer ${token}x`)).toBe("601");
  });

  it("is refused with 601 when it is an API key, which is for senders", async () => {
    expect(await asking("Bearer wxs_dev_test")).toBe("601");
  });

  it("is refused with 601 from the first call after its client was revoked", async () => {
    expect((await call(token, TYPES)).success).toBe(true);
    await env.DB.prepare("UPDATE clients SET revoked_at = 1 WHERE id = ?1").bind(client).run();
    expect(await asking(`Bearer ${token}`)).toBe("601");
  });

  it("is refused with 602 once it is an hour old", async () => {
    const old = signAccessToken(keys, { client, issuedAtMs: Date.now() - HOUR_MS });
    expect(await asking(`Bearer ${old}`)).toBe("602");
    const young = signAccessToken(keys, { client, issuedAtMs: Date.now() - HOUR_MS + 60_000 });
    expect((await call(young, TYPES)).success).toBe(true);
  });

  it("is refused with 603 when its client may not read", async () => {
    const sender = await newClient("send");
    expect(await asking(`Bearer ${sender.token}`)).toBe("603");
    const admin = await newClient("admin");
    expect((await call(admin.token, TYPES)).success).toBe(true);
  });
});

describe("a login that fails", () => {
  const IP = { "CF-Connecting-IP": "203.0.113.78" };

  it("is in the Worker's log with its reason, and without what was tried", async () => {
    const lines: string[] = [];
    vi.spyOn(console, "warn").mockImplementation((line: string) => void lines.push(line));
    await asking(undefined);
    await asking("Bearer something");
    const ahead = signAccessToken(keys, { client, issuedAtMs: Date.now() + HOUR_MS });
    expect(await asking(`Bearer ${ahead}`)).toBe("601");
    await env.DB.prepare("UPDATE clients SET revoked_at = 1 WHERE id = ?1").bind(client).run();
    await asking(`Bearer ${token}`);
    await call(token, ACTIVITIES);
    expect(lines.map((line) => JSON.parse(line).reason)).toEqual(["forged", "forged", "revoked", "revoked"]);
    for (const tried of ["something", ahead, token, client]) expect(lines.join()).not.toContain(tried);
  });

  it("is refused with 606 when it comes too often from one IP address, and a genuine token is not", async () => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    const around = environment({ LOGIN_CALLS: { limit: async () => ({ success: false }) } });
    const tries = (bearer: string) => call(bearer, TYPES, { headers: IP }, around);
    expect(code(await tries("something"))).toBe("606");
    expect((await tries(token)).success).toBe(true);
  });
});

describe("a call", () => {
  it.each(["POST", "PUT", "DELETE", "PATCH"])("by %s is refused with 605", async (method) => {
    expect(code(await call(token, TYPES, { method }))).toBe("605");
  });

  it.each(["create", "x/enqueue", "x/cancel"])("by GET of %s is refused with 605", async (path) => {
    expect(code(await call(token, `/bulk/v1/activities/export/${path}.json`))).toBe("605");
  });

  it.each([
    "/rest/v1/leads",
    "/rest/v1/activities",
    "/rest/v1/nothing.json",
    "/rest/asset/v1/nothings.json",
    "/bulk/v1/leads/export/x/status.json",
    "/rest/",
    "/rest/v1/activities.json/",
  ])("of %s, which is no path, is refused with 610", async (path) => {
    expect(code(await call(token, path))).toBe("610");
  });

  it("resolves the dot segments of its path", async () => {
    expect((await call(token, "/rest/../rest/v1/./activities/types.json")).success).toBe(true);
  });

  it("by HEAD answers as GET does", async () => {
    const answer = await ask(TYPES, { method: "HEAD", headers: { Authorization: `Bearer ${token}` } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("Content-Type")).toBe("application/json");
  });

  it("with parameters in a body that is not a form is refused with 612", async () => {
    const init = { method: "POST", body: "{}", headers: { "Content-Type": "application/json" } };
    expect(code(await call(token, `${TYPES}?_method=GET`, init))).toBe("612");
    expect(code(await call(token, `${TYPES}?_method=GET`, { method: "POST" }))).toBeUndefined();
  });

  it("with a URI of more than 8 KB is refused with status 414, before its token is checked", async () => {
    expect(await refused(await ask(`${TYPES}?${"a".repeat(8 * 1024)}`), 414)).toBe("414");
  });

  it("with a body of more than 1 MB is refused with status 413", async () => {
    const body = "a".repeat(1024 * 1024 + 1);
    expect(await refused(await ask(`${TYPES}?_method=GET`, { method: "POST", body }), 413)).toBe("413");
  });

  it("is refused with 611, after which clients try again, while D1 is down", async () => {
    const broken = withoutD1();
    const answer = await call(token, TYPES, {}, broken);
    expect(code(answer)).toBe("611");
    expect(JSON.stringify(answer)).not.toContain("D1");
  });
});

describe("the limit of calls", () => {
  it("is 100 in ten seconds: the next is refused with 606, another client's is not", async () => {
    const acceptedCalls = async () => {
      const client = await newClient();
      let calls = 0;
      while (code(await call(client.token, TYPES)) !== "606") calls++;
      return calls;
    };
    // The ten seconds are the clock's: when they end in between, the count begins again, and another client tries.
    let accepted = await acceptedCalls();
    for (let tries = 1; accepted !== 100 && tries < 20; tries++) {
      expect(accepted).toBeGreaterThan(100);
      accepted = await acceptedCalls();
    }
    expect(accepted).toBe(100);
    const other = await newClient();
    expect((await call(other.token, TYPES)).success).toBe(true);
  });

  it("refuses nobody while the platform cannot count", async () => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    const around = environment({ API_CALLS: { limit: () => Promise.reject(new Error("no counter")) } });
    expect((await call(token, TYPES, {}, around)).success).toBe(true);
  });

  it("is 10 at once: one more is refused with 615, and accepted afterwards", async () => {
    const paging = "/rest/v1/activities/pagingtoken.json?sinceDatetime=2026-01-01";
    const answers = await Promise.all(Array.from({ length: 15 }, () => call(token, paging)));
    const refusals = answers.map(code).filter((each) => each !== undefined);
    expect(refusals.length).toBeGreaterThan(0);
    expect(refusals.length).toBeLessThanOrEqual(5);
    expect([...new Set(refusals)]).toEqual(["615"]);
    expect((await call(token, paging)).success).toBe(true);
  });

  it("does not count calls that never ended for longer than a minute", async () => {
    const never = new Promise<never>(() => {});
    const DB = { prepare: () => ({ bind: () => ({ all: () => never, first: () => never }) }) } as unknown as D1Database;
    for (let count = 0; count < 10; count++) void call(token, TYPES, {}, environment({ DB }));
    await expect.poll(async () => code(await call(token, TYPES))).toBe("615");
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 61_000 });
    expect((await call(token, TYPES)).success).toBe(true);
  });

  it("is not lowered by calls that failed", async () => {
    for (let count = 0; count < 20; count++) expect(code(await call(token, "/rest/v1/activities.json"))).toBe("1002");
    expect((await call(token, TYPES)).success).toBe(true);
  });
});
