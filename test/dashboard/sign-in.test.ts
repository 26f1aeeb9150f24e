/** Signing in to the dashboard, and out of it. */
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { addClient } from "../../src/access/clients.ts";
import type { Scope } from "../../src/access/scope.ts";
import { post } from "../outcomes.ts";
import { ask, environment, ORIGIN, withoutD1 } from "../worker.ts";
import { COOKIE, sessionOf, signedIn, submit, withSession } from "./browser.ts";

const KEY = "wxs_dev_test";
const REFUSING: RateLimit = { limit: async () => ({ success: false }) };

const newClient = (...scopes: readonly Scope[]) =>
  addClient(env.DB, { name: "Support", scopes, createdAtMs: Date.now() });

const callWith = (token: string, path = "/v1/retries", around: Env = env) =>
  ask(path, { headers: { Authorization: `Bearer ${token}` } }, around);

/** What the sign-in page does for somebody with this cookie: it leads on who is signed in. */
const isSignedIn = async (token: string, around: Env = env) =>
  (await ask("/app/sign-in", { headers: withSession(token) }, around)).status === 303;

describe("the sign-in page", () => {
  it("signs in with an API key, by a cookie that neither scripts nor other sites get, and leads on", async () => {
    const answer = await submit("/app/sign-in", { key: ` ${KEY} `, next: "/app/messages?email=7" });
    expect(answer.status).toBe(303);
    expect(answer.headers.get("Location")).toBe("/app/messages?email=7");
    expect(answer.headers.get("Cache-Control")).toBe("no-store");
    const cookie = answer.headers.getSetCookie().join();
    expect(cookie).toMatch(new RegExp(`^${COOKIE}=[\\w-]+; Max-Age=43200; Path=/; HttpOnly; Secure; SameSite=Strict$`));
    const token = sessionOf(answer) ?? "";
    expect(await isSignedIn(token)).toBe(true);
    expect((await callWith(token, "/v1/clients")).status).toBe(200);
  });

  it("signs in with a client's id and secret, who then may what the client may", async () => {
    const { id: client, secret } = await newClient("send");
    const token = await signedIn({ client, secret });
    expect((await callWith(token)).status).toBe(200);
    const refused = await callWith(token, "/v1/clients");
    expect(refused.status).toBe(403);
    expect(refused.headers.get("WWW-Authenticate")).toContain('error="insufficient_scope", scope="admin"');
    expect((await callWith(token, "/v1/nothing")).status).toBe(404);
  });

  it("is readable without a script, in a frame of nobody's, and names each field for password managers", async () => {
    const answer = await ask("/app/sign-in?next=/app/messages");
    expect(answer.status).toBe(200);
    expect(answer.headers.get("Content-Security-Policy")).toMatch(/^default-src 'none';.*frame-ancestors 'none'/);
    expect(answer.headers.get("Content-Security-Policy")).not.toContain("unsafe");
    // A browser that sent no referrer would send its own forms with "Origin: null".
    expect(answer.headers.get("Referrer-Policy")).toBe("same-origin");
    const html = await answer.text();
    expect(html).toMatch(/<label for="field-key">.*<input [^>]*id="field-key" [^>]*autocomplete="current-password"/s);
    expect(html).toMatch(/<label for="field-client">.*<input [^>]*id="field-client" [^>]*autocomplete="username"/s);
    expect(html).toContain('name="next" value="/app/messages"');
    expect(html).not.toMatch(/<script(?! type="module" src="\/app\/assets\/)| style=/);
  });

  it.each([
    [{ key: "wxs_not-this-one" }, 403, "key", "This is no API key"],
    [{ key: "" }, 403, "key", "This is no API key"],
    [{ client: "nobody", secret: "wrong-secret" }, 403, "secret", "There is no client"],
    [{ client: "<b>&\"'", secret: "" }, 403, "secret", "There is no client"],
  ])("refuses %j with a sentence at its field", async (fields, status, field, sentence) => {
    vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const answer = await submit("/app/sign-in", { ...fields, next: "/app/emails" });
    vi.restoreAllMocks();
    expect(answer.status).toBe(status);
    expect(sessionOf(answer)).toBeUndefined();
    const html = await answer.text();
    expect(html).toMatch(new RegExp(`id="problem-${field}">${sentence}`));
    expect(html).toMatch(
      new RegExp(`id="field-${field}"[^>]*aria-describedby="[^"]*problem-${field}"[^>]*aria-invalid="true"`),
    );
    expect(html).toContain('name="next" value="/app/emails"');
    expect(html).not.toContain("<b>&");
    // What was tried is a secret, perhaps of another place.
    expect(html).not.toMatch(/not-this-one|wrong-secret/);
  });

  it.each([
    "constructor",
    "__proto__",
    "toString",
  ])("takes %j for no word of its own, as other pages do", async (word) => {
    expect(await (await ask(`/app/sign-in?out=${word}`)).text()).toMatch(/<h1>Sign in<\/h1><section/);
    const answer = await submit("/app/suppressions", { action: word }, withSession(await signedIn()));
    expect(answer.status).toBe(400);
    const { id } = (await post("/v1/webhook-endpoints", { url: "https://hooks.example/" })).body as { id: string };
    const page = await ask(`/app/webhooks/${id}?done=${word}`, { headers: withSession(await signedIn()) });
    expect(page.status).toBe(200);
    expect(await page.text()).not.toContain('class="notice done"');
  });

  it("refuses a form without credentials, another body, and one that is too long", async () => {
    expect((await submit("/app/sign-in", { next: "/app" })).status).toBe(400);
    const headers = { "Content-Type": "application/json", "Sec-Fetch-Site": "same-origin" };
    const json = JSON.stringify({ key: KEY });
    expect((await ask("/app/sign-in", { method: "POST", headers, body: json })).status).toBe(400);
    expect((await submit("/app/sign-in", { key: "k".repeat(20_000) })).status).toBe(413);
    expect((await ask("/app/sign-in", { method: "PUT" })).status).toBe(403);
    expect((await ask("/app/sign-out")).status).toBe(405);
  });

  it("limits attempts by network, and says in the log that one failed, not what was tried", async () => {
    const lines: string[] = [];
    vi.spyOn(console, "warn").mockImplementation((line: string) => void lines.push(line));
    const { id: client, secret } = await newClient("read");
    const from = { "CF-Connecting-IP": "203.0.113.7" };
    const attempts = [{ key: "tried-key" }, { client, secret: "tried-secret" }];
    for (const attempt of attempts) {
      expect((await submit("/app/sign-in", attempt, from)).status).toBe(403);
      const answer = await submit("/app/sign-in", attempt, from, environment({ LOGIN_CALLS: REFUSING }));
      expect(answer.status).toBe(429);
      expect(answer.headers.get("Retry-After")).toBe("60");
      expect(await answer.text()).toContain("too often");
    }
    vi.restoreAllMocks();
    expect(lines.map((line) => JSON.parse(line).reason)).toEqual(["wrong_key", "wrong_secret"]);
    for (const part of ["tried", client, secret]) expect(lines.join()).not.toContain(part);
    // D1 is read for no more guesses than the network may make.
    const guessed = await submit("/app/sign-in", { client, secret }, from, environment({ NETWORK_LOGINS: REFUSING }));
    expect(guessed.status).toBe(429);
  });

  it("gives no session while D1 is out of reach, and says so on a page", async () => {
    const answer = await submit("/app/sign-in", { key: KEY }, {}, withoutD1());
    expect(answer.status).toBe(503);
    expect(sessionOf(answer)).toBeUndefined();
    expect(answer.headers.get("Content-Security-Policy")).toContain("default-src 'none'");
    expect(await answer.text()).toContain("The session could not be stored");
  });

  it.each([
    ["cross-site", 303, "0;url=/app/sign-in?next=%2Fapp%2Fmessages%3Fa%3D1"],
    ["same-site", 303, "0;url=/app/sign-in?next=%2Fapp%2Fmessages%3Fa%3D1"],
    ["same-origin", 303, null],
    ["none", 303, null],
  ])("reached by a %s link, asks again from here, which sends the cookie", async (site, status, refresh) => {
    const headers = { "Sec-Fetch-Site": site };
    const answer = await ask("/app/messages?a=1", { headers });
    expect([answer.status, answer.headers.get("Location")]).toEqual([
      status,
      "/app/sign-in?next=%2Fapp%2Fmessages%3Fa%3D1",
    ]);
    const signIn = await ask(answer.headers.get("Location") ?? "", { headers });
    expect([signIn.status, signIn.headers.get("Refresh")]).toEqual([200, refresh]);
  });

  const ELSEWHERE = [
    ...["//evil.example/app", "/\\evil.example/app", "\\\\evil.example/app", "https://evil.example/app/x"],
    ...["/app/../v1/clients", "/app/%2e%2e/o/x", "/app/..\\x", "/application", "/\t/evil.example/app", ""],
    ...["javascript:alert(1)", "data:text/html,x", "/app/sign-out", "/app/sign-in?next=/app", "//[", "app@evil"],
  ];

  it.each([
    ["/app/emails/7?zone=Europe%2FParis", "/app/emails/7?zone=Europe%2FParis"],
    ["/app/a%2F..%2Fb", "/app/a%2F..%2Fb"],
    ...ELSEWHERE.map((next): [string, string] => [next, "/app"]),
  ])("with next=%s leads to %s", async (next, where) => {
    const { id: client, secret } = await newClient("read");
    const answer = await submit("/app/sign-in", { client, secret, next });
    expect([answer.status, answer.headers.get("Location")]).toEqual([303, where]);
  });

  it.each([
    ["from another site", { Origin: "https://evil.example", "Sec-Fetch-Site": "cross-site" }],
    ["from another host of the same site", { Origin: "https://x.t.example", "Sec-Fetch-Site": "same-site" }],
    ["from a sandboxed frame", { Origin: "null", "Sec-Fetch-Site": "cross-site" }],
    ["from an old browser on another site", { Origin: "https://evil.example" }],
    ["from nowhere", {}],
  ])("does nothing for a form that comes %s", async (_title, headers) => {
    const token = await signedIn();
    for (const path of ["/app/sign-in", "/app/sign-out", "/app/sign-out-everywhere", "/app/whatever", "/app"]) {
      const init = { method: "POST", body: new URLSearchParams({ key: KEY }) };
      const answer = await ask(path, { ...init, headers: { ...headers, ...withSession(token) } });
      expect(answer.status).toBe(403);
      expect(await answer.text()).toContain("nothing was done");
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
    expect(await isSignedIn(token)).toBe(true);
  });

  it("takes the form of an old browser, which names its origin only", async () => {
    const headers = { Origin: ORIGIN };
    const answer = await ask("/app/sign-in", { method: "POST", body: new URLSearchParams({ key: KEY }), headers });
    expect(answer.status).toBe(303);
  });
});

describe("a session", () => {
  it("is over everywhere once it is signed out, its cookie stolen or not", async () => {
    const [token, other] = [await signedIn(), await signedIn()];
    const answer = await submit("/app/sign-out", {}, withSession(token));
    expect([answer.status, answer.headers.get("Location")]).toEqual([303, "/app/sign-in?out=here"]);
    expect(sessionOf(answer)).toBe("");
    expect(await isSignedIn(token)).toBe(false);
    expect(await isSignedIn(other)).toBe(true);
    const refused = await callWith(token);
    expect(refused.status).toBe(401);
    expect(await refused.json()).toMatchObject({ error: { message: "The session is over; sign in again." } });
    expect(await (await ask("/app/sign-in?out=here")).text()).toContain("You are signed out.");
  });

  it("is over with all others of the same key or client, by signing out everywhere", async () => {
    const { id: client, secret } = await newClient("read");
    const [one, two, ofKey] = [
      await signedIn({ client, secret }),
      await signedIn({ client, secret }),
      await signedIn(),
    ];
    await submit("/app/sign-out-everywhere", {}, withSession(one));
    expect([await isSignedIn(one), await isSignedIn(two), await isSignedIn(ofKey)]).toEqual([false, false, true]);
  });

  it("is read once for a page, whatever that asks of /v1, which allows what its scopes do", async () => {
    const { id: client, secret } = await newClient("send");
    let reads = 0;
    const DB = new Proxy(env.DB, {
      get: (real, name: keyof D1Database) => {
        if (name !== "prepare") return real[name].bind(real);
        return (query: string) => {
          if (query.includes('"sessions"')) reads++;
          return real.prepare(query);
        };
      },
    });
    const around = environment({ DB });
    const show = async (token: string) =>
      (await ask("/app/messages?address=a@b.example", { headers: withSession(token) }, around)).status;
    expect(await show(await signedIn())).toBe(200);
    expect(reads).toBe(1);
    expect(await show(await signedIn({ client, secret }))).toBe(403);
  });

  it("that cannot be ended is said to go on", async () => {
    const token = await signedIn();
    const answer = await submit("/app/sign-out", {}, withSession(token), withoutD1());
    expect(answer.status).toBe(503);
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(await isSignedIn(token)).toBe(true);
  });
});

describe("on a developer's machine", () => {
  const local = (path: string, init: RequestInit<IncomingRequestCfProperties> = {}) =>
    ask(path, init, env, "http://localhost:8787");

  it("the cookie needs no HTTPS, and the machine's key is filled in", async () => {
    expect(await (await local("/app/sign-in")).text()).toContain(`value="${KEY}"`);
    const headers = { "Sec-Fetch-Site": "same-origin" };
    const answer = await local("/app/sign-in", { method: "POST", body: new URLSearchParams({ key: KEY }), headers });
    const cookie = answer.headers.getSetCookie().join();
    expect(cookie).toMatch(/^waxseal-session=[\w-]+; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/);
    const [Cookie = ""] = cookie.split(";");
    expect((await local("/app/sign-in", { headers: { Cookie } })).status).toBe(303);
    // By HTTPS that cookie is nobody's.
    expect((await ask("/app/sign-in", { headers: { Cookie } })).status).toBe(200);
  });

  it("and nowhere else: a deployed Worker fills nothing in", async () => {
    const API_KEYS = "wxs_8Kd02nLqP5sXyB7vTfJ3mRcW6hGzE1aUoNiQ4t";
    const TOKEN_KEYS = "1:hvkPMxMzr1C4LCcURIJS-Zt5lPJYfSl2kQDGjtidA_I";
    const deployed = environment({ ENVIRONMENT: "production", API_KEYS, TOKEN_KEYS });
    const html = await (await ask("/app/sign-in", {}, deployed)).text();
    expect(html).not.toContain(API_KEYS);
    expect(html).toContain('id="field-key"');
    const headers = { "Sec-Fetch-Site": "same-origin" };
    const init = { method: "POST", body: new URLSearchParams({ key: API_KEYS }), headers };
    const [cookie = ""] = (await ask("/app/sign-in", init, deployed, "http://t.example")).headers.getSetCookie();
    expect(cookie).toMatch(new RegExp(`^${COOKIE}=.*; Secure;`));
  });
});
