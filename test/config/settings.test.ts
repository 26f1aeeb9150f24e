/** A wrong setting refuses only what needs it, and is named. */
import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { settingsOf } from "../../src/config/settings.ts";
import { OUTBOX_NAME } from "../../src/ingest/record.ts";
import { ask, environment, logOf, newMessage, token } from "../worker.ts";

const KEY = { Authorization: "Bearer wxs_dev_test" };
const MAIL = JSON.stringify({ email: { id: 7 }, person: { id: 1 }, campaign: { id: 42 }, text: "Hello" });
const STRONG_KEYS = {
  ENVIRONMENT: "production",
  TOKEN_KEYS: "1:Iuy4o_jRCJUShlqBSxFi2VKCvqFAWyAYMPVb8bnas4c",
  API_KEYS: "wxs_0123456789abcdefghijklmnopqrstuv",
};

const logged: string[] = [];
beforeEach(() => {
  logged.length = 0;
  vi.spyOn(console, "error").mockImplementation((line: string) => void logged.push(line));
});
afterEach(() => {
  vi.restoreAllMocks();
});

const refusedBy = (settings: Partial<Env>): string[] => {
  const read = settingsOf(environment(settings));
  return read.ok ? read.value.refused.map(({ name }) => name) : ["everything"];
};

const WRONG: readonly (readonly [name: string, settings: Partial<Env>])[] = [
  ["RETENTION_DAYS", { RETENTION_DAYS: "4OO" }],
  ["SENDER_COLOR", { SENDER_COLOR: "red;}" }],
  ["SENDER_NAME", { SENDER_NAME: "x".repeat(201) }],
  ["ENVIRONMENT", { ...STRONG_KEYS, ENVIRONMENT: "staging" }],
  ["RETRY_HOURS", { RETRY_HOURS: "1 4 12" }],
  ["RETRY_HOURS", { RETRY_HOURS: "4 1 24" }],
  ["RETRY_HOURS", { RETRY_HOURS: "soon" }],
  ["ALERT_WEBHOOK", { ALERT_WEBHOOK: "hooks.example" }],
  ["ALERT_WEBHOOK_SECRET", { ALERT_WEBHOOK_SECRET: `whsec_${"A".repeat(32)}` }],
  ["API_KEYS", { API_KEYS: "abcdefghij".repeat(4) }],
  ["ALERT_WEBHOOK", { ALERT_WEBHOOK: "ftp://hooks.example/" }],
  ["ALERT_WEBHOOK", { ...STRONG_KEYS, ENVIRONMENT: "production", ALERT_WEBHOOK: "http://hooks.example/" }],
  ["MAILGUN_SIGNING_KEY", { MAILGUN_SIGNING_KEY: "a" }],
  ["MAILGUN_SIGNING_KEY", { MAILGUN_SIGNING_KEY: "0".repeat(32) }],
  ["POSTMARK_CREDENTIALS", { POSTMARK_CREDENTIALS: "postmark:secret" }],
  ["POSTMARK_CREDENTIALS", { POSTMARK_CREDENTIALS: `a-long-name-of-a-user:${"x".repeat(20)}` }],
  ["RESEND_SECRET", { RESEND_SECRET: `whsec_${"A".repeat(32)}` }],
  ["SES_TOPICS", { SES_TOPICS: "ses-events" }],
  ["SES_TOPICS", { SES_TOPICS: "arn:aws-iso:sns:us-iso-east-1:123456789012:ses-events" }],
  ["BOUNCE_ADDRESS", { BOUNCE_ADDRESS: "a+b@c.example" }],
  ["TRACKING_ORIGIN", { TRACKING_ORIGIN: "https://t.example/x" }],
  ["TRACKING_ORIGINS", { TRACKING_ORIGINS: "https://t.example" }],
  ["TRACKING_ORIGINS", { TRACKING_ORIGINS: '{"https://t.example/": {"name": "A"}}' }],
  ["TRACKING_ORIGINS", { TRACKING_ORIGINS: '{"https://t.example": {"name": "A", "color": "red;}"}}' }],
  ["TRACKING_ORIGINS", { TRACKING_ORIGINS: '{"https://t.example": "A"}' }],
  ["OPENS_PER", { OPENS_PER: "mail" }],
  ["BOTS_BY_HEAD", { BOTS_BY_HEAD: "maybe" }],
  ["PRIVACY_SIGNALS", { PRIVACY_SIGNALS: "dropp" }],
  ["CLIENT_IP", { CLIENT_IP: "whoel" }],
  ["MARKETO_HOLD_SECONDS", { MARKETO_HOLD_SECONDS: "3601" }],
  ["MARKETO_TOKEN_IN_QUERY", { MARKETO_TOKEN_IN_QUERY: "yes" }],
  ["ACCESS_TEAM_DOMAIN", { ACCESS_TEAM_DOMAIN: "acme.cloudflareaccess.com" }],
  ["ACCESS_TEAM_DOMAIN", { ACCESS_TEAM_DOMAIN: "https://acme.cloudflareaccess.com/", ACCESS_AUDIENCE: "a" }],
  ["ACCESS_TEAM_DOMAIN", { ACCESS_TEAM_DOMAIN: "acme team", ACCESS_AUDIENCE: "a" }],
  ["ACCESS_TEAM_DOMAIN", { ...STRONG_KEYS, ACCESS_TEAM_DOMAIN: "http://acme.example", ACCESS_AUDIENCE: "a" }],
  ["ACCESS_AUDIENCE", { ACCESS_AUDIENCE: "a" }],
  ["ACCESS_SCOPES", { ACCESS_SCOPES: "read,wirte" }],
  ["ACCESS_SCOPES", { ACCESS_SCOPES: "ana@example.com" }],
  ["ACCESS_SCOPES", { ACCESS_SCOPES: "ana=read" }],
  ["ACCESS_SCOPES", { ACCESS_SCOPES: "none,read" }],
  ["API_KEYS", { API_KEYS: "" }],
  ["API_KEYS", { API_KEYS: "a" }],
  ["API_KEYS", { API_KEYS: "a".repeat(40) }],
  ["API_KEYS", { ...STRONG_KEYS, API_KEYS: "wxs_dev_test" }],
];

