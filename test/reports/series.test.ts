/** GET /v1/reports/series, and the hours, days and weeks of a time zone. */
import { beforeEach, describe, expect, it } from "vitest";
import { midnightOf, type TimeZone, timeZone } from "../../src/platform/time-zone.ts";
import { type Bucket, type BucketUnit, bucketsOf } from "../../src/reports/buckets.ts";
import { emptyLog, logRows } from "../marketo/marketo.ts";
import { get } from "../outcomes.ts";
import { ask } from "../worker.ts";
import { apart, click } from "./small-mailing.ts";

const HOUR_MS = 3_600_000;

function zoneOf(name: string): TimeZone {
  const zone = timeZone(name);
  if (zone === undefined) throw new Error(name);
  return zone;
}

/** "2026-10-25 25h" … */
function described(unit: BucketUnit, zone: string, from: string, until: string): string[] {
  const of = zoneOf(zone);
  const buckets = bucketsOf(unit, of, midnightOf(of, from), midnightOf(of, until), 1_000);
  return (buckets?.all ?? []).map(({ local, fromMs, untilMs }) => `${local} ${(untilMs - fromMs) / HOUR_MS}h`);
}

describe("days, weeks and hours of a time zone", () => {
  it.each([
    [
      "when summer time ends",
      "Europe/Paris",
      "2026-10-24",
      "2026-10-27",
      ["2026-10-24 24h", "2026-10-25 25h", "2026-10-26 24h"],
    ],
    [
      "when summer time begins",
      "Europe/Paris",
      "2026-03-28",
      "2026-03-31",
      ["2026-03-28 24h", "2026-03-29 23h", "2026-03-30 24h"],
    ],
    [
      "with half an hour of summer time",
      "Australia/Lord_Howe",
      "2026-04-04",
      "2026-04-06",
      ["2026-04-04 24h", "2026-04-05 24.5h"],
    ],
    [
      "that has no midnight when summer time begins",
      "Africa/Cairo",
      "2026-04-23",
      "2026-04-25",
      ["2026-04-23 24h", "2026-04-24 23h"],
    ],
    ["with an offset of 45 minutes", "Asia/Kathmandu", "2026-10-24", "2026-10-25", ["2026-10-24 24h"]],
    ["where a day was left out", "Pacific/Apia", "2011-12-29", "2012-01-01", ["2011-12-29 24h", "2011-12-31 24h"]],
    ["without changes", "UTC", "2026-02-28", "2026-03-02", ["2026-02-28 24h", "2026-03-01 24h"]],
  ])("are days %s", (_, zone, from, until, days) => {
    expect(described("day", zone, from, until)).toEqual(days);
  });

  it("are weeks from Monday, of 169 hours when summer time ends", () => {
    expect(described("week", "Europe/Paris", "2026-10-19", "2026-11-02")).toEqual([
      "2026-10-19 169h",
      "2026-10-26 168h",
    ]);
    expect(described("week", "America/New_York", "2026-11-01", "2026-11-03")).toEqual([
      "2026-10-26 169h",
      "2026-11-02 168h",
    ]);
  });

  it("are hours, one of which comes twice, and one is left out", () => {
    expect(described("hour", "Europe/Paris", "2026-10-25", "2026-10-26").slice(1, 5)).toEqual([
      "2026-10-25T01:00+02:00 1h",
      "2026-10-25T02:00+02:00 1h",
      "2026-10-25T02:00+01:00 1h",
      "2026-10-25T03:00+01:00 1h",
    ]);
    const spring = described("hour", "Europe/Paris", "2026-03-29", "2026-03-30");
    expect(spring.slice(1, 3)).toEqual(["2026-03-29T01:00+01:00 1h", "2026-03-29T03:00+02:00 1h"]);
    expect(spring).toHaveLength(23);
    expect(described("hour", "Australia/Lord_Howe", "2026-04-05", "2026-04-06").slice(1, 4)).toEqual([
      "2026-04-05T01:00+11:00 1h",
      "2026-04-05T01:30+10:30 0.5h",
      "2026-04-05T02:00+10:30 1h",
    ]);
    expect(described("hour", "Asia/Kathmandu", "2026-10-25", "2026-10-26")).toHaveLength(24);
  });

  it("follow one another without a gap, in zones all over the world", () => {
    const fromMs = Date.UTC(2025, 11, 31);
    const zones = Intl.supportedValuesOf("timeZone").filter((_, index) => index % 6 === 0);
    const wrong = zones.filter((name) => {
      const { all } = bucketsOf("week", zoneOf(name), fromMs, Date.UTC(2027, 0, 2), 100) ?? { all: [] };
      const isWhole = ({ fromMs: beganMs, untilMs }: Bucket) =>
        Math.abs(untilMs - beganMs - 168 * HOUR_MS) <= 2 * HOUR_MS;
      const isNext = ({ fromMs: beganMs }: Bucket, index: number) => index === 0 || beganMs === all[index - 1]?.untilMs;
      return all.length !== 53 || (all[0]?.fromMs ?? fromMs) >= fromMs || !all.every(isWhole) || !all.every(isNext);
    });
    expect(wrong).toEqual([]);
  });
});

