/** Bots that show beside a message's other events: each rule, who stays a person, and that order does not matter. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BOT_METHODS, BOT_PATTERNS, type BotMethod, type BotPolicy } from "../../src/bots/bot.ts";
import { type Activity, botActivitiesAmong, methodOf } from "../../src/bots/burst.ts";
import { runs } from "../fuzz.ts";
import { MARKING, marking, UNASKED } from "../reports/policy.ts";
import { slowBots } from "./slow-bots.ts";

const DELIVERED = 1_000;
/** Days after that. */
const LATER = 300_000;

/** The method that detects each activity, "-" where none does. */
function found(activities: readonly Activity[], policy: BotPolicy = MARKING, sent: readonly number[] = []) {
  const bots = botActivitiesAmong(sent, activities, policy);
  for (const { method, pattern } of bots.values()) expect(pattern).toBe(BOT_PATTERNS[method]);
  return activities.map((activity) => bots.get(activity)?.method ?? "-");
}

const opened = (second: number, method?: BotMethod): Activity => ({ second, link: undefined, method });
const clicked = (second: number, link = "l1", method?: BotMethod): Activity => ({ second, link, method });
/** Clicks on different links in these seconds. */
const links = (...seconds: readonly number[]) => seconds.map((second, index) => clicked(second, `l${index}`));
/** Clicks on different links in an even rhythm. */
const rhythmic = (second: number, count: number, pauseSeconds: number) =>
  links(...Array.from({ length: count }, (_, index) => second + index * pauseSeconds));
const fiveTabs = (second: number) => links(...[0, 2, 4, 7, 10].map((after) => second + after));
const twelveTabs = (second: number) =>
  links(...[0, 0.7, 2, 2.9, 4.3, 4.9, 6.4, 7.2, 8.6, 9.1, 10.5, 11.9].map((after) => second + after));
const only = (method: BotMethod): BotPolicy => ({
  ...UNASKED,
  handling: { ...UNASKED.handling, [method]: "mark" },
});
const all = (method: BotMethod | "-", count: number) => Array.from({ length: count }, () => method);

describe("a person", () => {
  it.each<[string, readonly Activity[], readonly number[]]>([
    ["who double-clicks", [clicked(5_000), clicked(5_000), clicked(5_001)], [DELIVERED]],
    ["whose image loads at the moment of the click", [opened(5_000), clicked(5_000)], [DELIVERED]],
    ["who clicks three links within six seconds", [opened(5_000), ...links(5_000, 5_003, 5_006)], [DELIVERED]],
    ["who clicks three links at once, after days", [opened(LATER), ...links(LATER, LATER, LATER)], [DELIVERED]],
    ["who clicks one each second, after half a minute", [opened(1_028), ...links(1_030, 1_031, 1_032)], [DELIVERED]],
    ["who clicks three links at once then", [opened(1_028), ...links(1_030, 1_030, 1_030)], [DELIVERED]],
    ["who clicks three links at 0.45 seconds each, minutes later", links(1_300, 1_300.4, 1_300.9), [DELIVERED]],
    ["who clicks four links unevenly then", [opened(1_038), ...links(1_040, 1_045, 1_052, 1_060)], [DELIVERED]],
    ["who clicks two links, four seconds after delivery", [opened(1_003), ...links(1_004, 1_004.9)], [DELIVERED]],
    ["who clicks three links at once, in a mail of unknown delivery", links(5_000, 5_000, 5_000), []],
    ["who clicks three links within a second", [opened(5_000), ...links(5_000, 5_000.3, 5_000.7)], [DELIVERED]],
    ["who confirms four seconds after delivery", [opened(1_003), clicked(1_004)], [DELIVERED - 1, DELIVERED]],
    ["who reads a newsletter", [opened(5_000), ...links(5_004, 5_020, 5_034, 5_050, 5_071, 5_090)], [DELIVERED]],
    ["who opens five tabs in ten seconds, days later", [opened(LATER - 4), ...fiveTabs(LATER)], [DELIVERED]],
    ["who does so without images", fiveTabs(LATER), [DELIVERED]],
    ["who opens twelve tabs, about one a second", [opened(LATER - 9), ...twelveTabs(LATER)], [DELIVERED]],
    ["who opens five tabs in four seconds, one a second", rhythmic(LATER, 5, 1), [DELIVERED]],
    ["who opens tabs as fast as hands do", links(...[0, 0.5, 1.3, 1.8, 2.6, 3.3].map((s) => LATER + s)), [DELIVERED]],
    ["who confirms, and clicks the logo", [opened(1_005), ...links(1_006, 1_007.9)], [DELIVERED]],
    ["who clicks in an old mail to have it sent again", [opened(4_990), clicked(4_998)], [DELIVERED, 5_000, 5_001]],
    [
      "who reads the old mail while it is sent again",
      [opened(4_980), ...links(4_985, 5_004, 5_005.7, 5_020)],
      [DELIVERED, 5_000, 5_001],
    ],
    ["who opens three tabs just after it was sent again", links(5_004, 5_005.5, 5_007), [DELIVERED, 5_000, 5_001]],
    ["who double-clicks the new mail", [opened(1_010), clicked(1_010), clicked(1_010.2)], [DELIVERED]],
  ])("%s is none", (_what, activities, sent) => {
    expect(found(activities, MARKING, sent)).toEqual(all("-", activities.length));
  });
});

