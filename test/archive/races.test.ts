/** What is written while events move into the archive and back, between any two statements of the writer. */
import fc from "fast-check";
import { describe, it } from "vitest";
import { ARCHIVINGS, expectSame } from "../conformance/same-log.ts";
import { DECISIONS, SEQUENCE } from "../conformance/sequences.ts";
import { countOf, runs } from "../fuzz.ts";
import { MOVE } from "./moving.ts";

/** 30 by default. */
const SEQUENCES = 120;
const TIMEOUT_MS = Math.max(120_000, countOf(SEQUENCES) * 10_000);
const MOVES = fc.array(fc.array(MOVE, { maxLength: 10, size: "max" }), { maxLength: 14, size: "max" });

describe("what writers find in D1", () => {
  it("is not archived before they write, so that the log ends as a slow model says", {
    timeout: TIMEOUT_MS,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof({ arbitrary: SEQUENCE, weight: 4 }, { arbitrary: DECISIONS, weight: 1 }),
        ARCHIVINGS,
        MOVES,
        expectSame,
      ),
      runs(SEQUENCES),
    );
  });
});
