/** How much an erasure reads and writes. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { workOnErasures } from "../../src/privacy/erase.ts";
import { requestErasure } from "../../src/privacy/erasures.ts";
import { logRows } from "../marketo/marketo.ts";
import { decorateFor } from "../outcomes.ts";
import { aggregate, emptyAll, erase, POLICY, reports, rowsOf, tablesWith } from "./people-world.ts";

const DAY = 86_400_000;
const NOW = Date.now();

beforeEach(emptyAll);

describe("the work of an erasure", () => {
  /** D1 that notes how many rows each call reads and writes. */
  function noting() {
    const calls: { read: number; written: number }[] = [];
    const note = (results: readonly D1Result[]) => {
      const sum = (name: "rows_read" | "rows_written") => results.reduce((all, { meta }) => all + meta[name], 0);
      calls.push({ read: sum("rows_read"), written: sum("rows_written") });
    };
    const prepare = (query: string) => env.DB.prepare(query);
    const batch = async (statements: D1PreparedStatement[]) => {
      const results = await env.DB.batch(statements);
      note(results);
      return results;
    };
    return { d1: { prepare, batch } as unknown as D1Database, calls };
  }
  const click = (person: string, index: number) => ({
    type: 11,
    person,
    at: Date.now() - DAY + index * 60_000,
    link_id: "l",
    link: "https://a.example/",
  });

  it("reads little more than their events, however many others there are", async () => {
    const others = Array.from({ length: 3_000 }, (_, index) => click(`other-${index % 500}`, index));
    const theirs = Array.from({ length: 50 }, (_, index) => ({ ...click("7", index), campaign: `${index % 20}` }));
    await logRows(...others, ...theirs);
    await aggregate();
    const { d1, calls } = noting();
    await erase({ person: "7" }, { DB: d1, OUTBOX: env.OUTBOX });
    expect(await rowsOf("SELECT person FROM events WHERE person = '7'")).toEqual([]);
    expect(calls.reduce((sum, { read }) => sum + read, 0)).toBeLessThan(760);
  });

  it("reads as few for an address, however many others were removed from the suppressions", async () => {
    const removed = (address: string) => ({
      ...{ type: 100_002, email: "", campaign: "", person: "", detail: JSON.stringify({ address, why: "it works" }) },
    });
    await logRows(...Array.from({ length: 3_000 }, (_, index) => removed(`${index}@mail.example`)));
    await decorateFor({ person: "8", address: "7@mail.example" });
    await decorateFor({ person: "8", address: "8@mail.example" });
    await logRows({ person: "8", detail: JSON.stringify({ address: "7@mail.example" }) });
    await aggregate();
    const { d1, calls } = noting();
    await erase({ address: "7@mail.example" }, { DB: d1, OUTBOX: env.OUTBOX });
    expect(await rowsOf("SELECT seq FROM events WHERE detail LIKE '%\"7@mail%'")).toEqual([]);
    expect(await rowsOf("SELECT person FROM other_addresses")).toEqual([]);
    expect(calls.reduce((sum, { read }) => sum + read, 0)).toBeLessThan(1_000);
  });

  it("is done in bounded transactions for an address, whatever the events of others who had it", async () => {
    await decorateFor({ person: "8", address: "7@mail.example" });
    await decorateFor({ person: "8", address: "8@mail.example" });
    const detail = JSON.stringify({ address: "7@mail.example" });
    const sent = Array.from({ length: 1_300 }, () => ({ person: "8", type: 6 }));
    await logRows(...sent.map((row, index) => (index % 500 === 0 ? { ...row, detail } : row)));
    await aggregate();
    const { d1, calls } = noting();
    await erase({ address: "7@mail.example" }, { DB: d1, OUTBOX: env.OUTBOX });
    expect(await rowsOf("SELECT seq FROM events WHERE detail LIKE '%7@mail%'")).toEqual([]);
    expect(Math.max(...calls.map(({ read }) => read))).toBeLessThan(2_500);
  });

  it("is done in bounded transactions, whatever a person's events are", async () => {
    const many = Array.from({ length: 1_300 }, (_, index) => click("much", index));
    const messages = Array.from({ length: 130 }, (_, index) => ({ person: "much", campaign: `c${index}` }));
    await logRows(...many, ...messages);
    await aggregate();
    expect(await rowsOf("SELECT count(*) > 2 AS many FROM earlier_seqs")).toEqual([{ many: 1 }]);
    const before = await reports();
    const { d1, calls } = noting();
    await erase({ person: "much" }, { DB: d1, OUTBOX: env.OUTBOX });
    expect(await tablesWith("much")).toEqual([]);
    expect(await reports()).toEqual(before);
    expect(await rowsOf("SELECT DISTINCT person FROM earlier_seqs")).toEqual([
      { person: expect.stringMatching(/^~erased-/) },
    ]);
    expect(Math.max(...calls.map(({ read }) => read))).toBeLessThan(6_000);
    expect(Math.max(...calls.map(({ written }) => written))).toBeLessThan(2_500);
  });
});

describe("an erasure that waits for statistics", () => {
  /** D1 in which nothing is aggregated. */
  function withoutStatistics(): D1Database {
    const prepare = (query: string) => env.DB.prepare(query);
    const batch = async (statements: D1PreparedStatement[]) => {
      const results = await env.DB.batch<Record<string, unknown>>(statements);
      if (results.some(({ results: [row] }) => row !== undefined && "isAutomated" in row))
        throw new Error("no CPU left");
      return results;
    };
    return { prepare, batch } as unknown as D1Database;
  }

  it.each([
    ["while a setting of theirs is wrong", undefined, undefined],
    ["while they fail", POLICY, "no CPU left"],
  ])("holds up no other %s", async (_, policy, failure) => {
    await logRows({ person: "6" });
    await aggregate();
    await logRows({ person: "7" }, { person: "8" });
    for (const [index, person] of ["7", "8", "6"].entries()) await requestErasure(env.DB, { person }, NOW + index);
    const storage = { ...env, DB: withoutStatistics() };
    const work = workOnErasures(storage, policy, Number.POSITIVE_INFINITY, () => Promise.resolve());
    const failed = await work.then(
      () => undefined,
      (error: Error) => error.message,
    );
    expect(failed).toBe(failure);
    expect(await rowsOf("SELECT person FROM erasures WHERE done_at IS NULL ORDER BY person")).toEqual([
      { person: "7" },
      { person: "8" },
    ]);
    expect(await rowsOf("SELECT person FROM events WHERE person = '6'")).toEqual([]);
  });
});
