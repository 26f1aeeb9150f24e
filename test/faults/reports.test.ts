/** Aggregation while D1 fails, and by several at once: every event counts once. */
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import worker from "../../src/index.ts";
import { emailCounts } from "../../src/reports/emails.ts";
import { aggregateLog } from "../../src/reports/index.ts";
import { linkCounts } from "../../src/reports/links.ts";
import { runs } from "../fuzz.ts";
import { emptyLog, logRows, type Row } from "../marketo/marketo.ts";
import { MARKING, marking, UNASKED } from "../reports/policy.ts";
import { environment } from "../worker.ts";
import { databaseFaults, faultyDatabase, inTurn, slowToWrite } from "./broken.ts";

const FOR_EVER = Number.POSITIVE_INFINITY;

beforeEach(emptyLog);

const clicks = (count: number, more: Row = {}): Row[] =>
  Array.from({ length: count }, () => ({ type: 11, link_id: "l", link: "https://a.example/", ...more }));

async function clicksCounted(bots: "include" | "exclude" = "include"): Promise<number> {
  const links = await linkCounts(env.DB, { email: "7", bots });
  return links.reduce((sum, link) => sum + link.clicks, 0);
}

/** Clicks on different links in the same second are a bot's. */
const NEAR = marking({ proximity: "mark", links: "off" });

