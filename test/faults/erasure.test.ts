/**
 * Erasure while the log grows, is aggregated and fails: reports count as before, and no data of the erased people
 * remains.
 */
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { requestErasure } from "../../src/privacy/erasures.ts";
import { emailCounts } from "../../src/reports/emails.ts";
import { aggregateLog, MESSAGE_FLAGS } from "../../src/reports/index.ts";
import { linkCounts } from "../../src/reports/links.ts";
import { runs } from "../fuzz.ts";
import { emptyLog, logRows, type Row } from "../marketo/marketo.ts";
import { eraseAtOnce, POLICY, rowsOf } from "../privacy/people-world.ts";
import { type DatabaseFault, faultyDatabase, inTurn, slowToWrite } from "./broken.ts";

const FOR_EVER = Number.POSITIVE_INFINITY;
const NOW = Date.UTC(2026, 10, 20);
const HOUR = 3_600_000;

const PEOPLE = ["a", "b", "c"];

const ANY_EVENT: fc.Arbitrary<Row> = fc
  .record({
    type: fc.constantFrom(6, 6, 7, 8, 27, 9, 10, 11, 11, 11),
    // Hours apart: events close together are a bot's, and whether aggregation sees that depends on what erasure left.
    at: fc.integer({ min: -2_000, max: 0 }).map((hours) => NOW + hours * HOUR),
    email: fc.constantFrom("1", "1", "2"),
    person: fc.constantFrom("a", "a", "a", ...PEOPLE),
    campaign: fc.constantFrom("x", "x", "y"),
    link: fc.constantFrom("l1", "l2", "constructor", "__proto__"),
    is_bot: fc.constantFrom(0, 0, 1),
  })
  .map(({ link, ...event }) => ({
    ...event,
    is_bot: event.type === 11 || event.type === 10 ? event.is_bot : 0,
    ...(event.type === 11 ? { link_id: link, link: `https://a.example/${link}?of=${event.email}` } : {}),
  }));

type Turn =
  | { readonly what: "log"; readonly rows: readonly Row[] }
  | { readonly what: "aggregate" | "erase" }
  | { readonly what: "skip"; readonly seqs: number }
  | { readonly what: "ask"; readonly person: string };

const ANY_TURN: fc.Arbitrary<Turn> = fc.oneof(
  fc.record({
    what: fc.constant("log" as const),
    rows: fc.array(ANY_EVENT, { minLength: 1, maxLength: 4, size: "max" }),
  }),
  fc.record({ what: fc.constantFrom("aggregate" as const, "erase" as const, "erase" as const) }),
  // As if as many events of others were in between: the scan reads a thousand rows a query, and twenty thousand
  // before it writes.
  fc.record({ what: fc.constant("skip" as const), seqs: fc.constantFrom(500, 3_000, 25_000) }),
  fc.record({ what: fc.constant("ask" as const), person: fc.constantFrom("a", "a", "b") }),
);

const FAULTS = fc.array(
  fc.option(fc.constantFrom<DatabaseFault>("overloaded", "loses the connection", "commits and loses the connection"), {
    nil: undefined,
    freq: 2,
  }),
  { maxLength: 9 },
);

/** The statement that completes an erasure. */
const END = /^UPDATE "erasures" SET "batch" = \?1 WHERE "erasures"."seq" = \?2\s+AND NOT/;

/**
 * D1 at a different speed each time, so that batches overtake each other, and no erasure completes: events that
 * arrive after an erasure is complete are new and would count again.
 */
function uneven(d1: D1Database, waits: readonly number[]): D1Database {
  let calls = 0;
  return {
    prepare: (query: string) => d1.prepare(END.test(query) ? "SELECT ?1, ?2" : query),
    batch: async (statements: D1PreparedStatement[]) => {
      await scheduler.wait(waits[calls++ % waits.length] ?? 0);
      return await d1.batch(statements);
    },
  } as unknown as D1Database;
}

async function emptyAll(): Promise<void> {
  await emptyLog();
  for (const table of ["erasures", "erasing", "suppressions", "people"])
    await env.DB.prepare(`DELETE FROM ${table}`).run();
}

async function reports() {
  await aggregateLog(env.DB, POLICY, FOR_EVER);
  const links = [];
  for (const email of ["1", "2"])
    for (const bots of ["include", "exclude"] as const)
      links.push((await linkCounts(env.DB, { email, bots })).map(({ url, ...counts }) => counts));
  const emails = [];
  for (const group of ["email", "campaign"] as const)
    for (const bots of ["include", "exclude"] as const)
      emails.push(await emailCounts(env.DB, { bots, untilMs: NOW - 500 * HOUR }, group, "", 100, NOW));
  return { emails, links };
}

