/** Random sequences of what may happen to two people and two campaigns, for the model test. */
import fc from "fast-check";
import type { BotHandling, BotMethod, BotPolicy } from "../../src/bots/bot.ts";
import { HONEYPOT_LINK_ID } from "../../src/tokens/claims.ts";
import type { SlowDecision } from "./slow-log.ts";
import type { SlowMessage, SlowOutcome } from "./slow-outcomes.ts";

export const NOW_MS = Date.UTC(2026, 10, 20, 12);
const HOUR_MS = 3_600_000;
export const PEOPLE = ["ann", "bob"] as const;
const LINKS = ["l1", "l2", "l3", "l4", "l5", HONEYPOT_LINK_ID] as const;

const MESSAGE = fc.record({ person: fc.constantFrom(...PEOPLE), campaign: fc.constantFrom("a", "b") });
/** Often within the same few seconds, and then days apart. */
const TIME = fc.oneof(
  { arbitrary: fc.integer({ min: 0, max: 25 }).map((seconds) => NOW_MS - 50 * HOUR_MS + seconds * 1_000), weight: 4 },
  { arbitrary: fc.integer({ min: 0, max: 90 }).map((seconds) => NOW_MS - 50 * HOUR_MS + seconds * 1_000), weight: 2 },
  { arbitrary: fc.constantFrom(-400, -73, -30, -23, -1, 1).map((hours) => NOW_MS + hours * HOUR_MS), weight: 1 },
);
const EDGE = fc.constantFrom<(BotMethod | undefined)[]>(
  undefined,
  undefined,
  undefined,
  "userAgent",
  "head",
  "network",
);

export type Visit = SlowMessage & {
  readonly atMs: number;
  readonly link: string | undefined;
  readonly edge?: BotMethod;
};
export type Outcome = Pick<SlowOutcome, "type" | "person" | "campaign" | "send" | "atMs" | "category">;
export type Decision = Omit<SlowDecision, "id" | "atMs" | "isElsewhere"> & {
  /** Of what others report: from another address of the person than the first. */
  readonly isElsewhere?: boolean;
  /** Of what others report, how long before or after it is reported it happened; the rest is reported at once. */
  readonly shiftMs?: number;
};

const VISIT: fc.Arbitrary<Visit> = fc
  .record({
    message: MESSAGE,
    atMs: TIME,
    link: fc.constantFrom(undefined, undefined, undefined, ...LINKS),
    edge: EDGE,
  })
  .map(({ message, atMs, link, edge }) => {
    const method = link === HONEYPOT_LINK_ID ? "honeypot" : edge;
    return { ...message, atMs, link, ...(method === undefined ? {} : { edge: method }) };
  });
const OUTCOME: fc.Arbitrary<Outcome> = fc
  .record({
    message: MESSAGE,
    send: fc.constantFrom("s1", "s2"),
    atMs: TIME,
    kind: fc.constantFrom("sent", "delivered", "delivered", "softBounced", "softBounced", "hard1", "hard2"),
  })
  .map(({ message, kind, ...outcome }) => {
    if (kind === "hard1") return { ...message, ...outcome, type: "hardBounced", category: 1 };
    if (kind === "hard2") return { ...message, ...outcome, type: "hardBounced", category: 2 };
    return { ...message, ...outcome, type: kind };
  });
function decisions(types: readonly Decision["type"][], shiftHours: readonly number[]): fc.Arbitrary<Decision> {
  return fc
    .record({
      message: MESSAGE,
      type: fc.constantFrom(...types),
      shiftHours: fc.constantFrom(...shiftHours),
      isElsewhere: fc.constantFrom(false, false, true),
    })
    .map(({ message, shiftHours: hours, ...decision }) => ({ ...message, ...decision, shiftMs: hours * HOUR_MS }));
}

