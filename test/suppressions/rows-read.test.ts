/** What deciding and a page of the list cost does not grow with the number of people who have decided. */
import { env } from "cloudflare:workers";
import * as v from "valibot";
import { beforeAll, describe, expect, it } from "vitest";
import { recordSendReports } from "../../src/delivery/record.ts";
import { counted } from "../counted.ts";
import { decorateFor, get, newSend, post, removeSuppression, reportOutcomes, type TestSend } from "../outcomes.ts";
import { ask, environment, token } from "../worker.ts";

const OTHERS = 2_000;
/** Many times what one person has, and less than the others are. */
const FEW = 400;
/** What a page reads for each entry that it may have. */
const MOST_PER_ENTRY = 10;
const DAY_MS = 86_400_000;
const Page = v.object({ data: v.array(v.unknown()), next: v.optional(v.string()) });
const NOW_MS = Date.now();

beforeAll(async () => {
  const others = `WITH RECURSIVE others (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM others WHERE n < ${OTHERS})`;
  const since = NOW_MS - 30 * DAY_MS;
  const detail = `json_object('why', 'too many')`;
  await env.DB.batch(
    [
      `INSERT INTO people (person, address) ${others} SELECT 'other' || n, 'other' || n || '@mail.example' FROM others`,
      `INSERT INTO suppressions (subject, reason, since, cause, event, owner)
      ${others} SELECT 'person:other' || n, 'unsubscribed', ${since}, 'form', 'event' || n, 'person:other' || n
      FROM others`,
      `INSERT INTO suppressions (subject, reason, since, cause, until, event, owner)
      ${others} SELECT 'address:other' || n || '@mail.example', value, ${since}, 'form',
      iif(value = 'blocked', ${NOW_MS + DAY_MS}, NULL), 'event' || n, 'person:other' || n
      FROM others, json_each('["unsubscribed", "invalid", "blocked"]')`,
      `INSERT INTO lifts (subject, reason, at, person)
      ${others} SELECT kind.value || n, reason.value, ${since - DAY_MS}, 'other' || n
      FROM others, json_each('["person:other", "address:old-other"]') AS kind,
      json_each('["unsubscribed", "invalid"]') AS reason`,
      `INSERT INTO other_addresses (person, address)
      ${others} SELECT 'other' || n, 'old-other' || n || '@mail.example' FROM others`,
      `INSERT INTO events (id, type, at, recorded_at, email, person, campaign, detail)
      ${others} SELECT 'event' || n, 9, ${since}, ${since}, '7', 'other' || n, '42', ${detail} FROM others`,
    ].map((statement) => env.DB.prepare(statement)),
  );
});

/** Somebody who has been sent a message, and has opted out by its link. */
async function optedOut(): Promise<TestSend> {
  const send = newSend();
  await reportOutcomes(send, { type: "sent" });
  await decide(send, "unsubscribe");
  return send;
}

async function decide(to: TestSend, action: "subscribe" | "unsubscribe", around = env): Promise<void> {
  const body = new URLSearchParams({ action });
  expect((await ask(`/u/${token("unsubscribe", to)}`, { method: "POST", body }, around)).status).toBe(200);
}

async function report({ address, ...send }: TestSend, type: "complained" | "subscribed", atMs: number, around = env) {
  await recordSendReports(
    [{ send, outcome: { type }, address, atMs, sourceId: type }],
    { retryHours: [24] },
    around,
    NOW_MS,
  );
}

async function reportOutcome(send: TestSend, outcome: object, around: Env): Promise<void> {
  const { body } = await post("/v1/events", { events: [{ ...send, ...outcome }] }, around);
  expect(body).toMatchObject({ accepted: 1 });
}

const WORDS = { who: "lea", why: "it is back" };
const HARD_BOUNCE = { type: "hard_bounced", category: 2, details: "550 5.1.1 no such user" };

