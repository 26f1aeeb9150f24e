/** What a client may do on /v1 with its access token. */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { signAccessToken } from "../../src/access/access-token.ts";
import { SCOPES, type Scope } from "../../src/access/scope.ts";
import { signText } from "../../src/tokens/signed-text.ts";
import { keys, newClient } from "../marketo/marketo.ts";
import { ask, newMessage, token as tokenOfEmail, withoutD1 } from "../worker.ts";

const HOUR_MS = 3_600_000;

/** The scope, method and path of each route of /v1. */
const PATHS: readonly (readonly [Scope, string, string])[] = [
  ["send", "POST", "/v1/decorate"],
  ["send", "POST", "/v1/events"],
  ["send", "GET", "/v1/suppressions/check?person=1"],
  ["send", "POST", "/v1/suppressions/check"],
  ["send", "GET", "/v1/retries"],
  ["read", "GET", "/v1/reports/emails"],
  ["read", "GET", "/v1/reports/emails.csv"],
  ["read", "GET", "/v1/reports/links?email=7"],
  ["read", "GET", "/v1/reports/links.csv?email=7"],
  ["admin", "DELETE", "/v1/suppressions"],
  ["admin", "GET", "/v1/dead-letters"],
  ["admin", "POST", "/v1/dead-letters/replay"],
  ["admin", "GET", "/v1/clients"],
  ["admin", "POST", "/v1/clients"],
  ["admin", "POST", "/v1/clients/revoke"],
  ["admin", "POST", "/v1/people/erase"],
  ["admin", "GET", "/v1/people/erasures?id=x"],
  ["admin", "GET", "/v1/people/export?person=1"],
];

describe("an access token on /v1", () => {
  it.each(PATHS)("with the scope %s may %s %s, and with another may not", async (needed, method, path) => {
    for (const scope of SCOPES) {
      const { token } = await newClient(scope);
      const init = {
        method,
        headers: { Authorization: `Bearer ${token}` },
        ...(method !== "GET" ? { body: "" } : {}),
      };
      const answer = await ask(path, init);
      if (scope === needed || scope === "admin") {
        // The body is empty and the id unknown: the answer shows that the request passed the scope.
        expect([200, 400, 404]).toContain(answer.status);
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

  const refusal = async (presented: string) => {
    const answer = await withToken(presented);
    const { error } = await answer.json<{ error: { code: string; message: string } }>();
    return { ...error, status: answer.status, challenge: answer.headers.get("WWW-Authenticate") };
  };
  const REFUSED = {
    status: 401,
    code: "unauthorized",
    challenge: 'Bearer realm="waxseal", error="invalid_token"',
    requestId: expect.any(String),
  };

  it("is refused with 401 when it is not genuine, always in the same words", async () => {
    const { client, token } = await newClient("admin");
    const message = expect.stringContaining("Send one of the API_KEYS");
    for (const other of [
      `${token}x`,
      `${token}.${token}`,
      token.slice(0, -1),
      client,
      signText(keys, "page", `${Date.now()} ${client}`),
      tokenOfEmail("open", newMessage()),
    ]) {
      expect(await refusal(other)).toEqual({ ...REFUSED, message });
    }
  });

  it("works for an hour, and is then refused as expired", async () => {
    const { client } = await newClient("send");
    const almost = signAccessToken(keys, { client, issuedAtMs: Date.now() - HOUR_MS + 10_000 });
    expect((await withToken(almost)).status).toBe(200);
    const old = signAccessToken(keys, { client, issuedAtMs: Date.now() - HOUR_MS });
    expect(await refusal(old)).toEqual({ ...REFUSED, message: expect.stringContaining("expired") });
  });

  it("is refused, with the reason, as soon as its client is revoked", async () => {
    const { client, token } = await newClient("send");
    expect((await withToken(token)).status).toBe(200);
    await env.DB.prepare("UPDATE clients SET revoked_at = 1 WHERE id = ?1").bind(client).run();
    expect(await refusal(token)).toEqual({ ...REFUSED, message: expect.stringContaining("revoked") });
  });

  it("is asked for by a challenge without an error when there is none (RFC 6750 §3.1)", async () => {
    expect((await ask("/v1/retries")).headers.get("WWW-Authenticate")).toBe('Bearer realm="waxseal"');
  });

  it("may do what any of its client's scopes allows", async () => {
    const { token } = await newClient("read", "send");
    expect((await withToken(token, "/v1/retries")).status).toBe(200);
    expect((await withToken(token, "/v1/reports/emails")).status).toBe(200);
    expect((await withToken(token, "/v1/clients")).status).toBe(403);
  });

  it("gets 404 for an unknown path, while a request without credentials does not learn which paths exist", async () => {
    const { token } = await newClient("read");
    expect((await withToken(token, "/v1/nothing")).status).toBe(404);
    expect((await withToken("nonsense", "/v1/nothing")).status).toBe(401);
  });

  it("is answered 503 while D1 is out of reach; an API key needs no D1", async () => {
    const broken = withoutD1();
    const { token } = await newClient("send");
    expect((await withToken(token, "/v1/retries", broken)).status).toBe(503);
    // Dead letters are not in D1.
    expect((await withToken("wxs_dev_test", "/v1/dead-letters", broken)).status).toBe(200);
  });
});
