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
import { ADDITIONS, DECISIONS, SEQUENCE } from "./sequences.ts";

const SEQUENCES = 800;
const SEQUENCES_WITH_ARCHIVE = 200;
const SEQUENCES_OF_DECISIONS = 150;
/** Long enough for a machine that does other things besides. */
const TIMEOUT_MS = Math.max(120_000, countOf(SEQUENCES) * 1_500);

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
      fc.asyncProperty(fc.oneof(SEQUENCE, DECISIONS), ARCHIVINGS, (sequence, archivings) =>
        expectSame(sequence, archivings),
      ),
      runs(SEQUENCES_WITH_ARCHIVE),
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

  it("do not change when a complaint of somebody who had unsubscribed is reported again later", async () => {
    const ann = { person: "ann", campaign: "a" };
    const decide = (type: "unsubscribe" | "complain" | "subscribe") => ({ decision: { ...ann, type } });
    await expectSame({
      opensPer: "campaign",
      policy: MARKING,
      sent: [],
      steps: [decide("unsubscribe"), decide("complain"), decide("subscribe"), { again: [0] }],
    });
  });

  it("let a person subscribe again after a complaint that is reported again with an earlier time", async () => {
    const ann = { person: "ann", campaign: "a" };
    const hours = (count: number) => count * 3_600_000;
    await expectSame({
      opensPer: "campaign",
      policy: MARKING,
      sent: [],
      steps: [
        { decision: { ...ann, type: "unsubscribe" } },
        { decision: { ...ann, type: "complain" } },
        { again: [0] },
        { decision: { ...ann, type: "optIn", shiftMs: -hours(3) } },
        { decision: { ...ann, type: "unsubscribe" } },
      ],
    });
  });
});
