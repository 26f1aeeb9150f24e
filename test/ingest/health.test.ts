import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { ask, environment } from "../worker.ts";

const brokenDatabase = (message: string) =>
  environment({
    DB: {
      prepare: () => ({ bind: () => ({ first: () => Promise.reject(new Error(message)) }) }),
    } as unknown as D1Database,
  });

describe("/healthz", () => {
  it("answers at its path only, not with a trailing slash", async () => {
    const answers = [
      await ask("/healthz"),
      await ask("/healthz/"),
      await ask("/v1/retries/", { headers: { Authorization: "Bearer wxs_dev_test" } }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 404, 404]);
  });

  it("says ok while the log can be reached", async () => {
    const answer = await ask("/healthz");
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({
      ok: true,
      parts: { d1: "ok", outbox: "ok" },
      waiting: 0,
      deadLetters: 0,
    });
  });

  it("names D1 when it is out of reach", async () => {
    const answer = await ask("/healthz", {}, brokenDatabase("D1_ERROR: Network connection lost"));
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ ok: false, parts: { d1: "out of reach", outbox: "ok" } });
  });

  it("says what to do when the migrations were not applied", async () => {
    const answer = await ask("/healthz", {}, brokenDatabase("D1_ERROR: no such table: events"));
    expect(answer.status).toBe(503);
    expect(await answer.text()).toContain("migrations apply");
  });
});

describe("a deploy that is not set up", () => {
  const production = { ENVIRONMENT: "production" };
  it.each([
    ["no token keys", { ...production, TOKEN_KEYS: "" }, "waxseal keys new"],
    ["development token keys", { ...production, API_KEYS: "wxs_real" }, "wrangler secret put TOKEN_KEYS"],
    ["a development API key", { ...production }, "wrangler secret put API_KEYS"],
    ["no API key", { API_KEYS: "" }, "waxseal keys api"],
    ["an invalid colour", { SENDER_COLOR: "red;}" }, "SENDER_COLOR"],
    ["an unknown environment", { ENVIRONMENT: "staging" }, "ENVIRONMENT"],
    ["retries that end too early", { RETRY_HOURS: "1 4 12" }, "RETRY_HOURS"],
    ["retries out of order", { RETRY_HOURS: "4 1 24" }, "RETRY_HOURS"],
    ["retries that are not hours", { RETRY_HOURS: "soon" }, "RETRY_HOURS"],
    ["a retry webhook without its secret", { RETRY_WEBHOOK_URL: "https://s.example/" }, "keys webhook"],
    [
      "a secret that is not base64",
      { RETRY_WEBHOOK_URL: "https://s.example/", RETRY_WEBHOOK_SECRET: `whsec_${"A".repeat(33)}` },
      "RETRY_WEBHOOK_SECRET",
    ],
    ["an invalid topic", { SES_TOPICS: "ses-events" }, "SES_TOPICS"],
    ["a bounce address with a tag", { BOUNCE_ADDRESS: "a+b@c.example" }, "BOUNCE_ADDRESS"],
    ["a tracking origin with a path", { TRACKING_ORIGIN: "https://t.example/x" }, "TRACKING_ORIGIN"],
  ])("refuses to serve with %s, and says what to do", async (_what, settings, words) => {
    for (const path of ["/healthz", "/v1/decorate", "/c/x", "/u/x", "/"]) {
      const answer = await ask(path, {}, environment(settings));
      expect(answer.status).toBe(503);
      expect(await answer.text()).toContain(words);
    }
  });

  it("still answers the pixel with a GIF", async () => {
    const answer = await ask("/o/x.gif", {}, environment({ ENVIRONMENT: "production" }));
    expect(answer.status).toBe(200);
    expect(answer.headers.get("Content-Type")).toBe("image/gif");
  });

  it("never shows a secret in its answer", async () => {
    const answer = await ask("/", {}, environment({ ENVIRONMENT: "production" }));
    const words = await answer.text();
    for (const secret of `${env.TOKEN_KEYS},${env.API_KEYS}`.split(/[,:]/)) {
      if (secret.length > 3) expect(words).not.toContain(secret);
    }
  });

  it("shows no preview in production", async () => {
    const keys = { TOKEN_KEYS: "1:AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI", API_KEYS: "wxs_real" };
    const answer = await ask("/", {}, environment({ ENVIRONMENT: "production", ...keys }));
    expect(answer.status).toBe(404);
  });
});
