import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { upsertRecipient } from "../../src/suppressions/recipients.ts";
import type { Message } from "../../src/tokens/claims.ts";
import { ask, environment, logOf, newMessage, token } from "../worker.ts";

const path = (message: Message) => `/u/${token("unsubscribe", message)}`;
const submit = (message: Message, fields: Record<string, string>) =>
  ask(path(message), {
    method: "POST",
    body: new URLSearchParams(fields),
    headers: { "User-Agent": "Firefox", "CF-Connecting-IP": "203.0.113.9", Referer: "https://mail.example/" },
  });
const suppressionRows = async (...subjects: string[]) => {
  const { results } = await env.DB.prepare(
    `SELECT subject, reason, cause FROM suppressions
    WHERE subject IN (SELECT value FROM json_each(?)) ORDER BY subject`,
  )
    .bind(JSON.stringify(subjects))
    .all();
  return results;
};
const storeAddress = (message: Message, address: string) =>
  upsertRecipient(env.DB, { email: { id: "7" }, campaign: { id: "42" }, person: { id: message.person, address } }, 0);

/** A database that is down. */
const noDatabase = environment({
  DB: {
    ...env.DB,
    prepare: () => {
      throw new Error("D1_ERROR: overloaded");
    },
  } as unknown as D1Database,
});

describe("the unsubscribe page", () => {
  it("shows the address, masked, and a form; and unsubscribes nobody, however often it is loaded", async () => {
    const message = newMessage();
    await storeAddress(message, "Marie.Dupont@Lavande.example");
    for (let load = 0; load < 2; load++) {
      const answer = await ask(path(message));
      const html = await answer.text();
      expect(answer.status).toBe(200);
      expect(html).toContain('method="post"');
      expect(html).not.toMatch(/marie\.dupont|lavande\.example/i);
      expect(answer.headers.get("Content-Security-Policy")).toContain("default-src 'none'");
      expect(answer.headers.get("Cache-Control")).toBe("no-store");
    }
    expect(await logOf(message.person)).toEqual([]);
    expect(await suppressionRows(`person:${message.person}`, "address:marie.dupont@lavande.example")).toEqual([]);
  });

  it("names the sender as text, whatever characters are in the name", async () => {
    const answer = await ask(path(newMessage()), {}, environment({ SENDER_NAME: '<b>"Tom" & Co</b>' }));
    const html = await answer.text();
    expect(html).toContain("&lt;b&gt;");
    expect(html).not.toContain("<b>");
  });

  it("is still there without a database, only without the address", async () => {
    const answer = await ask(path(newMessage()), {}, noDatabase);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('method="post"');
  });

  it("answers HEAD with the headers of GET", async () => {
    const message = newMessage();
    const answer = await ask(path(message), { method: "HEAD" });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("Content-Type")).toMatch(/^text\/html/);
    expect(await answer.text()).toBe("");
  });
});

