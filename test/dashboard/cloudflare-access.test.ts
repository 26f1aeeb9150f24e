/** Users of Cloudflare Access on the dashboard, by the assertion that Access adds to their requests. */
import { env } from "cloudflare:workers";
import { exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from "jose";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { verifyAssertion } from "../../src/access/cloudflare-access.ts";
import { accessSession, findSession } from "../../src/access/sessions.ts";
import { ask, environment, withoutD1 } from "../worker.ts";
import { sessionOf, signedIn, submit, withSession } from "./browser.ts";

const TEAM = "https://acme.cloudflareaccess.com";
const AUDIENCE = "32eafc7626e974616deaf0dc3ce63d7bcbed58a2731e84d06bc3cdf1b53c4228";
const OTHER_AUDIENCE = "97e2aae120121f902df8bc99fc345913ab186d174f3079ea729236766b2e7c4a";
const NOW_S = Math.floor(Date.now() / 1000);

const pair = await generateKeyPair("RS256", { extractable: true });
const before = await generateKeyPair("RS256", { extractable: true });
const stranger = await generateKeyPair("RS256", { extractable: true });

/** As Access publishes them: the key that signs, and the one before it. */
async function certificates() {
  const keys = [];
  for (const [kid, { publicKey }] of Object.entries({ now: pair, before })) {
    keys.push({ kid, alg: "RS256", use: "sig", ...(await exportJWK(publicKey)) });
  }
  return { keys, public_cert: { kid: "now", cert: await exportSPKI(pair.publicKey) } };
}

/** The payload of an application token, as Cloudflare's documentation has it. */
const payloadOf = (claims: Record<string, unknown> = {}): JWTPayload => ({
  aud: [AUDIENCE],
  email: "Ana@Example.com",
  exp: NOW_S + 3_600,
  iat: NOW_S - 60,
  nbf: NOW_S - 60,
  iss: TEAM,
  type: "app",
  identity_nonce: "6ei69kawdKzMIAPF",
  sub: crypto.randomUUID(),
  country: "US",
  ...claims,
});

type PrivateKey = Parameters<SignJWT["sign"]>[0];
const assertionOf = (
  claims: Record<string, unknown> = {},
  key: PrivateKey = pair.privateKey,
  header = { alg: "RS256", kid: "now" },
) => new SignJWT(payloadOf(claims)).setProtectedHeader({ ...header, typ: "JWT" }).sign(key);

/** Requests for the team's keys. */
let asked: string[] = [];
let answerKeys: () => Promise<Response> = async () => Response.json(await certificates());

beforeEach(() => {
  asked = [];
  answerKeys = async () => Response.json(await certificates());
  vi.stubGlobal("fetch", async (url: string | URL | Request) => {
    asked.push(String(url));
    return await answerKeys();
  });
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
  vi.spyOn(console, "error").mockImplementation(() => undefined);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** A Worker behind Access, whose keys nobody has asked for yet. */
const behindAccess = (more: Partial<Env> = {}) =>
  environment({ ACCESS_TEAM_DOMAIN: "acme.cloudflareaccess.com", ACCESS_AUDIENCE: AUDIENCE, ...more });

const visit = (assertion: string, around: Env, path = "/app/sign-in", more: Record<string, string> = {}) =>
  ask(path, { headers: { "Cf-Access-Jwt-Assertion": assertion, ...more } }, around);

const sessionCount = (around: Env) => around.DB.prepare("SELECT count(*) AS count FROM sessions").first("count");

const RS = (kid: string) => ({ alg: "RS256", kid });
const HS = (alg: string) => ({ alg, kid: "now" });

/** A genuine assertion with other claims under its signature. */
function changed(assertion: string, claims: Record<string, unknown>): string {
  const [header, payload = "", signature] = assertion.split(".");
  const text = JSON.stringify({ ...JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/"))), ...claims });
  const encoded = btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  return [header, encoded, signature].join(".");
}

const spki = await exportSPKI(pair.publicKey);
const hmac = (text: string) => new TextEncoder().encode(text);
const expired = { iat: NOW_S - 7_200, exp: NOW_S - 1 };
/** Assertions that are refused, and what the page says of them. */
const WRONG: readonly (readonly [string, () => Promise<string>, string])[] = [
  ["signed by a stranger under the team's key id", () => assertionOf({}, stranger.privateKey), "not signed"],
  ["of a key that the team does not publish", () => assertionOf({}, stranger.privateKey, RS("other")), "not signed"],
  ["signed by HMAC with the public key", () => assertionOf({}, hmac(spki), HS("HS256")), "not signed"],
  ["signed by HMAC with the key's text", () => assertionOf({}, hmac(spki.trim()), HS("HS512")), "not signed"],
  ["without a signature", async () => new UnsecuredJWT(payloadOf()).encode(), "not signed"],
  ["cut", async () => (await assertionOf()).slice(0, -8), "not signed"],
  ["changed", async () => changed(await assertionOf(), { email: "boss@example.com" }), "not signed"],
  ["that is no JWT", async () => "ana@example.com", "not signed"],
  ["that is longer than any", async () => `${await assertionOf()}${"A".repeat(17_000)}`, "not signed"],
  ["of another team", () => assertionOf({ iss: "https://evil.cloudflareaccess.com" }), "another application"],
  ["for another application", () => assertionOf({ aud: [OTHER_AUDIENCE] }), "another application"],
  ["for no application", () => assertionOf({ aud: [] }), "another application"],
  ["that has expired", () => assertionOf(expired), "has expired"],
  ["that never expires", () => assertionOf({ exp: undefined }), "another application"],
  ["that does not say when it was issued", () => assertionOf({ iat: undefined }), "another application"],
  ["that is not valid yet", () => assertionOf({ nbf: NOW_S + 600 }), "another application"],
  ["of a service token", () => assertionOf({ email: undefined, common_name: "x.access" }), "service token"],
  ["whose address is none", () => assertionOf({ email: ["ana@example.com"] }), "service token"],
];

describe("a user of Cloudflare Access", () => {
  it("is signed in by the assertion alone, once, and sees who is signed in", async () => {
    const around = behindAccess();
    const [count, assertion] = [Number(await sessionCount(around)), await assertionOf()];
    for (let time = 0; time < 3; time++) {
      const answer = await visit(assertion, around, "/app/sign-in?next=/app/messages");
      expect([answer.status, answer.headers.get("Location")]).toEqual([303, "/app/messages"]);
      expect(sessionOf(answer)).toBeUndefined();
    }
    expect(await (await visit(assertion, around, "/app/nothing")).text()).toContain("ana@example.com");
    expect(await sessionCount(around)).toBe(count + 1);
    expect(asked).toEqual([`${TEAM}/cdn-cgi/access/certs`]);
  });

  it.each([
    ["with the key before, while the team publishes it", {}, before.privateKey, "before"],
    ["for one of several applications", { aud: ["another", AUDIENCE] }, pair.privateKey, "now"],
    ["for a second application before this Worker", { aud: [OTHER_AUDIENCE] }, pair.privateKey, "now"],
  ])("may have an assertion %s", async (_title, claims, key, kid) => {
    const around = behindAccess({ ACCESS_AUDIENCE: `${AUDIENCE} ${OTHER_AUDIENCE}`, ACCESS_TEAM_DOMAIN: TEAM });
    expect((await visit(await assertionOf(claims, key, { alg: "RS256", kid }), around)).status).toBe(303);
  });

  it("is nobody with an assertion that is not Access's for this Worker, and the page says why", async () => {
    const around = behindAccess();
    const seen: [string, number, boolean, string | null][] = [];
    for (const [title, make, why] of WRONG) {
      const assertion = await make();
      const answer = await visit(assertion, around);
      const page = await visit(assertion, around, "/app/messages");
      seen.push([title, answer.status, (await answer.text()).includes(why), page.headers.get("Location")]);
    }
    expect(seen).toEqual(WRONG.map(([title]) => [title, 200, true, "/app/sign-in?next=%2Fapp%2Fmessages"]));
    // Unknown key ids do not make the Worker ask again and again.
    expect(asked).toHaveLength(1);
  });

  it("with an assertion that Access could not have signed makes the Worker ask for no keys", async () => {
    for (const [title, make] of WRONG.filter(([title]) => /HMAC|without|no JWT|longer/.test(title))) {
      await visit(await make(), behindAccess());
      expect([title, ...asked]).toEqual([title]);
    }
  });

  it("has no session any more once Access is no longer set up", async () => {
    const around = behindAccess();
    const assertion = await assertionOf();
    const user = await verifyAssertion(around, assertion);
    if (!user.ok) throw new Error(user.reason);
    const session = await accessSession(around, assertion, user.value, Date.now());
    if (!session.ok) throw new Error(session.reason);
    const { token } = session.value;
    expect(await findSession(around, token, Date.now())).toMatchObject({ ok: true, value: { kind: "access" } });
    expect(await findSession(environment(), token, Date.now())).toEqual({ ok: false, reason: "over" });
    expect(await findSession(around, token, user.value.expiresAtMs)).toEqual({ ok: false, reason: "expired" });
  });

  it("counts for nothing where Access is not set up", async () => {
    expect((await visit(await assertionOf(), environment())).status).toBe(200);
    expect(asked).toEqual([]);
  });

  it.each([
    ["read", "ana@example.com", "read"],
    ["", "ana@example.com", "read"],
    ["none ana@example.com=admin", "ANA@example.com", "admin"],
    ["none ana@example.com=admin", "bo@example.com", ""],
    ["none ana@example.com=admin", "banana@example.com", ""],
    ["read @example.com=pii,send bo@example.com=admin", "ana@example.com", "read pii send"],
    ["read @example.com=pii", "ana@example.com.evil.example", "read"],
    ["read @example.com=pii", "ana@sub.example.com", "read"],
    ["raed", "ana@example.com", ""],
  ])("may with ACCESS_SCOPES %j, as %s, do: %s", async (ACCESS_SCOPES, email, scopes) => {
    const around = behindAccess({ ACCESS_SCOPES });
    const assertion = await assertionOf({ email });
    const statuses: Record<string, string> = {
      read: "/app/messages",
      send: "/app/suppressions",
      admin: "/app/webhooks",
    };
    const html = await (await visit(assertion, around, "/app/nothing")).text();
    const words = scopes.split(" ");
    for (const [scope, path] of Object.entries(statuses)) {
      const may = words.includes(scope) || words.includes("admin");
      expect([scope, html.includes(`href="${path}"`)]).toEqual([scope, may]);
    }
  });

  it("is signed out with this assertion, here or everywhere, and told how to sign in again", async () => {
    const around = behindAccess();
    const [one, two, other] = [
      await assertionOf(),
      await assertionOf(),
      await assertionOf({ email: "bo@example.com" }),
    ];
    for (const assertion of [one, two, other]) expect((await visit(assertion, around)).status).toBe(303);
    const signOut = (path: string, assertion: string) =>
      submit(path, {}, { "Cf-Access-Jwt-Assertion": assertion }, around);
    expect((await signOut("/app/sign-out", one)).status).toBe(303);
    const html = await (await visit(one, around)).text();
    expect(html).toContain('href="/cdn-cgi/access/logout"');
    expect((await visit(two, around)).status).toBe(303);
    await signOut("/app/sign-out-everywhere", two);
    expect((await visit(two, around)).status).toBe(200);
    expect((await visit(other, around)).status).toBe(303);
  });

  it("that signs out everywhere is signed out with every assertion issued until then, seen or not", async () => {
    const around = behindAccess();
    const ofCy = (iatS: number) => assertionOf({ email: "cy@example.com", iat: iatS });
    const [here, unseen] = [await ofCy(NOW_S - 60), await ofCy(NOW_S - 120)];
    expect((await visit(here, around)).status).toBe(303);
    const signOut = () => submit("/app/sign-out-everywhere", {}, { "Cf-Access-Jwt-Assertion": here }, around);
    expect((await signOut()).status).toBe(303);
    for (let time = 0; time < 2; time++) expect((await visit(unseen, around)).status).toBe(200);
    expect(await (await visit(unseen, around)).text()).toContain('href="/cdn-cgi/access/logout"');
    // What Access issues after it is a new sign-in; another user's old assertion is none of Cy's.
    const signedOutAt = env.DB.prepare("SELECT at FROM access_sign_outs WHERE address = 'cy@example.com'");
    const afterS = Math.ceil(((await signedOutAt.first<number>("at")) ?? 0) / 1000);
    expect((await visit(await ofCy(afterS + 1), around)).status).toBe(303);
    expect((await visit(await assertionOf({ email: "di@example.com" }), around)).status).toBe(303);
  });

  it("that is an operator, too, signs in with a key, and is the user again after signing out", async () => {
    const around = behindAccess();
    const assertion = await assertionOf({ email: "eli@example.com" });
    const header = { "Cf-Access-Jwt-Assertion": assertion };
    expect(await (await ask("/app/sign-in", {}, around)).text()).toContain("<b>acme.cloudflareaccess.com</b>");
    const answer = await submit("/app/sign-in", { key: "wxs_dev_test" }, header, around);
    const token = sessionOf(answer) ?? "";
    const shown = async (more: Record<string, string>) => await (await visit(assertion, around, "/app/x", more)).text();
    expect(await shown(withSession(token))).toContain("API key");
    await submit("/app/sign-out", {}, { ...header, ...withSession(token) }, around);
    expect(await shown(withSession(token))).toContain("eli@example.com");
  });

  it("reads whose sessions a button ends, and with a key's session, too, ends both and is told so", async () => {
    const around = behindAccess();
    const assertion = await assertionOf({ email: "fay@example.com" });
    const header = { "Cf-Access-Jwt-Assertion": assertion };
    const shown = async (more: Record<string, string>) => await (await visit(assertion, around, "/app/x", more)).text();
    expect(await shown({})).toContain("End all sessions of this user");
    const [token, otherToken] = [await signedIn(), await signedIn()];
    const both = { ...header, ...withSession(token) };
    expect(await shown(both)).toContain("End all sessions of this API key and of your user of Cloudflare Access");
    const answer = await submit("/app/sign-out-everywhere", {}, both, around);
    const page = await visit(assertion, around, answer.headers.get("Location") ?? "");
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining("here and everywhere else")]);
    const ofKey = await ask("/app/x", { headers: withSession(otherToken) }, around);
    expect(ofKey.headers.get("Location")).toContain("/app/sign-in");
  });

  it("reads a page that says so while the team's keys are out of reach; who has a cookie does not notice", async () => {
    const around = behindAccess();
    answerKeys = async () => {
      throw new TypeError("network connection lost");
    };
    const assertion = await assertionOf();
    for (const path of ["/app/messages", "/app/sign-in"]) {
      const answer = await visit(assertion, around, path);
      expect(answer.status).toBe(503);
      expect(answer.headers.get("Retry-After")).toBe("5");
      expect(answer.headers.get("Content-Type")).toContain("text/html");
      expect(await answer.text()).toContain("The keys of Cloudflare Access are out of reach");
    }
    // Nobody waits for them a second time within seconds.
    expect(asked).toHaveLength(1);
    expect((await visit(assertion, around, "/app/sign-in", withSession(await signedIn()))).status).toBe(303);
    for (const answer of [new Response("x", { status: 500 }), new Response("<html>"), Response.json({ keys: 1 })]) {
      answerKeys = async () => answer;
      expect((await visit(assertion, behindAccess())).status).toBe(503);
    }
    const d1 = { ...withoutD1(), ACCESS_TEAM_DOMAIN: TEAM, ACCESS_AUDIENCE: AUDIENCE };
    answerKeys = async () => Response.json(await certificates());
    expect((await visit(assertion, d1)).status).toBe(503);
    expect(env.ACCESS_TEAM_DOMAIN).toBe("");
  });
});