describe("a scanner", () => {
  it.each<[string, readonly Activity[]]>([
    ["fetches two links within a second, three seconds after delivery", links(1_003.9, 1_004.9)],
    ["fetches three links within 0.8 seconds, ten seconds after delivery", links(1_010, 1_010.4, 1_010.8)],
    ["fetches the links before the mail server has accepted the message", links(945, 946)],
    ["fetches five links within four seconds, two minutes after delivery", links(1_120, 1_121, 1_122, 1_123, 1_124)],
    ["fetches five links within 2.8 seconds, ten minutes later", links(1_600, 1_600.1, 1_601, 1_602.5, 1_602.8)],
    ["fetches six links slowly, beginning 45 seconds after delivery", links(1_045, 1_057, 1_060, 1_071, 1_073, 1_085)],
    ["fetches five links in a rhythm, ten minutes after delivery", links(1_600, 1_605, 1_611.5, 1_616.6, 1_622)],
    ["fetches four links within 1.35 seconds, whenever", links(...[0, 0.4, 0.9, 1.35].map((s) => LATER + s))],
    ["fetches five links within 1.8 seconds, whenever", links(...[0, 0.4, 0.9, 1.4, 1.8].map((s) => LATER + s))],
    ["fetches six links within 2.25 seconds", links(...[0, 0.35, 0.85, 1.4, 1.9, 2.25].map((s) => LATER + s))],
    ["goes in an even rhythm, whenever", rhythmic(LATER, 8, 0.88)],
    ["goes in an even rhythm of twelve seconds, whenever", rhythmic(LATER, 6, 12)],
    ["fetches six links in an even rhythm, whenever", links(...[0, 0.8, 1.6, 2.5, 3.4, 4.3].map((s) => LATER + s))],
    ["renders the message again, days later", [opened(LATER - 1), ...rhythmic(LATER, 5, 0.2), opened(LATER + 1.3)]],
    ["renders the message, and fetches its links 45 seconds later", [opened(1_010), ...rhythmic(1_055, 5, 1)]],
    ["straddles the edge of a second", links(1_008, 1_008, 1_009, 1_009)],
    ["loads the image in between", [...rhythmic(1_020, 5, 0.5), opened(1_020.4), opened(1_022.5)]],
  ])("that %s is one", (_what, activities) => {
    expect(found(activities, MARKING, [DELIVERED])).toEqual(all("links", activities.length));
    expect(found(activities, marking({ links: "off" }), [DELIVERED])).toEqual(all("-", activities.length));
  });

  it.each<[string, readonly Activity[]]>([
    ["two links more slowly", links(1_003, 1_004.001)],
    ["two links at once, more than three seconds after delivery", links(1_004, 1_004)],
    ["three links so fast, more than ten seconds after delivery", links(1_011, 1_011.4, 1_011.8)],
    ["five links in more than four seconds", links(1_050, 1_050.1, 1_051, 1_052.5, 1_054.001)],
    ["five links in four seconds, more than two minutes after delivery", links(1_121, 1_121.1, 1_122, 1_123.5, 1_125)],
    ["five links in 2.8 seconds, more than ten minutes after delivery", links(1_601, 1_601.1, 1_602, 1_603.5, 1_603.8)],
    ["six links, the first more than 45 seconds after delivery", links(1_046, 1_048, 1_054, 1_055, 1_063, 1_065)],
    ["five links in turn", links(1_045, 1_057, 1_060, 1_071, 1_073)],
    ["five links in a rhythm, more than ten minutes after delivery", links(1_601, 1_606, 1_612.5, 1_617.6, 1_623)],
    ["five links in an uneven rhythm, minutes after delivery", links(1_400, 1_405, 1_411.6, 1_416.6, 1_422)],
    ["six links with a pause of twelve seconds", links(1_045, 1_047, 1_048, 1_051, 1_055, 1_067.001)],
    ["three links at once, whenever", links(LATER, LATER, LATER)],
    ["four links in more than 1.35 seconds", links(LATER, LATER + 0.4, LATER + 0.9, LATER + 1.351)],
    ["five links in an even rhythm", rhythmic(LATER, 5, 0.8)],
    ["links in an even rhythm, one in twelve seconds and some", rhythmic(LATER, 12, 12.001)],
    ["links in an uneven rhythm", links(...[0, 0.6, 1.4, 2, 2.8, 3.5].map((s) => LATER + s))],
    ["one link again and again", Array.from({ length: 9 }, () => clicked(1_005))],
  ])("is not seen in %s", (_what, activities) => {
    expect(found(activities, MARKING, [DELIVERED])).toEqual(all("-", activities.length));
  });

  it("takes along all clicks of its run, and the opens beside it", () => {
    const six = links(1_030, 1_035, 1_040, 1_045, 1_049, 1_052);
    const slow = [clicked(1_019, "l0"), ...six, clicked(1_064, "l0"), clicked(1_077)];
    expect(found(slow, MARKING, [DELIVERED])).toEqual([...all("links", 8), "-"]);
    const opens = [opened(1_016.9), opened(1_017), opened(1_022.5), opened(1_022.6)];
    const five = rhythmic(1_020, 5, 0.5);
    expect(found([...opens, ...five], MARKING, [DELIVERED])).toEqual(["-", "links", "links", "-", ...all("links", 5)]);
  });

  it("takes along no open of a program that made none of its clicks", () => {
    const by = (image: string | undefined, ...programs: readonly (string | undefined)[]) => {
      const clicks = rhythmic(1_020, 5, 0.5).map((click, at) => ({ ...click, agent: programs[at % 3] }));
      return found([{ ...opened(1_019), agent: image }, ...clicks], MARKING, [DELIVERED]);
    };
    expect(by("Outlook", "Chrome", "Chrome", "Chrome")).toEqual(["-", ...all("links", 5)]);
    for (const other of ["Outlook", undefined]) expect(by("Outlook", "Chrome", other, "Edge")).toEqual(all("links", 6));
    expect(by(undefined, "Chrome", "Chrome", "Chrome")).toEqual(all("links", 6));
  });

  it("takes nothing along of the person who reads the message while it is scanned again", () => {
    const again = rhythmic(LATER + 2, 6, 0.3);
    const person = [opened(LATER), clicked(LATER + 5.1), opened(LATER + 4.1)];
    expect(found([...person, ...again], MARKING, [DELIVERED])).toEqual(["-", "-", "-", ...all("links", 6)]);
    const slowly = rhythmic(LATER, 6, 5);
    const reading = [
      opened(LATER + 2),
      clicked(LATER + 7, "l1"),
      clicked(LATER + 22, "l9"),
      clicked(LATER + 23.1, "l8"),
    ];
    expect(found([...reading, ...slowly], MARKING, [DELIVERED])).toEqual([...all("-", 4), ...all("links", 6)]);
  });

  it("is detected by the honeypot, with its run", () => {
    const run = [clicked(91), clicked(100, "honeypot-link", "honeypot"), clicked(111), opened(108), clicked(124)];
    expect(found(run)).toEqual(["honeypot", "-", "honeypot", "honeypot", "-"]);
    expect(found(run, marking({ honeypot: "off" }))).toEqual(all("-", 5));
  });

  it("is seen by clicks that the edge has marked, except by their user agent", () => {
    const [first = opened(0), ...others] = rhythmic(1_060, 5, 0.7);
    for (const method of ["head", "network"] as const)
      expect(found([{ ...first, method }, ...others], MARKING, [DELIVERED])).toEqual(["-", ...all("links", 4)]);
    expect(found([{ ...first, method: "userAgent" }, ...others], MARKING, [DELIVERED])).toEqual(all("-", 5));
  });
});

