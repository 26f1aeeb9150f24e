import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { extentOf, LABEL_WIDTHS_REM, labelsFor } from "../../src/web/charts/axis-labels.ts";
import { heatSteps } from "../../src/web/charts/heat-steps.ts";
import { timeAxis } from "../../src/web/charts/time-axis.ts";
import { valueScale } from "../../src/web/charts/value-scale.ts";
import { formatCount, formatShare, formatTick } from "../../src/web/format.ts";
import { LocalTime } from "../../src/web/local-time.tsx";
import { runs } from "../fuzz.ts";

describe("a share", () => {
  it.each([
    [2, 3, "66.7%"],
    [1, 2, "50.0%"],
    [3, 3, "100%"],
    [0, 3, "0%"],
    [9_997, 10_000, ">99.9%"],
    [999_999, 1_000_000, ">99.9%"],
    [999, 1_000, "99.9%"],
    [1, 1_000_000, "<0.01%"],
    [1, 10_000, "0.01%"],
    [8, 10_000, "0.08%"],
    [31, 10_000, "0.31%"],
    [9_996, 1_000_000, "1.00%"],
    [1, 100, "1.0%"],
    [10_001, 10_000, ">100%"],
    [3, 2, "150.0%"],
    [0, 0, "–"],
  ])("of %d in %d is %s", (part, whole, text) => {
    expect(formatShare(part, whole)).toBe(text);
  });

  it('is "0%" of nothing only, "100%" of all only, and never on the other side of a whole percentage', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), fc.nat(), (whole, seed) => {
        const part = seed % (whole + 1);
        const text = formatShare(part, whole);
        expect(text === "0%").toBe(part === 0);
        expect(text === "100%").toBe(part === whole);
        const shown = Number(text.replace(/[<>%]/g, "")) / 100;
        expect(Math.abs(shown - part / whole)).toBeLessThan(0.001);
        expect(shown === 0).toBe(part === 0);
      }),
      runs(2_000),
    );
  });

  it("given as a number is written the same", () => {
    expect(formatShare(0.003)).toBe("0.30%");
    expect(formatShare(1)).toBe("100%");
    expect(formatShare(Number.NaN)).toBe("–");
  });
});

it.each([
  [0, "0", "0"],
  [1_234, "1,234", "1,234"],
  [20_000, "20,000", "20K"],
  [1_250_000, "1,250,000", "1.25M"],
])("the count %d is %s in a table and %s beside an axis", (count, text, short) => {
  expect([formatCount(count), formatTick(count, "count")]).toEqual([text, short]);
});

it.each([
  ["2026-11-29T13:04:05Z", "Europe/Paris", "minute", "29 Nov 2026, 14:04", "29 Nov 2026, 13:04:05 UTC"],
  ["2026-11-29T23:04:05.678Z", "Asia/Kathmandu", "second", "30 Nov 2026, 04:49:05", "29 Nov 2026, 23:04:05 UTC"],
  ["2026-10-25T00:30:00Z", "Europe/Paris", "minute", "25 Oct 2026, 02:30", "25 Oct 2026, 00:30:00 UTC"],
  ["2026-10-25T01:30:00Z", "Europe/Paris", "minute", "25 Oct 2026, 02:30", "25 Oct 2026, 01:30:00 UTC"],
  ["2026-11-29T00:00:00Z", "America/New_York", "day", "28 Nov 2026", "29 Nov 2026, 00:00:00 UTC"],
] as const)("%s in %s, by the %s, is %s, and %s for who asks", async (at, zone, exact, text, title) => {
  const html = String(await LocalTime({ at, zone, exact }));
  expect(html).toBe(`<time datetime="${at}" title="${title}">${text}</time>`);
});

it("what is no time is shown as it is, escaped", async () => {
  expect(String(await LocalTime({ at: "<b>", zone: "UTC" }))).toBe("&lt;b&gt;");
});

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const days = (from: string, count: number) =>
  Array.from({ length: count }, (_, index) => new Date(Date.parse(from) + index * DAY_MS).toISOString().slice(0, 10));
const hours = (from: string, count: number, offset: string) =>
  Array.from({ length: count }, (_, index) => {
    const time = new Date(Date.parse(`${from}Z`) + index * HOUR_MS).toISOString();
    return `${time.slice(0, "2026-10-25T02:00".length)}${offset}`;
  });
const NOVEMBER = timeAxis("day", days("2026-11-01", 30));

