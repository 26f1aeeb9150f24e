import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { type DemoEvent, differences, type LoggedEvent, logTable } from "../../src/demo/log.ts";

const IDS = { email: "1042", person: "7", campaign: "88012" };
const SEND = "2e5cf27e25c3f66d";

const opened: DemoEvent = { type: 10, ...IDS };
const clicked: DemoEvent = { type: 11, ...IDS, link: "https://a.example/", link_id: "0a1b2c3d" };
const unsubscribed: DemoEvent = { type: 9, ...IDS };
const sent: DemoEvent = { type: 6, ...IDS, send: SEND };
const softBounced: DemoEvent = { ...sent, type: 27, detail: JSON.stringify({ category: 3, status: "4.2.2" }) };

function logged(event: DemoEvent, seq = 1): LoggedEvent {
  return { seq, at: 1_793_000_000_000, ...event };
}

const CLICK = logged({ ...clicked, send: null, detail: null });
const SOFT = logged({
  ...softBounced,
  link: null,
  link_id: null,
  detail: JSON.stringify({ address: "a@b.example", category: 3, status: "4.2.2" }),
});
const SENT = logged({ ...sent, detail: JSON.stringify({ address: "a@b.example" }) });

describe("the differences between a log and what happened", () => {
  it("are none when each event is there once, in any order", () => {
    const log = [logged(unsubscribed), CLICK, SOFT, logged(opened), SENT];
    expect(differences(log, [sent, softBounced, opened, clicked, unsubscribed])).toEqual([]);
  });

  it("name an event that is missing, one that is there twice and one that nobody made", () => {
    const log = [CLICK, { ...CLICK, seq: 2 }, logged({ ...opened, type: 8 }, 3)];
    expect(differences(log, [opened, softBounced, clicked])).toEqual([
      "missing: Opened of 1042/7/88012",
      `missing: Soft Bounced category 3, 4.2.2 of 1042/7/88012/${SEND}`,
      "too much, at seq 2: Clicked 0a1b2c3d https://a.example/ of 1042/7/88012",
      "too much, at seq 3: Hard Bounced of 1042/7/88012",
    ]);
  });

  it("see another link, another id of the same link, another person, email and campaign", () => {
    for (const wrong of [
      { link: "https://a.example" },
      { link_id: "0a1b2c3e" },
      { person: "8" },
      { email: "1043" },
      { campaign: "1" },
    ]) {
      const all = differences([{ ...CLICK, ...wrong }], [clicked]);
      expect(all.map((each) => each.split(" ")[0])).toEqual(["missing:", "too"]);
    }
  });

  it("see another send, category and status of a bounce, and an outcome that names no send", () => {
    for (const wrong of [
      { send: "3e5cf27e25c3f66d" },
      { send: null },
      { detail: JSON.stringify({ category: 9, status: "4.2.2" }) },
      { detail: JSON.stringify({ category: 3, status: "4.2.1" }) },
      { detail: JSON.stringify({ category: 3 }) },
      { detail: null },
    ]) {
      const all = differences([{ ...SOFT, ...wrong }], [softBounced]);
      expect(all.map((each) => each.split(" ")[0])).toEqual(["missing:", "too"]);
    }
  });
});

describe("the table of the log", () => {
  it.each([100, 80, 71])("keeps within %i columns, links cut", (columns) => {
    const log = [CLICK, { ...CLICK, seq: 12_345, link: `https://例え.example/${"あ".repeat(300)}` }];
    const rows = stripVTControlCharacters(logTable(log, columns)).split("\n");
    // A kana takes two columns.
    const width = (row: string) => row.length + (row.match(/[あ例え]/g)?.length ?? 0);
    expect(new Set(rows.map(width))).toEqual(new Set([columns]));
    expect(rows[4]).toMatch(/… +│$/);
  });

  it("shows sends by their first eight characters, and bounces whole", () => {
    const long = { ...CLICK, seq: 12_345, link: `https://a.example/${"a".repeat(300)}` };
    const table = stripVTControlCharacters(logTable([SENT, SOFT, long], 71));
    expect(new Set(table.split("\n").map(({ length }) => length))).toEqual(new Set([71]));
    expect(table).toMatch(/ Sent +│ 07:33:20\.000 │ 2e5cf27e… │ +│/);
    expect(table).toMatch(/ Soft Bounced │ 07:33:20\.000 │ 2e5cf27e… │ category 3, 4\.2\.2 │/);
  });

  it("shows links whole where there is room", () => {
    expect(logTable([CLICK], 200)).toMatch(/ Clicked +│ 07:33:20\.000 │ 0a1b2c3d {2}│ https:\/\/a\.example\/ +│/);
  });
});