const DECISION = decisions(
  ["unsubscribe", "complain", "complain", "optOut", "subscribe", "subscribe", "optIn", "optIn", "remove"],
  [-41, -21, -11, -5, -3, -1, 0, 0, 0, 1, 11],
);
/** Decisions that are hours apart, and often reported after the next one or two. */
const NEAR_DECISION = decisions(
  ["unsubscribe", "unsubscribe", "complain", "optOut", "subscribe", "optIn", "optIn"],
  [-11, -5, -5, -3, -3, -1, 0],
);

/** Things reported together; `again` reports earlier ones again, by their share of all, complaints with other times. */
export type Step =
  | { readonly visits: readonly Visit[] }
  | { readonly outcomes: readonly Outcome[] }
  | { readonly decision: Decision }
  | { readonly again: readonly number[]; readonly isSameTime?: boolean }
  | { readonly aggregate: true };

const AGAIN: fc.Arbitrary<Step> = fc.record({
  again: fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { minLength: 1, maxLength: 4 }),
});
const STEP: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: fc.record({ visits: fc.array(VISIT, { minLength: 1, maxLength: 5 }) }), weight: 5 },
  { arbitrary: fc.record({ outcomes: fc.array(OUTCOME, { minLength: 1, maxLength: 2 }) }), weight: 3 },
  { arbitrary: fc.record({ decision: DECISION }), weight: 2 },
  { arbitrary: AGAIN, weight: 3 },
  { arbitrary: fc.constant<Step>({ aggregate: true }), weight: 3 },
);

const HANDLING = fc.constantFrom<BotHandling[]>("mark", "mark", "filter", "off");
const POLICY: fc.Arbitrary<BotPolicy> = fc.record({
  // What the edge filters never gets to the log.
  handling: fc.record({
    userAgent: fc.constant<BotHandling>("mark"),
    network: fc.constant<BotHandling>("mark"),
    head: fc.constant<BotHandling>("mark"),
    honeypot: fc.constantFrom<BotHandling[]>("mark", "off"),
    proximity: HANDLING,
    delivery: HANDLING,
    links: HANDLING,
    provider: HANDLING,
  }),
  proximitySeconds: fc.integer({ min: 0, max: 3 }),
  deliverySeconds: fc.integer({ min: 0, max: 5 }),
});

const ofSteps = (maxLength: number) =>
  fc.record({
    opensPer: fc.constantFrom<("campaign" | "email")[]>("campaign", "email"),
    policy: POLICY,
    /** When each of the eight sends left; the others are reported later or never. */
    sent: fc.array(fc.option(TIME, { nil: undefined, freq: 2 }), { minLength: 8, maxLength: 8 }),
    steps: fc.array(STEP, { minLength: 3, maxLength, size: "max" }),
  });

export const SEQUENCE = ofSteps(14);
/** For what takes long after each step: twice as many in the same time. */
export const SHORT_SEQUENCE = ofSteps(7);

/** What one person decides and others report of it, with hardly anything else. */
const mostly = (decision: fc.Arbitrary<Decision>, again = AGAIN) =>
  fc.record({
    opensPer: fc.constant<"campaign" | "email">("campaign"),
    policy: POLICY,
    sent: fc.constant<(number | undefined)[]>([]),
    steps: fc.array(
      fc.oneof(
        { arbitrary: decision.map((each): Step => ({ decision: { ...each, person: "ann" } })), weight: 8 },
        { arbitrary: again, weight: 1 },
        { arbitrary: fc.constant<Step>({ aggregate: true }), weight: 1 },
      ),
      { minLength: 4, maxLength: 10, size: "max" },
    ),
  });

export const DECISIONS = mostly(NEAR_DECISION);
/**
 * With opt-outs that are added by hand, or imported. One that was lifted is not remembered, so a Subscribed that lifted
 * a complaint, too, loses its effect when that is reported again as earlier (docs/design/suppressions.md).
 */
export const ADDITIONS = mostly(
  decisions(
    ["unsubscribe", "complain", "optOut", "subscribe", "subscribe", "add", "add"],
    [-11, -5, -5, -3, -3, -1, 0],
  ),
  AGAIN.map((step) => ({ ...step, isSameTime: true })),
);

export type Sequence = typeof SEQUENCE extends fc.Arbitrary<infer T> ? T : never;
