/**
 * Everything that can fail is made to fail, with bindings whose errors quote their arguments: no log line may contain a
 * token, an address, a user agent or a key, not even a part of one.
 */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { knowing } from "../delivery/signed-webhooks.ts";
import { newClient } from "../marketo/marketo.ts";
import { ask } from "../worker.ts";
import {
  ADDRESS,
  API_KEY,
  BEARER,
  broken,
  expectLines,
  expectNoSecretIn,
  keepLines,
  LINK,
  lines,
  MESSAGE,
  partsOf,
  post,
  TOKENS,
  VISIT,
} from "./log-lines.ts";

keepLines();

describe("the log lines of recipients' paths", () => {
  it("are none for tokens that are forged, cut or of another use", async () => {
    for (const path of ["o", "c", "u"]) {
      for (const text of [...Object.values(TOKENS), `${TOKENS.o}x`, TOKENS.c.slice(0, -9), ADDRESS]) {
        for (const method of ["GET", "HEAD", "POST"])
          await ask(`/${path}/${text}?to=${ADDRESS}`, { method, headers: VISIT }, knowing());
      }
    }
    expectLines(0);
  });

  it("hold no secret when no sink takes an open or a click", async () => {
    const around = broken();
    expect((await ask(`/c/${TOKENS.c}`, { headers: VISIT }, around)).headers.get("Location")).toBe(LINK.url);
    expect((await ask(`/o/${TOKENS.o}.gif`, { headers: VISIT }, around)).status).toBe(200);
    expectLines("some");
  });

  it("hold the rows that no sink took, recordable later, without user agent and destination", async () => {
    await ask(`/c/${TOKENS.c}`, { headers: VISIT }, broken());
    const line = lines.map((text) => JSON.parse(text)).find(({ message }) => message === "events not recorded");
    expect(line.failures).toHaveLength(3);
    const [row] = JSON.parse(`[${line.rows.slice(1)}]`);
    const { email, person, campaign } = MESSAGE;
    expect(row.slice(1)).toEqual([
      11,
      expect.any(Number),
      email,
      person,
      campaign,
      null,
      LINK.id,
      null,
      null,
      0,
      null,
      null,
    ]);
  });

  it("hold no secret when an unsubscription is not committed", async () => {
    for (const body of [`why=${ADDRESS}`, "List-Unsubscribe=One-Click", "action=subscribe"]) {
      const form = {
        ...VISIT,
        "Content-Type": "application/x-www-form-urlencoded",
        Referer: `https://x.example/${TOKENS.u}`,
      };
      expect((await post(`/u/${TOKENS.u}`, body, form, broken())).status).toBe(503);
    }
    expect((await ask(`/u/${TOKENS.u}`, { headers: VISIT }, broken())).status).toBe(200);
    expectLines("some");
  });
});

describe("the log lines of the API", () => {
  const mail = {
    email: { id: "7" },
    person: { id: MESSAGE.person, address: ADDRESS },
    campaign: { id: "42" },
    html: "x",
  };
  const eventInput = {
    type: "hard_bounced",
    message: TOKENS.message,
    address: ADDRESS,
    details: `550 <${ADDRESS}> unknown`,
  };
  const calls: readonly (readonly [path: string, body: object | undefined])[] = [
    ["/v1/decorate", mail],
    ["/v1/events", { events: [eventInput, { ...eventInput, type: "sent", details: undefined }] }],
    ["/v1/suppressions/check", { recipients: [{ person: MESSAGE.person }, { address: ADDRESS }] }],
    [`/v1/suppressions/check?address=${encodeURIComponent(ADDRESS)}`, undefined],
    ["/v1/suppressions", { address: ADDRESS, who: ADDRESS, why: TOKENS.message }],
    ["/v1/retries", undefined],
    ["/v1/reports/emails", undefined],
    ["/v1/reports/links?email=7", undefined],
    ["/v1/dead-letters", undefined],
    ["/v1/dead-letters/replay", {}],
    ["/v1/clients", { name: ADDRESS, scopes: ["read"] }],
    ["/v1/clients", undefined],
    ["/v1/people/erase", { address: ADDRESS }],
    [`/v1/people/export?person=${MESSAGE.person}`, undefined],
  ];

  it.each(calls)("hold no secret when %s fails", async (path, body) => {
    const method = path === "/v1/suppressions" ? "DELETE" : "POST";
    const answer = await ask(
      path,
      { headers: BEARER, ...(body === undefined ? {} : { method, body: JSON.stringify(body) }) },
      broken(),
    );
    expect(answer.status).toBeGreaterThanOrEqual(500);
    expectLines("some");
  });

  it("are none for invalid bodies, and one without the key for each that is wrong", async () => {
    const bad = [
      `{"person": ${ADDRESS}`,
      `"${TOKENS.message}"`,
      `{"${ADDRESS}": "${TOKENS.message}"}`,
      TOKENS.message,
      ADDRESS,
    ];
    for (const [method, path] of [
      ["POST", "/v1/decorate"],
      ["POST", "/v1/events"],
      ["POST", "/v1/suppressions/check"],
      ["DELETE", "/v1/suppressions"],
      ["POST", "/v1/clients"],
    ] as const)
      for (const body of bad) expect((await ask(path, { method, body, headers: BEARER }, knowing())).status).toBe(400);
    expectLines(0);
    for (const wrong of [TOKENS.message, `${API_KEY}x`, ADDRESS])
      expect((await post("/v1/events", "{}", { Authorization: `Bearer ${wrong}` }, knowing())).status).toBe(401);
    expect(lines).toHaveLength(3);
    expectLines("some");
  });

  it("hold no secret when Marketo's paths and the tokens for them fail", async () => {
    const { client, token: access } = await newClient("read");
    const query = `access_token=${access}&leadIds=${encodeURIComponent(ADDRESS)}`;
    const around = broken();
    for (const path of [
      "/rest/v1/activities.json",
      "/bulk/v1/activities/export.json",
      "/rest/v1/activities/types.json",
    ])
      await ask(`${path}?${query}`, { headers: VISIT }, around);
    const form = { grant_type: "client_credentials", client_id: client, client_secret: TOKENS.message };
    expect((await ask(`/identity/oauth/token?${new URLSearchParams(form)}`, { headers: VISIT }, around)).status).toBe(
      503,
    );
    expectLines("some");
    for (const part of [...partsOf(access), client]) expect(lines.join("\n")).not.toContain(part);
  });
});

describe("a Worker that is not set up", () => {
  it("names the setting that is wrong, not its value", async () => {
    for (const TOKEN_KEYS of [TOKENS.message, "1:dev:short", `1:${TOKENS.message}`]) {
      const answer = await ask("/healthz", {}, { ...env, TOKEN_KEYS, API_KEYS: "", SES_TOPICS: ADDRESS });
      expect(answer.status).toBe(503);
      const text = await answer.text();
      expectNoSecretIn(text);
      expect(text).toContain("TOKEN_KEYS");
    }
    expectLines(0);
  });
});
