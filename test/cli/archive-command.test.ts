import { describe, expect, it } from "vitest";
import { workerThatAnswers } from "./answering-worker.ts";
import { waxseal } from "./command.ts";

const STATUS = {
  ...{ on: true, afterDays: 30, segments: 2, events: 60_000, bytes: 3_140_000, lastSeq: 60_004 },
  ...{ firstDay: "2026-10-01", lastDay: "2026-10-02" },
  d1: { events: 10_000_000, more: true, bytes: 5e9, oldestAt: "2026-10-30T00:00:01.000Z" },
  messages: { files: 0, messages: 0, bytes: 0 },
  lostFiles: 0,
  recalled: { events: 3, rewriteAt: "2026-11-30T09:00:00.000Z" },
};
const SEGMENT = { firstSeq: 1, lastSeq: 50_010, day: "2026-10-01", version: 1, events: 50_000, bytes: 2_000_000 };

/** A Worker that answers a call with the next of these. */
async function answers(...bodies: readonly object[]) {
  const left = [...bodies];
  return await workerThatAnswers(() => ({ body: left.shift() }));
}

const archive = async (to: readonly string[], ...args: readonly string[]) => await waxseal(["archive", ...args, ...to]);

describe("waxseal archive status", () => {
  it("shows how much is in R2 and in D1", async () => {
    const { to } = await answers(STATUS);
    const { code, stdout } = await archive(to, "status");
    expect(code).toBe(0);
    expect(stdout).toMatch(/archives events after 30 days[\s\S]*60,000[\s\S]*3\.1 MB[\s\S]*2026-10-01 to 2026-10-02/);
    expect(stdout).toMatch(/more than 10,000,000[\s\S]*2026-10-30T00:00:01[\s\S]*3, .*2026-11-30T09:00/);
    expect(stdout).not.toContain("messages");
  });

  it("shows the messages in R2, and how many files are lost, when there are any", async () => {
    const messages = { files: 1, messages: 20_000, bytes: 1_200_000 };
    const { to } = await answers({ ...STATUS, messages, lostFiles: 2 });
    const { stdout } = await archive(to, "status");
    expect(stdout).toMatch(/messages in R2 +20,000 in 1 file of 1\.2 MB\n/);
    expect(stdout).toMatch(/lost files +2: "waxseal archive check"/);
  });

  it("says that nothing moves by itself, and prints an object", async () => {
    const { firstDay, lastDay, afterDays, ...rest } = STATUS;
    const off = { ...rest, on: false, d1: { events: 0, more: false }, recalled: { events: 0 } };
    const { to } = await answers(off, off);
    expect((await archive(to, "status")).stdout).toContain("ARCHIVE_AFTER_DAYS is not set");
    expect(JSON.parse((await archive(to, "status", "--json")).stdout)).toEqual(off);
  });
});