describe("submitting the form", () => {
  it("logs Unsubscribed with what the request carried, and suppresses person and address together", async () => {
    const message = newMessage();
    await storeAddress(message, `${message.person}@Lavande.example `);
    const answer = await submit(message, { action: "unsubscribe", why: "too many" });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('value="subscribe"');
    const log = await logOf(message.person);
    expect(log).toMatchObject([{ type: 9, user_agent: "Firefox" }]);
    expect(JSON.parse(log[0]?.detail ?? "")).toEqual({
      cause: "form",
      clientIp: "203.0.113.0",
      referrer: "https://mail.example/",
      formFields: { why: "too many" },
    });
    const address = `address:${message.person}@lavande.example`;
    expect(await suppressionRows(`person:${message.person}`, address)).toEqual([
      { subject: address, reason: "unsubscribed", cause: "form" },
      { subject: `person:${message.person}`, reason: "unsubscribed", cause: "form" },
    ]);
  });

  it.each([
    ["cut", "203.0.113.9", "203.0.113.0"],
    ["cut", "2001:db8:1:2::3", "2001:db8:1::"],
    ["cut", "::ffff:203.0.113.9", "203.0.113.0"],
    ["cut", "not an address", undefined],
    ["cut", "", undefined],
    ["whole", "203.0.113.9", "203.0.113.9"],
    ["none", "203.0.113.9", undefined],
  ])("with CLIENT_IP %s stores of %s %s, by form, by mail client and when undone", async (kept, ip, stored) => {
    const message = newMessage();
    for (const body of ["List-Unsubscribe=One-Click", "action=subscribe", "action=unsubscribe"]) {
      const form = { method: "POST", body: new URLSearchParams(body), headers: { "CF-Connecting-IP": ip } };
      expect((await ask(path(message), form, environment({ CLIENT_IP: kept }))).status).toBe(200);
    }
    const log = await logOf(message.person);
    expect(log.map(({ type }) => type)).toEqual([100_001, 9]);
    for (const { detail } of log) expect(JSON.parse(detail ?? "").clientIp).toBe(stored);
  });

  it("shows the same page again when repeated, and logs nothing more", async () => {
    const message = newMessage();
    const pages = [];
    for (let submits = 0; submits < 3; submits++) pages.push(await (await submit(message, {})).text());
    expect(new Set(pages).size).toBe(1);
    expect(await logOf(message.person)).toHaveLength(1);
  });

  it("logs one Unsubscribed when twenty submits race", async () => {
    const message = newMessage();
    const answers = await Promise.all(Array.from({ length: 20 }, () => submit(message, {})));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(await logOf(message.person)).toHaveLength(1);
  });

  it("subscribes again, logs it, and unsubscribes again", async () => {
    const message = newMessage();
    await storeAddress(message, `${message.person}@lavande.example`);
    await submit(message, { action: "unsubscribe" });
    const back = await submit(message, { action: "subscribe" });
    expect(back.status).toBe(200);
    expect(await suppressionRows(`person:${message.person}`, `address:${message.person}@lavande.example`)).toEqual([]);
    await submit(message, { action: "subscribe" });
    expect((await logOf(message.person)).map(({ type }) => type)).toEqual([9, 100_001]);
    await submit(message, { action: "unsubscribe" });
    expect((await logOf(message.person)).map(({ type }) => type)).toEqual([100_001, 9]);
  });

  it("belongs to the address: another person with it is suppressed, and is subscribed again with it", async () => {
    const [one, two] = [newMessage(), newMessage()];
    const address = `shared-${one.person}@lavande.example`;
    await storeAddress(one, address);
    await storeAddress(two, address);
    await submit(one, {});
    await storeAddress(two, address);
    const subjects = [`person:${one.person}`, `person:${two.person}`, `address:${address}`];
    expect(await suppressionRows(...subjects)).toHaveLength(3);
    await submit(one, { action: "subscribe" });
    expect(await suppressionRows(...subjects)).toEqual([]);
  });

  it("passes to an address that becomes known afterwards, and outlives the person's record", async () => {
    const message = newMessage();
    await submit(message, {});
    await storeAddress(message, `${message.person}@lavande.example`);
    await env.DB.prepare("DELETE FROM people WHERE person = ?").bind(message.person).run();
    expect(await suppressionRows(`address:${message.person}@lavande.example`)).toHaveLength(1);
  });

  it("answers 503 with Retry-After when the database is down, and leaves nothing behind", async () => {
    const message = newMessage();
    const answer = await ask(path(message), { method: "POST", body: new URLSearchParams() }, noDatabase);
    expect(answer.status).toBe(503);
    expect(Number(answer.headers.get("Retry-After"))).toBeGreaterThan(0);
    expect(answer.headers.get("Content-Type")).toMatch(/^text\/html/);
    expect(await logOf(message.person)).toEqual([]);
  });

  it.each<[string, string, BodyInit]>([
    ["nothing", "", ""],
    ["JSON", "application/json", '{"List-Unsubscribe":"One-Click"}'],
    ["a form in parts without its boundary", "multipart/form-data", "--x"],
    ["bytes", "application/x-www-form-urlencoded", new Uint8Array([0, 255, 37, 61, 38])],
  ])("takes a POST with a body of %s for a submit", async (_what, type, body) => {
    const message = newMessage();
    const answer = await ask(path(message), { method: "POST", body, headers: { "Content-Type": type } });
    expect(answer.status).toBe(200);
    expect((await logOf(message.person)).map(({ type }) => type)).toEqual([9]);
  });

  it("logs fields of any name, and those of one-click not", async () => {
    const message = newMessage();
    await submit(message, { ["__proto__"]: "a", constructor: "b", "": "c", "\0": "d" });
    const [event] = await logOf(message.person);
    expect(event?.detail).toContain('"formFields":{"__proto__":"a","constructor":"b","":"d"}');
  });

  it("keeps 256 bytes of the referrer and as many of the query", async () => {
    const message = newMessage();
    await ask(`${path(message)}?${"q".repeat(3_000)}`, {
      method: "POST",
      headers: { Referer: `https://mail.example/${"r".repeat(3_000)}` },
    });
    const [event] = await logOf(message.person);
    const detail = JSON.parse(event?.detail ?? "") as { referrer: string; query: string };
    expect([detail.referrer.length, detail.query]).toEqual([256, "q".repeat(256)]);
  });

  it.each(["%20", "%09", "%0D%0A%20"])("takes a token with %s in it, where its header was folded", async (space) => {
    const message = newMessage();
    const folded = token("unsubscribe", message).replace(/.{20}/g, `$&${space}`);
    expect((await ask(`/u/${folded}`)).status).toBe(200);
    const answer = await ask(`/u/${folded}`, {
      method: "POST",
      body: new URLSearchParams({ "List-Unsubscribe": "One-Click" }),
    });
    expect(answer.status).toBe(200);
    expect((await logOf(message.person)).map(({ type }) => type)).toEqual([9]);
  });

  it("is an unsubscription when one-click and the way back are in one body", async () => {
    const message = newMessage();
    await submit(message, { action: "subscribe", "List-Unsubscribe": "One-Click" });
    expect((await logOf(message.person)).map(({ type }) => type)).toEqual([9]);
  });

  it("refuses a form of more than 16 KB", async () => {
    const message = newMessage();
    const answer = await submit(message, { why: "x".repeat(20_000) });
    expect(answer.status).toBe(413);
    expect(await logOf(message.person)).toEqual([]);
  });

  it("does nothing for a token that is forged or of another use", async () => {
    const message = newMessage();
    for (const text of [token("open", message), `${token("unsubscribe", message).slice(0, -5)}!`, ""]) {
      const answer = await ask(`/u/${text}`, { method: "POST", body: new URLSearchParams() });
      expect(answer.status).toBe(404);
    }
    expect(await logOf(message.person)).toEqual([]);
  });

  it("refuses other methods and names those it takes", async () => {
    const answer = await ask(path(newMessage()), { method: "PUT" });
    expect(answer.status).toBe(405);
    expect(answer.headers.get("Allow")).toBe("GET, HEAD, POST");
  });
});