describe("the time of delivery", () => {
  it.each([0, 2, 60])("detects activities up to %d seconds after a Sent or a Delivered, and none before", (seconds) => {
    const policy = { ...only("delivery"), deliverySeconds: seconds };
    for (const sent of [[1_000], [0, 1_000]]) {
      expect(found([opened(1_000 + seconds)], policy, sent)).toEqual(["delivery"]);
      expect(found([clicked(1_000)], policy, sent)).toEqual(["delivery"]);
      expect(found([opened(1_001 + seconds)], policy, sent)).toEqual(["-"]);
      expect(found([clicked(999.999)], policy, sent)).toEqual(["-"]);
    }
  });
});

describe("proximity", () => {
  it.each([0, 1, 2, 3])("detects clicks on two links whose seconds differ by %d at most", (seconds) => {
    const policy = { ...only("proximity"), proximitySeconds: seconds };
    expect(found([clicked(100, "l1"), clicked(100 + seconds, "l2")], policy)).toEqual(["proximity", "proximity"]);
    expect(found([clicked(100, "l1"), clicked(101 + seconds, "l2")], policy)).toEqual(["-", "-"]);
    expect(found([opened(100 + seconds), clicked(100)], policy)).toEqual(["proximity", "-"]);
  });

  it("takes exact duplicates for a double click", () => {
    expect(found([clicked(100), clicked(100)], { ...only("proximity"), proximitySeconds: 3 })).toEqual(["-", "-"]);
  });
});