/** Events within seconds may be a bot's burst, which is detected at different times; minutes apart, they are none. */
function apart(turns: readonly Turn[]): Turn[] {
  let count = 0;
  return turns.map((turn) =>
    turn.what === "log"
      ? { ...turn, rows: turn.rows.map((row) => ({ ...row, at: Number(row.at) + 60_000 * count++ })) }
      : turn,
  );
}

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
                  ? aggregateLog(DB, POLICY, untilMs)
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
            "SELECT person FROM events UNION SELECT person FROM message_stats UNION SELECT person FROM erasing",
          );
          const people = left.map(({ person }) => person);
          expect(people.filter((person) => asked.has(person))).toEqual([]);
          expect(await rowsOf("SELECT id FROM erasures WHERE done_at IS NULL OR batch IS NOT NULL")).toEqual([]);
        },
      ),
      { numRuns: runs(25) },
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
    await aggregateLog(env.DB, POLICY, FOR_EVER);
    await logRows({ ...click, at: NOW + HOUR });
    const { d1: slow, read, write } = slowToWrite();
    const late = aggregateLog(slow, POLICY, FOR_EVER);
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
    expect(await rowsOf("SELECT person FROM message_stats")).toEqual([{ person: expect.stringMatching(/^erased-/) }]);
  });

  it("drops an aggregation that has read what an erasure changes after a day without statistics", async () => {
    await emptyAll();
    const click: Row = { type: 11, email: "1", person: "a", campaign: "x", link_id: "l1", link: "https://a.example/" };
    await logRows({ ...click, at: NOW });
    await aggregateLog(env.DB, POLICY, FOR_EVER);
    await logRows({ ...click, at: NOW + HOUR });
    const { d1: slow, read, write } = slowToWrite();
    const late = aggregateLog(slow, POLICY, FOR_EVER);
    await read;
    await requestErasure(env.DB, { person: "a" }, Date.now() - 25 * HOUR);
    await eraseAtOnce();
    expect(await rowsOf("SELECT person FROM events WHERE person = 'a'")).toEqual([]);
    write();
    await late;
    const links = await linkCounts(env.DB, { email: "1", bots: "include" });
    expect(links).toMatchObject([{ clicks: 2, people: 1 }]);
    expect(await rowsOf("SELECT person FROM message_stats")).toEqual([{ person: expect.stringMatching(/^erased-/) }]);
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
    const columns = `email, campaign, since, flags & ~${MESSAGE_FLAGS.forgotten} AS flags, outcome_at, clicks`;
    const aggregated = async () => {
      await aggregateLog(env.DB, POLICY, FOR_EVER);
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
    expect(await people()).toEqual([expect.stringMatching(/^erased-/)]);
    await logRows(...since);
    await aggregateLog(env.DB, POLICY, FOR_EVER);
    expect(await rowsOf("SELECT count(*) AS rows FROM message_stats")).toEqual([{ rows: 2 }]);
    await eraseAtOnce();
    expect(await aggregated()).toEqual(expected);
  });

  it("scans again for a person who was added while a batch was read without them", async () => {
    await emptyAll();
    // Not sent to an address, so that only the record of it leads to them.
    await logRows({ person: "a", type: 10, at: NOW });
    await aggregateLog(env.DB, POLICY, FOR_EVER);
    await requestErasure(env.DB, { address: "a@mail.example" }, Date.now());
    const { promise: passed, resolve: letPass } = Promise.withResolvers<void>();
    let isHeld = true;
    const { promise: read, resolve: isRead } = Promise.withResolvers<void>();
    const held = (statement: D1PreparedStatement) => ({
      bind: (...values: unknown[]) => ({
        run: async () => {
          isRead();
          await passed;
          return await statement.bind(...values).run();
        },
      }),
    });
    const slow = {
      prepare: (query: string) => {
        const statement = env.DB.prepare(query);
        return /^UPDATE "erasures" SET "seq" = \?1 WHERE/.test(query) ? held(statement) : statement;
      },
      // It does not see that it is at the end, which is the only transaction of four statements.
      batch: (statements: D1PreparedStatement[]) =>
        isHeld && statements.length === 4 ? Promise.resolve([]) : env.DB.batch(statements),
    } as unknown as D1Database;
    const late = eraseAtOnce({ DB: slow, OUTBOX: env.OUTBOX });
    await read;
    await env.DB.prepare("INSERT INTO people (person, address) VALUES ('a', 'a@mail.example')").run();
    await eraseAtOnce(env, 0);
    expect(await rowsOf("SELECT person FROM erasing")).toEqual([{ person: "a" }]);
    isHeld = false;
    letPass();
    await late;
    await eraseAtOnce();
    expect(await rowsOf("SELECT person FROM events")).toEqual([{ person: expect.stringMatching(/^erased-/) }]);
  });
});
