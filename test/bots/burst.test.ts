/** Machines among what happens to a message: each rule, and that neither order nor steps matter. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BOT_METHODS, BOT_PATTERNS, type BotMethod, type BotPolicy } from "../../src/bots/bot.ts";
import { type Activity, machinesAmong, methodOf } from "../../src/bots/burst.ts";
import { MARKING, marking, UNASKED } from "../reports/policy.ts";

/** What each of the activities is found by, "-" where it is not. `told` are far away unless they are given. */
function found(activities: readonly Activity[], policy: BotPolicy = MARKING, told: readonly number[] = []) {
  const bots = machinesAmong(told, activities, policy);
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
  it.each([0, 1, 2, 3])("finds two activities whose seconds differ by %d at most", (seconds) => {
    const policy = { ...only("proximity"), proximitySeconds: seconds };
    expect(found([opened(100), clicked(100 + seconds)], policy)).toEqual(["proximity", "proximity"]);
    expect(found([opened(100), clicked(101 + seconds)], policy)).toEqual(["-", "-"]);
    expect(found([clicked(100), opened(100 - seconds)], policy)).toEqual(["proximity", "proximity"]);
  });

  it("takes what is marked already for a neighbour, but not what only a user agent's name marked", () => {
    for (const method of BOT_METHODS.filter((each) => each !== "userAgent"))
      expect(found([opened(100, method), clicked(100)], only("proximity"))).toEqual(["-", "proximity"]);
    expect(found([opened(100, "userAgent"), clicked(100)], MARKING)).toEqual(["-", "-"]);
  });

  it("draws nothing along: a double click says nothing of the next", () => {
    expect(found([clicked(100), clicked(100), clicked(104, "l2")])).toEqual(["proximity", "proximity", "-"]);
  });
});

describe("the time of delivery", () => {
  it.each([
    0, 5, 60,
  ])("finds what is within %d seconds of a Sent or a Delivered, before or behind", (seconds) => {
    const policy = { ...only("delivery"), deliverySeconds: seconds };
    for (const told of [[1_000], [0, 1_000]]) {
      expect(found([opened(1_000 + seconds)], policy, told)).toEqual(["delivery"]);
      expect(found([opened(1_000 - seconds)], policy, told)).toEqual(["delivery"]);
      expect(found([opened(1_001 + seconds)], policy, told)).toEqual(["-"]);
      expect(found([opened(999 - seconds)], policy, told)).toEqual(["-"]);
    }
  });
});

describe("many links at once", () => {
  it("are three different ones within less than ten seconds, and all that lies between", () => {
    const three = [
      clicked(100, "l1"),
      opened(103),
      clicked(105, "l2"),
      clicked(105, "l1"),
      clicked(109, "l3"),
    ];
    expect(found(three, only("links"))).toEqual(["links", "links", "links", "links", "links"]);
    const slower = [clicked(100, "l1"), clicked(105, "l2"), clicked(110, "l3")];
    expect(found(slower, only("links"))).toEqual(["-", "-", "-"]);
    const two = [clicked(100, "l1"), clicked(103, "l2"), clicked(106, "l1"), opened(107)];
    expect(found(two, only("links"))).toEqual(["-", "-", "-", "-"]);
  });

  it("may be marked ones", () => {
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
  ] as const)("is all that lies less than ten seconds from its next, where something was caught by %s", (method) => {
    const burst = [clicked(91), clicked(100, "l1", method), clicked(109), opened(118), clicked(128)];
    expect(found(burst)).toEqual([method, "-", method, method, "-"]);
    expect(found(burst, marking({ [method]: "off" }))).toEqual(["-", "-", "-", "-", "-"]);
  });

  it.each([
    "userAgent",
    "proximity",
    "head",
    "network",
  ] as const)("is nothing around what was caught by %s", (method) => {
    expect(found([clicked(100, "l1", method), clicked(105)])).toEqual(["-", "-"]);
  });

  it("is drawn along by what the time of delivery or the number of links finds", () => {
    expect(found([opened(1_003), clicked(1_012), clicked(1_030)], MARKING, [1_000])).toEqual([
      "delivery",
      "delivery",
      "-",
    ]);
    const links = [clicked(100, "l1"), clicked(102, "l2"), clicked(104, "l3"), opened(113)];
    expect(found(links)).toEqual(["links", "links", "links", "links"]);
  });
});

