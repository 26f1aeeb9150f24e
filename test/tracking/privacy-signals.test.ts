/** Global Privacy Control and Do Not Track: three settings, on every path for recipients. */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { openedId } from "../../src/events/opened-id.ts";
import type { Message } from "../../src/tokens/claims.ts";
import { isPseudonym, pseudonym } from "../../src/tokens/pseudonym.ts";
import { keys } from "../marketo/marketo.ts";
import { get } from "../outcomes.ts";
import { ask, environment, logOf, newMessage, settledLogOf, token } from "../worker.ts";

const SETTINGS = ["ignore", "anonymous", "drop"] as const;
const SIGNALS = ["Sec-GPC", "DNT"] as const;
const EACH = SETTINGS.flatMap((setting) => SIGNALS.map((signal) => [setting, signal] as const));
const SIGNALLED = EACH.filter(([setting]) => setting !== "ignore");

const OPENED = 10;
const CLICKED = 11;
const UNSUBSCRIBED = 9;
const LINK = { id: "a1b2c3d4", url: "https://shop.example/?a=1&b=2" };
const USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";

const pixel = (message: Message) => `/o/${token("open", message)}.gif`;
const click = (message: Message) => `/c/${token("click", { ...message, link: LINK })}`;
const unsubscribe = (message: Message) => `/u/${token("unsubscribe", message)}`;
const pseudonymOf = (message: Message) => pseudonym(keys, message);

/** A request with these headers, in an isolate of its own. */
async function visit(path: string, setting: (typeof SETTINGS)[number], headers: Record<string, string>, init = {}) {
  const all = { "User-Agent": USER_AGENT, "CF-Connecting-IP": "203.0.113.9", ...headers };
  return await ask(path, { ...init, headers: all }, environment({ PRIVACY_SIGNALS: setting }));
}

/** The tables that hold a text, after a report has aggregated the log. */
async function tablesWith(text: string): Promise<string[]> {
  await get("/v1/reports/emails");
  const found: string[] = [];
  for (const table of ["events", "message_stats", "people", "suppressions"]) {
    const { results } = await env.DB.prepare(`SELECT * FROM ${table}`).all();
    if (results.some((row) => JSON.stringify(row).includes(text))) found.push(table);
  }
  return found;
}

describe.each(EACH)("with PRIVACY_SIGNALS %s, a request with %s", (setting, signal) => {
  const signalled = { [signal]: "1" };

  it("gets the pixel", async () => {
    const message = newMessage();
    const plain = await (await ask(pixel(message))).arrayBuffer();
    const answer = await visit(pixel(newMessage()), setting, signalled);
    expect(answer.headers.get("Content-Type")).toBe("image/gif");
    expect(await answer.arrayBuffer()).toEqual(plain);
  });

  it("gets its redirect, each time", async () => {
    const message = newMessage();
    for (let time = 0; time < 2; time++) {
      const answer = await visit(click(message), setting, signalled);
      expect([answer.status, answer.headers.get("Location")]).toEqual([302, LINK.url]);
    }
  });

  it("gets the page, and unsubscribes by form and by mail client under the person's own id", async () => {
    for (const body of ["action=unsubscribe", "List-Unsubscribe=One-Click"]) {
      const message = newMessage();
      const page = await visit(unsubscribe(message), setting, signalled);
      expect([page.status, await page.text()]).toEqual([200, expect.stringContaining("<form")]);
      const form = { method: "POST", body: new URLSearchParams(body) };
      expect((await visit(unsubscribe(message), setting, signalled, form)).status).toBe(200);
      expect((await logOf(message.person)).map(({ type }) => type)).toEqual([UNSUBSCRIBED]);
      const suppressed = env.DB.prepare("SELECT reason FROM suppressions WHERE subject = ?");
      expect(await suppressed.bind(`person:${message.person}`).first("reason")).toBe("unsubscribed");
    }
  });
});

describe.each(SIGNALS)("ignored, %s", (signal) => {
  it("changes nothing in the log", async () => {
    const message = newMessage();
    for (const path of [pixel(message), click(message)]) await visit(path, "ignore", { [signal]: "1" });
    const log = await settledLogOf(message.person);
    expect(log.map(({ type }) => type).sort()).toEqual([OPENED, CLICKED]);
    for (const event of log) expect(event.user_agent).toBe(USER_AGENT);
    expect(await settledLogOf(pseudonymOf(message))).toEqual([]);
  });
});

