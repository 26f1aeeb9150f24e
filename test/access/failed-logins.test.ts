/** Logins that fail stand in the Worker's log, without what was tried, and are limited. */
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { addClient } from "../../src/access/clients.ts";
import { ask, environment } from "../worker.ts";

const TRIED = "wxs_this-was-tried-and-must-not-be-seen";
const IP = { "CF-Connecting-IP": "203.0.113.77" };
const REFUSING = environment({ LOGIN_CALLS: { limit: async () => ({ success: false }) } });

const lines: string[] = [];
beforeEach(() => {
  lines.length = 0;
  vi.spyOn(console, "warn").mockImplementation((line: string) => void lines.push(line));
});
afterEach(() => {
  vi.restoreAllMocks();
});

const login = (client: string, secret: string, around?: Env) => {
  const query = new URLSearchParams({ grant_type: "client_credentials", client_id: client, client_secret: secret });
  return ask(`/identity/oauth/token?${query}`, { headers: IP }, around);
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

  it("too often for one client is refused, whatever IP address it comes from", async () => {
    const client = crypto.randomUUID();
    const statuses = new Set<number>();
    // More than twice the limit, because a minute may begin meanwhile.
    for (let time = 0; time < 130; time++) statuses.add((await login(client, TRIED)).status);
    expect([...statuses]).toEqual([401, 429]);
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
