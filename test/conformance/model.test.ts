/**
 * The real code on the real D1 against the slow model: random sequences of all seven events, reported twice, in any
 * order, with clocks that jump, with statistics at any moment; both ways to count opens, and any handling of bots. FUZZ
 * multiplies the sequences.
 */
import fc from "fast-check";
import { describe, it } from "vitest";
import { countOf, runs } from "../fuzz.ts";
import { MARKING } from "../reports/policy.ts";
import { ARCHIVINGS, expectSame } from "./same-log.ts";
import { ADDITIONS, DECISIONS, type Decision, SEQUENCE, SHORT_SEQUENCE, type Step } from "./sequences.ts";

/** 100 by default. */
const SEQUENCES = 400;
/** 160 by default; docs/design/tests.md has what else tries the archive. */
const ARCHIVED_SEQUENCES = 640;
const SEQUENCES_OF_DECISIONS = 150;
/** Long ones take twice as long, and come seldom. */
const ARCHIVED = [
  { arbitrary: DECISIONS, weight: 4 },
  { arbitrary: SHORT_SEQUENCE, weight: 3 },
  { arbitrary: SEQUENCE, weight: 1 },
];
/** Long enough for a machine that does other things besides. */
const TIMEOUT_MS = Math.max(120_000, countOf(ARCHIVED_SEQUENCES) * 5_000);

describe("the log, the suppressions and the reports", () => {
  it("end as a slow model says, whatever comes, however often and in whatever order", {
    timeout: TIMEOUT_MS,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(SEQUENCE, (sequence) => expectSame(sequence)),
      runs(SEQUENCES),
    );
  });

  it("end so while events are archived, recalled and written into segments again at any moment", {
    timeout: TIMEOUT_MS,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(...ARCHIVED), ARCHIVINGS, (sequence, archivings) => expectSame(sequence, archivings)),
      runs(ARCHIVED_SEQUENCES),
    );
  });

  it("end so whatever one person decides on the page and others report of it later", {
    timeout: TIMEOUT_MS,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(DECISIONS, (sequence) => expectSame(sequence)),
      runs(SEQUENCES_OF_DECISIONS),
    );
  });

  it("end so whatever opt-outs are added beside their own", { timeout: TIMEOUT_MS }, async () => {
    await fc.assert(
      fc.asyncProperty(ADDITIONS, (sequence) => expectSame(sequence)),
      runs(SEQUENCES_OF_DECISIONS),
    );
  });

  const ann = { person: "ann", campaign: "a" };
  const decide = (type: Decision["type"], shiftHours = 0) => ({
    decision: { ...ann, type, shiftMs: shiftHours * 3_600_000 },
  });
  const elsewhere = ({ decision }: { decision: Decision }) => ({ decision: { ...decision, isElsewhere: true } });
  const again = { again: [0] };

  it.each<[string, readonly Step[]]>([
    [
      "a complaint of somebody who had unsubscribed is reported again later",
      [decide("unsubscribe"), decide("complain"), decide("subscribe"), again],
    ],
    [
      "somebody subscribes after a complaint that is reported again as earlier",
      [decide("unsubscribe"), decide("complain"), again, decide("optIn", -3), decide("unsubscribe")],
    ],
    [
      "a complaint from another address, before an opt-out that is known, is lifted",
      [decide("unsubscribe"), elsewhere(decide("complain", -11)), decide("optIn", -11)],
    ],
    [
      "the first of two complaints of the same millisecond is reported again as before they subscribed",
      [decide("subscribe"), decide("complain", -1), decide("complain", -3), again],
    ],
    [
      "so is the first of three opt-outs, two of which are of the same millisecond",
      [decide("subscribe"), decide("unsubscribe"), decide("complain", -3), decide("complain", -5), again],
    ],
    [
      "a complaint that an earlier opt-out has overtaken is reported again as earlier",
      [decide("complain"), decide("optOut", -11), again, decide("unsubscribe", -11)],
    ],
  ])("end so when %s", async (_what, steps) => {
    await expectSame({ opensPer: "campaign", policy: MARKING, sent: [], steps: [...steps] });
  });
});
