import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GroupCommit, type Lifetime } from "../../src/ingest/group-commit.ts";
import { runs } from "../fuzz.ts";

/** A group commit whose commits the test settles by hand, with a clock that it sets. */
function heldLog(options: { maxChars?: number; maxWaitingChars?: number } = {}) {
  const commits: { rows: readonly string[]; settle: (outcome: string) => void }[] = [];
  const clock = { nowMs: 0 };
  const kept: Promise<unknown>[] = [];
  const lifetime: Lifetime = { waitUntil: (work) => void kept.push(work) };
  const group = new GroupCommit<readonly string[], string>({
    groupOf: (rows) => rows,
    commit: (rows) => new Promise((settle) => commits.push({ rows, settle })),
    maxChars: options.maxChars ?? 1_000,
    maxWaitingChars: options.maxWaitingChars ?? 1_000_000,
    overflow: ([row]) => `overflow ${row}`,
    pause: () => Promise.resolve(),
    leadMs: 5_000,
    commitMs: 16_000,
    now: () => clock.nowMs,
  });
  return { group, commits, clock, kept, append: (row: string) => group.append(row, lifetime) };
}

const soon = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

describe("group commit", () => {
  it("commits a lone row at once", () => {
    const log = heldLog();
    void log.append("a");
    expect(log.commits.map(({ rows }) => rows)).toEqual([["a"]]);
  });

  it("lets rows that arrive during a commit share the next one", async () => {
    const log = heldLog();
    const settled = ["a", "b", "c"].map((row) => log.append(row));
    log.commits[0]?.settle("queue");
    await soon();
    expect(log.commits.map(({ rows }) => rows)).toEqual([["a"], ["b", "c"]]);
    log.commits[1]?.settle("d1");
    expect(await Promise.all(settled)).toEqual(["queue", "d1", "d1"]);
  });

  it("does not settle a row before its own commit settles", async () => {
    const log = heldLog();
    const first = log.append("a");
    let answered = false;
    void log.append("b").then(() => {
      answered = true;
    });
    log.commits[0]?.settle("queue");
    await first;
    await soon();
    expect(answered).toBe(false);
  });

  it("starts a new lead when all rows were committed", async () => {
    const log = heldLog();
    const first = log.append("a");
    log.commits[0]?.settle("queue");
    await first;
    await soon();
    void log.append("b");
    expect(log.commits.map(({ rows }) => rows)).toEqual([["a"], ["b"]]);
    expect(log.kept).toHaveLength(2);
  });

  it("cuts a group where a message would grow too long, and commits a longer row alone", async () => {
    const log = heldLog({ maxChars: 10 });
    for (const row of ["first", "12345", "67890", "x", "a row of its own"]) void log.append(row);
    for (let index = 0; index < 4; index++) {
      log.commits[index]?.settle("queue");
      await soon();
    }
    expect(log.commits.map(({ rows }) => rows)).toEqual([["first"], ["12345", "67890"], ["x"], ["a row of its own"]]);
  });

  it("hands over to the next arrival when a leader died, and commits the leader's group again as it was", async () => {
    const log = heldLog();
    const held = log.append("a");
    void log.append("b");
    log.clock.nowMs = 5_001;
    void log.append("c");
    log.commits[1]?.settle("d1");
    await soon();
    expect(log.commits.map(({ rows }) => rows)).toEqual([["a"], ["b", "c"]]);
    log.clock.nowMs = 16_001;
    void log.append("d");
    expect(log.commits.map(({ rows }) => rows)).toEqual([["a"], ["b", "c"], ["a"]]);
    log.commits[2]?.settle("d1");
    expect(await held).toBe("d1");
    await soon();
    expect(log.commits.map(({ rows }) => rows)).toEqual([["a"], ["b", "c"], ["a"], ["d"]]);
  });

  it("stops an old leader that was only slow once another leads", async () => {
    const log = heldLog();
    void log.append("a");
    log.clock.nowMs = 5_001;
    void log.append("b");
    void log.append("c");
    log.commits[0]?.settle("queue");
    await soon();
    expect(log.commits.map(({ rows }) => rows)).toEqual([["a"], ["b"]]);
    log.commits[1]?.settle("queue");
    await soon();
    expect(log.commits.map(({ rows }) => rows)).toEqual([["a"], ["b"], ["c"]]);
  });

  it("commits all rows once while each commit takes longer than a lead, and rows keep coming", async () => {
    const log = heldLog();
    const answers: Promise<string>[] = [];
    const ends: number[] = [];
    for (let ms = 0; ms < 60_000; ms += 50) {
      log.clock.nowMs = ms;
      answers.push(log.append(`r${ms}`));
      while (ends.length < log.commits.length) ends.push(ms + 5_050);
      log.commits.forEach(({ settle }, index) => {
        if (ends[index] === ms) settle("d1");
      });
      await soon();
    }
    expect(log.commits.flatMap(({ rows }) => rows)).toEqual([...new Set(log.commits.flatMap(({ rows }) => rows))]);
    for (const { settle } of log.commits) settle("d1");
    // Whoever came before the last lead has an answer.
    expect(await Promise.all(answers.slice(0, 1_000))).toEqual(Array(1_000).fill("d1"));
  });

  it("passes rows to the overflow when too many wait, and takes rows again once some were committed", async () => {
    const log = heldLog({ maxWaitingChars: 4 });
    const first = log.append("a");
    void log.append("bbbb");
    expect(await log.append("c")).toBe("overflow c");
    log.commits[0]?.settle("queue");
    await first;
    await soon();
    void log.append("d");
    log.commits[1]?.settle("queue");
    await soon();
    expect(log.commits.map(({ rows }) => rows)).toEqual([["a"], ["bbbb"], ["d"]]);
  });

  it("commits every row, in one group, in any order of arrivals and commits, whichever leaders die", async () => {
    const steps = fc.array(fc.constantFrom("append", "append", "settle", "die", "wait", "hang"), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(steps, async (script) => {
        const log = heldLog({ maxChars: 8 });
        const appended: string[] = [];
        const answers: Promise<string>[] = [];
        const append = () => {
          const row = `r${appended.length}`;
          appended.push(row);
          answers.push(log.append(row));
        };
        let settled = 0;
        for (const step of script) {
          if (step === "append") append();
          else if (step === "settle") log.commits[settled++]?.settle("queue");
          else if (step === "die") settled++;
          else if (step === "hang") log.clock.nowMs += 5_001;
          else await soon();
          settled = Math.min(settled, log.commits.length);
        }
        // What dead leaders had goes with later requests.
        for (let request = 0; request < 2; request++) {
          log.clock.nowMs += 16_001;
          append();
          for (await soon(); settled < log.commits.length; await soon()) log.commits[settled++]?.settle("queue");
        }
        expect([...new Set(log.commits.map(({ rows }) => rows))].flat()).toEqual(appended);
        expect(await Promise.all(answers)).toEqual(appended.map(() => "queue"));
      }),
      runs(400),
    );
  });
});