describe(`while ${OTHERS} others have opted out, few rows are read`, () => {
  it.each<[string, (send: TestSend, around: Env) => Promise<unknown>]>([
    ["for opting out again", (send, around) => decide(send, "unsubscribe", around)],
    ["for subscribing again", (send, around) => decide(send, "subscribe", around)],
    ["for the page", (send, around) => ask(`/u/${token("unsubscribe", send)}`, {}, around)],
    ["for a complaint", (send, around) => report(send, "complained", NOW_MS, around)],
    [
      "for a complaint that is reported again as earlier",
      async (send, around) => {
        await report(send, "complained", NOW_MS);
        await report(send, "complained", NOW_MS - DAY_MS, around);
      },
    ],
    ["for subscribing elsewhere", (send, around) => report(send, "subscribed", NOW_MS, around)],
    ["for a hard bounce", (send, around) => reportOutcome(send, HARD_BOUNCE, around)],
    [
      "for the removal of an invalid address",
      async (send, around) => {
        await reportOutcome(send, HARD_BOUNCE, env);
        expect((await removeSuppression({ address: send.address, ...WORDS }, around)).status).toBe(200);
      },
    ],
    [
      "for the removal of an opt-out",
      async ({ address }, around) =>
        expect((await removeSuppression({ address, reason: "unsubscribed", ...WORDS }, around)).status).toBe(200),
    ],
    [
      "for an address that a sender adds",
      async ({ address }, around) =>
        expect((await post("/v1/suppressions", { address, reason: "blocked" }, around)).status).toBe(200),
    ],
    ["for a check", ({ person }, around) => get(`/v1/suppressions/check?person=${person}`, around)],
    ["for a page of the list", (_send, around) => get("/v1/suppressions?limit=20", around)],
    [
      "for decorating for them elsewhere",
      ({ person, address }, around) => decorateFor({ person, address: `new-${address}` }, around),
    ],
    [
      "for another person at their address",
      ({ address }, around) => decorateFor({ person: newSend().person, address }, around),
    ],
  ])("%s", async (_what, act) => {
    const send = await optedOut();
    let [read, statements] = [0, 0];
    const DB = counted(({ rows_read }) => {
      read += rows_read;
      statements++;
    });
    await act(send, environment({ DB }));
    expect(statements).toBeGreaterThan(0);
    expect(read).toBeLessThan(FEW);
  });
});

/** The entries of all pages, and the most rows that one of them read. */
async function allPages(limit: number, filter: string) {
  const entries: string[] = [];
  const reads: number[] = [];
  let cursor: string | undefined = "";
  while (cursor !== undefined) {
    let read = 0;
    const DB = counted(({ rows_read }) => {
      read += rows_read;
    });
    const { body } = await get(`/v1/suppressions?limit=${limit}${filter}${cursor}`, environment({ DB }));
    const { data, next } = v.parse(Page, body);
    entries.push(...data.map((entry) => JSON.stringify(entry)));
    reads.push(read);
    cursor = next === undefined ? undefined : `&cursor=${next}`;
  }
  expect(entries).toHaveLength(new Set(entries).size);
  return { entries, mostRead: Math.max(...reads) };
}

describe.each([
  50, 1_000,
])(`a page of %i, of ${4 * OTHERS} that began in the same millisecond, reads few rows`, (limit) => {
  it.each([
    ["all of them", "", 4 * OTHERS],
    ["opt-outs", "&reason=unsubscribed", 2 * OTHERS],
    ["invalid addresses", "&reason=invalid", OTHERS],
    ["blocks", "&reason=blocked", OTHERS],
  ])("of %s", async (_, filter, count) => {
    const { entries, mostRead } = await allPages(limit, filter);
    expect(entries.filter((entry) => entry.includes('"other'))).toHaveLength(count);
    expect(mostRead).toBeLessThan(MOST_PER_ENTRY * limit);
  });
});

describe("of a recipient with many blocks, of which the last to be read ends last,", () => {
  const BLOCKS = 1_000;

  it("each page reads the blocks once, and one of them lists one", async () => {
    await env.DB.prepare(
      `WITH RECURSIVE blocks (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM blocks WHERE n < ${BLOCKS})
      INSERT INTO suppressions (subject, reason, source, since, cause, until)
      SELECT 'address:full@mail.example', 'blocked', printf('%04d', n), ${NOW_MS} + n, '552', ${NOW_MS + DAY_MS} + n
      FROM blocks`,
    ).run();
    const limit = 50;
    const { entries, mostRead } = await allPages(limit, "&reason=blocked");
    expect(entries.filter((entry) => entry.includes("full@mail.example"))).toHaveLength(1);
    expect(mostRead).toBeLessThan(BLOCKS + MOST_PER_ENTRY * limit);
  });
});
