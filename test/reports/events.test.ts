/** GET /v1/reports/bounces and /v1/reports/devices: reports on the events of messages. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { deferralCause } from "../../src/delivery/index.ts";
import { bounceCounts } from "../../src/reports/bounces.ts";
import { deviceCounts } from "../../src/reports/devices.ts";
import { emptyLog, logRows } from "../marketo/marketo.ts";
import { get } from "../outcomes.ts";
import { ask, PHONE } from "../worker.ts";
import { apart, click } from "./small-mailing.ts";

const BEARER = { Authorization: "Bearer wxs_dev_test" };

beforeEach(emptyLog);

describe("what a server says of a sender whose mail it defers", () => {
  const unsolicited = "Our system has detected an unusual rate of unsolicited mail originating from your IP address.";
  it.each([
    ["4.7.28", `421-4.7.28 ${unsolicited} To protect our users from spam, mail has been temporarily rate limited.`],
    ["4.7.0", `421-4.7.0 ${unsolicited}`],
    ["4.7.26", "421-4.7.26 Your email has been rate limited because it is unauthenticated."],
    ["4.7.0", "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to user complaints - 4.16.55.1"],
    [
      null,
      "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints",
    ],
    ["4.7.650", "451 4.7.650 The mail server [192.0.2.1] has been temporarily rate limited due to IP reputation."],
    [null, "421 RP-001 (BAY004) Unfortunately, some messages from 192.0.2.1 weren't sent. Please try again."],
    ["4.7.1", "450 4.7.1 Too many messages from 192.0.2.1, slow down"],
  ])("is a rate limit: %s %s", (status, words) => {
    expect(deferralCause(true, status, words)).toBe("rate_limited");
    expect(deferralCause(false, status, words)).toBe("rate_limited");
  });

  it.each([
    ["4.7.1", "450 4.7.1 Greylisted, please try again.", "greylisted"],
    ["4.7.0", "421 4.7.0 [GL01] Message from (192.0.2.1) temporarily deferred", "greylisted"],
    ["4.2.1", "450 4.2.1 The user you are trying to contact is receiving mail too quickly.", undefined],
    ["4.5.3", "452 4.5.3 Too many recipients", undefined],
    ["4.2.2", "452 4.2.2 Too many messages in the mailbox", undefined],
    ["4.3.2", "451 4.3.2 Server busy. Please try again later.", undefined],
  ])("is none: %s %s", (status, words, reason) => {
    expect(deferralCause(true, status, words)).toBe(reason);
  });

  it("is none where the refusal is final", () => {
    expect(
      deferralCause(false, "5.7.28", "550-5.7.28 Our system has detected an unusual rate of mail"),
    ).toBeUndefined();
  });
});

describe("GET /v1/reports/bounces", () => {
  const bounce = (person: string, details: string | undefined, category = 2, more: object = {}) => ({
    person,
    type: category > 2 ? 27 : 8,
    detail: JSON.stringify({ address: `${person}@one.example`, category, status: "5.1.1", details, ...more }),
  });

  it("counts bounces by reason and by the servers' words, without addresses, the most frequent first", async () => {
    await logRows(
      bounce("marie", "550 5.1.1 <Marie@one.example>: user unknown (4XyZ12aQ34)"),
      bounce("paul", "550 5.1.1 <paul@one.example>: user unknown (9AbC77xY01)"),
      bounce("p4", "550 5.1.1 <other@two.example>: User unknown (1)"),
      bounce("jeanne", "550 5.1.1 Mailbox 'jeanne' is unknown"),
      bounce("luc", "550 5.1.1 Mailbox 'luc' is unknown"),
      bounce("victor", "452 4.2.2 mailbox full", 3, { status: "4.2.2", subcategory: "MailboxFull" }),
      bounce("silent", undefined, 9, { status: undefined }),
      { person: "fine", type: 7 },
    );
    const { status, body } = await get("/v1/reports/bounces?email=7");
    expect(status).toBe(200);
    const invalid = {
      type: "hard_bounced",
      category: 2,
      reason: "invalid_recipient",
      subcategory: null,
      status: "5.1.1",
    };
    const rows = body.data as { bounces: number }[];
    expect(rows.map(({ bounces }) => bounces)).toEqual([2, 2, 1, 1, 1]);
    expect(new Set(rows)).toEqual(
      new Set([
        { ...invalid, words: expect.stringMatching(/^550 5\.1\.1 <address>: user unknown \(\w{10}\)$/), bounces: 2 },
        { ...invalid, words: "550 5.1.1 Mailbox <address> is unknown", bounces: 2 },
        {
          type: "soft_bounced",
          category: 9,
          reason: "unclear",
          subcategory: null,
          status: null,
          words: "",
          bounces: 1,
        },
        {
          type: "soft_bounced",
          category: 3,
          reason: "temporary",
          subcategory: "MailboxFull",
          status: "4.2.2",
          words: "452 4.2.2 mailbox full",
          bounces: 1,
        },
        { ...invalid, words: "550 5.1.1 <address>: User unknown (1)", bounces: 1 },
      ]),
    );
    const csv = await (await ask("/v1/reports/bounces.csv?limit=1", { headers: BEARER })).text();
    expect(csv).toMatch(
      /^Type,Category,Reason,Subcategory,Status,Words,Bounces\r\nhard_bounced,2,invalid_recipient,,5\.1\.1,550/,
    );
    await env.DB.prepare("REPLACE INTO people (person, address) VALUES ('victor', 'victor@three.example')").run();
    const toDomain = (await get("/v1/reports/bounces?domain=Three.example")).body;
    expect(toDomain.data).toEqual([expect.objectContaining({ words: "452 4.2.2 mailbox full", bounces: 1 })]);
    expect((await get("/v1/reports/bounces?since=2030-01-01")).body).toEqual({ data: [] });
    expect(await bounceCounts(env.DB, { bots: "exclude" }, { bounces: 6, words: 100 })).toBeUndefined();
    expect(await bounceCounts(env.DB, { bots: "exclude" }, { bounces: 7, words: 6 })).toBeUndefined();
  });

  it("gives the reason of the words that it shows, the most frequent of those that are alike", async () => {
    const said = (person: string, id: string) =>
      bounce(person, `421 ${id} Some messages were not sent`, 3, { status: "4.7.0" });
    await logRows(said("a", "QP-777"), said("b", "QP-777"), said("c", "RP-001"));
    const words = "421 QP-777 Some messages were not sent";
    const { data } = (await get("/v1/reports/bounces?email=7")).body;
    expect(data).toEqual([expect.objectContaining({ words, reason: "temporary", bounces: 3 })]);
  });

  it("leaves out the recipient's name wherever servers write it, but not where it is a part of a word", async () => {
    const said = [
      ["marie.dupont", "550 unknown user=marie.dupont (in reply to RCPT TO)"],
      ["Paul", "550 no mailbox here/paul!"],
      ["élodie", "550 user:élodie is unknown"],
      ["ann", "550 cannot find ann's mailbox"],
    ] as const;
    await logRows(...said.map(([name, words]) => bounce(name, words)));
    const { data } = (await get("/v1/reports/bounces?email=7")).body as { data: { words: string }[] };
    expect(data.map(({ words }) => words).toSorted()).toEqual([
      "550 cannot find <address>'s mailbox",
      "550 no mailbox here/<address>!",
      "550 unknown user=<address> (in reply to RCPT TO)",
      "550 user:<address> is unknown",
    ]);
  });

  it("skips and repeats no row whose bounces stay when others come between two pages", async () => {
    const words = (more: string) => `550 5.1.1 ${more} ${"so ".repeat(80)}`;
    await logRows(...["1", "2"].map((person) => bounce(person, words("often"))), bounce("3", words("one")));
    await logRows(bounce("4", words("two")), bounce("5", words("three")));
    const first = (await get("/v1/reports/bounces?limit=2")).body;
    await logRows(...["6", "7", "8"].map((person) => bounce(person, words("new"))), bounce("9", words("often")));
    const second = (await get(`/v1/reports/bounces?limit=1&cursor=${first.next}`)).body;
    const third = (await get(`/v1/reports/bounces?cursor=${second.next}`)).body;
    const shown = [first, second, third].flatMap(({ data }) => (data as { words: string }[]).map((row) => row.words));
    expect(shown.map((text) => text.split(" ")[2]).toSorted()).toEqual(["often", "one", "three", "two"]);
    expect(third.next).toBeUndefined();
  });
});

describe("GET /v1/reports/devices", () => {
  const WINDOWS =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36";

  it("counts opens and clicks by device, those of people and of bots apart", async () => {
    await logRows(
      ...apart([
        { person: "a", type: 10, user_agent: PHONE },
        click("a", "l1", { user_agent: PHONE }),
        click("a", "l1", { user_agent: WINDOWS }),
        { person: "b", type: 10, user_agent: WINDOWS, is_bot: 1 },
        { person: "c", type: 10, user_agent: "GoogleImageProxy", is_bot: 0 },
        { person: "c", type: 7 },
        click("d", "honeypot", { user_agent: WINDOWS }),
      ]),
    );
    const { status, body } = await get("/v1/reports/devices?email=7");
    expect(status).toBe(200);
    const none = { opened: 0, clicks: 0 };
    expect(body).toEqual({
      data: [
        { platform: "iOS", device: "iPhone", mobile: true, opened: 1, clicks: 1, bots: none },
        { platform: "Windows", device: "desktop", mobile: false, opened: 0, clicks: 1, bots: { opened: 1, clicks: 1 } },
        { platform: null, device: null, mobile: null, opened: 1, clicks: 0, bots: none },
      ],
    });
    const csv = await (await ask("/v1/reports/devices.csv", { headers: BEARER })).text();
    expect(csv).toContain("\r\nWindows,desktop,false,0,1,1,1\r\n,,,1,0,0,0\r\n");
    const first = (await get("/v1/reports/devices?limit=2")).body;
    expect(
      await deviceCounts(env, { bots: "exclude" }, { events: 6, messages: 99_999, userAgents: 9 }),
    ).toBeUndefined();
    expect(await deviceCounts(env, { bots: "exclude" }, { events: 7, messages: 99_999, userAgents: 1 })).toMatchObject([
      { platform: null, opened: 2, clicks: 1, bots: { opened: 0, clicks: 0 } },
      { platform: "Windows", opened: 0, clicks: 1, bots: { opened: 1, clicks: 1 } },
    ]);
    const [whole, inSlices] = [
      await deviceCounts(env, { bots: "exclude" }, { events: 99, messages: 99_999, userAgents: 9 }),
      await deviceCounts(env, { bots: "exclude" }, { events: 99, messages: 99, userAgents: 9, messagesAtATime: 1 }),
    ];
    expect(new Set(inSlices)).toEqual(new Set(whole));
    expect(
      await deviceCounts(env, { bots: "exclude" }, { events: 6, messages: 99, userAgents: 9, messagesAtATime: 1 }),
    ).toBeUndefined();
    const rest = [expect.objectContaining({ platform: null, opened: 1 })];
    expect((await get(`/v1/reports/devices?limit=2&cursor=${first.next}`)).body).toEqual({ data: rest });
    const tablet = "Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)";
    const events = ["e", "f", "g"].map((person) => click(person, "l1", { user_agent: tablet }));
    await logRows(...apart(events));
    expect((await get(`/v1/reports/devices?limit=2&cursor=${first.next}`)).body).toEqual({ data: rest });
  });
});
