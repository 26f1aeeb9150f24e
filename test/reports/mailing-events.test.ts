/**
 * Opens and clicks by when they happened: GET /v1/reports/activity. Those of a large mailing are read in the order of
 * the log, others by the lists of their messages.
 */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { sql } from "../../src/platform/sql.ts";
import { activityCounts } from "../../src/reports/activity.ts";
import { aggregateLog } from "../../src/reports/aggregate.ts";
import { deviceCounts } from "../../src/reports/devices.ts";
import { denseStretch } from "../../src/reports/stretch.ts";
import { emptyLog, logRows, type Row } from "../marketo/marketo.ts";
import { get } from "../outcomes.ts";
import { PHONE } from "../worker.ts";
import { archiveMessages } from "./archived-messages.ts";
import { MARKING } from "./policy.ts";
import { apart, click } from "./small-mailing.ts";

beforeEach(emptyLog);

const HOUR = 3_600_000;
const BOUNDS = { events: 9_999, messages: 99_999, userAgents: 9 };
const PERIOD = { sinceMs: 0, untilMs: Date.now() + 1_000 * 60_000 };

const open = (person: string, more: Row = {}): Row => ({ type: 10, person, user_agent: PHONE, ...more });
const people = (count: number, prefix: string) => Array.from({ length: count }, (_, index) => `${prefix}${index}`);
/** Of another email: so many that nothing among them is close together. */
const others = () => people(64, "o").map((person) => open(person, { email: "8", campaign: "44" }));

/** The next event gets the seq after `seq`. */
const skipTo = (seq: number) =>
  env.DB.prepare("UPDATE sqlite_sequence SET seq = ?1 WHERE name = 'events'").bind(seq).run();

async function logMailings() {
  await logRows(...apart(others()));
  await skipTo(10_000);
  await logRows(
    ...apart([
      ...people(40, "a").flatMap((person) => [open(person), click(person, "l1"), click(person, "l2", { is_bot: 1 })]),
      ...people(9, "b").flatMap((person) => [open(person, { campaign: "43" }), open(person, { email: "9" })]),
      open("", {}),
      { person: "d", type: 11 },
      { person: "e", type: 7 },
    ]),
  );
  await skipTo(40_000);
  await logRows(
    ...apart([...others(), open("late"), click("a1", "l3"), open("late", { campaign: "43" }), ...others()]),
  );
  await aggregateLog(env, MARKING, Number.POSITIVE_INFINITY);
}

describe("events of a mailing", () => {
  it.each([
    [{ email: "7" }, { opened: 40 + 9 + 2, clicks: 41, bots: { opened: 0, clicks: 40 } }],
    [{ campaign: "42" }, { opened: 40 + 9 + 1, clicks: 41, bots: { opened: 0, clicks: 40 } }],
    [
      { email: "7", campaign: "42" },
      { opened: 41, clicks: 41, bots: { opened: 0, clicks: 40 } },
    ],
    [
      { email: "7", campaign: "43" },
      { opened: 10, clicks: 0, bots: { opened: 0, clicks: 0 } },
    ],
  ])("are counted once, wherever in the log they are: %j", async (mailing, counts) => {
    await logMailings();
    const ofAllSent = { ...mailing, sentSinceMs: 0 };
    // Only messages say when they were sent: none of its events is found without their lists.
    for (const filter of [mailing, ofAllSent]) {
      const counted = await activityCounts(env, { ...filter, ...PERIOD }, sql`0`, BOUNDS);
      expect([...(counted ?? [])]).toEqual([[0, counts]]);
    }
    for (const filter of [mailing, { ...mailing, sinceMs: 0 }]) {
      const devices = (await deviceCounts(env, { ...filter, bots: "exclude" }, BOUNDS)) ?? [];
      const phones = devices.filter(({ platform }) => platform === "iOS").map(({ opened }) => opened);
      expect(phones).toEqual([counts.opened]);
      expect(devices.reduce((sum, { clicks }) => sum + clicks, 0)).toBe(counts.clicks);
    }
  });

  it("are read in the order of the log where they are close together, and nowhere else", async () => {
    await logMailings();
    const stretch = { after: 9_999, last: 19_999, isWhole: false };
    expect(await denseStretch(env.DB, 0, { email: "7" }, PERIOD)).toEqual(stretch);
    expect(await denseStretch(env.DB, 0, { email: "8" }, PERIOD)).toMatchObject({ after: 0, isWhole: true });
    expect(await denseStretch(env.DB, 10_050, { email: "7" }, undefined)).toMatchObject({ after: 10_050 });
    expect(await denseStretch(env.DB, 0, { email: "7" }, { sinceMs: 0, untilMs: 1 })).toBeUndefined();
    expect(await denseStretch(env.DB, 0, { email: "none" }, undefined)).toBeUndefined();
  });

  it("are refused when they are more than may be read", async () => {
    await logMailings();
    const read = (events: number) => activityCounts(env, { email: "7", ...PERIOD }, sql`0`, { ...BOUNDS, events });
    expect(await read(131)).toBeUndefined();
    expect(await read(132)).toBeDefined();
  });
});

