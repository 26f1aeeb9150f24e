/** GET /v1/messages, and one message with its events. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { emptyLog, logRows, type Row } from "../marketo/marketo.ts";
import { get } from "../outcomes.ts";
import { click } from "../reports/small-mailing.ts";
import { PHONE, token } from "../worker.ts";

const AT = Date.parse("2026-11-20T09:00:00Z");
const MINUTE = 60_000;

async function addPeople(addresses: Readonly<Record<string, string>>, table = "people"): Promise<void> {
  const insert = env.DB.prepare(`INSERT INTO ${table} (person, address) VALUES (?1, ?2)`);
  await env.DB.batch(Object.entries(addresses).map(([person, address]) => insert.bind(person, address)));
}

beforeEach(async () => {
  await emptyLog();
  await env.DB.batch(["people", "other_addresses"].map((table) => env.DB.prepare(`DELETE FROM ${table}`)));
});

interface Listed {
  readonly data: readonly { person: { id: string }; email: { id: number }; campaign: { id: string | number } }[];
  readonly next?: string;
}

/** "email person" of every message of all pages; and how many pages there were. */
async function all(query: string): Promise<{ messages: string[]; pages: number }> {
  const messages: string[] = [];
  let cursor = "";
  for (let pages = 1; ; pages++) {
    const { status, body } = await get(`/v1/messages?${query}${cursor}`);
    if (status !== 200) throw new Error(JSON.stringify(body));
    const { data, next } = body as unknown as Listed;
    messages.push(...data.map(({ person, email }) => `${email.id} ${person.id}`));
    if (next === undefined) return { messages, pages };
    cursor = `&cursor=${next}`;
  }
}

/** As its URL Defense, version 2, writes it. */
const proofpoint = (text: string) => text.replaceAll("-", "-2D").replaceAll("_", "-5F");

const sent = (person: string, email: string, minute: number, more: Row = {}): Row => ({
  person,
  email,
  type: 6,
  at: AT + minute * MINUTE,
  ...more,
});

