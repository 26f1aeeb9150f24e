/** Retention: old events leave the log, and reports stay as they were. */
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import worker from "../../src/index.ts";
import { workOnRetention } from "../../src/privacy/retention.ts";
import { emailCounts } from "../../src/reports/emails.ts";
import { linkCounts } from "../../src/reports/links.ts";
import { counted } from "../counted.ts";
import { databaseFaults, faultyDatabase, inTurn } from "../faults/broken.ts";
import { runs } from "../fuzz.ts";
import { emptyLog, logRows, type Row } from "../marketo/marketo.ts";
import { newSend, removeSuppression, reportOutcomes, suppressionCheckOf } from "../outcomes.ts";
import { wrongMailings } from "../reports/visited.ts";
import { environment } from "../worker.ts";
import { aggregate, emptyAll, erase, rowsOf, tablesWith } from "./people-world.ts";

const FOR_EVER = Number.POSITIVE_INFINITY;
const DAY = 86_400_000;
const DAYS = 90;
const OLD = Date.now() - 100 * DAY;
const NEW = Date.now() - 80 * DAY;

beforeEach(emptyAll);

async function reports() {
  const now = Date.now();
  return {
    emails: await emailCounts(env.DB, { bots: "include" }, { by: "email", limit: 100 }, now),
    campaigns: await emailCounts(env.DB, { bots: "exclude" }, { by: "campaign", limit: 100 }, now),
    links: await linkCounts(env.DB, { email: "7", bots: "include" }),
  };
}

const message = (person: string, at: number): Row[] => [
  { person, at },
  { person, at: at + 60_000, type: 10, user_agent: "Mozilla/5.0 (iPhone)" },
  { person, at: at + 3_600_000, type: 11, link_id: "l", link: "https://a.example/" },
];

