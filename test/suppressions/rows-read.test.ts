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
      `INSERT INTO suppressions (subject, reason, since, cause, event, owner)
      ${others} SELECT 'address:other' || n || '@mail.example', iif(n % 2, 'unsubscribed', 'invalid'), ${since}, 'form',
      'event' || n, 'person:other' || n FROM others`,
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

describe(`of ${2 * OTHERS} suppressions that began in the same millisecond, few rows are read`, () => {
  it.each([
    ["all of them", "", 2 * OTHERS],
    ["opt-outs", "&reason=unsubscribed", OTHERS + OTHERS / 2],
    ["invalid addresses", "&reason=invalid", OTHERS / 2],
  ])("for each page of %s", async (_, filter, count) => {
    const subjects = new Set<unknown>();
    let cursor: string | undefined = "";
    while (cursor !== undefined) {
      let read = 0;
      const DB = counted(({ rows_read }) => {
        read += rows_read;
      });
      const { body } = await get(`/v1/suppressions?limit=50${filter}${cursor}`, environment({ DB }));
      const { data, next } = v.parse(Page, body);
      for (const entry of data) subjects.add(JSON.stringify(entry));
      cursor = next === undefined ? undefined : `&cursor=${next}`;
      expect(read).toBeLessThan(FEW);
    }
    expect(subjects.size).toBeGreaterThanOrEqual(count);
  });
});