describe("GET /v1/messages", () => {
  beforeEach(async () => {
    await env.DB.prepare("INSERT INTO names (kind, id, name, folded) VALUES ('email', '7', 'Spring', 'spring')").run();
    await addPeople({ a: "marie@one.example", b: "shared@one.example", c: "shared@one.example" });
    await addPeople({ a: "shared@one.example" }, "other_addresses");
    await logRows(
      sent("a", "7", 1),
      sent("b", "7", 2),
      sent("a", "8", 3, { campaign: "x" }),
      sent("c", "8", 4),
      { person: "b", email: "7", type: 8, at: AT + 5 * MINUTE },
      click("a", "l1", { at: AT + 6 * MINUTE, user_agent: PHONE }),
      click("a", "l1", { at: AT + 7 * MINUTE, is_bot: 1 }),
      { person: "d", email: "9", type: 10, at: AT + 8 * MINUTE },
      sent("a", "7", 9),
    );
  });

  it("lists what became of each message", async () => {
    const { status, body } = await get("/v1/messages?person=a&email=7");
    expect(status).toBe(200);
    expect(body).toEqual({
      data: [
        {
          message: expect.stringMatching(/^[\w-]{30,}$/),
          email: { id: 7, name: "Spring" },
          campaign: { id: 42 },
          person: { id: "a", address: "marie@one.example" },
          sentAt: "2026-11-20T09:01:00.000Z",
          status: "delivered",
          opened: true,
          openedByPixel: false,
          clicks: 1,
          unsubscribed: false,
          complained: false,
          bots: { opened: false, clicks: 1 },
        },
      ],
    });
  });

  it.each([
    ["person=a", "8 a, 7 a"],
    ["address=marie@one.example", "8 a, 7 a"],
    ["address=Shared@One.example", "8 c, 8 a, 7 b, 7 a"],
    ["address=shared@one.example&email=8", "8 c, 8 a"],
    ["person=a&campaign=x", "8 a"],
    ["person=a&status=hard_bounced", ""],
    ["address=nobody@one.example", ""],
    ["", "9 d, 8 c, 8 a, 7 b, 7 a"],
    ["email=7", "7 b, 7 a"],
    ["campaign=x", "8 a"],
    ["status=hard_bounced", "7 b"],
    ["status=delivered", "9 d, 7 a"],
    ["status=no_response&email=8", "8 c, 8 a"],
    ["status=pending", ""],
    ["since=2026-11-20T09:02:00Z&until=2026-11-20T09:04:00Z", "8 a, 7 b"],
    ["email=7&since=2026-11-20T09:02:00Z", "7 b"],
    ["address=shared@one.example&until=2026-11-20T09:02:00Z", "7 a"],
  ])("lists for %j, newest first, in pages of any size", async (query, expected) => {
    const expectedMessages = expected === "" ? [] : expected.split(", ");
    expect((await all(query)).messages).toEqual(expectedMessages);
    if (expectedMessages.length > 1) expect((await all(`${query}&limit=1`)).messages).toEqual(expectedMessages);
  });

  it("finds the message of a token, a header or an address that somebody pastes", async () => {
    const message = { email: "8", campaign: "x", person: "a" };
    const ofMessage = token("message", { ...message, send: "s1" });
    const click = token("click", { ...message, link: { id: "l1", url: "https://shop.example/" } });
    const pasted = [
      ofMessage,
      `X-Waxseal-Message: ${ofMessage}`,
      `<https://t.example/c/${click}>.`,
      `https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Ft.example%2Fc%2F${click}&data=05%7C02`,
      `https://one.example/?u=https%253A%252F%252Ft.example%252Fc%252F${click}`,
      `https://t.example/o/${token("open", message)}.gif`,
      `X-Waxseal-Message: ${ofMessage.slice(0, 20)}\r\n ${ofMessage.slice(20)}`,
      `href=3D"https://t.example/c/${click.slice(0, 30)}=\r\n${click.slice(30)}"`,
      `href=3D"https://t.example/c/${click.slice(0, 30)}=${click.slice(30)}"`,
      `https://urldefense.proofpoint.com/v2/url?u=https-3A__t.example_c_${proofpoint(click)}&d=DwMFaQ&c=euGZstcaTD`,
      `https://urldefense.com/v3/__https://t.example/c/${click}__;!!BhdT!g2Vx0aV5$`,
      `https://t.example/u/${token("unsubscribe", message)}`,
    ];
    for (const text of pasted) expect((await all(`token=${encodeURIComponent(text)}`)).messages, text).toEqual(["8 a"]);
    const unknown = token("open", { ...message, person: "nobody" });
    expect((await all(`token=${unknown}`)).messages).toEqual([]);
    const forged = `${ofMessage.slice(0, -2)}AA`;
    for (const [query, field] of [
      [`token=${forged}`, "token"],
      ["token=%20", "token"],
      [`token=${ofMessage}&email=8`, "email"],
      [`token=${ofMessage}&address=a@b.example`, "address"],
    ] as const)
      expect(await get(`/v1/messages?${query}`)).toMatchObject({ status: 400, body: { error: { field } } });
  });

  it("goes on through a long log in pages that may be empty", async () => {
    await env.DB.prepare("UPDATE sqlite_sequence SET seq = 25000 WHERE name = 'events'").run();
    await logRows(sent("e", "7", 10));
    const { messages, pages } = await all("email=7");
    expect(messages).toEqual(["7 e", "7 b", "7 a"]);
    expect(pages).toBeGreaterThan(2);
  });

  it("lists a message whose first event was moved or deleted at the next one", async () => {
    await get("/v1/messages?limit=1");
    await env.DB.prepare("DELETE FROM events WHERE seq = 1").run();
    expect((await all("email=7&limit=1")).messages).toEqual(["7 a", "7 b"]);
  });

  it("lists a message with very many events once, also when its first ones have left the log", async () => {
    await logRows(...Array.from({ length: 600 }, () => click("m", "l1", { email: "5" })), sent("n", "5", 1));
    expect((await all("email=5")).messages).toEqual(["5 n", "5 m"]);
    expect(await env.DB.prepare("SELECT count(*) AS lists FROM earlier_seqs").first("lists")).toBe(2);
    for (const events of [200, 200, 150]) {
      const first = "SELECT seq FROM events WHERE email = '5' ORDER BY seq LIMIT ?1";
      await env.DB.prepare(`DELETE FROM events WHERE seq IN (${first})`).bind(events).run();
      expect((await all("email=5")).messages).toEqual(["5 n", "5 m"]);
      expect((await all("email=5&limit=1")).messages).toEqual(["5 n", "5 m"]);
    }
  });

  it("refuses to sort more messages than it reads, and says what makes them fewer", async () => {
    await env.DB.prepare(`INSERT INTO message_stats (email, campaign, person, since, flags)
WITH n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 20001) SELECT n, '42', 'often', 1, 1 FROM n`).run();
    const { status, body } = await get("/v1/messages?person=often");
    const message = "The list would read more than 20000 messages: name an email or a campaign.";
    expect([status, body]).toMatchObject([400, { error: { code: "report_too_large", message } }]);
  });

  it("pages through an address that a thousand people share, a hundred of them at a time", async () => {
    const people = Array.from({ length: 1_000 }, (_, index) => `s${String(index).padStart(3, "0")}`);
    await addPeople(Object.fromEntries(people.map((person) => [person, "all@one.example"])));
    await logRows(...people.flatMap((person, index) => [sent(person, "7", index), sent(person, "8", index + 1)]));
    const { messages, pages } = await all("address=all@one.example&limit=150");
    expect(messages.length).toBe(2_000);
    expect(new Set(messages).size).toBe(2_000);
    expect(messages.slice(0, 3)).toEqual(["8 s099", "7 s099", "8 s098"]);
    expect(pages).toBe(20);
  });

  it.each([
    ["address=marie", "invalid_field", "address"],
    ["address=a@b.example&person=a", "invalid_field", "address"],
    ["status=opened", "invalid_field", "status"],
    ["cursor=abc", "invalid_field", "cursor"],
    ["limit=0", "invalid_field", "limit"],
    ["colour=red", "unknown_field", "colour"],
  ])("refuses %s as %s", async (query, code, field) => {
    expect(await get(`/v1/messages?${query}`)).toMatchObject({ status: 400, body: { error: { code, field } } });
  });

  it("takes a cursor for the list only that gave it", async () => {
    const { next } = (await get("/v1/messages?person=a&limit=1")).body;
    for (const query of [
      "person=b",
      "limit=1",
      "person=a&email=7",
      "address=marie@one.example",
      "person=a&since=2026-11-20",
    ])
      expect(await get(`/v1/messages?${query}&cursor=${next}`)).toMatchObject({ status: 400 });
  });
});