describe.each(SIGNALS)("anonymous by %s", (signal) => {
  const signalled = { [signal]: "1" };

  it("an open is logged once in all isolates, without person and user agent", async () => {
    const message = newMessage();
    for (let time = 0; time < 3; time++) await visit(pixel(message), "anonymous", signalled);
    const log = await settledLogOf(pseudonymOf(message));
    expect(log).toMatchObject([{ type: OPENED, user_agent: "", is_bot: 0 }]);
    // An id of the real person could be found by trying the ids of all messages.
    for (const per of ["campaign", "email"] as const) expect(log[0]?.id).not.toBe(openedId(message, per));
    expect(await tablesWith(message.person)).toEqual([]);
  });

  it("every click is logged, without person, user agent and address", async () => {
    const message = newMessage();
    for (let time = 0; time < 2; time++) await visit(click(message), "anonymous", signalled);
    const log = await settledLogOf(pseudonymOf(message));
    const expected = { type: CLICKED, user_agent: "", link_id: LINK.id, is_bot: 0, detail: null };
    expect(log).toMatchObject([expected, expected]);
    expect(await tablesWith(message.person)).toEqual([]);
  });

  it("an anonymous copy's open stays the same one", async () => {
    const message = newMessage();
    const anonymous = { ...message, person: pseudonymOf(message) };
    for (const copy of [message, anonymous]) await visit(pixel(copy), "anonymous", signalled);
    await visit(pixel(anonymous), "anonymous", {});
    expect(await settledLogOf(anonymous.person)).toHaveLength(1);
  });

  it("a bot is still classified as one", async () => {
    const message = newMessage();
    await visit(click(message), "anonymous", { ...signalled, "User-Agent": "Googlebot/2.1" });
    expect(await settledLogOf(pseudonymOf(message))).toMatchObject([{ is_bot: 1, user_agent: "" }]);
  });
});

describe.each(SIGNALS)("dropped by %s", (signal) => {
  it("nothing is logged, and a later open without it is the first", async () => {
    const message = newMessage();
    for (const path of [pixel(message), click(message)]) await visit(path, "drop", { [signal]: "1" });
    for (const person of [message.person, pseudonymOf(message)]) expect(await settledLogOf(person)).toEqual([]);
    await visit(pixel(message), "drop", {});
    expect((await settledLogOf(message.person)).map(({ type }) => type)).toEqual([OPENED]);
  });
});

describe("a request without a signal", () => {
  it.each(SIGNALLED)("is logged as without with %s when %s is not 1", async (setting, signal) => {
    for (const headers of [{}, { [signal]: "0" }, { [signal]: "" }, { [signal]: "true" }]) {
      const message = newMessage();
      for (const path of [pixel(message), click(message)]) await visit(path, setting, headers);
      const log = await settledLogOf(message.person);
      expect(log.map(({ type }) => type).sort()).toEqual([OPENED, CLICKED]);
      for (const event of log) expect(event.user_agent).toBe(USER_AGENT);
    }
  });

  it("of an anonymous copy has no user agent either", async () => {
    const message = newMessage();
    const anonymous = { ...message, person: pseudonymOf(message) };
    expect(isPseudonym(anonymous.person)).toBe(true);
    for (const path of [pixel(anonymous), click(anonymous)]) await visit(path, "ignore", {});
    for (const event of await settledLogOf(anonymous.person)) expect(event.user_agent).toBe("");
  });
});

describe("a HEAD or a prefetch with a signal", () => {
  it.each(EACH)("is not logged with %s and %s either", async (setting, signal) => {
    const message = newMessage();
    for (const path of [pixel(message), click(message)]) {
      await visit(path, setting, { [signal]: "1" }, { method: "HEAD" });
      await visit(path, setting, { [signal]: "1", "Sec-Purpose": "prefetch;prerender" });
    }
    for (const person of [message.person, pseudonymOf(message)]) expect(await settledLogOf(person)).toEqual([]);
  });
});
