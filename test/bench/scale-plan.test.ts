/** docs/scale.md has the table that the bench works out, from the counts that are kept beside it. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { projectRoot } from "../../src/dev/project.ts";
import { MEASURED } from "./scale-measured.ts";
import { mostEvents, planOf, planTable, SIZES } from "./scale-plan.ts";

describe("docs/scale.md", () => {
  it("has the table of the counts", async () => {
    expect(await readFile(join(projectRoot, "docs/scale.md"), "utf8")).toContain(`\n${planTable(MEASURED)}\n`);
  });
});

describe("a plan", () => {
  it("reaches each limit at the number of events that are said to reach it", () => {
    for (const [limit, events] of Object.entries(mostEvents(MEASURED)))
      expect(Object.entries(planOf(events, MEASURED).used), limit).toContainEqual([limit, expect.closeTo(1, 6)]);
  });

  it("keeps events in D1 for 30 days, and for less while D1 is larger than 6 GB, but for two days at least", () => {
    const days = [1e6, 1e7, ...SIZES].map((events) => planOf(events, MEASURED).daysInD1);
    expect(Math.max(...days)).toBe(30);
    expect(Math.min(...days)).toBe(2);
  });

  it("costs operations in proportion to events, and storage too, once each file is full", () => {
    const [one, ten] = [planOf(1e9, MEASURED), planOf(1e10, MEASURED)];
    expect(ten.dollars.operations / one.dollars.operations).toBeCloseTo(10, 6);
    expect(ten.dollars.storage / one.dollars.storage).toBeCloseTo(10, 6);
  });
});