describe.each(WRONG)("a wrong %s: %j", (name, settings) => {
  it("is named by /healthz, which answers 200, and once in the Worker's log", async () => {
    const fresh = environment(settings);
    for (let time = 0; time < 2; time++) {
      const answer = await ask("/healthz", {}, fresh);
      expect(answer.status).toBe(200);
      const { settings: refused } = await answer.json<{ settings: { name: string; problem: string }[] }>();
      expect(refused.map((each) => each.name)).toContain(name);
      expect(refused.find((each) => each.name === name)?.problem).toContain(name);
    }
    expect(logged.filter((line) => line.includes(`"name":"${name}"`))).toHaveLength(1);
  });
});

/** The outbox has the right setting, and is empty for other tests. */
async function recordHeldOpen(person: string): Promise<void> {
  const outbox = env.OUTBOX.getByName(OUTBOX_NAME);
  await vi.waitFor(async () => {
    await runDurableObjectAlarm(outbox);
    expect((await logOf(person)).some(({ type }) => type === 10)).toBe(true);
  });
}

/** Those of a Worker that has the keys of these tests' tokens. */
const SIGNED = WRONG.filter(([, settings]) => settings.TOKEN_KEYS === undefined);

describe("a click, an open and an unsubscription", () => {
  it.each(SIGNED)("are not stopped by a wrong %s: %j", async (name, settings) => {
    const around = environment(settings);
    const message = newMessage();
    const link = { id: "l", url: "https://shop.example/" };
    expect((await ask(`/c/${token("click", { ...message, link })}`, {}, around)).status).toBe(302);
    expect((await ask(`/o/${token("open", message)}.gif`, {}, around)).status).toBe(200);
    expect((await ask(`/u/${token("unsubscribe", message)}`, { method: "POST" }, around)).status).toBe(200);
    expect((await logOf(message.person)).some(({ type }) => type === 9)).toBe(true);
    if (name === "OPENS_PER") await recordHeldOpen(message.person);
  });
});

describe("what needs a wrong setting", () => {
  it.each([
    ["TRACKING_ORIGIN", { TRACKING_ORIGIN: "https://t.example/x" }],
    ["BOUNCE_ADDRESS", { BOUNCE_ADDRESS: "a+b@c.example" }],
  ])("is refused: decorating, with %s", async (name, settings) => {
    const answer = await ask("/v1/decorate", { method: "POST", headers: KEY, body: MAIL }, environment(settings));
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({
      error: { code: "not_set_up", message: expect.stringContaining(name) },
    });
  });

  it("is refused: a report, with a wrong way to find bots", async () => {
    const answer = await ask("/v1/reports/emails", { headers: KEY }, environment({ BOTS_BY_HEAD: "maybe" }));
    expect(answer.status).toBe(503);
    expect(await answer.text()).toContain("BOTS_BY_HEAD");
  });

  it("is refused: /v1 without API keys, which says how to make one", async () => {
    const answer = await ask(
      "/v1/decorate",
      { method: "POST", headers: KEY, body: MAIL },
      environment({ API_KEYS: "" }),
    );
    expect(answer.status).toBe(503);
    expect(await answer.text()).toContain("npx waxseal keys api");
  });

  it("is stricter than the default where the setting protects people", () => {
    const settings = settingsOf(environment({ PRIVACY_SIGNALS: "dropp", CLIENT_IP: "whoel" }));
    expect(settings).toMatchObject({ value: { privacySignals: "drop", clientIp: "none" } });
  });
});

describe("settings that are right", () => {
  it("are not refused", () => {
    expect(refusedBy({})).toEqual([]);
    expect(refusedBy(STRONG_KEYS)).toEqual([]);
    expect(refusedBy({ API_KEYS: `${STRONG_KEYS.API_KEYS} wxs_dev_test` })).toEqual([]);
  });
});

describe("token keys", () => {
  it.each([
    ["are missing", ""],
    ["are zeros", `1:${"A".repeat(43)}`],
    ["are one letter", `2:${"Z".repeat(42)}Y`],
  ])("that %s refuse everything", (_what, TOKEN_KEYS) => {
    expect(refusedBy({ TOKEN_KEYS })).toEqual(["everything"]);
  });
});
