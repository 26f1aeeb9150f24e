import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { printable } from "../../src/cli/printable.ts";
import type { ExpectedEvent } from "../../src/demo/life.ts";
import { differences, type LoggedEvent, logTable } from "../../src/demo/log.ts";

const IDS = { email: "1042", campaign: "88012" };
const LINK = { id: "0a1b2c3d", url: "https://a.example/" };
const BOUNCE = { category: 3, status: "4.2.2" };
const SEND = "2e5cf27e25c3f66d";

function logged(type: number, others: Partial<LoggedEvent> = {}): LoggedEvent {
  const rest = { send: null, link: null, link_id: null, detail: null };
  return { seq: 1, type, at: 1_793_000_000_000, ...IDS, person: "7", ...rest, ...others };
}

const CLICK = logged(11, { link: LINK.url, link_id: LINK.id });
const SOFT = logged(27, { send: SEND, detail: JSON.stringify({ address: "a@b.example", ...BOUNCE }) });
const SENT = logged(6, { send: SEND, detail: JSON.stringify({ address: "a@b.example" }) });

const opened: ExpectedEvent = { type: "opened", person: "7" };
const clicked: ExpectedEvent = { type: "clicked", person: "7", link: LINK };
const sent: ExpectedEvent = { type: "sent", person: "7", send: SEND };
const softBounced: ExpectedEvent = { type: "softBounced", person: "7", send: SEND, bounce: BOUNCE };

describe("the differences between a log and what happened", () => {
  it("are none when each event is there once, in any order", () => {
    const log = [logged(9), CLICK, SOFT, logged(10), SENT];
    const expected = [sent, softBounced, opened, clicked, { type: "unsubscribed", person: "7" }] as const;
    expect(differences(log, expected, IDS)).toEqual([]);
  });

  it("name an event that is missing, one that is there twice and one that nobody made", () => {
    const log = [CLICK, { ...CLICK, seq: 2 }, logged(8, { seq: 3 })];
    expect(differences(log, [opened, softBounced, clicked], IDS)).toEqual([
      "missing: Opened of person 7",
      `missing: Soft Bounced category 3, 4.2.2 of send ${SEND} of person 7`,
      "too much, at seq 2: Clicked 0a1b2c3d https://a.example/ of person 7",
      "too much, at seq 3: Hard Bounced of person 7",
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
      const all = differences([{ ...CLICK, ...wrong }], [clicked], IDS);
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
      const all = differences([{ ...SOFT, ...wrong }], [softBounced], IDS);
      expect(all.map((each) => each.split(" ")[0])).toEqual(["missing:", "too"]);
    }
  });
});

describe("the table of the log", () => {
  it.each([80, 72])("keeps within %i columns, links cut", (columns) => {
    const log = [CLICK, { ...CLICK, seq: 123_456, link: `https://例え.example/${"あ".repeat(300)}` }];
    const rows = stripVTControlCharacters(logTable(log, columns)).split("\n");
    // A kana takes two columns.
    const width = (row: string) => row.length + (row.match(/[あ例え]/g)?.length ?? 0);
    expect(new Set(rows.map(width))).toEqual(new Set([columns]));
    expect(rows[4]).toMatch(/… +│$/);
  });

  it("keeps within 80 columns with sends, cut, and bounces, whole", () => {
    const long = { ...CLICK, seq: 12_345, link: `https://a.example/${"a".repeat(300)}` };
    const table = stripVTControlCharacters(logTable([SENT, SOFT, long], 80));
    expect(new Set(table.split("\n").map(({ length }) => length))).toEqual(new Set([80]));
    expect(table).toMatch(/ Sent +│ 07:33:20\.000 │ 2e5cf27e… │ +│/);
    expect(table).toMatch(/ Soft Bounced │ 07:33:20\.000 │ 2e5cf27e… │ category 3, 4\.2\.2 +│/);
  });

  it("shows sends and links whole where there is room", () => {
    const table = logTable([CLICK, SENT], 200);
    expect(table).toMatch(/ Clicked │ 07:33:20\.000 │ 0a1b2c3d +│ https:\/\/a\.example\/ │/);
    expect(table).toMatch(/ Sent +│ 07:33:20\.000 │ 2e5cf27e25c3f66d │ +│/);
  });
});

describe("a line on the terminal", () => {
  it("holds no control sequence of a mail's, and no half characters", () => {
    expect(printable("https://a.example/\u009b31m\u202e\ud800é\n")).toBe(
      "https://a.example/%C2%9B31m%E2%80%AE\ufffdé\n",
    );
  });
});
