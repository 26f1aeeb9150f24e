/** The part of the log that an extract reads, by the time of recording, and that time itself. */
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { NOW_MS } from "../../../src/events/recorded.ts";
import { EVENT_COLUMNS, storedRow } from "../../../src/events/row-sql.ts";
import { events } from "../../../src/events/schema.ts";
import { endPeriod, readRows, stretchesOfPeriod } from "../../../src/marketo/extract/rows.ts";
import { sql } from "../../../src/platform/sql.ts";
import { runs } from "../../fuzz.ts";
import { logRows } from "../marketo.ts";
import { withoutExtracts } from "./extract-world.ts";

beforeEach(withoutExtracts);

interface StoredRow {
  readonly seq: number;
  readonly recordedAt: number;
}

interface NamedRow extends StoredRow {
  readonly id: string;
}

/** Makes a log of these rows. */
async function store(rows: readonly StoredRow[]): Promise<void> {
  await withoutExtracts();
  const insert = `INSERT INTO events (seq, id, type, at, recorded_at, email, person, campaign)
SELECT value ->> 0, 'row.' || (value ->> 0), 6, 0, value ->> 1, '7', '1', '42' FROM json_each(?1)`;
  const columns = JSON.stringify(rows.map(({ seq, recordedAt }) => [seq, recordedAt]));
  await env.DB.prepare(insert).bind(columns).run();
}

const period = (fromMs: number, untilMs: number) => ({ fromMs, untilMs, types: [6, 11] });

async function read(fromMs: number, untilMs: number, after: number, top: number): Promise<number[]> {
  const seqs: number[] = [];
  const wanted = period(fromMs, untilMs);
  for (const stretch of await stretchesOfPeriod(env, wanted, { after, to: top }))
    for (const { seq } of await readRows(env, stretch, wanted)) seqs.push(seq);
  return seqs;
}

const stored = async () =>
  (await env.DB.prepare("SELECT seq, id, recorded_at AS recordedAt FROM events ORDER BY seq").all<NamedRow>()).results;
const nameOf = ({ id, seq }: NamedRow) => `${id} under ${seq}`;

/** As everything does that writes an event again. */
const REWRITE_FIRST = sql`REPLACE INTO ${events} (${EVENT_COLUMNS})
  SELECT ${storedRow({ is_bot: sql`1` })} FROM ${events}
  WHERE ${events.seq} = (SELECT min(first.seq) FROM ${events} AS first)`;

const nowMs = async () => (await sql`SELECT ${NOW_MS} AS ms`.prepare(env.DB).first<number>("ms")) ?? 0;

describe("the log", () => {
  it("is read once and in order, whatever was recorded at one time, and wherever seqs are missing", async () => {
    const seq = fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 10_000 }));
    const log = fc.tuple(
      fc.uniqueArray(seq, { minLength: 1, maxLength: 30 }),
      fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 30, maxLength: 30 }),
    );
    await fc.assert(
      fc.asyncProperty(
        log,
        fc.oneof(fc.constant(0), seq),
        seq,
        fc.integer({ min: 0, max: 9 }),
        fc.integer({ min: 1, max: 5 }),
        async ([seqs, times], after, top, fromMs, length) => {
          const ascending = times.toSorted((one, other) => one - other);
          const rows = seqs
            .toSorted((one, other) => one - other)
            .map((seq, index) => ({ seq, recordedAt: ascending[index] ?? 9 }));
          await store(rows);
          const untilMs = fromMs + length;
          const expected = rows
            .filter(({ seq, recordedAt }) => seq > after && seq <= top && recordedAt >= fromMs && recordedAt < untilMs)
            .map(({ seq }) => seq);
          expect(await read(fromMs, untilMs, after, top)).toEqual(expected);
        },
      ),
      runs(100),
    );
  });

  it("is read in its part of that time only", async () => {
    await store([5, 20_005, 40_005, 40_006].map((seq, index) => ({ seq, recordedAt: index })));
    const stretches = await stretchesOfPeriod(env, period(1, 2), { after: 0, to: 40_006 });
    expect(stretches.at(0)?.after).toBeGreaterThanOrEqual(5);
    expect(stretches.at(-1)?.to).toBeLessThan(40_005);
  });

  it("has the highest seq 0 and nothing to read when it is empty", async () => {
    expect(await endPeriod(env.DB, period(0, 10))).toBe(0);
    expect(await stretchesOfPeriod(env, period(0, 10), { after: 0, to: 0 })).toEqual([]);
  });
});

describe("the time of recording", () => {
  it("is when the event was written, whenever it happened", async () => {
    const before = await nowMs();
    await logRows({ at: 5 });
    const [row] = await stored();
    expect(row?.recordedAt).toBeGreaterThanOrEqual(before);
    expect(row?.recordedAt).toBeLessThanOrEqual(await nowMs());
  });

  it("divides the log: periods that follow each other have every event, once, however D1's clock jumps", async () => {
    const step = fc.constantFrom("record", "mark", "delete the last", "clock goes back", "clock goes ahead", "extract");
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        await withoutExtracts();
        const got: string[] = [];
        let fromMs = await nowMs();
        const extract = async (untilMs: number) => {
          const top = await endPeriod(env.DB, { untilMs });
          const seqs = new Set(await read(fromMs, untilMs, 0, top));
          got.push(...(await stored()).filter(({ seq }) => seqs.has(seq)).map(nameOf));
          fromMs = untilMs;
        };
        const deeds: Readonly<Record<(typeof steps)[number], () => Promise<unknown>>> = {
          record: () => logRows({ type: 11 }, { type: 11 }),
          mark: () => REWRITE_FIRST.prepare(env.DB).run(),
          "delete the last": () => env.DB.exec("DELETE FROM events WHERE seq = (SELECT max(seq) FROM events)"),
          // What is stored moves instead, and the client with it.
          "clock goes back": () => moveTimes(300),
          "clock goes ahead": () => moveTimes(-300),
          extract: async () => extract(Math.max(fromMs, await nowMs()) + 1),
        };
        const moveTimes = async (ms: number) => {
          fromMs += ms;
          await env.DB.batch([
            env.DB.prepare("UPDATE events SET recorded_at = recorded_at + ?1").bind(ms),
            env.DB.prepare("UPDATE aggregated SET read_until = read_until + ?1").bind(ms),
          ]);
        };
        for (const each of steps) {
          await deeds[each]();
          const times = (await stored()).map(({ recordedAt }) => recordedAt);
          expect(times).toEqual(times.toSorted((one, other) => one - other));
        }
        const all = await stored();
        await extract(Math.max(fromMs, all.at(-1)?.recordedAt ?? 0) + 1);
        expect(new Set(got).size).toBe(got.length);
        expect(got).toEqual(expect.arrayContaining(all.map(nameOf)));
      }),
      {
        ...runs(25),
        examples: [
          [["record", "clock goes back", "mark", "record", "extract", "mark"]],
          [["record", "delete the last", "extract", "clock goes back", "record", "extract"]],
        ],
      },
    );
  });
});
