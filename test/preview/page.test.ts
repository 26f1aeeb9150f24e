import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { ask, environment, logOf, newMessage, ORIGIN, token } from "../worker.ts";

const emailFor = (person: string, more: Record<string, string> = {}) =>
  ask(`/preview/email?${new URLSearchParams({ origin: ORIGIN, person, ...more })}`);
const pixelIn = (html: string) => /<img src="https:\/\/t\.example(\/o\/[^"]+)"/.exec(html)?.[1];

interface Answer {
  readonly events: readonly {
    seq: number;
    id: string;
    type: number;
    name: string;
    person: string;
    link: string | null;
  }[];
}
const log = async (query: string) => (await (await ask(`/preview/log${query}`)).json()) as Answer;
const click = (person: string, url: string) =>
  ask(`/c/${token("click", { email: "7", person, campaign: "42", link: { id: "abc", url } })}`);

/** As the aggregation does when it finds a bot: the event gets another seq. */
async function markAsBots(person: string): Promise<void> {
  const marked = `REPLACE INTO events
SELECT NULL, id, type, at, recorded_at, email, person, campaign, send, link_id, link, user_agent, 1,
  'Match with time of delivery', detail FROM events WHERE person = ?1`;
  await env.DB.prepare(marked).bind(person).run();
}

async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return `'sha256-${btoa(String.fromCharCode(...new Uint8Array(digest)))}'`;
}

describe("the preview", () => {
  it("is somebody new on each visit, with an address and an unsubscribe link of their own", async () => {
    const visits = [];
    for (let visit = 0; visit < 2; visit++) {
      const html = await (await ask("/")).text();
      const [, person = ""] = /data-person="(\d+)"/.exec(html) ?? [];
      const [, path = ""] = /data-unsubscribe="([^"]+)"/.exec(html) ?? [];
      visits.push(person);
      const unsubscribePage = await (await ask(path)).text();
      expect(unsubscribePage).toContain("…@e…e.com");
      await ask(path, { method: "POST", body: new URLSearchParams({ action: "unsubscribe" }) });
      expect(await logOf(person)).toMatchObject([{ type: 9 }]);
    }
    expect(new Set(visits).size).toBe(2);
  });

  it("lets its own script and style run and no other, and talks to nobody else", async () => {
    const answer = await ask("/");
    const html = await answer.text();
    const csp = answer.headers.get("Content-Security-Policy") ?? "";
    const [, script = ""] = /<script>(.*?)<\/script>/s.exec(html) ?? [];
    const [, style = ""] = /<style>(.*?)<\/style>/s.exec(html) ?? [];
    expect(csp.split("; ")).toEqual(
      expect.arrayContaining([
        "default-src 'none'",
        `script-src ${await hashOf(script)}`,
        `style-src ${await hashOf(style)}`,
        "connect-src 'self'",
        "frame-src 'self'",
        "form-action 'none'",
        "frame-ancestors 'none'",
      ]),
    );
    expect(html).not.toMatch(/\sstyle=|\son[a-z]+="/i);
    expect(script).not.toMatch(/innerHTML|insertAdjacentHTML|document\.write/);
  });

  it("shows the command that decorates one's own mail, with this machine's key", async () => {
    expect(await (await ask("/")).text()).toContain("Authorization: Bearer wxs_dev_test");
  });

  it("is there while the database is not", async () => {
    const batch = () => Promise.reject(new Error("D1_ERROR: overloaded"));
    const broken = environment({
      DB: { prepare: env.DB.prepare.bind(env.DB), batch } as unknown as D1Database,
    });
    expect((await ask("/", {}, broken)).status).toBe(200);
  });
});

