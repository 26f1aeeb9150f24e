/** /v1/clients, and what an access token lets its client do on /v1. */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { sealAccessToken } from "../../src/access/access-token.ts";
import { SCOPES, type Scope } from "../../src/access/scope.ts";
import type { Env } from "../../src/env.ts";
import { keys, newClient } from "../marketo.ts";
import { get, post } from "../outcomes.ts";
import { ask, withoutD1 } from "../worker.ts";

const HOUR_MS = 3_600_000;

describe("/v1/clients", () => {
  it("makes a client, shows its secret once, and stores it hashed", async () => {
    const { status, body } = await post("/v1/clients", {
      name: "warehouse",
      scopes: ["send", "read", "read"],
    });
    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      name: "warehouse",
      scopes: ["read", "send"],
      createdAt: expect.stringMatching(/Z$/),
      secret: expect.stringMatching(/^wxc_[0-9a-f]{64}$/),
    });
    const row = await env.DB.prepare("SELECT * FROM clients WHERE id = ?1").bind(body.id).first();
    expect(JSON.stringify(row)).not.toContain(body.secret);
    const listed = (await get("/v1/clients")).body;
    expect(JSON.stringify(listed)).not.toContain("secret");
    expect(listed.clients).toContainEqual({
      id: body.id,
      name: "warehouse",
      scopes: ["read", "send"],
      createdAt: body.createdAt,
    });
  });

  it("revokes one, twice as well as once, and says when", async () => {
    const { client } = await newClient();
    expect(await post("/v1/clients/revoke", { id: client })).toEqual({
      status: 200,
      body: { revoked: true },
    });
    const first = await env.DB.prepare("SELECT revoked_at FROM clients WHERE id = ?1").bind(client).first();
    expect((await post("/v1/clients/revoke", { id: client })).status).toBe(200);
    expect(await env.DB.prepare("SELECT revoked_at FROM clients WHERE id = ?1").bind(client).first()).toEqual(
      first,
    );
    const { clients } = (await get("/v1/clients")).body as { clients: { id: string; revokedAt?: string }[] };
    expect(clients.find(({ id }) => id === client)?.revokedAt).toMatch(/Z$/);
  });

  it("finds no client that is not there", async () => {
    const { status, body } = await post("/v1/clients/revoke", { id: "nobody" });
    expect(status).toBe(404);
    expect(body).toMatchObject({ error: { code: "not_found", field: "id" } });
  });

  it.each([
    [{ scopes: ["read"] }, "name"],
    [{ name: " ", scopes: ["read"] }, "name"],
    [{ name: "a\u0007", scopes: ["read"] }, "name"],
    [{ name: "a".repeat(101), scopes: ["read"] }, "name"],
    [{ name: "a" }, "scopes"],
    [{ name: "a", scopes: [] }, "scopes"],
    [{ name: "a", scopes: ["write"] }, "scopes.0"],
    [{ name: "a", scopes: "read" }, "scopes"],
    [{ name: "a", scopes: ["read"], secret: "mine" }, "secret"],
  ])("refuses %j, and names the field", async (asked, field) => {
    const before = (await get("/v1/clients")).body;
    const { status, body } = await post("/v1/clients", asked);
    expect(status).toBe(400);
    expect(body).toMatchObject({ error: { field } });
    expect((await get("/v1/clients")).body).toEqual(before);
  });
});

/** A path and method of /v1, and the scope it needs. */
const PATHS: readonly (readonly [Scope, string, string])[] = [
  ["send", "POST", "/v1/decorate"],
  ["send", "POST", "/v1/events"],
  ["send", "GET", "/v1/mailability?person=1"],
  ["send", "POST", "/v1/mailability"],
  ["send", "GET", "/v1/retries"],
  ["read", "GET", "/v1/reports/emails"],
  ["read", "GET", "/v1/reports/emails.csv"],
  ["read", "GET", "/v1/reports/links?email=7"],
  ["read", "GET", "/v1/reports/links.csv?email=7"],
  ["admin", "POST", "/v1/mailability/reset"],
  ["admin", "GET", "/v1/dead-letters"],
  ["admin", "POST", "/v1/dead-letters/replay"],
  ["admin", "GET", "/v1/clients"],
  ["admin", "POST", "/v1/clients"],
  ["admin", "POST", "/v1/clients/revoke"],
];

describe("an access token on /v1", () => {
  it.each(PATHS)("with the scope %s may %s %s, and with another may not", async (needed, method, path) => {
    for (const scope of SCOPES) {
      const { token } = await newClient(scope);
      const init = {
        method,
        headers: { Authorization: `Bearer ${token}` },
        ...(method === "POST" ? { body: "" } : {}),
      };
      const answer = await ask(path, init);
      if (scope === needed || scope === "admin") {
        // The body is none: that it was looked at says enough.
        expect([200, 400]).toContain(answer.status);
      } else {
        expect(answer.status).toBe(403);
        expect(answer.headers.get("WWW-Authenticate")).toBe(
          `Bearer realm="waxseal", error="insufficient_scope", scope="${needed}"`,
        );
        expect(await answer.json()).toMatchObject({
          error: { code: "forbidden", message: expect.stringContaining(`"${needed}"`) },
        });
      }
    }
  });

  const withToken = (token: string, path = "/v1/retries", around: Env = env) =>
    ask(path, { headers: { Authorization: `Bearer ${token}` } }, around);

  it("is refused with 401 when forged, revoked or expired, the last said plainly", async () => {
    const { client, token } = await newClient("send");
    expect((await withToken(`${token}x`)).status).toBe(401);
    const old = sealAccessToken(keys, { client, issuedMs: Date.now() - HOUR_MS });
    const expired = await withToken(old);
    expect(expired.status).toBe(401);
    expect(expired.headers.get("WWW-Authenticate")).toContain('error="invalid_token"');
    expect(await expired.json()).toMatchObject({ error: { message: expect.stringContaining("expired") } });
    await env.DB.prepare("UPDATE clients SET revoked_at = 1 WHERE id = ?1").bind(client).run();
    expect((await withToken(token)).status).toBe(401);
  });

  it("finds no path that is not there, and a stranger does not learn which are", async () => {
    const { token } = await newClient("read");
    expect((await withToken(token, "/v1/nothing")).status).toBe(404);
    expect((await withToken("nonsense", "/v1/nothing")).status).toBe(401);
  });

  it("cannot be judged while D1 is out of reach: 503; an API key needs no D1", async () => {
    const broken = withoutD1();
    const { token } = await newClient("send");
    expect((await withToken(token, "/v1/retries", broken)).status).toBe(503);
    const withKey = await ask("/v1/nothing", { headers: { Authorization: "Bearer wxs_dev_test" } }, broken);
    expect(withKey.status).toBe(404);
  });
});