describe("aggregating the log", () => {
  it("counts each click once, whatever D1 does in between", async () => {
    await fc.assert(
      fc.asyncProperty(databaseFaults, fc.integer({ min: 1, max: 20 }), async (some, count) => {
        await emptyLog();
        await logRows(...clicks(count));
        const broken = faultyDatabase(inTurn(some));
        for (let attempt = 0; attempt < some.length; attempt++)
          await aggregateLog({ ...env, DB: broken }, MARKING, FOR_EVER).catch(() => 0);
        await aggregateLog(env, MARKING, FOR_EVER);
        expect(await clicksCounted()).toBe(count);
      }),
      runs(30),
    );
  });

  it("counts each click once when many aggregate at the same time", async () => {
    await logRows(...clicks(40));
    await Promise.all(Array.from({ length: 8 }, () => aggregateLog(env, MARKING, FOR_EVER)));
    expect(await clicksCounted()).toBe(40);
  });

  it("writes nothing of a batch that another run finished, and went on from, while it was being read", async () => {
    await logRows(...clicks(3));
    const { d1: slow, read, write: finish } = slowToWrite();
    const late = aggregateLog({ ...env, DB: slow }, UNASKED, FOR_EVER);
    await read;
    await aggregateLog(env, UNASKED, FOR_EVER);
    await logRows(...clicks(4));
    await aggregateLog(env, UNASKED, FOR_EVER);
    finish();
    await late;
    expect(await clicksCounted()).toBe(7);
    await logRows(...clicks(1));
    await aggregateLog(env, UNASKED, FOR_EVER);
    expect(await clicksCounted()).toBe(8);
  });

  it("has nothing left only when all is aggregated, even if another run had read less of the log", async () => {
    await logRows(...clicks(2));
    const { promise: finished, resolve: finish } = Promise.withResolvers<void>();
    const { promise: read, resolve: isRead } = Promise.withResolvers<void>();
    const writing = (before: () => Promise<unknown>) =>
      ({
        prepare: (query: string) => env.DB.prepare(query),
        batch: async (statements: D1PreparedStatement[]) => {
          if (statements.length > 2) await before();
          return await env.DB.batch(statements);
        },
      }) as unknown as D1Database;
    const short = aggregateLog(
      environment({
        DB: writing(() => {
          isRead();
          return finished;
        }),
      }),
      UNASKED,
      FOR_EVER,
    );
    await read;
    await logRows(...clicks(1));
    const long = aggregateLog(
      environment({
        DB: writing(() => {
          finish();
          return short;
        }),
      }),
      UNASKED,
      FOR_EVER,
    );
    expect(await long).toBe(0);
    expect(await clicksCounted()).toBe(3);
  });

  /** What the log says of clicks, and what the report of the link counts; both by people and by all. */
  async function clicksTwice() {
    const query = "SELECT count(*) AS all_, sum(is_bot = 0) AS people FROM events WHERE type = 11";
    const log = await env.DB.prepare(query).first<{ all_: number; people: number | null }>();
    return {
      log: [log?.all_, log?.people ?? 0],
      report: [await clicksCounted(), await clicksCounted("exclude")],
    };
  }

  it("moves each event of a burst once, whatever D1 does in between and however many aggregate", async () => {
    const at = Date.UTC(2026, 10, 20);
    await fc.assert(
      fc.asyncProperty(
        databaseFaults,
        fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 20 }),
        async (some, seconds) => {
          await emptyLog();
          let made = 0;
          const broken = faultyDatabase(inTurn(some));
          const ids: string[] = [];
          for (const half of [seconds.slice(0, seconds.length >> 1), seconds.slice(seconds.length >> 1)]) {
            const rows = half.flatMap((second) => clicks(1, { at: at + second * 1_000, link_id: `l${made++}` }));
            ids.push(...(await logRows(...rows)));
            const aggregates = Array.from({ length: 1 + some.length }, () =>
              aggregateLog({ ...env, DB: broken }, NEAR, FOR_EVER),
            );
            await Promise.allSettled(aggregates);
          }
          await aggregateLog(env, NEAR, FOR_EVER);
          const near = (second: number) => seconds.filter((each) => each === second).length > 1;
          const people = seconds.filter((second) => !near(second)).length;
          const counted = [seconds.length, people];
          expect(await clicksTwice()).toEqual({ log: counted, report: counted });
          const { results } = await env.DB.prepare("SELECT id FROM events").all<{ id: string }>();
          expect(new Set(results.map(({ id }) => id))).toEqual(new Set(ids));
        },
      ),
      runs(30),
    );
  });

  it("repeats its batch when a detected event is erased before it writes", async () => {
    const at = Date.UTC(2026, 10, 20);
    for (const erased of ["the earlier", "the later"]) {
      await emptyLog();
      const [first] = await logRows(...clicks(1, { at }));
      await aggregateLog(env, NEAR, FOR_EVER);
      const [second] = await logRows(...clicks(1, { at, link_id: "l2" }));
      let isErased = false;
      const erasing = {
        prepare: (query: string) => env.DB.prepare(query),
        batch: async (statements: D1PreparedStatement[]) => {
          if (statements.length > 2 && !isErased) {
            isErased = true;
            const id = erased === "the earlier" ? first : second;
            await env.DB.prepare("DELETE FROM events WHERE id = ?1").bind(id).run();
          }
          return await env.DB.batch(statements);
        },
      } as unknown as D1Database;
      await aggregateLog({ ...env, DB: erasing }, NEAR, FOR_EVER);
      // An event that was aggregated before its erasure stays counted, and makes no later event a bot's.
      const report = erased === "the earlier" ? [2, 1] : [1, 1];
      expect((await clicksTwice()).report).toEqual(report);
      const aggregated = "SELECT (SELECT seq FROM aggregated) >= max(seq) AS is_done FROM events";
      expect(await env.DB.prepare(aggregated).first("is_done")).toBe(1);
    }
  });

  it("does not run by the clock while settings are wrong, so that no bot is taken for a person", async () => {
    await logRows({}, { type: 7 });
    await worker.scheduled({} as ScheduledController, { ...env, BOTS_BY_LINKS: "sometimes" });
    expect(await env.DB.prepare("SELECT seq FROM aggregated").first("seq")).toBe(0);
  });

  it("goes on after a batch of 10,000 events until nothing is left", async () => {
    await logRows(...clicks(22_001));
    expect(await aggregateLog(env, UNASKED, FOR_EVER)).toBe(0);
    expect(await clicksCounted()).toBe(22_001);
  });

  it("stops in time, returns how much is left, and goes on from there", async () => {
    await logRows(...clicks(22_001));
    expect(await aggregateLog(env, UNASKED, 0)).toBe(12_001);
    expect(await clicksCounted()).toBe(10_000);
    expect(await aggregateLog(env, UNASKED, 0)).toBe(2_001);
    expect(await aggregateLog(env, UNASKED, 0)).toBe(0);
    expect(await clicksCounted()).toBe(22_001);
  });

  it("writes messages with any number of links, more than one statement can carry", async () => {
    const rows = Array.from({ length: 4_000 }, (_, index): Row => {
      const link_id = `link-${index % 2_000}`.padEnd(64, "x");
      return { type: 11, person: `p${index % 40}`, link_id, link: `https://a.example/${index % 2_000}` };
    });
    for (let round = 0; round < 2; round++) await logRows(...rows);
    await aggregateLog(env, UNASKED, FOR_EVER);
    const links = await linkCounts(env.DB, { email: "7", bots: "exclude" });
    expect(links.length).toBe(2_000);
    expect(new Set(links.map(({ clicks }) => clicks))).toEqual(new Set([4]));
  });

  it("writes no row for a message that an event does not change", async () => {
    await logRows({ type: 27 });
    await aggregateLog(env, UNASKED, FOR_EVER);
    await env.DB.prepare("UPDATE message_stats SET since = since + 0.5").run();
    const before = await env.DB.prepare("SELECT since FROM message_stats").first("since");
    await logRows({ type: 27, at: Date.now() + 1_000 }, { type: 100_001 });
    await aggregateLog(env, UNASKED, FOR_EVER);
    expect(await env.DB.prepare("SELECT since FROM message_stats").first("since")).toBe(before);
    expect(await env.DB.prepare("SELECT count(*) AS rows FROM message_stats").first("rows")).toBe(1);
  });

  it("stores the earliest and latest time of each range of 10,000 seqs", async () => {
    await logRows({ at: 5_000 }, { at: 3_000 }, { at: 4_000 });
    await aggregateLog(env, UNASKED, FOR_EVER);
    await logRows({ at: 9_000 }, { at: 2_000 });
    await env.DB.prepare("UPDATE events SET seq = 10000 WHERE at = 9000").run();
    await env.DB.prepare("UPDATE events SET seq = 9999 WHERE at = 2000").run();
    await aggregateLog(env, UNASKED, FOR_EVER);
    const { results } = await env.DB.prepare("SELECT * FROM seq_ranges ORDER BY number").all();
    expect(results).toEqual([
      { number: 0, earliest: 2_000, latest: 5_000 },
      { number: 1, earliest: 9_000, latest: 9_000 },
    ]);
  });

  it("runs by the clock, so that reports need not wait", async () => {
    await logRows({}, { type: 7 });
    await worker.scheduled({} as ScheduledController, env);
    const counts = await emailCounts(env.DB, { bots: "exclude" }, { by: "email", limit: 10 }, Date.now());
    expect(counts).toMatchObject([{ sent: 1, delivered: 1 }]);
  });
});
