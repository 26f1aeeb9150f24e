/** What a client may do on /v1 with its access token. */
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it } from "vitest";
import { signAccessToken } from "../../src/access/access-token.ts";
import { SCOPES, type Scope } from "../../src/access/scope.ts";
import { API } from "../../src/app.ts";
import { encryptText } from "../../src/tokens/encrypted-text.ts";
import { signText } from "../../src/tokens/signed-text.ts";
import { keys, newClient } from "../marketo/marketo.ts";
import { ask, newMessage, openApiDocument, token as tokenOfEmail, withoutD1 } from "../worker.ts";
import { CAMPAIGN, EMAIL, fillLog, PERSONS, readingsOf, SECRET } from "./addressed-log.ts";

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
  ["admin", "GET", "/v1/archive"],
  ["admin", "POST", "/v1/archive/run"],
  ["admin", "POST", "/v1/archive/check"],
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

describe("a client with read alone", () => {
  const headersOf = async (...scopes: readonly Scope[]) => ({
    Authorization: `Bearer ${(await newClient(...scopes)).token}`,
  });
  const json = async (path: string, headers: Record<string, string>) => {
    const answer = await ask(path, { headers });
    if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
    return await answer.json<Page>();
  };

  beforeAll(fillLog);

  it("finds no address in any spelling, whatever it reads, as JSON and as CSV", async () => {
    const { data } = await json(`/v1/messages?email=${EMAIL}`, await headersOf("read"));
    const paths = await everyRead(data.map(({ message }) => String(message)));
    const masked = await headersOf("read");
    for (const path of paths) {
      // Reports are CSV, too, where the client wants it.
      const Accept = path.includes("limit=") ? "text/csv" : "application/json";
      const answer = await ask(path, { headers: { ...masked, Accept } });
      const text = `${await answer.text()} ${answer.headers.get("Link")}`;
      expect([path, answer.status]).toEqual([path, 200]);
      const readings = readingsOf(text);
      const at = readings.indexOf(SECRET);
      expect([path, at < 0 ? "" : readings.slice(Math.max(at - 60, 0), at + 60)]).toEqual([path, ""]);
    }
    // So the log has what was looked for.
    const whole = await headersOf("read", "pii");
    for (const path of [`/v1/reports/recipients.csv?did=opened&email=${EMAIL}`, `/v1/reports/links?email=${EMAIL}`]) {
      expect(paths).toContain(path);
      expect(await (await ask(path, { headers: whole })).text()).toContain(SECRET);
    }
  });

  it("reads on by what it sees: ids and cursors are the same, and entries lead to message and person", async () => {
    const [masked, whole] = [await headersOf("read"), await headersOf("read", "pii")];
    const [feed, wholeFeed] = [await json("/v1/events?limit=20", masked), await json("/v1/events?limit=20", whole)];
    expect(feed.next).toBe(wholeFeed.next);
    expect(feed.data.map(({ seq }) => seq)).toEqual(wholeFeed.data.map(({ seq }) => seq));
    expect(new Set(feed.data.map(({ id }) => id)).size).toBe(20);
    const ofPlainId = feed.data.filter(({ person }) => person?.id === 1).map(({ id }) => id);
    expect(ofPlainId).toEqual(wholeFeed.data.filter(({ person }) => person?.id === 1).map(({ id }) => id));
    expect(ofPlainId.length).toBeGreaterThan(5);
    const lists = [
      feed,
      await json(`/v1/messages?email=${EMAIL}&limit=2`, masked),
      await json(`/v1/reports/recipients?did=opened&email=${EMAIL}`, masked),
    ];
    for (const { data } of lists) {
      for (const { message, person } of data) {
        if (message === undefined) continue;
        const timeline = await json(`/v1/messages/${message}?limit=5`, masked);
        expect(timeline.message?.person).toMatchObject({ id: person?.id, address: "m…@e…e.com" });
        const listed = await json(`/v1/messages?message=${message}`, masked);
        expect(listed.data.map((entry) => entry.message)).toEqual([timeline.message?.message]);
      }
    }
    const page = await json("/v1/messages?limit=2", masked);
    const rest = await json(`/v1/messages?limit=10&cursor=${page.next}`, masked);
    expect(page.data.length + rest.data.length).toBe(PERSONS.length);
  });

  it("may not pass a cursor or another text off as a message", async () => {
    const headers = await headersOf("read");
    const { next } = await json("/v1/events", headers);
    for (const message of [next, "nonsense", encryptText(keys, "message", "7")]) {
      const answer = await ask(`/v1/messages?message=${message}`, { headers });
      expect(await answer.json()).toMatchObject({ error: { code: "invalid_field", field: "message" } });
      expect((await ask(`/v1/messages/${message}`, { headers })).status).toBe(404);
    }
  });

  it("is not masked where it has another scope, or an API key", async () => {
    for (const headers of [
      await headersOf("read", "pii"),
      await headersOf("read", "send"),
      await headersOf("admin"),
      { Authorization: "Bearer wxs_dev_test" },
    ]) {
      const { data } = await json(`/v1/messages?email=${EMAIL}&limit=1`, headers);
      expect(data[0]?.person?.address).toContain(SECRET);
    }
  });
});

interface Page {
  readonly data: readonly {
    readonly id?: string;
    readonly seq?: number;
    readonly message?: string;
    readonly person?: { readonly id: string | number; readonly address?: string };
  }[];
  readonly message?: Page["data"][number];
  readonly next?: string;
}

/**
 * Paths for each operation that takes the scope "read": with what it must be given, for each message and person; and
 * with each value that one of its parameters may have.
 */
async function everyRead(messages: readonly string[]): Promise<readonly string[]> {
  const { paths } = await openApiDocument();
  const reads = Object.entries(API).flatMap(([path, { GET }]) => (GET?.scope === "read" ? [path] : []));
  return reads.flatMap((path) => {
    const parameters = paths[path.replaceAll(/:(\w+)/g, "{$1}")]?.get?.parameters ?? [];
    const values: Readonly<Record<string, readonly string[]>> = {
      email: [EMAIL],
      campaign: [CAMPAIGN],
      person: PERSONS,
      token: messages,
      limit: ["1"],
    };
    const choices = parameters.map(({ name, in: place, required, schema }) => {
      const given = schema.enum ?? values[name] ?? [];
      return { name, place, required, given: given.map(String) };
    });
    // They need an email or a campaign.
    const isOfMailing = /^\/v1\/reports\/(?:links|recipients)/.test(path);
    const isNeeded = (name: string, one?: string) => isOfMailing && name === "email" && one !== "campaign";
    const query = (one?: string, value = "") =>
      choices
        .filter(({ place, required, name }) => {
          return place === "query" && (required || name === one || isNeeded(name, one));
        })
        .map(({ name, given }) => `${name}=${name === one ? value : given[0]}`)
        .join("&");
    const inPath = choices.filter(({ place }) => place === "path");
    const filled = (index: number) =>
      inPath.reduce((text, { name, given }) => text.replace(`:${name}`, given[index] ?? given[0] ?? ""), path);
    const others = Array.from({ length: Math.max(1, ...inPath.map(({ given }) => given.length)) - 1 });
    const inQuery = choices.filter(({ place }) => place === "query");
    const chosen = inQuery.filter(({ name }) => !["email", "campaign"].includes(name));
    const asked = new Set([query(), ...chosen.flatMap(({ name, given }) => given.map((value) => query(name, value)))]);
    const ofOthers = others.map((_, index) => `${filled(index + 1)}?${query()}`);
    return [...Array.from(asked, (text) => `${filled(0)}?${text}`), ...ofOthers];
  });
}