describe("the labels of a time axis", () => {
  const axes = fc
    .record({
      by: fc.constantFrom("hour", "day", "week"),
      from: fc.integer({ min: Date.UTC(2024, 0, 1) / DAY_MS, max: Date.UTC(2027, 0, 1) / DAY_MS }),
      shift: fc.nat(23),
      count: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 41, max: 400 })),
    })
    .map(({ by, from, shift, count }) => {
      const start = new Date(from * DAY_MS + (by === "hour" ? shift * HOUR_MS : 0)).toISOString().slice(0, 19);
      if (by === "hour") return timeAxis(by, hours(start, count, "+00:00"));
      return timeAxis(
        by,
        days(start, by === "week" ? count * 7 : count).filter((_, i) => by === "day" || i % 7 === 0),
      );
    });

  it("never overlap and never leave the plot, at whatever width they are shown", () => {
    fc.assert(
      fc.property(axes, fc.double({ min: 0, max: 1, noNaN: true }), ({ tickSets, labels }, wider) => {
        for (const [index, narrowest] of LABEL_WIDTHS_REM.entries()) {
          const shown = labelsFor(tickSets, labels.length, narrowest);
          const widest = LABEL_WIDTHS_REM[index + 1] ?? narrowest * 4;
          const extents = shown.map((label) => extentOf(label, narrowest + wider * (widest - narrowest)));
          expect(shown.length).toBeGreaterThan(0);
          expect(extents.every(([start, end]) => start >= 0 && end <= widest)).toBe(true);
          expect(extents.every(([start], at) => at === 0 || start > (extents[at - 1]?.[1] ?? 0))).toBe(true);
        }
      }),
      runs(240),
    );
  });

  const texts = (axis: typeof NOVEMBER, widthRem: number) =>
    labelsFor(axis.tickSets, axis.labels.length, widthRem).map(({ text }) => text);

  it("are at the beginnings of days, weeks, months and years", () => {
    expect(texts(timeAxis("day", days("2026-11-23", 5)), 46)).toEqual([
      "23 Nov",
      "24 Nov",
      "25 Nov",
      "26 Nov",
      "27 Nov",
    ]);
    expect(texts(NOVEMBER, 32)).toEqual(["2 Nov", "9 Nov", "16 Nov", "23 Nov", "30 Nov"]);
    expect(texts(NOVEMBER, 16)).toEqual(["2 Nov", "16 Nov", "30 Nov"]);
    expect(texts(timeAxis("day", days("2026-10-15", 120)), 16)).toEqual(["Nov", "Dec", "2027", "Feb"]);
    expect(texts(timeAxis("day", days("2025-01-15", 700)), 32)[0]).toBe("Apr 2025");
    expect(texts(timeAxis("day", days("2025-01-15", 700)), 12)).toEqual(["Apr 2025", "Jul 2026"]);
    expect(texts(timeAxis("hour", hours("2026-11-28T09:00", 30, "+00:00")), 16)).toEqual(["12:00", "29 Nov", "12:00"]);
    expect(texts(timeAxis("hour", hours("2026-11-28T09:00", 9, "+00:00")), 32)).toEqual([
      "28 Nov, 09:00",
      "12:00",
      "15:00",
    ]);
  });

  it("follow the local clock when it changes: an hour twice, an hour left out, a day that begins at one", () => {
    const autumn = timeAxis("hour", [
      ...hours("2026-10-25T00:00", 3, "+02:00"),
      ...hours("2026-10-25T02:00", 22, "+01:00"),
    ]);
    expect(autumn.labels.slice(2, 4)).toEqual([
      "Sun, 25 Oct 2026, 02:00 UTC+02:00",
      "Sun, 25 Oct 2026, 02:00 UTC+01:00",
    ]);
    expect(texts(autumn, 64)).toEqual(["25 Oct", "03:00", "06:00", "09:00", "12:00", "15:00", "18:00", "21:00"]);
    const helsinki = [...hours("2026-10-25T00:00", 4, "+03:00"), ...hours("2026-10-25T03:00", 21, "+02:00")];
    expect(texts(timeAxis("hour", helsinki), 64)[1]).toBe("03:00");
    expect(timeAxis("hour", helsinki).tickSets[0]?.map(({ index }) => index)).toEqual([0, 3, 7, 10, 13, 16, 19, 22]);
    const cairo = [...hours("2026-04-23T12:00", 12, "+02:00"), ...hours("2026-04-24T01:00", 23, "+03:00")];
    expect(texts(timeAxis("hour", cairo), 22)).toEqual(["12:00", "24 Apr", "12:00"]);
  });
});

describe("the scale of values", () => {
  const isRound = (step: number) =>
    [1, 2, 5].includes(Number((step / 10 ** Math.floor(Math.log10(step) + 1e-9)).toFixed(6)));

  it("has round numbers at equal distances, from 0 to what is above every value, each written as itself", () => {
    const values = fc.oneof(fc.nat(20), fc.nat(2_000_000_000));
    fc.assert(
      fc.property(values, fc.constantFrom("count", "share"), (value, format) => {
        const max = format === "count" ? value : Math.min(1, value / 1e9);
        const { ticks, top, percent } = valueScale([0, max], format);
        const [zero, step = 0] = ticks;
        expect([zero, isRound(step), percent(top), percent(0)]).toEqual([0, true, 100, 0]);
        expect(top).toBeGreaterThanOrEqual(max);
        expect(ticks.length).toBeGreaterThanOrEqual(2);
        expect(ticks.length).toBeLessThanOrEqual(11);
        for (const [index, tick] of ticks.entries()) expect(tick).toBeCloseTo(index * step, 6);
        const units: Readonly<Record<string, number>> = { K: 1e3, M: 1e6, B: 1e9, "%": 0.01 };
        for (const tick of ticks) {
          const [, number = "", unit = ""] = /^([\d.,]+)(\D?)$/.exec(formatTick(tick, format)) ?? [];
          expect(Number(number.replaceAll(",", "")) * (units[unit] ?? 1)).toBeCloseTo(tick, 6);
        }
      }),
      runs(800),
    );
  });

  it("of shades has at most five of one size, the highest of which is the darkest", () => {
    fc.assert(
      fc.property(fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 10_000_000 })), (max) => {
        const { levels, levelOf } = heatSteps(max);
        expect(levels.length).toBeLessThanOrEqual(6);
        expect([levelOf(0), levelOf(max)]).toEqual([0, 5]);
        expect(levelOf(1)).toBeGreaterThanOrEqual(1);
        expect(new Set(levels.map(({ level }) => level)).size).toBe(levels.length);
      }),
      runs(400),
    );
    expect(heatSteps(900).levels.map(({ text }) => text)).toEqual([
      "0",
      "1–200",
      "201–400",
      "401–600",
      "601–800",
      "801–1,000",
    ]);
  });
});
