/** Clients in D1: one access token at a time, whatever runs concurrently or fails in between. */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { addClient, clientsAfter, grantAccess, setRevoked } from "../../src/access/clients.ts";

const HOUR_MS = 3_600_000;
const NOW = Date.now();

const newClient = (d1 = env.DB) => addClient(d1, { name: "test", scopes: ["read"], createdAtMs: NOW });

/** D1 that calls `first` before each transaction. */
function interrupted(first: () => Promise<unknown>): D1Database {
  const d1 = {
    prepare: (query: string) => env.DB.prepare(query),
    batch: async (statements: D1PreparedStatement[]) => {
      await first();
      return await env.DB.batch(statements);
    },
  };
  return d1 as unknown as D1Database;
}

/** D1 that runs the first statement and loses its answer. */
function losingAnswers(): D1Database {
  let lost = false;
  const losing = (statement: D1PreparedStatement): unknown => ({
    bind: (...values: unknown[]) => losing(statement.bind(...values)),
    run: async () => {
      const result = await statement.run();
      if (lost) return result;
      lost = true;
      throw new Error("D1_ERROR: Network connection lost.");
    },
  });
  const d1 = { prepare: (query: string) => losing(env.DB.prepare(query)) };
  return d1 as unknown as D1Database;
}

describe("a grant", () => {
  it("is the same for concurrent requests, by clocks that differ", async () => {
    const { id, secret } = await newClient();
    const first = await Promise.all([5, 3, 9, 1].map((ms) => grantAccess(env.DB, id, secret, NOW + ms)));
    expect(first[0]).toMatchObject({ ok: true, value: { scopes: ["read"] } });
    for (const each of first) expect(each).toEqual(first[0]);

    const later = NOW + HOUR_MS + 100;
    const renewed = await Promise.all([5, 3, 9, 1].map((ms) => grantAccess(env.DB, id, secret, later + ms)));
    for (const each of renewed) expect(each).toEqual(renewed[0]);
    expect(renewed[0]).not.toEqual(first[0]);
  });

  it("is the one that another request wrote in between", async () => {
    const { id, secret } = await newClient();
    const d1 = interrupted(() => grantAccess(env.DB, id, secret, NOW - 7));
    const mine = await grantAccess(d1, id, secret, NOW);
    expect(mine).toMatchObject({ ok: true, value: { issuedAtMs: NOW - 7 } });
  });

  it("stays the same for an hour, and is then a new one", async () => {
    const { id, secret } = await newClient();
    for (const [ageMs, issuedAtMs] of [
      [0, NOW],
      [HOUR_MS - 1, NOW],
      [HOUR_MS, NOW + HOUR_MS],
    ] as const) {
      const granted = await grantAccess(env.DB, id, secret, NOW + ageMs);
      expect(granted).toMatchObject({ ok: true, value: { issuedAtMs } });
    }
  });

  it("replaces a token from the future, which is refused everywhere", async () => {
    const { id, secret } = await newClient();
    const ahead = NOW + 6 * 60_000;
    expect(await grantAccess(env.DB, id, secret, ahead)).toMatchObject({ ok: true, value: { issuedAtMs: ahead } });
    expect(await grantAccess(env.DB, id, secret, NOW)).toMatchObject({ ok: true, value: { issuedAtMs: NOW } });
  });

  it("is refused to a client that is revoked meanwhile", async () => {
    const { id, secret } = await newClient();
    const d1 = interrupted(() => setRevoked(env.DB, id, NOW));
    expect(await grantAccess(d1, id, secret, NOW)).toEqual({ ok: false, reason: "unknown_client" });
  });

  it("is refused for another client's secret", async () => {
    const [one, other] = [await newClient(), await newClient()];
    expect(await grantAccess(env.DB, one.id, other.secret, NOW)).toEqual({
      ok: false,
      reason: "wrong_secret",
    });
    expect(await grantAccess(env.DB, one.id, "", NOW)).toEqual({ ok: false, reason: "wrong_secret" });
  });
});

describe("a client", () => {
  it("is stored once when D1 loses the answer and the insert is retried", async () => {
    const { id, secret } = await newClient(losingAnswers());
    expect((await clientsAfter(env.DB, undefined, 1_000)).filter((client) => client.id === id).length).toBe(1);
    expect(await grantAccess(env.DB, id, secret, NOW)).toMatchObject({ ok: true });
  });

  it("keeps the time of its first revocation", async () => {
    const { id } = await newClient();
    expect(await setRevoked(losingAnswers(), id, NOW + 1)).toBe(true);
    expect(await setRevoked(env.DB, id, NOW + 2)).toBe(true);
    expect((await clientsAfter(env.DB, undefined, 1_000)).find((client) => client.id === id)?.revokedAtMs).toBe(
      NOW + 1,
    );
    expect(await setRevoked(env.DB, "nobody", NOW)).toBe(false);
  });

  it("has a secret that logs of URLs redact: at least 32 hexadecimal digits, and nothing else", async () => {
    const secrets = await Promise.all(Array.from({ length: 20 }, async () => (await newClient()).secret));
    for (const secret of secrets) expect(secret).toMatch(/^[0-9a-f]{64}$/);
    expect(new Set(secrets).size).toBe(20);
  });
});