describe("GET /v1/messages/{email}/{campaign}/{person}", () => {
  const bounce = { address: "marie@one.example", category: 3, status: "4.2.2", details: "452 4.2.2 mailbox full" };
  const ROWS: readonly Row[] = [
    { type: 10, at: AT + 3 * MINUTE, user_agent: PHONE },
    { type: 6, at: AT, send: "s1", detail: JSON.stringify({ address: "marie@one.example" }) },
    { type: 27, at: AT + MINUTE, send: "s1", detail: JSON.stringify(bounce) },
    { type: 7, at: AT + 2 * MINUTE, send: "s1" },
    { type: 11, at: AT + 5 * MINUTE, link_id: "l1", link: "https://shop.example/", user_agent: PHONE },
    {
      type: 11,
      at: AT + 4 * MINUTE,
      link_id: "l1",
      link: "https://shop.example/",
      is_bot: 1,
      bot_pattern: "Match with user agent: curl",
    },
    { type: 9, at: AT + 6 * MINUTE, detail: JSON.stringify({ cause: "complaint" }) },
    { type: 0, at: AT + 7 * MINUTE },
  ];

  it("says of a load by Apple's mail privacy proxy that whether it was read cannot be known", async () => {
    const load = { type: 10, is_bot: 1, bot_pattern: "Match with user agent: Apple Mail Privacy Protection" };
    await logRows({ person: "5" }, { person: "5", ...load });
    const { body } = await get("/v1/messages/7/42/5");
    const [, { summary, text }] = body.data as [unknown, { summary: string; text: string }];
    expect(summary).toBe("Apple's mail privacy proxy loaded its pictures; whether somebody read it cannot be known");
    expect(text).not.toMatch(/bot/i);
  });

  it("has its events, each for people and for programs", async () => {
    await logRows(...ROWS, { person: "2", type: 7 });
    const { status, body } = await get("/v1/messages/7/42/1");
    expect(status).toBe(200);
    expect(body.message).toMatchObject({ person: { id: 1 }, status: "delivered", clicks: 1, unsubscribed: true });
    const events = body.data as { text: string; summary: string; why?: string; event: object }[];
    expect(events.map(({ text }) => text)).toEqual([
      "Sent to marie@one.example on 20 November 2026 at 09:00:00 UTC.",
      "Refused for a while, on 20 November 2026 at 09:01:00 UTC. The mail server said: 452 4.2.2 mailbox full",
      "Accepted by the recipient's mail server on 20 November 2026 at 09:02:00 UTC.",
      "Opened on 20 November 2026 at 09:03:00 UTC, on iPhone (iOS).",
      "Clicked https://shop.example/ on 20 November 2026 at 09:04:00 UTC, by a bot (Match with user agent: curl).",
      "Clicked https://shop.example/ on 20 November 2026 at 09:05:00 UTC, on iPhone (iOS).",
      "Reported as spam on 20 November 2026 at 09:06:00 UTC, which unsubscribes.",
    ]);
    expect(events.map(({ summary, why }) => [summary, ...(why === undefined ? [] : [why])].join(" / "))).toEqual([
      "Sent to marie@one.example",
      "Refused for a while",
      "Accepted by the recipient's mail server",
      "A person opened it on iPhone (iOS)",
      "A bot clicked https://shop.example/ / Its user agent names a bot: curl",
      "A person clicked https://shop.example/ on iPhone (iOS)",
      "Reported as spam, which unsubscribes",
    ]);
    expect(body.statusReason).toBe("The recipient's mail server accepted it.");
    expect(events.map(({ event }) => event)).toMatchObject([
      { seq: 2, type: "sent", address: "marie@one.example", send: "s1" },
      { type: "soft_bounced", at: "2026-11-20T09:01:00.000Z", send: "s1", bounce: { category: 3, status: "4.2.2" } },
      { type: "delivered", send: "s1" },
      { type: "opened", visitor: { isBot: false, platform: "iOS", device: "iPhone", isMobile: true } },
      { type: "clicked", link: { id: "l1", url: "https://shop.example/" }, visitor: { isBot: true } },
      { type: "clicked", visitor: { isBot: false } },
      { type: "unsubscribed", cause: "complaint" },
    ]);
  });

  it("is found by its message token, too, and comes in pages", async () => {
    await logRows(...ROWS);
    const message = token("message", { email: "7", campaign: "42", person: "1", send: "s1" });
    const whole = (await get(`/v1/messages/${message}`)).body;
    expect(whole).toEqual((await get("/v1/messages/7/42/1")).body);
    const first = (await get(`/v1/messages/${message}?limit=4`)).body;
    const second = (await get(`/v1/messages/7/42/1?limit=4&cursor=${first.next}`)).body;
    expect([first.data, second.data].flat()).toHaveLength(7);
    expect(second.next).toBeUndefined();
  });

  it("is not found when nothing is known of it, or the token is none", async () => {
    await logRows(...ROWS);
    const open = token("open", { email: "7", campaign: "42", person: "1" });
    for (const path of ["7/42/2", "nonsense", open])
      expect(await get(`/v1/messages/${path}`)).toMatchObject({ status: 404, body: { error: { code: "not_found" } } });
    expect(await get("/v1/messages/7/42/a%20b")).toMatchObject({ status: 400, body: { error: { field: "person" } } });
  });
});
