/** GET /v1/events: each event in its own form, in the order of recording; filters and cursors. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { EVENT_TYPES } from "../../src/events/event.ts";
import { FEED_TYPES } from "../../src/feed/index.ts";
import { aggregateLog } from "../../src/reports/index.ts";
import { emptyLog, logRows } from "../marketo/marketo.ts";
import { decorateFor, get, newSend, removeSuppression, reportOutcomes, type TestSend } from "../outcomes.ts";
import { MARKING } from "../reports/policy.ts";
import { ask, environment, PHONE, token } from "../worker.ts";

interface Page {
  readonly data: readonly Readonly<Record<string, unknown>>[];
  readonly next: string;
  readonly more: boolean;
}

async function read(query: string, around: Env = env): Promise<Page> {
  const { status, body } = await get(`/v1/events?${query}`, around);
  if (status !== 200) throw new Error(JSON.stringify(body));
  return body as unknown as Page;
}

/** The ids of all events that a query passes, read in pages of `limit`. */
async function readAll(query: string, limit = 1_000): Promise<unknown[]> {
  const ids: unknown[] = [];
  for (let [cursor, isAtEnd] = ["", false]; !isAtEnd; ) {
    const page = await read(`${query}&limit=${limit}${cursor}`);
    ids.push(...page.data.map(({ id }) => id));
    isAtEnd = cursor === `&cursor=${page.next}`;
    cursor = `&cursor=${page.next}`;
  }
  return ids;
}

const AT = "2026-11-20T09:30:00.123Z";
const AT_MS = Date.parse(AT);

beforeEach(emptyLog);

const LINK = { id: "1a2b", url: "https://shop.example/?a=1" };
const SOFT = { category: 3, status: "4.2.2", details: "452 full" };
const HARD = { category: 2, details: "550 no" };
const REMOVAL = { reason: "invalid", who: "lea", why: "the mailbox is back" };

const LIFT = { who: "lea", why: "she called" };

/** Lets every type of event happen to a send. */
async function live({ address, send, ...message }: TestSend, at: string): Promise<void> {
  const { person } = message;
  await decorateFor({ person, address });
  await env.DB.prepare(
    "INSERT INTO names (kind, id, name, folded) VALUES ('email', '7', 'News', 'news') ON CONFLICT DO NOTHING",
  ).run();
  const named = { ...message, send, address, at };
  await reportOutcomes(named, { type: "delivered" }, { type: "soft_bounced", ...SOFT });
  await reportOutcomes(named, { type: "hard_bounced", ...HARD, at: "2001-01-01T00:00Z" });
  await ask(`/o/${token("open", message)}.gif`);
  await ask(`/c/${token("click", { ...message, link: LINK })}`, { headers: { "User-Agent": "" } });
  const submit = async (fields: Record<string, string>, headers: Record<string, string> = {}) =>
    await ask(`/u/${token("unsubscribe", message)}`, { method: "POST", body: new URLSearchParams(fields), headers });
  await submit({ why: "too many" }, { Referer: "https://m.example/" });
  await submit({ action: "subscribe" });
  await reportOutcomes({}, { type: "unsubscribed", person });
  await removeSuppression({ address, ...REMOVAL });
  await removeSuppression({ person, ...LIFT, reason: "unsubscribed" });
}

/** What the feed shows of it. */
function eventsOf({ person, address, send, campaign }: TestSend, at: string): readonly Record<string, unknown>[] {
  const common = { seq: expect.any(Number), id: expect.any(String), person: { id: person }, at: expect.any(String) };
  const about = { ...common, email: { id: 7, name: "News" }, campaign: { id: Number(campaign) } };
  const ofSend = { ...about, send };
  const visitor = { isBot: false, userAgent: PHONE, platform: "iOS", device: "iPhone", isMobile: true };
  const bot = { isBot: true, botPattern: expect.any(String) };
  const request = { userAgent: PHONE, formFields: {} };
  const unbelieved = { reportedAt: "2001-01-01T00:00:00.000Z" };
  const submitted = { ...request, referrer: "https://m.example/", formFields: { why: "too many" } };
  return [
    { type: "sent", ...ofSend, at, address, implied: true },
    { type: "delivered", ...ofSend, at },
    { type: "soft_bounced", ...ofSend, at, address, bounce: SOFT },
    { type: "hard_bounced", ...ofSend, ...unbelieved, address, bounce: HARD },
    { type: "unsubscribed", ...about, cause: "form", request: submitted },
    { type: "subscribed", ...about, cause: "form", request },
    { type: "unsubscribed", ...common, cause: "sender" },
    { type: "subscribed", ...common, cause: "sender", ...LIFT },
    { type: "suppression_removed", ...ofSend, address, ...REMOVAL },
    { type: "opened", ...about, visitor },
    { type: "clicked", ...about, link: LINK, visitor: bot },
  ];
}