describe("of several methods", () => {
  it("proximity names it before delivery, delivery before links, and all of them before what is only near", () => {
    const all = [
      clicked(1_000, "l1"),
      clicked(1_000, "l2"),
      clicked(1_003, "l3"),
      clicked(1_008, "l4", "honeypot"),
    ];
    expect(found(all, MARKING, [1_000])).toEqual(["proximity", "proximity", "delivery", "-"]);
    expect(found(all, MARKING, [900])).toEqual(["proximity", "proximity", "links", "-"]);
    expect(found([clicked(1_000), clicked(1_009, "l1", "honeypot"), opened(1_012, "links")])).toEqual([
      "links",
      "-",
      "-",
    ]);
  });

  it("one that is off leaves it to the next", () => {
    const all = [clicked(1_000, "l1"), clicked(1_000, "l2"), clicked(1_003, "l3")];
    const policy = marking({ proximity: "off" });
    expect(found(all, policy, [1_000])).toEqual(["delivery", "delivery", "delivery"]);
    expect(found(all, UNASKED, [1_000])).toEqual(["-", "-", "-"]);
  });
});

describe("a pattern of the log", () => {
  it("tells its method, whatever stands behind it", () => {
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

describe("the machines of a message", () => {
  it("are the same, whatever order its events come in, and in whatever steps they are asked about", () => {
    fc.assert(
      fc.property(
        fc.array(ANY_ACTIVITY, { maxLength: 14 }),
        fc.array(fc.integer({ min: 0, max: 90 }), { maxLength: 3 }),
        ANY_POLICY,
        fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 20, maxLength: 20 }),
        (activities, told, policy, stepOf) => {
          const atOnce = machinesAmong(told, activities, policy);
          const marked = new Map<Activity, BotMethod>();
          for (let step = 0; step <= 4; step++) {
            const seen = activities
              .filter((_, index) => (stepOf[index] ?? 0) <= step)
              .map((activity) => ({ ...activity, method: marked.get(activity) ?? activity.method, activity }))
              .reverse();
            const toldYet = told.filter((_, index) => (stepOf[index + 14] ?? 0) <= step);
            for (const [{ activity }, { method }] of machinesAmong(toldYet, seen, policy))
              marked.set(activity, method);
          }
          expect(new Set(marked.keys())).toEqual(new Set(atOnce.keys()));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it("are those of a slow search by the rules, one after the other until nothing more is found", () => {
    fc.assert(
      fc.property(
        fc.array(ANY_ACTIVITY, { maxLength: 14 }),
        fc.array(fc.integer({ min: 0, max: 90 }), { maxLength: 3 }),
        ANY_POLICY,
        (activities, told, policy) => {
          expect(new Set(machinesAmong(told, activities, policy).keys())).toEqual(
            slowly(told, activities, policy),
          );
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

function slowly(told: readonly number[], all: readonly Activity[], policy: BotPolicy): Set<Activity> {
  const isOn = (method: BotMethod) => policy.handling[method] !== "off";
  const evidence = all.filter(({ method }) => method !== "userAgent");
  const apart = (one: Activity, other: Activity) => Math.abs(one.second - other.second);
  const near = evidence.filter(
    (each) =>
      isOn("proximity") &&
      evidence.some((other) => other !== each && apart(each, other) <= policy.proximitySeconds),
  );
  const delivered = evidence.filter(
    ({ second }) =>
      isOn("delivery") && told.some((each) => Math.abs(each - second) <= policy.deliverySeconds),
  );
  const many = evidence.flatMap(({ second: from }) => {
    const window = evidence.filter(({ second }) => second >= from && second < from + 10);
    const links = new Set(window.flatMap(({ link }) => link ?? []));
    return isOn("links") && links.size >= 3 ? window : [];
  });
  const drawn = new Set([
    ...delivered,
    ...many,
    ...evidence.filter(
      ({ method }) => (method === "delivery" || method === "links" || method === "honeypot") && isOn(method),
    ),
  ]);
  for (let before = -1; before !== drawn.size; ) {
    before = drawn.size;
    for (const each of evidence) if ([...drawn].some((other) => apart(each, other) < 10)) drawn.add(each);
  }
  return new Set([...near, ...drawn].filter(({ method }) => method === undefined));
}
