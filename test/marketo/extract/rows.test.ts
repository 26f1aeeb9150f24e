/** What an extract reads of the log: blocks of other times are left out, and nothing else is. */
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { PLACES_A_BLOCK } from "../../../src/marketo/activity-page.ts";
import { rowsIn, stretches, topOf } from "../../../src/marketo/extract/rows.ts";
import { withoutExports } from "./export-world.ts";

beforeEach(withoutExports);

interface Stood {
  readonly place: number;
  readonly at: number;
}

/** A log of these rows, folded up to a place. */
async function stand(rows: readonly Stood[], folded: number | undefined): Promise<void> {
  await withoutExports();
  const insert = `INSERT INTO events (place, id, type, at, email, person, campaign)
SELECT value ->> 0, 'row.' || (value ->> 0), 6, value ->> 1, '7', '1', '42' FROM json_each(?1)`;
  const columns = JSON.stringify(rows.map(({ place, at }) => [place, at]));
  await env.DB.prepare(insert).bind(columns).run();
  if (folded === undefined) return;
  await env.DB.batch([
    env.DB.prepare("UPDATE folded SET place = ?1").bind(folded),
    env.DB.prepare(
      `INSERT INTO blocks (block, earliest, latest)
SELECT place / ${PLACES_A_BLOCK}, min(at), max(at) FROM events WHERE place <= ?1 GROUP BY 1`,
    ).bind(folded),
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
  const places: number[] = [];
  for (const stretch of await stretches(env.DB, request(fromMs, untilMs), after, top))
    for (const { place } of await rowsIn(env.DB, stretch, request(fromMs, untilMs))) places.push(place);
  return places;
}

describe("the log", () => {
  it("is read each row once and in order, whatever is folded, wherever the reading goes on and ends", async () => {
    const edge = fc
      .tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: -2, max: 2 }))
      .map(([block, off]) => Math.max(1, block * PLACES_A_BLOCK + off));
    const place = fc.oneof(edge, fc.integer({ min: 1, max: 4 * PLACES_A_BLOCK }));
    const log = fc.uniqueArray(fc.record({ place, at: fc.integer({ min: 0, max: 9 }) }), {
      selector: ({ place }) => place,
      minLength: 1,
      maxLength: 30,
    });
    await fc.assert(
      fc.asyncProperty(
        log,
        fc.option(place, { nil: undefined }),
        fc.oneof(fc.constant(0), place),
        place,
        fc.integer({ min: 0, max: 9 }),
        fc.integer({ min: 1, max: 5 }),
        async (rows, folded, after, top, fromMs, length) => {
          await stand(rows, folded);
          const untilMs = fromMs + length;
          const expected = rows
            .filter(({ place, at }) => place > after && place <= top && at >= fromMs && at < untilMs)
            .map(({ place }) => place)
            .sort((one, other) => one - other);
          expect(await read(fromMs, untilMs, after, top)).toEqual(expected);
        },
      ),
      { numRuns: 100 },
    );
  }, 30_000);

  it("is read once where a block is folded in part", async () => {
    const rows = [5, 10, 15].map((place) => ({ place, at: 1 }));
    await stand(rows, 10);
    expect(await read(0, 2, 0, 15)).toEqual([5, 10, 15]);
  });

  it("is not read where it is folded and of other times", async () => {
    await stand(
      [
        { place: 5, at: 1 },
        { place: PLACES_A_BLOCK + 5, at: 5 },
        { place: 2 * PLACES_A_BLOCK + 5, at: 1 },
        { place: 3 * PLACES_A_BLOCK + 5, at: 1 },
      ],
      2 * PLACES_A_BLOCK + 5,
    );
    const top = await topOf(env.DB);
    const read = await stretches(env.DB, request(4, 6), 0, top);
    expect(read[0]?.after).toBe(PLACES_A_BLOCK - 1);
    const within = read.filter(({ to }) => to <= 2 * PLACES_A_BLOCK - 1);
    expect(within.at(-1)?.to).toBe(2 * PLACES_A_BLOCK - 1);
    expect(read[within.length]?.after).toBe(2 * PLACES_A_BLOCK + 5);
    expect(read.at(-1)?.to).toBe(top);
  });

  it("without a row has its top at 0 and nothing to read", async () => {
    expect(await topOf(env.DB)).toBe(0);
    expect(await stretches(env.DB, request(0, 10), 0, 0)).toEqual([]);
  });
});
