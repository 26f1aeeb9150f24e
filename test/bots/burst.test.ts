/** Bots that show beside a message's other events: each rule, and that neither order nor steps matter. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BOT_METHODS, BOT_PATTERNS, type BotMethod, type BotPolicy } from "../../src/bots/bot.ts";
import { type Activity, botActivitiesAmong, methodOf } from "../../src/bots/burst.ts";
import { runs } from "../fuzz.ts";
import { MARKING, marking, UNASKED } from "../reports/policy.ts";

/** The method that detects each activity, "-" where none does. */
function found(activities: readonly Activity[], policy: BotPolicy = MARKING, sent: readonly number[] = []) {
  const bots = botActivitiesAmong(sent, activities, policy);
  for (const { method, pattern } of bots.values()) expect(pattern).toBe(BOT_PATTERNS[method]);
  return activities.map((activity) => bots.get(activity)?.method ?? "-");
}

const opened = (second: number, method?: BotMethod): Activity => ({ second, link: undefined, method });
const clicked = (second: number, link = "l1", method?: BotMethod): Activity => ({ second, link, method });
const only = (method: BotMethod): BotPolicy => ({
  ...UNASKED,
  handling: { ...UNASKED.handling, [method]: "mark" },
});

describe("proximity", () => {
  it.each([0, 1, 2, 3])("detects two activities whose seconds differ by %d at most", (seconds) => {
    const policy = { ...only("proximity"), proximitySeconds: seconds };
    expect(found([opened(100), clicked(100 + seconds)], policy)).toEqual(["proximity", "proximity"]);
    expect(found([opened(100), clicked(101 + seconds)], policy)).toEqual(["-", "-"]);
    expect(found([clicked(100), opened(100 - seconds)], policy)).toEqual(["proximity", "proximity"]);
  });

  it("counts marked activities as neighbours, except those marked by their user agent", () => {
    for (const method of BOT_METHODS.filter((each) => each !== "userAgent"))
      expect(found([opened(100, method), clicked(100)], only("proximity"))).toEqual(["-", "proximity"]);
    expect(found([opened(100, "userAgent"), clicked(100)], MARKING)).toEqual(["-", "-"]);
  });

  it("does not extend to the burst: a double click says nothing about the next click", () => {
    expect(found([clicked(100), clicked(100), clicked(104, "l2")])).toEqual(["proximity", "proximity", "-"]);
  });
});

describe("the time of delivery", () => {
  it.each([0, 5, 60])("detects activities within %d seconds before or after a Sent or a Delivered", (seconds) => {
    const policy = { ...only("delivery"), deliverySeconds: seconds };
    for (const sent of [[1_000], [0, 1_000]]) {
      expect(found([opened(1_000 + seconds)], policy, sent)).toEqual(["delivery"]);
      expect(found([opened(1_000 - seconds)], policy, sent)).toEqual(["delivery"]);
      expect(found([opened(1_001 + seconds)], policy, sent)).toEqual(["-"]);
      expect(found([opened(999 - seconds)], policy, sent)).toEqual(["-"]);
    }
  });
});

describe("many links at once", () => {
  it("are three different links within less than ten seconds, and all activities between them", () => {
    const three = [clicked(100, "l1"), opened(103), clicked(105, "l2"), clicked(105, "l1"), clicked(109, "l3")];
    expect(found(three, only("links"))).toEqual(["links", "links", "links", "links", "links"]);
    const slower = [clicked(100, "l1"), clicked(105, "l2"), clicked(110, "l3")];
    expect(found(slower, only("links"))).toEqual(["-", "-", "-"]);
    const two = [clicked(100, "l1"), clicked(103, "l2"), clicked(106, "l1"), opened(107)];
    expect(found(two, only("links"))).toEqual(["-", "-", "-", "-"]);
  });

  it("may include clicks that are marked already", () => {
    const three = [clicked(100, "l1", "head"), clicked(103, "l2", "honeypot"), clicked(106, "l3")];
    expect(found(three, only("links"))).toEqual(["-", "-", "links"]);
    const named = [clicked(100, "l1", "userAgent"), clicked(103, "l2"), clicked(106, "l3")];
    expect(found(named)).toEqual(["-", "-", "-"]);
  });
});

describe("a burst", () => {
  it.each([
    "honeypot",
    "links",
    "delivery",
  ] as const)("reaches over pauses shorter than ten seconds from what was marked by %s", (method) => {
    const burst = [clicked(91), clicked(100, "l1", method), clicked(109), opened(118), clicked(128)];
    expect(found(burst)).toEqual([method, "-", method, method, "-"]);
    expect(found(burst, marking({ [method]: "off" }))).toEqual(["-", "-", "-", "-", "-"]);
  });

  it.each([
    "userAgent",
    "proximity",
    "head",
    "network",
  ] as const)("does not form around what was marked by %s", (method) => {
    expect(found([clicked(100, "l1", method), clicked(105)])).toEqual(["-", "-"]);
  });

  it("belongs to the scanner that the time of delivery or the number of links detects", () => {
    expect(found([opened(1_003), clicked(1_012), clicked(1_030)], MARKING, [1_000])).toEqual([
      "delivery",
      "delivery",
      "-",
    ]);
    const links = [clicked(100, "l1"), clicked(102, "l2"), clicked(104, "l3"), opened(113)];
    expect(found(links)).toEqual(["links", "links", "links", "links"]);
  });
});

