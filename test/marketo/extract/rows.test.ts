/** The ranges of the log that an extract reads: blocks of other times are skipped, and nothing else is. */
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { SEQS_PER_BLOCK } from "../../../src/events/schema.ts";
import { highestSeq, readRows, seqRanges } from "../../../src/marketo/extract/rows.ts";
import { runs } from "../../fuzz.ts";
import { withoutExtracts } from "./extract-world.ts";

beforeEach(withoutExtracts);

interface StoredRow {
  readonly seq: number;
  readonly at: number;
}

/** Makes a log of these rows, aggregated up to a seq. */
async function store(rows: readonly StoredRow[], aggregated: number | undefined): Promise<void> {
  await withoutExtracts();
  const insert = `INSERT INTO events (seq, id, type, at, email, person, campaign)
SELECT value ->> 0, 'row.' || (value ->> 0), 6, value ->> 1, '7', '1', '42' FROM json_each(?1)`;
  const columns = JSON.stringify(rows.map(({ seq, at }) => [seq, at]));
  await env.DB.prepare(insert).bind(columns).run();
  if (aggregated === undefined) return;
  await env.DB.batch([
    env.DB.prepare("UPDATE aggregated SET seq = ?1").bind(aggregated),
    env.DB.prepare(
      `INSERT INTO blocks (block, earliest, latest)
SELECT seq / ${SEQS_PER_BLOCK}, min(at), max(at) FROM events WHERE seq <= ?1 GROUP BY 1`,
    ).bind(aggregated),
  ]);
}

const request = (fromMs: number, untilMs: number) => ({
  format: "CSV" as const,
  columns: [],
  fromMs,
  untilMs,
  types: [6],
});

async function read(fromMs: number, untilMs: number, after: number, top: number): Promise<number[]> {
  const seqs: number[] = [];
  for (const range of await seqRanges(env.DB, request(fromMs, untilMs), { after, to: top }))
    for (const { seq } of await readRows(env.DB, range, request(fromMs, untilMs))) seqs.push(seq);
  return seqs;
}

describe("the log", () => {
  it("is read once and in order, wherever the aggregated part, the reading and its continuation end", async () => {
    const edge = fc
      .tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: -2, max: 2 }))
      .map(([block, off]) => Math.max(1, block * SEQS_PER_BLOCK + off));
    const seq = fc.oneof(edge, fc.integer({ min: 1, max: 4 * SEQS_PER_BLOCK }));
    const log = fc.uniqueArray(fc.record({ seq, at: fc.integer({ min: 0, max: 9 }) }), {
      selector: ({ seq }) => seq,
      minLength: 1,
      maxLength: 30,
    });
    await fc.assert(
      fc.asyncProperty(
        log,
        fc.option(seq, { nil: undefined }),
        fc.oneof(fc.constant(0), seq),
        seq,
        fc.integer({ min: 0, max: 9 }),
        fc.integer({ min: 1, max: 5 }),
        async (rows, aggregated, after, top, fromMs, length) => {
          await store(rows, aggregated);
          const untilMs = fromMs + length;
          const expected = rows
            .filter(({ seq, at }) => seq > after && seq <= top && at >= fromMs && at < untilMs)
            .map(({ seq }) => seq)
            .sort((one, other) => one - other);
          expect(await read(fromMs, untilMs, after, top)).toEqual(expected);
        },
      ),
      runs(100),
    );
  });

  it("is read once where a block is aggregated in part", async () => {
    const rows = [5, 10, 15].map((seq) => ({ seq, at: 1 }));
    await store(rows, 10);
    expect(await read(0, 2, 0, 15)).toEqual([5, 10, 15]);
  });

  it("is not read where it is aggregated and of other times", async () => {
    await store(
      [
        { seq: 5, at: 1 },
        { seq: SEQS_PER_BLOCK + 5, at: 5 },
        { seq: 2 * SEQS_PER_BLOCK + 5, at: 1 },
        { seq: 3 * SEQS_PER_BLOCK + 5, at: 1 },
      ],
      2 * SEQS_PER_BLOCK + 5,
    );
    const top = await highestSeq(env.DB);
    const read = await seqRanges(env.DB, request(4, 6), { after: 0, to: top });
    expect(read[0]?.after).toBe(SEQS_PER_BLOCK - 1);
    const within = read.filter(({ to }) => to <= 2 * SEQS_PER_BLOCK - 1);
    expect(within.at(-1)?.to).toBe(2 * SEQS_PER_BLOCK - 1);
    expect(read[within.length]?.after).toBe(2 * SEQS_PER_BLOCK + 5);
    expect(read.at(-1)?.to).toBe(top);
  });

  it("has the highest seq 0 and nothing to read when it is empty", async () => {
    expect(await highestSeq(env.DB)).toBe(0);
    expect(await seqRanges(env.DB, request(0, 10), { after: 0, to: 0 })).toEqual([]);
  });
});
