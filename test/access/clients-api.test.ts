/** /v1/clients: programs with an id, a secret and scopes of their own. */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { newClient } from "../marketo/marketo.ts";
import { get, post } from "../outcomes.ts";
import { ask, withoutD1 } from "../worker.ts";

describe("/v1/clients", () => {
  it("creates a client, shows its secret once, and stores it hashed", async () => {
    const { status, body } = await post("/v1/clients", {
      name: "warehouse",
      scopes: ["send", "read", "pii", "read"],
    });
    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      name: "warehouse",
      scopes: ["read", "pii", "send"],
      createdAt: expect.stringMatching(/Z$/),
      secret: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const row = await env.DB.prepare("SELECT * FROM clients WHERE id = ?1").bind(body.id).first();
    expect(JSON.stringify(row)).not.toContain(body.secret);
    const listed = (await get("/v1/clients")).body;
    expect(JSON.stringify(listed)).not.toContain("secret");
    expect(listed.data).toContainEqual({
      id: body.id,
      name: "warehouse",
      scopes: ["read", "pii", "send"],
      createdAt: body.createdAt,
    });
  });

  it("lists clients page by page", async () => {
    for (const _ of Array(3)) await newClient();
    const whole = (await get("/v1/clients")).body as { data: { id: string }[] };
    const paged: { id: string }[] = [];
    for (let next: string | undefined = ""; next !== undefined; ) {
      const { body } = await get(`/v1/clients?limit=2${next && `&cursor=${next}`}`);
      paged.push(...(body.data as { id: string }[]));
      next = body.next as string | undefined;
    }
    expect(paged).toEqual(whole.data);
  });

  it("revokes a client, with the time of the first revocation, however often", async () => {
    const { client } = await newClient();
    expect(await post("/v1/clients/revoke", { id: client })).toEqual({
      status: 200,
      body: { revoked: true },
    });
    const first = await env.DB.prepare("SELECT revoked_at FROM clients WHERE id = ?1").bind(client).first();
    expect((await post("/v1/clients/revoke", { id: client })).status).toBe(200);
    expect(await env.DB.prepare("SELECT revoked_at FROM clients WHERE id = ?1").bind(client).first()).toEqual(first);
    const { data } = (await get("/v1/clients")).body as { data: { id: string; revokedAt?: string }[] };
    expect(data.find(({ id }) => id === client)?.revokedAt).toMatch(/Z$/);
  });

  it("answers with no-store", async () => {
    const headers = { Authorization: "Bearer wxs_dev_test" };
    const body = JSON.stringify({ name: "a", scopes: ["read"] });
    for (const init of [{ headers }, { headers, method: "POST", body }]) {
      expect((await ask("/v1/clients", init)).headers.get("Cache-Control")).toBe("no-store");
    }
  });

  it("answers 404 for a client that does not exist", async () => {
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
  ])("refuses %j, and names the field", async (client, field) => {
    const before = (await get("/v1/clients")).body;
    const { status, body } = await post("/v1/clients", client);
    expect(status).toBe(400);
    expect(body).toMatchObject({ error: { field } });
    expect((await get("/v1/clients")).body).toEqual(before);
  });

  it("answers 503 while D1 is out of reach", async () => {
    const broken = withoutD1();
    const answers = [
      await get("/v1/clients", broken),
      await post("/v1/clients", { name: "a", scopes: ["read"] }, broken),
      await post("/v1/clients/revoke", { id: "a" }, broken),
    ];
    for (const { status, body } of answers) {
      expect(status).toBe(503);
      expect(body).toMatchObject({ error: { code: "storage_unavailable" } });
    }
  });

  it("refuses to revoke without a proper id, and names the field", async () => {
    for (const id of [undefined, 7, "a".repeat(65)]) {
      const { status, body } = await post("/v1/clients/revoke", { id });
      expect(status).toBe(400);
      expect(body).toMatchObject({ error: { field: "id" } });
    }
  });
});