describe("the feed", () => {
  it("has a name for every type of the log", () => {
    const ids = (types: Record<string, number>) => Object.values(types).toSorted();
    expect(ids(FEED_TYPES)).toEqual(
      Object.values(EVENT_TYPES)
        .map(({ id }) => id as number)
        .toSorted(),
    );
  });

  it("shows of each event what the log holds, in the order of recording", async () => {
    const send = newSend();
    const at = new Date(Date.now() - 60_000).toISOString();
    await live(send, at);
    const expected = eventsOf(send, at);
    await expect.poll(async () => (await read(`person=${send.person}`)).data.length).toBe(expected.length);
    const { data } = await read("");
    expect(data).toHaveLength(expected.length);
    for (const event of expected) expect(data).toContainEqual(event);
    const seqs = data.map(({ seq }) => Number(seq));
    expect(seqs).toEqual(seqs.toSorted((one, other) => one - other));
  });

  it("passes what a filter asks for, however small its pages are", async () => {
    const bot = { is_bot: 1, bot_pattern: "a bot" };
    await env.DB.prepare("INSERT INTO people (person, address) VALUES ('2', 'two@mail.example')").run();
    await env.DB.prepare("INSERT INTO other_addresses (person, address) VALUES ('3', 'two@mail.example')").run();
    const ids = await logRows(
      { type: 6, at: AT_MS, person: "1", email: "8" },
      { type: 10, at: AT_MS + 1, person: "2", ...bot },
      { type: 0, at: AT_MS + 1, person: "2" },
      { type: 11, at: AT_MS + 2, person: "2", campaign: "43", link_id: "a" },
      { type: 9, at: AT_MS + 3, person: "3", detail: '{"cause":"form"}' },
      { type: 9, at: AT_MS + 3, person: "4", email: "9", campaign: "44", detail: '{"cause":"complaint"}' },
    );
    const [sent, opened, _filtered, clicked, unsubscribed, complained] = ids;
    const cases: readonly (readonly [string, readonly unknown[]])[] = [
      ["", [sent, opened, clicked, unsubscribed, complained]],
      ["type=complained", [complained]],
      ["type=complained,clicked", [clicked, complained]],
      ["type=opened", [opened]],
      ["type=sent,clicked", [sent, clicked]],
      ["email=7", [opened, clicked, unsubscribed]],
      ["campaign=43", [clicked]],
      ["person=2", [opened, clicked]],
      [`token=${token("open", { email: "7", person: "2", campaign: "43" })}`, [clicked]],
      ["address=Two@Mail.Example", [opened, clicked, unsubscribed]],
      ["address=two@mail.example&person=3", [unsubscribed]],
      ["address=two@mail.example&person=1", []],
      ["address=nobody@mail.example", []],
      ["bots=exclude", [sent, clicked, unsubscribed, complained]],
      [`since=${AT}&until=2026-11-20T09:30:00.125Z`, [sent, opened]],
      ["since=2026-11-20T09:30:00.125Z", [clicked, unsubscribed, complained]],
    ];
    for (const isAggregated of [false, true]) {
      if (isAggregated) await aggregateLog(env, MARKING, Number.POSITIVE_INFINITY);
      for (const [query, expected] of cases)
        expect({ isAggregated, query, ids: await readAll(query, 1) }).toEqual({ isAggregated, query, ids: expected });
    }
  });

  it("reads a bounded part of the log a page, and goes on behind it", async () => {
    await logRows({ type: 6 });
    await env.DB.prepare("UPDATE sqlite_sequence SET seq = 120000 WHERE name = 'events'").run();
    const [id] = await logRows({ type: 10 });
    const pages = [await read("type=opened")];
    while (pages.length < 4) pages.push(await read(`type=opened&cursor=${pages.at(-1)?.next}`));
    expect(pages.map(({ data }) => data.map((event) => event.id))).toEqual([[], [], [id], []]);
    expect(pages.map(({ more }) => more)).toEqual([true, true, false, false]);
  });

  it("finds those who share an address by lists of few messages, and of many by reading the log", async () => {
    const persons = Array.from({ length: 1_200 }, (_, index) => `shared-${index}`);
    const people = env.DB.prepare(`INSERT INTO people (person, address)
      SELECT value, 'info@mail.example' FROM json_each(?1)`);
    await people.bind(JSON.stringify(persons)).run();
    const [opens, clicks] = [Array.from({ length: 9 }, () => ({ type: 10 })), [{ type: 11, link_id: "a" }]];
    const rows = persons.flatMap((person) => [...clicks, ...opens].map((row) => ({ person, ...row })));
    const expected: string[] = [];
    const reads: number[] = [];
    const DB = countingReads(env.DB, reads);
    for (const some of [rows.slice(0, 500), rows.slice(500)]) {
      expected.push(...(await logRows(...some, { person: "another" })).slice(0, -1));
      await aggregateLog(
        env,
        { ...MARKING, handling: { ...MARKING.handling, links: "off" } },
        Number.POSITIVE_INFINITY,
      );
      reads.length = 0;
      const found = await readAll("address=info@mail.example&type=clicked");
      expect(found).toEqual(expected.filter((_, index) => index % 10 === 0));
      const page = await read("address=info@mail.example&limit=10", environment({ DB }));
      expect(page.data.map(({ id }) => id)).toEqual(expected.slice(0, 10));
      expect(Math.max(...reads)).toBeLessThan(120_000);
      if (some.length === 500) expect(await readAll("address=info@mail.example")).toEqual(expected);
    }
  });
});

