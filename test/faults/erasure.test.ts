/**
 * Erasure while the log grows, is aggregated and fails: reports count as before, and no data of the erased people
 * remains.
 */
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { requestErasure } from "../../src/privacy/erasures.ts";
import { aggregateLog } from "../../src/reports/index.ts";
import { linkCounts } from "../../src/reports/links.ts";
import { runs } from "../fuzz.ts";
import { logRows, type Row } from "../marketo/marketo.ts";
import { aggregate, emptyAll, eraseAtOnce, POLICY, rowsOf } from "../privacy/people-world.ts";
import { faultyDatabase, inTurn, slowToWrite } from "./broken.ts";
import { ANY_TURN, apart, FAULTS, FOR_EVER, HOUR, NOW, reports, uneven } from "./erasure-world.ts";

describe("erasing while the log grows and is aggregated", () => {
  it("changes no count and leaves nothing, whatever runs in between and fails", async () => {
    const waits = fc.array(fc.nat(12), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(ANY_TURN, { minLength: 1, maxLength: 20, size: "max" }).map(apart),
        FAULTS,
        waits,
        // Those requested days ago do not wait for statistics.
        fc.constantFrom(0, 0, 50 * HOUR),
        async (turns, faults, some, agoMs) => {
          await emptyAll();
          for (const turn of turns) if (turn.what === "log") await logRows(...turn.rows);
          const expected = await reports();

          await emptyAll();
          const DB = uneven(faultyDatabase(inTurn(faults)), some);
          const asked = new Set<string>();
          const going: Promise<unknown>[] = [];
          for (const turn of turns) {
            if (turn.what === "log") await logRows(...turn.rows);
            else if (turn.what === "skip")
              await env.DB.prepare("UPDATE sqlite_sequence SET seq = seq + ? WHERE name = 'events'")
                .bind(turn.seqs)
                .run();
            else if (turn.what === "ask") {
              asked.add(turn.person);
              await requestErasure(env.DB, { person: turn.person }, Date.now() - agoMs);
            } else {
              const untilMs = Date.now() + 60;
              const work =
                turn.what === "aggregate"
                  ? aggregateLog({ ...env, DB: DB }, POLICY, untilMs)
                  : eraseAtOnce({ DB, OUTBOX: env.OUTBOX }, untilMs);
              going.push(
                work.catch(() => {
                  // It has to be done again.
                }),
              );
              if (going.length > 2) await going.shift();
            }
          }
          await Promise.all(going);
          await eraseAtOnce();

          expect(await reports()).toEqual(expected);
          const left = await rowsOf<{ person: string }>(
            "SELECT person FROM events UNION SELECT person FROM message_stats",
          );
          const people = left.map(({ person }) => person);
          expect(people.filter((person) => asked.has(person))).toEqual([]);
          expect(await rowsOf("SELECT id FROM erasures WHERE done_at IS NULL OR batch IS NOT NULL")).toEqual([]);
        },
      ),
      runs(25),
    );
  });

  it("waits for an aggregation that has read a message of theirs and has not written it yet", async () => {
    await emptyAll();
    const click: Row = {
      type: 11,
      email: "1",
      person: "a",
      campaign: "x",
      link_id: "l1",
      link: "https://a.example/",
    };
    await logRows({ ...click, at: NOW });
    await aggregate();
    await logRows({ ...click, at: NOW + HOUR });
    const { d1: slow, read, write } = slowToWrite();
    const late = aggregateLog({ ...env, DB: slow }, POLICY, FOR_EVER);
    await read;
    // Without an aggregation of its own, which would overtake the other.
    const prepare = (query: string) => {
      if (query.startsWith('UPDATE "aggregated"')) throw new Error("no aggregation");
      return env.DB.prepare(query);
    };
    const batch = (statements: D1PreparedStatement[]) => env.DB.batch(statements);
    const withoutAggregate = { prepare, batch } as unknown as D1Database;
    await requestErasure(env.DB, { person: "a" }, Date.now());
    const erasing = eraseAtOnce({ DB: withoutAggregate, OUTBOX: env.OUTBOX });
    await expect(erasing).rejects.toThrow("no aggregation");
    expect(await rowsOf("SELECT person FROM message_stats")).toEqual([{ person: "a" }]);
    write();
    await late;
    await eraseAtOnce();
    const links = await linkCounts(env.DB, { email: "1", bots: "include" });
    expect(links).toMatchObject([{ clicks: 2, people: 1 }]);
    expect(await rowsOf("SELECT person FROM message_stats")).toEqual([{ person: expect.stringMatching(/^~erased-/) }]);
  });

  it.each([
    ["aggregated", false, 0],
    ["aggregated, a day after the request", false, 25 * HOUR],
    ["read by an aggregation that writes afterwards", true, 0],
  ])("leaves alone what was found before another event of theirs was %s", async (_, isLate, agoMs) => {
    await emptyAll();
    const click: Row = { type: 11, email: "1", person: "a", campaign: "x", link_id: "l1", link: "https://a.example/" };
    await logRows({ ...click, at: NOW });
    await aggregate();
    await requestErasure(env.DB, { person: "a" }, Date.now() - agoMs);
    const { d1: slow, read, write } = slowToWrite();
    let aggregation: Promise<unknown> | undefined;
    const batch = async (statements: D1PreparedStatement[]) => {
      // What reads is six statements, what writes more.
      if (statements.length <= 6 || aggregation !== undefined) return await env.DB.batch(statements);
      await logRows({ ...click, at: NOW + HOUR });
      aggregation = aggregateLog({ ...env, DB: slow }, POLICY, FOR_EVER);
      await read;
      if (!isLate) {
        write();
        await aggregation;
      }
      const results = await env.DB.batch(statements);
      write();
      await aggregation;
      return results;
    };
    const between = { prepare: (query: string) => env.DB.prepare(query), batch } as unknown as D1Database;
    await eraseAtOnce({ DB: between, OUTBOX: env.OUTBOX });
    expect(await rowsOf("SELECT person FROM events UNION SELECT person FROM message_stats")).toEqual([
      { person: expect.stringMatching(/^~erased-/) },
    ]);
    const links = await linkCounts(env.DB, { email: "1", bots: "include" });
    expect(links).toMatchObject([{ clicks: 2, people: 1 }]);
  });

  it("drops an aggregation that has read what an erasure changes after a day without statistics", async () => {
    await emptyAll();
    const click: Row = { type: 11, email: "1", person: "a", campaign: "x", link_id: "l1", link: "https://a.example/" };
    await logRows({ ...click, at: NOW });
    await aggregate();
    await logRows({ ...click, at: NOW + HOUR });
    const { d1: slow, read, write } = slowToWrite();
    const late = aggregateLog({ ...env, DB: slow }, POLICY, FOR_EVER);
    await read;
    await requestErasure(env.DB, { person: "a" }, Date.now() - 25 * HOUR);
    await eraseAtOnce();
    expect(await rowsOf("SELECT person FROM events WHERE person = 'a'")).toEqual([]);
    write();
    await late;
    const links = await linkCounts(env.DB, { email: "1", bots: "include" });
    expect(links).toMatchObject([{ clicks: 2, people: 1 }]);
    expect(await rowsOf("SELECT person FROM message_stats")).toEqual([{ person: expect.stringMatching(/^~erased-/) }]);
  });

  it("merges a renamed message with the later events of its person", async () => {
    const of = { email: "1", person: "a", campaign: "x" };
    const link = { type: 11, link: "https://a.example/" };
    const before: Row[] = [
      { ...of, type: 6, at: NOW - 9 * HOUR },
      { ...of, type: 10, at: NOW - 8 * HOUR },
      { ...of, type: 7, at: NOW - 3 * HOUR },
      { ...of, ...link, link_id: "l1", at: NOW - 7 * HOUR },
    ];
    const since: Row[] = [
      { ...of, type: 6, at: NOW - 10 * HOUR },
      { ...of, type: 8, at: NOW - 6 * HOUR },
      { ...of, type: 27, at: NOW - 4 * HOUR },
      { ...of, ...link, link_id: "l1", at: NOW - 5 * HOUR, is_bot: 1 },
      { ...of, ...link, link_id: "l2", at: NOW - 4 * HOUR },
    ];
    const columns = "email, campaign, since, flags, outcome_at, clicks";
    const aggregated = async () => {
      await aggregate();
      const messages = await rowsOf<{ clicks: string }>(`SELECT ${columns} FROM message_stats`);
      return messages.map(({ clicks, ...message }) => ({ ...message, clicks: JSON.parse(clicks) }));
    };
    await emptyAll();
    await logRows(...before, ...since);
    const expected = await aggregated();
    await emptyAll();
    await logRows(...before);
    await requestErasure(env.DB, { person: "a" }, Date.now());
    const people = async () =>
      (await rowsOf<{ person: string }>("SELECT DISTINCT person FROM events")).map(({ person }) => person);
    while ((await people()).includes("a"))
      await eraseAtOnce({ DB: uneven(env.DB, [0]), OUTBOX: env.OUTBOX }, Date.now() + 50);
    expect(await people()).toEqual([expect.stringMatching(/^~erased-/)]);
    await logRows(...since);
    await aggregate();
    expect(await rowsOf("SELECT count(*) AS rows FROM message_stats")).toEqual([{ rows: 2 }]);
    await eraseAtOnce();
    expect(await aggregated()).toEqual(expected);
  });

  it("erases a person as well whose address becomes known while the erasure of it is being completed", async () => {
    await emptyAll();
    // Not sent to an address, so that only the record of it leads to them.
    await logRows({ person: "a", type: 10, at: NOW });
    await aggregate();
    await requestErasure(env.DB, { address: "a@mail.example" }, Date.now());
    let isKnown = false;
    const batch = async (statements: D1PreparedStatement[]) => {
      // What reads is six statements, what completes more.
      if (statements.length > 6 && !isKnown) {
        isKnown = true;
        await env.DB.prepare("INSERT INTO people (person, address) VALUES ('a', 'a@mail.example')").run();
      }
      return await env.DB.batch(statements);
    };
    const late = { prepare: (query: string) => env.DB.prepare(query), batch } as unknown as D1Database;
    await eraseAtOnce({ DB: late, OUTBOX: env.OUTBOX });
    expect(isKnown).toBe(true);
    expect(await rowsOf("SELECT person FROM events")).toEqual([{ person: expect.stringMatching(/^~erased-/) }]);
    expect(await rowsOf("SELECT person FROM people")).toEqual([]);
  });
});
