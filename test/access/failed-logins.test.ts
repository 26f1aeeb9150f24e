/** Logins that fail are in the Worker's log, without what was tried, and are limited. */
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { addClient } from "../../src/access/clients.ts";
import { limiter } from "../limiter.ts";
import { ask, environment } from "../worker.ts";

const TRIED = "wxs_this-was-tried-and-must-not-be-seen";
const IP = { "CF-Connecting-IP": "203.0.113.77" };
const ELSEWHERE = { "CF-Connecting-IP": "198.51.100.7" };
const REFUSING = environment({ LOGIN_CALLS: { limit: async () => ({ success: false }) } });

const lines: string[] = [];
beforeEach(() => {
  lines.length = 0;
  vi.spyOn(console, "warn").mockImplementation((line: string) => void lines.push(line));
});
afterEach(() => {
  vi.restoreAllMocks();
});

const login = (client: string, secret: string, around?: Env, headers: HeadersInit = IP) => {
  const query = new URLSearchParams({ grant_type: "client_credentials", client_id: client, client_secret: secret });
  return ask(`/identity/oauth/token?${query}`, { headers }, around);
};
const call = (key: string, around?: Env) =>
  ask("/v1/retries", { headers: { ...IP, Authorization: `Bearer ${key}` } }, around);

describe("a login that fails", () => {
  it("is in the log with its reason, and without what was tried", async () => {
    const { id } = await addClient(env.DB, { name: "test", scopes: ["read"], createdAtMs: Date.now() });
    await login(id, TRIED);
    await login(TRIED, TRIED);
    await call(TRIED);
    expect(lines.map((line) => JSON.parse(line).reason)).toEqual(["wrong_secret", "unknown_client", "forged"]);
    for (const line of lines) for (const part of [TRIED, id, IP["CF-Connecting-IP"]]) expect(line).not.toContain(part);
  });

  it("is not logged for a call without credentials", async () => {
    expect((await ask("/v1/retries")).status).toBe(401);
    expect(lines).toEqual([]);
  });

  it("too often is answered 429 with Retry-After, on /v1 and by the token endpoint", async () => {
    for (const answer of [await call(TRIED, REFUSING), await login("x", TRIED, REFUSING)]) {
      expect(answer.status).toBe(429);
      expect(Number(answer.headers.get("Retry-After"))).toBeGreaterThan(0);
    }
    expect((await call("wxs_dev_test", REFUSING)).status).toBe(200);
  });

  it("too often from one network is answered 429, whatever address of it is used", async () => {
    const around = environment({ LOGIN_CALLS: limiter(3) });
    for (const addresses of [
      ["203.0.113.1", "203.0.113.2", "203.0.113.3", "203.0.113.4"],
      ["2001:db8:1::1", "2001:db8:1:2::1", "2001:db8:1:3::1", "2001:db8:1:f::1"],
    ]) {
      const statuses: number[] = [];
      for (const address of addresses) {
        const headers = { "CF-Connecting-IP": address, Authorization: `Bearer ${TRIED}` };
        statuses.push((await ask("/v1/retries", { headers }, around)).status);
      }
      expect(statuses).toEqual([401, 401, 401, 429]);
    }
  });
});

describe("calls for an access token", () => {
  it("under ever other ids read D1 no more often than their network may", async () => {
    let reads = 0;
    const DB = new Proxy(env.DB, {
      get: (real, name: keyof D1Database) => {
        if (name !== "batch") return (query: string) => real.prepare(query);
        return (statements: D1PreparedStatement[]) => {
          reads++;
          return real.batch(statements);
        };
      },
    });
    const around = environment({ DB, NETWORK_LOGINS: limiter(5) });
    const statuses: number[] = [];
    for (let host = 0; host < 12; host++) {
      const from = { "CF-Connecting-IP": `203.0.113.${host}` };
      statuses.push((await login(crypto.randomUUID(), TRIED, around, from)).status);
    }
    expect(statuses).toEqual([...new Array(5).fill(401), ...new Array(7).fill(429)]);
    expect(reads).toBe(5);
  });

  it("under a client's id too often do not refuse the client itself, which is elsewhere", async () => {
    const { id, secret } = await addClient(env.DB, { name: "test", scopes: ["read"], createdAtMs: Date.now() });
    const around = environment({ LOGIN_CALLS: limiter(3) });
    const statuses: number[] = [];
    for (let time = 0; time < 5; time++) statuses.push((await login(id, TRIED, around)).status);
    expect(statuses).toEqual([401, 401, 401, 429, 429]);
    expect((await login(id, secret, around, ELSEWHERE)).status).toBe(200);
  });
});

describe("calls of /v1", () => {
  it("too often are answered 429", async () => {
    const around = environment({ SENDER_CALLS: { limit: async () => ({ success: false }) } });
    const answer = await call("wxs_dev_test", around);
    expect(answer.status).toBe(429);
    expect(await answer.json()).toMatchObject({ error: { code: "too_many_requests" } });
  });
});
