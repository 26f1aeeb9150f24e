/** A D1 in which no page is free any more: the archive makes room in it. */
import { describe, expect, it } from "vitest";
import { moveMessages } from "../../../src/archive/messages/move.ts";
import { recallEvents } from "../../../src/archive/recall-seqs.ts";
import { archivedBefore, workOnArchive } from "../../../src/archive/work.ts";
import { isStorageFull } from "../../../src/platform/errors.ts";
import { statementsForLeaving } from "../../../src/retries/leaving.ts";
import { memoryR2, sqliteD1 } from "./sqlite-d1.ts";

const DAY_MS = 86_400_000;
const START_MS = (Math.floor(Date.now() / DAY_MS) - 10) * DAY_MS;
/** Of a hundred events: those that stay in D1 are few. */
const TYPES = [8, 9, 27, ...new Array(32).fill(6), ...new Array(30).fill(7), ...new Array(25).fill(10)] as const;

const INSERT = `INSERT INTO events (id, type, at, recorded_at, email, person, campaign, link_id, link, detail)
VALUES (?1, ?2, ?3, ?3, '7', ?4, '42', ?5, 'https://shop.example/' || ?5, ?6)`;

/**
 * A D1 that is to be filled.
 * @param days how many events were recorded on each, from ten days ago on; on its links a few of the clicks are the
 * first ones, which stay, as bounces do, while their messages are in D1
 */
async function stores(days: readonly number[]) {
  const { sqlite, DB } = sqliteD1();
  const insert = sqlite.prepare(INSERT);
  let count = 0;
  const add = (at: number) => {
    const type = TYPES[count++ % 100] ?? 11;
    const padding = `{"padding":"${"x".repeat(count % 90)}"}`;
    insert.run(crypto.randomUUID(), type, at, `p${count}`, type === 11 ? `l${count % 30}` : null, padding);
  };
  for (const [day, size] of days.entries()) for (let n = 0; n < size; n++) add(START_MS + day * DAY_MS + n);
  sqlite.exec(`UPDATE aggregated SET seq = ${count};
INSERT INTO links (email, id, url, first_clicks)
SELECT '7', link_id, link, (SELECT json_group_array(seq) FROM (
  SELECT seq FROM events WHERE link_id = clicked.link_id ORDER BY seq LIMIT 5))
FROM events AS clicked WHERE type = 11 GROUP BY link_id;
INSERT INTO message_stats (email, campaign, person, since, flags) SELECT email, campaign, person, at, 0 FROM events`);
  const around = { DB, ARCHIVE: memoryR2() };
  const numberOf = (query: string) => Number(Object.values(sqlite.prepare(query).get() ?? {})[0]);
  return {
    ...around,
    sqlite,
    numberOf,
    /** Records events until D1 takes none. */
    fill: () => {
      sqlite.exec(`PRAGMA max_page_count = ${numberOf("PRAGMA page_count")}`);
      expect(() => {
        for (;;) add(Date.now());
      }).toThrow(expect.toSatisfy(isStorageFull));
      expect(numberOf("PRAGMA freelist_count")).toBe(0);
    },
    archive: async (afterDays = 2) => {
      const beforeMs = await archivedBefore(DB, { afterDays, aboveGb: 6, messageDays: 90 });
      const { written, rewritten } = await workOnArchive(around, beforeMs, Number.POSITIVE_INFINITY);
      return { written: written.map(({ rows }) => rows), rewritten };
    },
    /** Whether an event can be recorded. */
    record: () => add(Date.now()),
  };
}

describe("a full D1", () => {
  it("has room again once events are archived", async () => {
    const { fill, archive, record, numberOf } = await stores([400, 400, 400]);
    fill();
    expect(await archive()).toEqual({ written: [400, 400, 400], rewritten: 0 });
    record();
    expect(numberOf("SELECT count(*) FROM recalled")).toBeGreaterThan(50);
    expect(numberOf("PRAGMA freelist_count")).toBeGreaterThan(30);
  });

  it("has room again once segments are rewritten and events archived", async () => {
    const { DB, ARCHIVE, sqlite, fill, archive, record } = await stores([400, 400, 400]);
    await archive(9);
    await recallEvents(
      { DB, ARCHIVE },
      Array.from({ length: 300 }, (_, index) => index + 1),
    );
    sqlite.exec(`UPDATE events SET user_agent = 'changed' WHERE seq % 7 = 0 AND seq < 300;
UPDATE recalled SET used_at = 0, due_at = 1 WHERE due_at IS NOT NULL`);
    fill();
    expect(await archive()).toEqual({ written: [400, 400], rewritten: 1 });
    record();
  });

  it("has room again once messages move into a file", async () => {
    const { DB, ARCHIVE, sqlite, fill, record, numberOf } = await stores([400, 400, 400]);
    sqlite.exec("UPDATE message_stats SET seqs = '[1]'");
    fill();
    expect(
      await moveMessages({ DB, ARCHIVE }, Date.now() - DAY_MS, Number.POSITIVE_INFINITY, statementsForLeaving),
    ).toBe(1_200);
    expect(numberOf("SELECT sum(messages) FROM day_totals")).toBe(1_200);
    record();
  });

  it("takes the note of a short stretch, which frees no page, from its reserve, and keeps it again", async () => {
    const { sqlite, fill, archive, record, numberOf } = await stores([3, 400]);
    // As before the archive was on.
    await archive(30);
    // One more needs another page.
    const note = sqlite.prepare(`INSERT INTO segments (first, last, file_token, token, day, etag, rows, bytes,
earliest, latest, recorded_from, recorded_to)
VALUES (?1, ?1, printf('%036d', 0), printf('%036d', 0), '2026-11-01', printf('%032d', 0), 1, 9999, ?2, ?2, ?2, ?2)`);
    const pages = numberOf("PRAGMA page_count");
    let count = 0;
    for (; numberOf("PRAGMA page_count") === pages; count++) {
      sqlite.exec("SAVEPOINT one");
      note.run(count - 1_000, START_MS);
    }
    sqlite.exec("ROLLBACK TO one; RELEASE one");
    while (sqlite.isTransaction) sqlite.exec("RELEASE one");
    fill();
    expect(numberOf("SELECT count(*) FROM reserve")).toBe(1);
    expect(await archive(9)).toEqual({ written: [3], rewritten: 0 });
    expect(numberOf("SELECT count(*) FROM reserve")).toBe(0);
    await archive();
    await archive();
    expect(numberOf("SELECT count(*) FROM reserve")).toBe(1);
    record();
  });
});