describe("when several methods detect an activity", () => {
  it("proximity names it before delivery, delivery before links, and each of them before its burst", () => {
    const all = [clicked(1_000, "l1"), clicked(1_000, "l2"), clicked(1_003, "l3"), clicked(1_008, "l4", "honeypot")];
    expect(found(all, MARKING, [1_000])).toEqual(["proximity", "proximity", "delivery", "-"]);
    expect(found(all, MARKING, [900])).toEqual(["proximity", "proximity", "links", "-"]);
    expect(found([clicked(1_000), clicked(1_009, "l1", "honeypot"), opened(1_012, "links")])).toEqual([
      "links",
      "-",
      "-",
    ]);
  });

  it("a method that is off leaves it to the next", () => {
    const all = [clicked(1_000, "l1"), clicked(1_000, "l2"), clicked(1_003, "l3")];
    const policy = marking({ proximity: "off" });
    expect(found(all, policy, [1_000])).toEqual(["delivery", "delivery", "delivery"]);
    expect(found(all, UNASKED, [1_000])).toEqual(["-", "-", "-"]);
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
  second: fc.integer({ min: 0, max: 90 }),
  link: fc.constantFrom(undefined, "l1", "l2", "l3", "l4"),
  method: fc.constantFrom(undefined, undefined, undefined, undefined, ...BOT_METHODS),
});
const ANY_POLICY: fc.Arbitrary<BotPolicy> = fc
  .record({
    off: fc.subarray([...BOT_METHODS]),
    proximitySeconds: fc.integer({ min: 0, max: 3 }),
    deliverySeconds: fc.integer({ min: 0, max: 8 }),
  })
  .map(({ off, ...policy }) => ({
    ...policy,
    handling: { ...MARKING.handling, ...Object.fromEntries(off.map((method) => [method, "off"])) },
  }));

describe("the bots of a message", () => {
  it("are the same in whatever order its events arrive, and however often they are checked in between", () => {
    fc.assert(
      fc.property(
        fc.array(ANY_ACTIVITY, { maxLength: 14 }),
        fc.array(fc.integer({ min: 0, max: 90 }), { maxLength: 3 }),
        ANY_POLICY,
        fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 20, maxLength: 20 }),
        (activities, sent, policy, stepOf) => {
          const atOnce = botActivitiesAmong(sent, activities, policy);
          const marked = new Map<Activity, BotMethod>();
          for (let step = 0; step <= 4; step++) {
            const seen = activities
              .filter((_, index) => (stepOf[index] ?? 0) <= step)
              .map((activity) => ({ ...activity, method: marked.get(activity) ?? activity.method, activity }))
              .reverse();
            const sentYet = sent.filter((_, index) => (stepOf[index + 14] ?? 0) <= step);
            for (const [{ activity }, { method }] of botActivitiesAmong(sentYet, seen, policy))
              marked.set(activity, method);
          }
          expect(new Set(marked.keys())).toEqual(new Set(atOnce.keys()));
        },
      ),
      { numRuns: runs(2_000) },
    );
  });

  it("are those of a slow search that applies the rules until nothing more is found", () => {
    fc.assert(
      fc.property(
        fc.array(ANY_ACTIVITY, { maxLength: 14 }),
        fc.array(fc.integer({ min: 0, max: 90 }), { maxLength: 3 }),
        ANY_POLICY,
        (activities, sent, policy) => {
          expect(new Set(botActivitiesAmong(sent, activities, policy).keys())).toEqual(
            slowly(sent, activities, policy),
          );
        },
      ),
      { numRuns: runs(2_000) },
    );
  });
});

function slowly(sent: readonly number[], all: readonly Activity[], policy: BotPolicy): Set<Activity> {
  const isOn = (method: BotMethod) => policy.handling[method] !== "off";
  const evidence = all.filter(({ method }) => method !== "userAgent");
  const apart = (one: Activity, other: Activity) => Math.abs(one.second - other.second);
  const near = evidence.filter(
    (each) =>
      isOn("proximity") && evidence.some((other) => other !== each && apart(each, other) <= policy.proximitySeconds),
  );
  const delivered = evidence.filter(
    ({ second }) => isOn("delivery") && sent.some((each) => Math.abs(each - second) <= policy.deliverySeconds),
  );
  const many = evidence.flatMap(({ second: from }) => {
    const window = evidence.filter(({ second }) => second >= from && second < from + 10);
    const links = new Set(window.flatMap(({ link }) => link ?? []));
    return isOn("links") && links.size >= 3 ? window : [];
  });
  const scanned = new Set([
    ...delivered,
    ...many,
    ...evidence.filter(
      ({ method }) => (method === "delivery" || method === "links" || method === "honeypot") && isOn(method),
    ),
  ]);
  for (let before = -1; before !== scanned.size; ) {
    before = scanned.size;
    for (const each of evidence) if ([...scanned].some((other) => apart(each, other) < 10)) scanned.add(each);
  }
  return new Set([...near, ...scanned].filter(({ method }) => method === undefined));
}