describe("waxseal archive run", () => {
  it("goes on until there is no more, shows how far it is, and says what moved", async () => {
    const worker = await answers(
      { written: [SEGMENT], rewritten: 1, messages: 0, more: true },
      { written: [{ ...SEGMENT, events: 7 }], rewritten: 0, messages: 0, more: false },
    );
    const { code, stdout, stderr } = await archive(worker.to, "run", "--older-than", "14");
    expect([code, stdout]).toEqual([0, "50,007 events moved into 2 files of 4.0 MB. Rewritten: 1 file.\n"]);
    expect(stderr).toContain("50,000 events moved, up to 2026-10-01 …");
    expect(worker.received.map(({ method, url, body }) => [method, url, body])).toEqual(
      Array(2).fill(["POST", "/v1/archive/run", '{"olderThanDays":14}']),
    );
  });

  it.each([
    [[SEGMENT], "50,000 events moved into 1 file of 2.0 MB. Messages moved: 1,200.\n"],
    [[], "No event is old enough to move. Messages moved: 1,200.\n"],
  ])("says how many messages moved", async (written, line) => {
    const { to } = await answers({ written, rewritten: 0, messages: 1_200, more: false });
    expect((await archive(to, "run")).stdout).toBe(line);
  });

  it("says when nothing is old enough", async () => {
    const { to } = await answers({ written: [], rewritten: 0, messages: 0, more: false });
    expect((await archive(to, "run")).stdout).toBe("Nothing is old enough to move.\n");
  });

  it("prints an object a segment", async () => {
    const { to } = await answers({ written: [SEGMENT, SEGMENT], rewritten: 0, messages: 0, more: false });
    const { stdout } = await archive(to, "run", "--json");
    expect(
      stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toEqual([SEGMENT, SEGMENT]);
  });

  it("ends with code 1 when nothing moves any more", async () => {
    const { to } = await answers(...Array(3).fill({ written: [], rewritten: 0, messages: 0, more: true }));
    const { code, stderr } = await archive(to, "run");
    expect([code, stderr]).toEqual([1, expect.stringContaining("events change all the time")]);
  });

  it("says what to add when the Worker does not know what is old", async () => {
    const error = { code: "missing_field", message: "olderThanDays is missing." };
    const { to } = await workerThatAnswers(() => ({ status: 400, body: { error } }));
    const { code, stderr } = await archive(to, "run");
    expect([code, stderr]).toEqual([2, expect.stringContaining("waxseal archive run --older-than 30")]);
  });

  it.each(["1", "x", "2.5"])("takes no --older-than %s", async (days) => {
    expect((await archive([], "run", "--older-than", days)).code).toBe(2);
  });
});

describe("waxseal archive check", () => {
  const NONE = { segments: 0, events: 0, messageFiles: 0, messages: 0, bytes: 0, objects: 0 };
  const mended = {
    ...{ finding: "mended", key: "a.v1.parquet", firstSeq: 1, lastSeq: 9, day: "2026-10-01", events: 9, bytes: 99 },
    found: { key: "a.v2.parquet", version: 2, events: 1 },
  };
  const newer = { finding: "newer", key: "b.v1.parquet", bytes: 5, uploadedAt: "2026-11-29T00:00:00.000Z" };

  it("asks for each page, and says what it mended and what is newer than D1", async () => {
    const worker = await answers(
      { data: [mended], checked: { ...NONE, segments: 100, events: 5_000 }, next: "Abc" },
      { data: [newer], checked: { ...NONE, objects: 101 } },
    );
    const { code, stdout, stderr } = await archive(worker.to, "check", "--deep");
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^mended +a\.v1.* Seqs 1 to 9, recorded on 2026-10-01, 9 events\. .*a\.v2.*, with 1 event\./,
    );
    expect(stdout).toMatch(/\nnewer +b\.v1.*D1, which has its events/);
    expect(stderr).toMatch(
      /Checked: 100 segments, 0 files …[\s\S]*Whole: 100 .* 5,000 events, 101 files; what was wrong is/,
    );
    expect(worker.received.map(({ body }) => JSON.parse(body))).toEqual([
      { deep: true },
      { deep: true, cursor: "Abc" },
    ]);
  });

  it("ends with code 1 when a segment cannot be read, and prints objects", async () => {
    const { found, ...missing } = { ...mended, finding: "missing" };
    const { to } = await answers({ data: [missing], checked: { ...NONE, segments: 1 } });
    const { code, stdout, stderr } = await archive(to, "check", "--json");
    expect([code, JSON.parse(stdout)]).toEqual([1, missing]);
    expect(stderr).toMatch(/^waxseal: Of 1 segment with 0 events, 0 files, 1 file cannot be read[\s\S]*from a backup/);
  });

  it("names message files, and counts their messages over pages", async () => {
    const lost = { finding: "damaged", key: "c.v1.parquet", messages: 20_000, bytes: 99 };
    const restored = { ...lost, finding: "mended", found: { key: "c.v2.parquet", version: 2, messages: 19_999 } };
    const { to } = await answers(
      {
        data: [restored],
        checked: { ...NONE, segments: 2, events: 9, messageFiles: 1, messages: 19_999 },
        next: "Abc",
      },
      { data: [lost], checked: { ...NONE, messageFiles: 2, messages: 20_001, objects: 5 } },
    );
    const { code, stdout, stderr } = await archive(to, "check");
    expect(code).toBe(1);
    expect(stdout).toMatch(/^mended +c\.v1.* Of 20,000 messages\. .*c\.v2.*, with 19,999 messages\.\n/);
    expect(stdout).toMatch(/\ndamaged +c\.v1.* Of 20,000 messages\.\n$/);
    expect(stderr).toContain(
      "Of 2 segments with 9 events and 3 files with 40,000 messages, 5 files, 1 file cannot be read",
    );
  });
});