describe("when several methods detect an activity", () => {
  it("the number of links names it before the honeypot, and that before delivery", () => {
    const scan = [...links(1_000, 1_001, 1_002), clicked(1_003, "honeypot-link", "honeypot")];
    expect(found(scan, MARKING, [1_000])).toEqual(["links", "links", "links", "-"]);
    expect(found(scan, marking({ links: "off" }), [1_000])).toEqual(["honeypot", "honeypot", "honeypot", "-"]);
    const off = marking({ links: "off", honeypot: "off" });
    expect(found(scan, off, [1_000])).toEqual(["delivery", "delivery", "delivery", "-"]);
    expect(found(scan, UNASKED, [1_000])).toEqual(all("-", 4));
  });

  it("one that is filtered names it before those that are marked", () => {
    const scan = links(1_000, 1_001, 1_003);
    expect(found(scan, marking({ delivery: "filter" }), [1_000])).toEqual(["delivery", "delivery", "links"]);
  });
});

describe("a logged pattern", () => {
  it("names its method, with or without a name after it", () => {
    for (const method of BOT_METHODS) {
      expect(methodOf(BOT_PATTERNS[method])).toBe(method);
      expect(methodOf(`${BOT_PATTERNS[method]}: something`)).toBe(method);
    }
    expect(methodOf("")).toBe("userAgent");
    expect(methodOf("Googlebot")).toBe("userAgent");
  });
});