describe("GET /v1/reports/activity", () => {
  const PARIS = "zone=Europe/Paris&since=2026-10-25&until=2026-10-26";
  const openAt = (person: string, at: string, more: Row = {}) => ({ type: 10, person, at: Date.parse(at), ...more });

  beforeEach(async () => {
    await logRows(
      { person: "a", at: Date.parse("2026-10-20T08:00:00Z") },
      // The hour from two to three, twice.
      openAt("a", "2026-10-25T00:30:00Z"),
      openAt("b", "2026-10-25T01:30:00Z"),
      openAt("c", "2026-10-25T01:40:00Z", { is_bot: 1 }),
      click("a", "l1", { at: Date.parse("2026-10-25T01:50:00Z") }),
      click("a", "l1", { at: Date.parse("2026-10-25T01:55:00Z") }),
      click("d", "honeypot", { at: Date.parse("2026-10-25T01:56:00Z") }),
      openAt("e", "2026-10-25T22:59:59.999Z", { email: "8", campaign: "43" }),
      openAt("f", "2026-10-25T23:00:00Z"),
      openAt("g", "2026-10-24T21:59:59.999Z"),
    );
  });

  it("counts opens and clicks in the hours in which they happened, those of bots apart", async () => {
    const { status, body } = await get(`/v1/reports/activity?by=hour&${PARIS}`);
    expect(status).toBe(200);
    const data = body.data as { local: string; opened: number; clicks: number }[];
    expect(data).toHaveLength(25);
    expect(data.filter(({ opened, clicks }) => opened + clicks > 0)).toMatchObject([
      { local: "2026-10-25T02:00+02:00", opened: 1, clicks: 0, bots: { opened: 0, clicks: 0 } },
      { local: "2026-10-25T02:00+01:00", opened: 1, clicks: 2, bots: { opened: 1, clicks: 1 } },
      { local: "2026-10-25T23:00+01:00", opened: 1, clicks: 0 },
    ]);
    expect(body.total).toEqual({ opened: 3, clicks: 2, bots: { opened: 1, clicks: 1 } });
  });

  it("adds up the hours of a week, of one email or campaign", async () => {
    const hours = async (query: string) => {
      const { data } = (await get(`/v1/reports/activity?by=weekday_hour&${PARIS}${query}`)).body as {
        data: { weekday: number; hour: number; opened: number; clicks: number }[];
      };
      expect(data).toHaveLength(168);
      return data.flatMap(({ weekday, hour, opened, clicks }) =>
        opened + clicks === 0 ? [] : [`${weekday} ${hour}: ${opened} ${clicks}`],
      );
    };
    expect(await hours("")).toEqual(["7 2: 2 2", "7 23: 1 0"]);
    expect(await hours("&email=7")).toEqual(["7 2: 2 2"]);
    expect(await hours("&campaign=43")).toEqual(["7 23: 1 0"]);
    expect(await hours("&email=7&campaign=43")).toEqual([]);
    expect(await hours("&email=7&sentSince=2026-10-25")).toEqual(["7 2: 1 0"]);
    expect(await hours("&email=7&sentUntil=2026-10-25")).toEqual(["7 2: 1 2"]);
  });

  it.each([
    ["", []],
    ["&email=7&sentSince=2026-10-25", []],
    ["&email=7", [1, 2]],
    ["&email=7&sentSince=2026-10-25", [undefined, 1]],
  ])("answers rows, and beside them a week that ends later, as two questions would: %s %j", async (of, left) => {
    await aggregateLog(env, MARKING, Number.POSITIVE_INFINITY);
    // One was sent before the rows end, the other one after that.
    if (left.length > 0) await archiveMessages("person IN ('a', 'f')");
    const period = "zone=Europe/Paris&since=2026-10-24";
    const rows = await get(`/v1/reports/activity?by=hour&${period}&until=2026-10-25T01:50:00Z${of}`);
    const week = await get(`/v1/reports/activity?by=weekday_hour&${period}&until=2026-10-26T01:00:00Z${of}`);
    const until = "until=2026-10-25T01:50:00Z&weekUntil=2026-10-26T01:00:00Z";
    const { body } = await get(`/v1/reports/activity?by=hour&${period}&${until}${of}`);
    expect(body).toEqual({ ...rows.body, week: week.body });
    expect(rows.body.total).not.toEqual(week.body.total);
    expect([rows.body.archived, week.body.archived]).toEqual([left[0], left[1]]);
  });

  it("reads rows and a week in no larger answers of D1 than each alone, where they are of years", async () => {
    await emptyLog();
    const weeks = Array.from({ length: 6 }, (_, week) => Date.parse("2024-01-01T00:00:00Z") + week * 7 * 24 * HOUR);
    const hours = Array.from({ length: 8 }, (_, hour) => hour * HOUR);
    await logRows(...weeks.flatMap((at) => hours.map((hour) => ({ type: 10, person: "a", at: at + hour }))));
    await aggregateLog(env, MARKING, Number.POSITIVE_INFINITY);
    const all = vi.spyOn(Object.getPrototypeOf(env.DB.prepare("SELECT 1")), "all");
    const { body } = await get("/v1/reports/activity?by=week&since=2024-01-01&until=2026-01-01&weekUntil=2026-01-02");
    const answers = (await Promise.all(all.mock.results.map(({ value }) => value))) as readonly D1Result[];
    all.mockRestore();
    expect(body).toMatchObject({ total: { opened: 48 }, week: { total: { opened: 48 } } });
    expect(Math.max(...answers.map(({ results }) => results.length))).toBe(hours.length);
  });

  it("reads no more events than it may", async () => {
    const filter = { sinceMs: 0, untilMs: Date.now() };
    expect(await activityCounts(env, filter, sql`0`, { events: 9, messages: 99_999 })).toBeUndefined();
    expect((await activityCounts(env, filter, sql`0`, { events: 10, messages: 99_999 }))?.get(0)?.opened).toBe(5);
  });

  it.each([
    ["by=month", "by"],
    ["by=weekday_hour&since=1990-01-01", "since"],
    ["by=weekday_hour&since=2026-03-01&until=2026-03-01", "until"],
    ["by=hour&since=2026-01-01", "since"],
    ["by=day&bots=include", "bots"],
    ["by=day&sentSince=yesterday&email=7", "sentSince"],
    ["by=day&sentUntil=2026-11-01", "email"],
    ["by=day&since=2026-03-01&until=2026-03-03&weekUntil=2026-03-02", "weekUntil"],
    ["by=weekday_hour&weekUntil=2026-03-02", "weekUntil"],
    ["by=day&since=2001-01-01&until=2001-02-01&weekUntil=2026-03-02", "since"],
  ])("refuses %s, and names the parameter", async (query, field) => {
    expect(await get(`/v1/reports/activity?${query}`)).toMatchObject({ status: 400, body: { error: { field } } });
  });
});