describe("retention", () => {
  it("deletes old events, gives old messages pseudonyms, and does not change reports", async () => {
    await logRows(...message("a", OLD), ...message("b", NEW), ...message("c", OLD));
    await aggregate();
    const before = await reports();
    await workOnRetention(env.DB, DAYS, FOR_EVER);
    expect(await rowsOf("SELECT DISTINCT person FROM events")).toEqual([{ person: "b" }]);
    expect(await rowsOf("SELECT person, recent IS NULL AS forgotten FROM message_stats ORDER BY person")).toEqual([
      { person: "b", forgotten: 0 },
      { person: expect.stringMatching(/^~expired-[0-9a-f-]{36}$/), forgotten: 1 },
      { person: expect.stringMatching(/^~expired-[0-9a-f-]{36}$/), forgotten: 1 },
    ]);
    expect(await reports()).toEqual(before);
  });

  it("still counts a person who got an email from two campaigns once", async () => {
    await logRows(...message("a", OLD), ...message("a", OLD + 1).map((row) => ({ ...row, campaign: "43" })));
    await aggregate();
    const before = await reports();
    await workOnRetention(env.DB, DAYS, FOR_EVER);
    expect(await tablesWith("~expired-")).toEqual(["message_stats"]);
    expect((await reports()).links).toEqual(before.links);
  });

  it("leaves alone events that are not aggregated yet, and the messages that they belong to", async () => {
    await logRows(...message("a", OLD));
    await aggregate();
    const late: Row = { person: "a", at: OLD + DAY, type: 11, link_id: "l", link: "https://a.example/" };
    await logRows(late);
    await workOnRetention(env.DB, DAYS, FOR_EVER);
    expect(await rowsOf("SELECT person, at FROM events")).toEqual([{ person: "a", at: OLD + DAY }]);
    expect(await rowsOf("SELECT person FROM message_stats")).toEqual([{ person: "a" }]);
    await aggregate();
    expect((await reports()).links).toMatchObject([{ clicks: 2, people: 1 }]);
    // The next day's round takes both.
    await env.DB.prepare("UPDATE retention SET before = before - 1").run();
    await workOnRetention(env.DB, DAYS, FOR_EVER);
    expect(await rowsOf("SELECT person FROM events")).toEqual([]);
    expect(await tablesWith("~expired-")).toEqual(["message_stats"]);
  });

  it("keeps the person of an old message while an event of it is in the log, which an erasure then finds", async () => {
    const days = (from: number, count: number, at: number): Row[] =>
      Array.from({ length: count }, (_, day) => ({
        person: "a",
        at: at + (from + day) * 60_000,
        type: 11,
        link_id: "l",
      }));
    await logRows(...message("a", OLD), ...days(60, 600, OLD), ...days(0, 1, NEW));
    await aggregate();
    await workOnRetention(env.DB, DAYS, FOR_EVER);
    expect(await tablesWith("~expired-")).toEqual([]);
    expect(await rowsOf("SELECT count(*) AS rows FROM events WHERE person = 'a'")).toEqual([{ rows: 1 }]);
    await workOnRetention(env.DB, DAYS - 20, FOR_EVER);
    expect(await tablesWith("~expired-")).toEqual(["message_stats"]);
    expect(await rowsOf("SELECT seqs FROM message_stats UNION ALL SELECT seqs FROM earlier_seqs")).toEqual([
      { seqs: null },
    ]);
    await logRows(...message("b", OLD), ...days(0, 1, NEW).map((row) => ({ ...row, person: "b" })));
    await aggregate();
    await env.DB.prepare("DELETE FROM retention").run();
    await workOnRetention(env.DB, DAYS, FOR_EVER);
    await erase({ person: "b" });
    expect(await rowsOf("SELECT person FROM events")).toEqual([{ person: expect.stringMatching(/^~erased-/) }]);
  });

  it("leaves the pseudonyms of anonymous copies as they are", async () => {
    await logRows(...message("~anon-0123456789abcd", OLD));
    await aggregate();
    const before = await reports();
    await workOnRetention(env.DB, DAYS, FOR_EVER);
    expect(await reports()).toEqual(before);
  });

  it("takes the sender's ids for ids, however they begin, and renames nobody twice", async () => {
    const people = ["erased-7", "expired-x", "gone-1", "anon-0123456789abcd", `expired-${crypto.randomUUID()}`];
    await logRows(...people.flatMap((person) => message(person, OLD)));
    await aggregate();
    const before = await reports();
    await workOnRetention(env.DB, DAYS, FOR_EVER);
    const persons = () => rowsOf<{ person: string }>("SELECT person FROM message_stats ORDER BY person");
    const renamed = await persons();
    expect(renamed).toHaveLength(people.length);
    expect(renamed.filter(({ person }) => people.includes(person))).toEqual([]);
    expect(await reports()).toEqual(before);
    await workOnRetention(env.DB, DAYS - 1, FOR_EVER);
    expect(await persons()).toEqual(renamed);
  });

  it("changes neither when an email was first sent nor when it was last, in reports and in lists", async () => {
    await logRows(
      ...message("a", OLD),
      { person: "b", at: OLD + DAY, type: 7 },
      ...["b", "c"].map((person) => ({ person, at: NEW, type: 9 })),
      // An anonymous copy is no message that was sent.
      { person: "~anon-0123456789abcd", at: NEW + DAY, type: 10 },
    );
    await aggregate();
    const times = async () => {
      expect(await wrongMailings()).toEqual([]);
      const [counted] = await emailCounts(env.DB, { bots: "exclude" }, { by: "email", limit: 1 }, Date.now());
      const listed = await rowsOf("SELECT first_at, last_at FROM mailings");
      return [counted?.firstSentAtMs, counted?.lastSentAtMs, listed];
    };
    const are = (firstMs: number, lastMs: number) => [firstMs, lastMs, [{ first_at: firstMs, last_at: lastMs }]];
    expect(await times()).toEqual(are(OLD, NEW));
    await workOnRetention(env.DB, DAYS, FOR_EVER);
    expect(await rowsOf("SELECT DISTINCT person FROM events WHERE at < (SELECT before FROM retention)")).toEqual([]);
    expect(await times()).toEqual(are(OLD, NEW));
    // Nothing else is known of "c"; of "b" the Delivered is no longer in the log.
    await env.DB.prepare("DELETE FROM events WHERE type = 9").run();
    await logRows(...["b", "c"].map((person) => ({ person, at: NEW, type: 0, detail: '{"retracted":9}' })));
    await aggregate();
    expect(await times()).toEqual(are(OLD, OLD + DAY));
    await erase({ person: "b" });
    await workOnRetention(env.DB, DAYS - 1, FOR_EVER);
    expect(await times()).toEqual(are(OLD, OLD + DAY));
  });

  it("is done once a day", async () => {
    await workOnRetention(env.DB, DAYS, FOR_EVER);
    await logRows(...message("a", OLD));
    await aggregate();
    await workOnRetention(env.DB, DAYS, FOR_EVER);
    expect(await rowsOf("SELECT count(*) AS rows FROM events")).toEqual([{ rows: 3 }]);
    await workOnRetention(env.DB, DAYS - 1, FOR_EVER);
    expect(await rowsOf("SELECT count(*) AS rows FROM events")).toEqual([{ rows: 0 }]);
  });

  it("deletes old schedules and retries, in as many batches as it takes", async () => {
    for (const [count, at] of [
      [1_201, OLD],
      [3, NEW],
    ] as const) {
      const rows = JSON.stringify(Array.from({ length: count }, (_, index) => [`${at}/${index}`, at]));
      await env.DB.prepare(
        `INSERT INTO soft_bounced_sends (key, email, person, campaign, first_at, bounce)
        SELECT value->>0, '7', 'r', '42', value->>1, '{}' FROM json_each(?1)`,
      )
        .bind(rows)
        .run();
      await env.DB.prepare(
        "INSERT INTO retries (id, key, slot, due_at) SELECT value->>0, value->>0, 0, value->>1 FROM json_each(?1)",
      )
        .bind(rows)
        .run();
    }
    await logRows(...Array.from({ length: 1_201 }, (_, index) => ({ person: `p${index}`, at: OLD })));
    await aggregate();
    await workOnRetention(env.DB, DAYS, FOR_EVER);
    const rows = (table: string) => rowsOf(`SELECT count(*) AS rows FROM ${table}`);
    expect(await rows("soft_bounced_sends")).toEqual([{ rows: 3 }]);
    expect(await rows("retries")).toEqual([{ rows: 3 }]);
    expect(await rows("events")).toEqual([{ rows: 0 }]);
    expect(
      await rowsOf("SELECT count(DISTINCT person) AS people FROM message_stats WHERE person LIKE '~expired-%'"),
    ).toEqual([{ people: 1_201 }]);
  });

  it("keeps the times of ranges exact, so that readers of a period still find their events", async () => {
    await logRows({ at: OLD }, { at: NEW }, { at: NEW + 1 });
    await env.DB.prepare(
      `INSERT INTO events (seq, id, type, at, recorded_at, email, person, campaign)
      VALUES (20000, 'far', 6, ?1, ?1, '7', '1', '42')`,
    )
      .bind(OLD)
      .run();
    await aggregate();
    await workOnRetention(env.DB, DAYS, FOR_EVER);
    expect(await rowsOf("SELECT * FROM seq_ranges")).toEqual([{ number: 0, earliest: NEW, latest: NEW + 1 }]);
    // No seq is used twice.
    await logRows({});
    expect(await rowsOf("SELECT max(seq) AS seq FROM events")).toEqual([{ seq: 20_001 }]);
  });

  /** Events of one range that are aggregated, as far as retention looks at it. */
  async function logRange(count: number, isOld: string): Promise<void> {
    await env.DB.batch([
      env.DB.prepare(
        `WITH RECURSIVE seqs (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM seqs WHERE n < ${count})
        INSERT INTO events (seq, id, type, at, recorded_at, email, person, campaign)
        SELECT n, 'event' || n, 6, iif(${isOld}, ${OLD}, ${NEW}), ${NEW}, '7', 'p' || n, '42' FROM seqs`,
      ),
      env.DB.prepare(`UPDATE aggregated SET seq = ${count}`),
      env.DB.prepare(`INSERT INTO seq_ranges (number, earliest, latest) VALUES (0, ${OLD}, ${NEW})`),
    ]);
  }

  it("finds a range again until its last old event is deleted, also in a run of its own for each batch", async () => {
    await logRange(1_500, "n % 15");
    for (let run = 0; run < 20; run++) await workOnRetention(env.DB, DAYS, 0);
    expect(await rowsOf("SELECT count(*) AS rows, min(at) AS earliest FROM events")).toEqual([
      { rows: 100, earliest: NEW },
    ]);
    expect(await rowsOf("SELECT * FROM seq_ranges")).toEqual([{ number: 0, earliest: NEW, latest: NEW }]);
  });

  it("reads what is left of a range once, not for each batch", async () => {
    const COUNT = 9_999;
    /** In all the statements that delete it, by all its indexes. */
    const READS_OF_AN_EVENT = 12;
    await logRange(COUNT, "true");
    let read = 0;
    const d1 = counted(({ rows_read }) => {
      read += rows_read;
    });
    await workOnRetention(d1, DAYS, FOR_EVER);
    expect(await rowsOf("SELECT seq FROM events UNION ALL SELECT number FROM seq_ranges")).toEqual([]);
    expect(read).toBeLessThan(READS_OF_AN_EVENT * COUNT);
  });

  it("keeps an address suppressed whose bounce has left the log, until the suppression is removed", async () => {
    const send = newSend();
    await reportOutcomes(send, { type: "hard_bounced", category: 2, details: "550 5.1.1 no such user" });
    await env.DB.prepare("UPDATE events SET at = ?").bind(OLD).run();
    await aggregate();
    await workOnRetention(env.DB, DAYS, FOR_EVER);
    expect(await tablesWith(`hard/7/${send.person}`)).toEqual([]);
    expect((await suppressionCheckOf({ address: send.address })).suppressed).toBe(true);
    const removal = { address: send.address, who: "lea", why: "the mailbox is back" };
    expect((await removeSuppression(removal)).status).toBe(200);
    expect((await suppressionCheckOf({ address: send.address })).suppressed).toBe(false);
  });

  it("goes on where it stopped, and ends the same, whatever D1 does in between", async () => {
    await fc.assert(
      fc.asyncProperty(databaseFaults, fc.integer({ min: 1, max: 6 }), async (some, count) => {
        await emptyLog();
        await env.DB.prepare("DELETE FROM retention").run();
        for (let index = 0; index < count; index++) await logRows(...message(`p${index}`, index % 2 === 0 ? OLD : NEW));
        await aggregate();
        const before = await reports();
        const broken = faultyDatabase(inTurn(some));
        for (let attempt = 0; attempt < some.length; attempt++)
          await workOnRetention(broken, DAYS, FOR_EVER).catch(() => {
            // It goes on in a minute.
          });
        await workOnRetention(env.DB, DAYS, FOR_EVER);
        expect(await rowsOf("SELECT * FROM events WHERE at < ?", NEW - 1)).toEqual([]);
        expect(await reports()).toEqual(before);
      }),
      runs(10),
    );
  });

  it("runs by the clock when the setting is set", async () => {
    await logRows(...message("a", OLD));
    const run = (days: string) => worker.scheduled({} as ScheduledController, environment({ RETENTION_DAYS: days }));
    await run("");
    expect(await rowsOf("SELECT count(*) AS rows FROM events")).toEqual([{ rows: 3 }]);
    await run("90");
    expect(await rowsOf("SELECT count(*) AS rows FROM events")).toEqual([{ rows: 0 }]);
  });
});