describe("the sample email of the preview", () => {
  it("is decorated for the person, its links leading to where the browser sees the Worker", async () => {
    const { person } = newMessage();
    const html = await (await emailFor(person, { images: "1" })).text();
    expect(html).toContain('<base target="_blank">');
    await ask(pixelIn(html) ?? "");
    const [, link = ""] = /href="https:\/\/t\.example(\/c\/[^"]+)"/.exec(html) ?? [];
    expect((await ask(link)).status).toBe(302);
    await expect.poll(() => logOf(person)).toMatchObject([{ type: 10 }, { type: 11 }]);
  });

  it("holds its images back until they are asked for", async () => {
    const { person } = newMessage();
    const answer = await emailFor(person);
    const html = await answer.text();
    expect(html).toMatch(/<img [^>]*alt="The field/);
    expect(html).not.toMatch(/<img [^>]*src=/);
    expect(answer.headers.get("Content-Security-Policy")).toContain("img-src 'none'");
  });

  it("may run nothing and load nothing but its images", async () => {
    const csp = (await emailFor("7", { images: "1" })).headers.get("Content-Security-Policy")?.split("; ");
    expect(csp).toEqual(
      expect.arrayContaining([
        "default-src 'none'",
        `img-src ${ORIGIN} data:`,
        "sandbox allow-popups allow-popups-to-escape-sandbox",
      ]),
    );
    expect(csp?.join()).not.toContain("script-src");
  });

  it.each([
    ["origin", { origin: "" }],
    ["origin", { origin: "https://t.example/x" }],
    ["origin", { origin: "https://t.example; script-src *" }],
    ["origin", { origin: 'https://"><script>' }],
    ["person", { person: "" }],
    ["person", { person: "<b>" }],
  ])("refuses a wrong %s: %j", async (field, wrong) => {
    const answer = await emailFor("7", wrong);
    expect(answer.status).toBe(400);
    expect(answer.headers.get("Content-Type")).toMatch(/^text\/plain/);
    expect(await answer.text()).toContain(field);
  });
});

describe("the log of the preview", () => {
  it("begins with the last events and goes on behind a seq, oldest first, with their names", async () => {
    const { person } = newMessage();
    for (let n = 0; n < 25; n++) await click(person, `https://example.com/${n}`);
    await expect.poll(async () => (await logOf(person)).length).toBe(25);
    const { events } = await log("");
    expect(events).toHaveLength(20);
    const seqs = events.map(({ seq }) => seq);
    expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
    expect(events.at(-1)).toMatchObject({
      type: 11,
      name: "Clicked",
      person,
      link: "https://example.com/24",
    });
    expect((await log(`?after=${seqs[17]}`)).events.map(({ seq }) => seq)).toEqual(seqs.slice(18));
  });

  it("waits for what comes", async () => {
    const { person } = newMessage();
    const last = (await log("")).events.at(-1)?.seq ?? 0;
    const coming = log(`?after=${last}`);
    await click(person, "https://example.com/later");
    expect((await coming).events).toMatchObject([{ person, link: "https://example.com/later" }]);
  });

  it("serves an event that is marked as a bot's later once more, by the same id", async () => {
    const { person } = newMessage();
    await click(person, "https://example.com/marked");
    await expect.poll(async () => (await logOf(person)).length).toBe(1);
    const [first] = (await log("")).events.slice(-1);
    await markAsBots(person);
    expect((await log(`?after=${first?.seq}`)).events).toMatchObject([{ id: first?.id, isBot: true, person }]);
  });

  it("does not wait when asked not to", async () => {
    expect(await log(`?held=0&after=${"9".repeat(15)}`)).toEqual({ events: [] });
  });

  it.each(["-1", "x", "", "1.5", "1 OR 1", "9".repeat(40)])("refuses a seq that is none: %j", async (after) => {
    const answer = await ask(`/preview/log?after=${encodeURIComponent(after)}`);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toEqual({ error: "after must be a seq of the log." });
  });
});

describe("in production", () => {
  const production = environment({
    ENVIRONMENT: "production",
    TOKEN_KEYS: "1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
    API_KEYS: "wxs_0123456789abcdefghijklmnopqrstuv",
  });
  it.each([
    "/",
    "/preview/log",
    "/preview/email?person=7&origin=https://t.example",
  ])("%s is not there", async (path) => {
    const answer = await ask(path, {}, production);
    expect(answer.status).toBe(404);
    expect(await answer.text()).toBe("There is nothing here.\n");
  });
});