describe("GET /v1/reports/series", () => {
  beforeEach(emptyLog);

  const PARIS = "zone=Europe/Paris&since=2026-10-24&until=2026-10-27";

  it("counts what was sent in each day of the zone, those without messages, too", async () => {
    await logRows(
      { person: "a", at: Date.parse("2026-10-24T21:59:59.999Z") },
      { person: "b", at: Date.parse("2026-10-24T22:00:00Z") },
      { person: "c", at: Date.parse("2026-10-25T22:59:59.999Z") },
      { person: "d", at: Date.parse("2026-10-23T21:59:59.999Z") },
      { person: "e", at: Date.parse("2026-10-26T23:00:00Z") },
      { person: "c", type: 7, at: Date.parse("2026-10-26T23:30:00Z") },
      click("c", "l1", { at: Date.parse("2026-10-30T08:00:00Z") }),
      { person: "b", type: 10, is_bot: 1, at: Date.parse("2026-10-30T08:00:00Z") },
    );
    const { status, body } = await get(`/v1/reports/series?by=day&${PARIS}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      data: [
        { from: "2026-10-23T22:00:00.000Z", until: "2026-10-24T22:00:00.000Z", local: "2026-10-24", sent: 1 },
        {
          local: "2026-10-25",
          sent: 2,
          delivered: 1,
          opened: 1,
          openedByPixel: 0,
          clicked: 1,
          noResponse: 1,
          bots: { opened: 1 },
          rates: { delivered: 1 / 2 },
        },
        { local: "2026-10-26", until: "2026-10-26T23:00:00.000Z", sent: 0, rates: { opened: null } },
      ],
      total: { sent: 3, delivered: 1, opened: 1, bots: { opened: 1 }, rates: { delivered: 1 / 3 } },
    });
    const sums = async (query: string) => {
      const { data } = (await get(`/v1/reports/series?${PARIS}&${query}`)).body as {
        data: { sent: number; delivered: number }[];
      };
      return data.map(({ sent, delivered }) => `${sent} ${delivered}`);
    };
    expect(await sums("by=day&bots=include")).toEqual(["1 0", "2 2", "0 0"]);
    expect(await sums("by=day&email=8")).toEqual(["0 0", "0 0", "0 0"]);
    expect(await sums("by=week")).toEqual(["3 1", "0 0"]);
    const hours = await sums("by=hour");
    expect(hours).toHaveLength(73);
    expect([hours[23], hours[24], hours[48]]).toEqual(["1 0", "1 0", "1 1"]);
  });

  it("is CSV, too", async () => {
    await logRows({ person: "a", at: Date.parse("2026-10-25T00:30:00Z") });
    const headers = { Authorization: "Bearer wxs_dev_test" };
    const text = await (await ask(`/v1/reports/series.csv?by=hour&${PARIS}`, { headers })).text();
    expect(text).toMatch(/^Local,From,Until,Sent,Delivered,/);
    expect(text).toContain("\r\n2026-10-25T02:00+02:00,2026-10-25T00:00:00.000Z,2026-10-25T01:00:00.000Z,1,0,");
  });

  it.each([
    ["zone=Europe/Lyon&by=day", "invalid_field", "zone"],
    ["by=month", "invalid_field", "by"],
    ["zone=UTC", "missing_field", "by"],
    ["by=hour&since=2026-01-01&until=2026-03-01", "invalid_field", "since"],
    ["by=week&since=0001-01-01&until=9999-12-31", "invalid_field", "since"],
    ["by=day&since=2026-03-01&until=2026-03-01", "invalid_field", "until"],
    ["by=day&since=2026-02-30", "invalid_field", "since"],
    ["by=day&cursor=a", "unknown_field", "cursor"],
    ["by=day&link=l1", "missing_field", "email"],
  ])("refuses %s as %s, and names the parameter", async (query, code, field) => {
    expect(await get(`/v1/reports/series?${query}`)).toMatchObject({ status: 400, body: { error: { code, field } } });
  });
});

describe("emails in GET /v1/reports/emails", () => {
  beforeEach(emptyLog);

  it("say when their first and last message were sent, and the latest or the best come first, in pages", async () => {
    const at = Date.parse("2026-11-01T12:00:00Z");
    await logRows(
      ...["x", "y"].map((person) => ({ person, email: "old", at })),
      { person: "x", email: "new", at: at + HOUR_MS },
      { person: "y", email: "new", at: at + 3 * HOUR_MS },
      { person: "x", email: "mid", at: at + 2 * HOUR_MS },
      { person: "~anon-11111111111111", email: "mid", type: 10, at: at + 9 * HOUR_MS },
      ...apart([
        { person: "x", email: "old", type: 10 },
        { person: "y", email: "old", type: 7 },
        { person: "x", email: "new", type: 10 },
        { person: "y", email: "new", type: 9 },
      ]),
    );
    const ids = async (query: string) => {
      const found: unknown[] = [];
      for (let cursor = ""; ; ) {
        const { body } = await get(`/v1/reports/emails?limit=1&${query}${cursor}`);
        found.push(...(body.data as { email: { id: unknown } }[]).map(({ email }) => email.id));
        if (body.next === undefined) return found;
        cursor = `&cursor=${body.next}`;
      }
    };
    expect(await ids("sort=sent_at")).toEqual(["new", "mid", "old"]);
    expect(await ids("sort=sent")).toEqual(["new", "old", "mid"]);
    expect(await ids("sort=opened")).toEqual(["new", "old", "mid"]);
    expect(await ids("sort=clicked")).toEqual(["new", "old", "mid"]);
    expect(await ids("sort=unsubscribed")).toEqual(["new", "old", "mid"]);
    expect(await ids("sort=id")).toEqual(["mid", "new", "old"]);
    const { data } = (await get("/v1/reports/emails?sort=sent_at&since=2026-11-01&until=2026-11-02&trend=8")).body;
    expect(data).toMatchObject([
      {
        firstSentAt: "2026-11-01T13:00:00.000Z",
        lastSentAt: "2026-11-01T15:00:00.000Z",
        trend: [0, 0, 0, 0, 1, 1, 0, 0],
      },
      {
        firstSentAt: "2026-11-01T14:00:00.000Z",
        lastSentAt: "2026-11-01T14:00:00.000Z",
        trend: [0, 0, 0, 0, 1, 0, 0, 0],
      },
      { trend: [0, 0, 0, 0, 2, 0, 0, 0] },
    ]);
  });
});