/** D1 that reports how many rows each statement of a batch has read. */
function countingReads(d1: D1Database, reads: number[]): D1Database {
  return new Proxy(d1, {
    get(target, name) {
      if (name !== "batch") return Reflect.get(target, name).bind(target);
      return async (statements: D1PreparedStatement[]) => {
        const results = await target.batch(statements);
        reads.push(...results.map(({ meta }) => meta.rows_read));
        return results;
      };
    },
  });
}

describe("a cursor of the feed", () => {
  it("goes on where the page ended, at the end of the log and behind what is erased there", async () => {
    await logRows({}, {}, {});
    const first = await read("limit=2");
    expect([first.data.length, first.more]).toEqual([2, true]);
    const second = await read(`cursor=${first.next}`);
    expect([second.data.length, second.more]).toEqual([1, false]);
    await env.DB.prepare("DELETE FROM events WHERE seq = 3").run();
    const third = await read(`cursor=${second.next}`);
    expect(third).toEqual({ data: [], next: second.next, more: false });
    const [id] = await logRows({});
    expect((await read(`cursor=${third.next}`)).data.map((event) => event.id)).toEqual([id]);
  });

  it.each([
    ["clicked", 11],
    ["opened", 10],
    ["unsubscribed", 9],
    ["subscribed", 100_001],
  ])("shows that an event was %s and counts no more, by the filters that it was read by", async (was, retracted) => {
    const hidden = { type: 0, at: Date.UTC(2026, 10, 20, 12), is_bot: 1 };
    const [id] = await logRows({ ...hidden, person: "ann", detail: JSON.stringify({ retracted }) });
    await logRows({ ...hidden, person: "ann" });
    const expected = [{ type: "retracted", id, was }];
    for (const query of ["", `type=sent,${was}`, "bots=exclude", "person=ann", "since=2026-11-20&until=2026-11-21"])
      expect((await read(query)).data).toMatchObject(expected);
    for (const query of ["type=sent", "person=bob", "since=2026-11-21"]) expect((await read(query)).data).toEqual([]);
  });

  it("of a filter that passes nothing is at the end, although other events are recorded between pages", async () => {
    await logRows({});
    let page = await read("type=unsubscribed");
    for (let count = 0; count < 3; count++) {
      await logRows({});
      page = await read(`type=unsubscribed&cursor=${page.next}`);
      expect([page.data, page.more]).toEqual([[], false]);
    }
  });

  it('that is "end" begins behind all that is there', async () => {
    await logRows({}, {});
    const { data, next } = await read("cursor=end");
    expect(data).toEqual([]);
    const [id] = await logRows({});
    expect((await read(`cursor=${next}`)).data.map((event) => event.id)).toEqual([id]);
  });

  it("from beyond the end of the log is refused in words", async () => {
    await logRows({}, {}, {});
    const { next } = await read("cursor=end");
    // As after a restore.
    await emptyLog();
    await logRows({});
    const { status, body } = await get(`/v1/events?cursor=${next}`);
    expect([status, body]).toMatchObject([400, { error: { code: "invalid_field", field: "cursor" } }]);
    expect(JSON.stringify(body)).toContain("beyond the end of the log");
  });

  it.each([
    ["cursor", "cursor=1"],
    ["cursor", "cursor="],
    ["type", "type=levitated"],
    ["type", "type=opened,"],
    ["bots", "bots=mark"],
    ["limit", "limit=1001"],
    ["since", "since=yesterday"],
    ["address", "address=nobody"],
    ["sice", "sice=2026-11-20"],
  ])("or another parameter that is wrong is named: %s in %s", async (field, query) => {
    expect(await get(`/v1/events?${query}`)).toMatchObject({ status: 400, body: { error: { field } } });
  });
});
