/** /identity/oauth/token: access tokens for clients. */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { verifyAccessToken } from "../../src/access/access-token.ts";
import { addClient, setRevoked } from "../../src/access/clients.ts";
import type { Scope } from "../../src/access/scope.ts";
import { call, keys } from "../marketo/marketo.ts";
import { ask, withoutD1 } from "../worker.ts";

const HOUR_MS = 3_600_000;

const newClient = (...scopes: readonly Scope[]) =>
  addClient(env.DB, { name: "test", scopes: scopes.length === 0 ? ["read"] : scopes, createdAtMs: Date.now() });

const queryOf = ({ id, secret }: { id: string; secret: string }, grantType = "client_credentials") =>
  new URLSearchParams({ grant_type: grantType, client_id: id, client_secret: secret });

interface Answer {
  readonly access_token: string;
  readonly expires_in: number;
}

const tokenOf = async (answer: Response) => await answer.json<Answer>();
const asks = async (client: { id: string; secret: string }) => await ask(`/identity/oauth/token?${queryOf(client)}`);

describe("/identity/oauth/token", () => {
  it("issues an access token for Marketo's API", async () => {
    const answer = await asks(await newClient("read", "send"));
    expect(answer.status).toBe(200);
    expect(answer.headers.get("Cache-Control")).toBe("no-store");
    expect(answer.headers.get("Pragma")).toBe("no-cache");
    const body = await tokenOf(answer);
    expect(body).toEqual({
      access_token: expect.any(String),
      token_type: "bearer",
      expires_in: 3599,
      scope: "read send",
    });
    expect((await call(body.access_token, "/rest/v1/activities/types.json")).success).toBe(true);
  });

  it("accepts a form by POST, and HTTP Basic", async () => {
    const client = await newClient();
    const form = await ask("/identity/oauth/token", { method: "POST", body: queryOf(client) });
    expect(form.status).toBe(200);
    const basic = await ask("/identity/oauth/token?grant_type=client_credentials", {
      headers: { Authorization: `Basic ${btoa(`${client.id}:${client.secret}`)}` },
    });
    expect(await tokenOf(basic)).toMatchObject({ token_type: "bearer" });
    const query = await ask(`/identity/oauth/token?${queryOf(client)}`, { method: "POST" });
    expect(query.status).toBe(200);
  });

  it("answers the same token with the time left until it expires, then a new one", async () => {
    const client = await newClient();
    const first = await tokenOf(await asks(client));
    const issuedAtMs = Date.now() - HOUR_MS + 100_000;
    await env.DB.prepare("UPDATE clients SET token_at = ?2 WHERE id = ?1").bind(client.id, issuedAtMs).run();
    const second = await tokenOf(await asks(client));
    expect(second.expires_in).toBeGreaterThan(95);
    expect(second.expires_in).toBeLessThan(100);
    expect((await tokenOf(await asks(client))).access_token).toBe(second.access_token);
    await env.DB.prepare("UPDATE clients SET token_at = ?2 WHERE id = ?1")
      .bind(client.id, Date.now() - HOUR_MS)
      .run();
    const third = await tokenOf(await asks(client));
    expect(third.expires_in).toBe(3599);
    expect(new Set([first, second, third].map(({ access_token }) => access_token)).size).toBe(3);
  });

  it("answers concurrent requests with the same token", async () => {
    const client = await newClient();
    const answers = await Promise.all(Array.from({ length: 10 }, () => asks(client)));
    const tokens = await Promise.all(answers.map(tokenOf));
    expect(new Set(tokens.map(({ access_token }) => access_token)).size).toBe(1);
    const claims = verifyAccessToken(keys, tokens[0]?.access_token ?? "", Date.now());
    expect(claims).toMatchObject({ ok: true, value: { client: client.id } });
  });

  it("refuses a wrong secret as invalid_client, an unknown or revoked client as unauthorized, with 401", async () => {
    const client = await newClient();
    const wrong = await asks({ ...client, secret: `${client.secret}x` });
    expect(wrong.status).toBe(401);
    expect(wrong.headers.get("WWW-Authenticate")).toBe('Basic realm="waxseal"');
    expect(wrong.headers.get("Cache-Control")).toBe("no-store");
    expect(await wrong.json()).toEqual({
      error: "invalid_client",
      error_description: "Bad client credentials",
    });
    const unknown = await asks({ id: crypto.randomUUID(), secret: client.secret });
    expect(unknown.status).toBe(401);
    expect(await unknown.json()).toMatchObject({ error: "unauthorized" });
    await setRevoked(env.DB, client.id, Date.now());
    const revoked = await asks(client);
    expect(revoked.status).toBe(401);
    expect(await revoked.json()).toMatchObject({ error: "unauthorized" });
  });

  it("accepts neither the secret's hash for the secret, nor an API key for a client", async () => {
    const client = await newClient();
    const hash = await env.DB.prepare("SELECT secret_hash FROM clients WHERE id = ?1")
      .bind(client.id)
      .first("secret_hash");
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect((await asks({ id: client.id, secret: String(hash) })).status).toBe(401);
    expect((await asks({ id: "wxs_dev_test", secret: "wxs_dev_test" })).status).toBe(401);
  });

  it.each([
    ["", 400, "invalid_request"],
    ["grant_type=password&client_id=a&client_secret=b", 400, "unsupported_grant_type"],
    ["grant_type=&client_id=a&client_secret=b", 400, "unsupported_grant_type"],
    ["grant_type=client_credentials", 401, "unauthorized"],
  ])("answers %j with %d and %s", async (query, status, error) => {
    const answer = await ask(`/identity/oauth/token?${query}`);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toEqual({ error, error_description: expect.any(String) });
  });

  it.each(["Basic %%%", "Basic YQ==", `Basic ${btoa("%zz:%zz")}`])("refuses %s with 401", async (header) => {
    const answer = await ask("/identity/oauth/token?grant_type=client_credentials", {
      headers: { Authorization: header },
    });
    expect(answer.status).toBe(401);
  });

  it("answers 503 with Retry-After while D1 is out of reach", async () => {
    const broken = withoutD1();
    const client = await newClient();
    const answer = await ask(`/identity/oauth/token?${queryOf(client)}`, {}, broken);
    expect(answer.status).toBe(503);
    expect(answer.headers.get("Retry-After")).not.toBeNull();
    expect(await answer.text()).not.toContain("D1");
  });

  it("accepts GET and POST, and no long forms", async () => {
    const put = await ask("/identity/oauth/token", { method: "PUT" });
    expect(put.status).toBe(405);
    const long = await ask("/identity/oauth/token", { method: "POST", body: "a".repeat(20_000) });
    expect(long.status).toBe(413);
  });
});