const ANY_ACTIVITY: fc.Arbitrary<Activity> = fc.record({
  second: fc.oneof(
    fc.integer({ min: 0, max: 90 }),
    fc.integer({ min: 0, max: 6_000 }).map((ms) => ms / 1_000),
  ),
  link: fc.constantFrom(undefined, "l1", "l2", "l3", "l4", "l5", "l6"),
  method: fc.constantFrom(undefined, undefined, undefined, undefined, ...BOT_METHODS),
  agent: fc.constantFrom(undefined, "a", "a", "b"),
});
const ANY_POLICY: fc.Arbitrary<BotPolicy> = fc.record({
  handling: fc.record({
    userAgent: fc.constant("mark" as const),
    network: fc.constant("mark" as const),
    head: fc.constant("mark" as const),
    honeypot: fc.constantFrom("off", "mark", "filter"),
    proximity: fc.constantFrom("off", "mark", "filter"),
    delivery: fc.constantFrom("off", "mark", "filter"),
    links: fc.constantFrom("off", "mark", "filter"),
    provider: fc.constant("off" as const),
  }),
  proximitySeconds: fc.integer({ min: 0, max: 3 }),
  deliverySeconds: fc.integer({ min: 0, max: 8 }),
});
/** In a rhythm that may be even. */
const ANY_ROW: fc.Arbitrary<Activity[]> = fc
  .record({
    startMs: fc.nat({ max: 30_000 }),
    pausesMs: fc.oneof(
      fc.array(fc.integer({ min: 1_000, max: 1_210 }), { minLength: 5, maxLength: 6 }),
      fc.array(fc.integer({ min: 190, max: 230 }), { minLength: 5, maxLength: 6 }),
    ),
  })
  .map(({ startMs, pausesMs }) => {
    let atMs = startMs;
    return pausesMs.map((pauseMs, index) => {
      atMs += pauseMs;
      return { second: atMs / 1_000, link: `l${index + 1}`, method: undefined };
    });
  });
const ANY_MESSAGE = {
  activities: fc
    .tuple(fc.array(ANY_ACTIVITY, { maxLength: 12 }), fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, ANY_ROW))
    .map(([some, row]) => [...some, ...row]),
  sent: fc.array(fc.integer({ min: 0, max: 90 }), { maxLength: 3 }),
  policy: ANY_POLICY,
};

describe("the bots of a message", () => {
  it("are the same in whatever order its events are given, and never fewer when more is known", () => {
    fc.assert(
      fc.property(fc.record({ ...ANY_MESSAGE, known: fc.nat({ max: 14 }) }), ({ activities, sent, policy, known }) => {
        const atOnce = botActivitiesAmong(sent, activities, policy);
        const reversed = botActivitiesAmong(sent.toReversed(), activities.toReversed(), policy);
        for (const activity of activities) expect(reversed.get(activity)).toEqual(atOnce.get(activity));
        const before = botActivitiesAmong(sent.slice(1), activities.slice(0, known), policy);
        for (const [activity, { method }] of before) {
          expect(atOnce.has(activity)).toBe(true);
          if (policy.handling[method] === "filter")
            expect(policy.handling[atOnce.get(activity)?.method ?? "userAgent"]).toBe("filter");
        }
      }),
      runs(2_000),
    );
  });

  it("are those of a slow search by the same rules", () => {
    fc.assert(
      fc.property(fc.record(ANY_MESSAGE), ({ activities, sent, policy }) => {
        const bots = botActivitiesAmong(sent, activities, policy);
        const methods = [...bots].map(([activity, { method }]) => [activity, method] as const);
        expect(new Map(methods)).toEqual(slowBots(sent, activities, policy));
      }),
      runs(2_000),
    );
  });

  it("are none of ten thousand clicks on two links within an hour", () => {
    const many = Array.from({ length: 10_000 }, (_, index) => clicked(200 + (index % 3_000), `l${index % 2}`));
    expect(botActivitiesAmong([20], many, MARKING).size).toBe(0);
  });
});
