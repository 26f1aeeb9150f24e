/** The work of a minute, while D1 is full or does not answer: no piece of it waits for another. */
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import worker from "../../src/index.ts";
import { erasureProgress, requestErasure } from "../../src/privacy/erasures.ts";
import { BUDGET_MS } from "../../src/scheduled.ts";
import { emptyLog, logRows, type Row } from "../marketo/marketo.ts";
import { get } from "../outcomes.ts";
import { aggregate, rowsOf } from "../privacy/people-world.ts";
import { environment } from "../worker.ts";

const DAY_MS = 86_400_000;
const OLD = Date.now() - 100 * DAY_MS;
const NEW = Date.now() - DAY_MS;

const lines: string[] = [];

beforeEach(async () => {
  lines.length = 0;
  vi.spyOn(console, "error").mockImplementation((line: string) => void lines.push(line));
  await emptyLog();
  for (const table of ["retention", "erasures"]) await env.DB.prepare(`DELETE FROM ${table}`).run();
});

afterEach(() => vi.restoreAllMocks());

/** D1, which refuses the statements that `refused` matches while the log has `maxEvents` or more. */
function fullDatabase(maxEvents: number, refused: RegExp): D1Database {
  const growing = new WeakSet<D1PreparedStatement>();
  const refuseIfFull = async (statements: readonly D1PreparedStatement[]) => {
    if (!statements.some((statement) => growing.has(statement))) return;
    const events = (await env.DB.prepare("SELECT count(*) AS events FROM events").first<number>("events")) ?? 0;
    if (events >= maxEvents) throw new Error("D1_ERROR: Exceeded maximum DB size");
  };
  const checked = (real: D1PreparedStatement, isGrowing: boolean): D1PreparedStatement => {
    const statement = new Proxy(real, {
      get: (_, name: keyof D1PreparedStatement) => {
        if (name === "bind") return (...values: unknown[]) => checked(real.bind(...values), isGrowing);
        const method = real[name] as (...values: unknown[]) => Promise<unknown>;
        return async (...values: unknown[]) => {
          await refuseIfFull([statement]);
          return await method.apply(real, values);
        };
      },
    });
    realOf.set(statement, real);
    if (isGrowing) growing.add(statement);
    return statement;
  };
  const realOf = new WeakMap<D1PreparedStatement, D1PreparedStatement>();
  return new Proxy(env.DB, {
    get: (real, name: keyof D1Database) => {
      if (name === "prepare") return (query: string) => checked(real.prepare(query), refused.test(query));
      return async (statements: D1PreparedStatement[]) => {
        await refuseIfFull(statements);
        return await real.batch(statements.map((each) => realOf.get(each) ?? each));
      };
    },
  });
}

const message = (person: string, at: number): Row[] => [
  { person, at },
  { person, at: at + 60_000, type: 7 },
];

const onSchedule = (DB: D1Database) =>
  worker.scheduled({} as ScheduledController, environment({ DB, RETENTION_DAYS: "90" }));

describe("a full D1", () => {
  it.each([
    ["refuses inserts", /\b(INSERT|REPLACE)\b/i],
    ["refuses inserts, and updates that make rows longer", /\b(INSERT|REPLACE)\b|UPDATE "(message_stats|retention)"/i],
    ["refuses everything except DELETE", /\b(INSERT|REPLACE|UPDATE)\b/i],
  ])("that %s is made smaller by retention, and then statistics and erasures go on", async (_, refused) => {
    const people = Array.from({ length: 30 }, (__, index) => `p${index}`);
    await logRows(...people.flatMap((person) => message(person, OLD)), ...message("new", NEW));
    await aggregate();
    const before = (await get("/v1/reports/emails")).body;
    const [late] = await logRows({ person: "new", at: NEW + 120_000, type: 10 });
    await requestErasure(env.DB, { person: "new" }, Date.now());
    const full = fullDatabase(20, refused);
    await onSchedule(full);
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { message: "scheduled work has to wait", work: "statistics", error: expect.stringContaining("maximum DB size") },
    ]);
    await onSchedule(full);
    expect(await rowsOf("SELECT count(*) AS events FROM events WHERE at < ?1", NEW)).toEqual([{ events: 0 }]);
    expect(await rowsOf("SELECT person FROM message_stats WHERE person LIKE 'p%'")).toEqual([]);
    expect(await rowsOf("SELECT seq - (SELECT max(seq) FROM events) AS behind FROM aggregated")).toEqual([
      { behind: 0 },
    ]);
    expect(await rowsOf("SELECT person FROM events WHERE person = 'new' OR id = ?1", late)).toEqual([]);
    const after = (await get("/v1/reports/emails")).body;
    expect(after).toMatchObject({
      data: [{ ...(before.data as object[])[0], opened: 1, openedByPixel: 1, rates: {} }],
    });
  });

  it("is made smaller although statistics fail for another reason", async () => {
    await logRows(...message("p", OLD));
    await aggregate();
    await logRows({ person: "q", at: NEW });
    const broken = fullDatabase(0, /INSERT INTO "message_stats"/);
    await onSchedule(broken);
    expect(await rowsOf("SELECT person FROM events")).toEqual([{ person: "q" }]);
    expect(await rowsOf("SELECT seq < (SELECT max(seq) FROM events) AS waits FROM aggregated")).toEqual([{ waits: 1 }]);
  });
});

describe("retention", () => {
  const NOTHING_AGGREGATES = fullDatabase(0, /INSERT INTO "message_stats"/);
  const peopleInLog = () => rowsOf<{ person: string }>("SELECT DISTINCT person FROM events ORDER BY person");
  const anotherDay = () => rowsOf("UPDATE retention SET before = before - ?1, end_at = end_at - ?1", DAY_MS);

  it("while statistics always fail deletes what has waited for them since another day, and nothing newer", async () => {
    vi.spyOn(console, "warn").mockImplementation((line: string) => void lines.push(line));
    await logRows(...message("waits", OLD), ...message("stays", NEW));
    await onSchedule(NOTHING_AGGREGATES);
    await onSchedule(NOTHING_AGGREGATES);
    expect(await peopleInLog()).toEqual([{ person: "stays" }, { person: "waits" }]);
    await logRows(...message("late", OLD));
    await anotherDay();
    lines.length = 0;
    await onSchedule(NOTHING_AGGREGATES);
    expect(await peopleInLog()).toEqual([{ person: "late" }, { person: "stays" }]);
    expect(lines.map((line) => JSON.parse(line))).toContainEqual({
      message: "old events are deleted that statistics have not counted",
      events: 2,
    });
    // Once statistics work again, what is left is counted before it goes.
    await anotherDay();
    await onSchedule(env.DB);
    expect(await peopleInLog()).toEqual([{ person: "stays" }]);
    expect((await get("/v1/reports/emails")).body).toMatchObject({ data: [{ sent: 2, delivered: 2 }] });
  });

  it.each([
    ["with a round under way", true],
    ["without any round", false],
  ])("makes a full D1 smaller that never counted anything and takes nothing but DELETE, %s", async (_, isUnderWay) => {
    await logRows(...Array.from({ length: 30 }, (__, index) => message(`p${index}`, OLD)).flat(), ...message("q", NEW));
    const last = await rowsOf("SELECT max(seq) AS seq FROM events WHERE person <> 'q'");
    if (isUnderWay) {
      await onSchedule(NOTHING_AGGREGATES);
      await rowsOf("UPDATE retention SET stage = 'sends'");
    }
    await onSchedule(fullDatabase(20, /\b(INSERT|REPLACE|UPDATE)\b/i));
    expect(await peopleInLog()).toEqual([{ person: "q" }]);
    expect(await rowsOf("SELECT deleted_seq AS seq FROM retention")).toEqual(last);
  });

  it("goes on with a lower setting when a full D1 has nothing that the round under way may delete", async () => {
    await logRows(...message("p", NEW - 10 * DAY_MS), ...message("q", NEW));
    await aggregate();
    await onSchedule(env.DB);
    await rowsOf("UPDATE retention SET stage = 'sends'");
    const full = fullDatabase(3, /\b(INSERT|REPLACE|UPDATE)\b/i);
    await worker.scheduled({} as ScheduledController, environment({ DB: full, RETENTION_DAYS: "5" }));
    expect(await peopleInLog()).toEqual([{ person: "q" }]);
  });
});

describe("an erasure", () => {
  const NOTHING_AGGREGATES = fullDatabase(0, /UPDATE "aggregated" SET "batch"/);
  const left = () => rowsOf("SELECT id FROM events WHERE person = 'p' UNION SELECT person FROM message_stats");

  it("while statistics always fail waits for them for a day, and then goes on without them", async () => {
    await logRows(...message("p", NEW), { person: "p", at: NEW + 120_000, type: 10 });
    const id = await requestErasure(env.DB, { person: "p" }, Date.now());
    await onSchedule(NOTHING_AGGREGATES);
    expect(await left()).toHaveLength(3);
    await rowsOf("UPDATE erasures SET requested_at = requested_at - ?1", DAY_MS);
    await onSchedule(NOTHING_AGGREGATES);
    expect(await left()).toEqual([]);
    expect(await erasureProgress(env.DB, id)).toMatchObject({ doneAtMs: expect.any(Number), events: 3 });
    expect((await get("/v1/reports/emails")).body).toMatchObject({
      data: [{ sent: 1, delivered: 1, openedByPixel: 1 }],
    });
  });

  it("does not count by other settings while those of statistics are wrong", async () => {
    await logRows(...message("p", NEW));
    await requestErasure(env.DB, { person: "p" }, Date.now());
    await worker.scheduled({} as ScheduledController, environment({ BOTS_BY_HEAD: "maybe" }));
    expect(await rowsOf("SELECT seq FROM aggregated")).toEqual([{ seq: 0 }]);
    expect(await left()).toHaveLength(2);
  });
});

describe("the work of a minute", () => {
  let isHung = false;

  /** A statement that never settles. */
  const hanging = (real: D1PreparedStatement): D1PreparedStatement => {
    const hang = () => {
      isHung = true;
      return new Promise(() => {});
    };
    return new Proxy(real, { get: (_, name) => (name === "bind" ? () => hanging(real) : hang) });
  };

  it("goes on when a call of D1 never settles", async () => {
    await logRows(...message("p", NEW));
    const real = globalThis.setTimeout;
    // The deadline of the work that hangs passes at once; the others have theirs for ever.
    const pass = (callback: () => void) => {
      if (!isHung) return real(() => pass(callback), 10);
      isHung = false;
      return callback();
    };
    const hurried = (callback: () => void, ms = 0) => real(ms >= 60_000 ? () => pass(callback) : callback, ms % 60_000);
    vi.spyOn(globalThis, "setTimeout").mockImplementation(hurried as typeof setTimeout);
    // Three pieces of work ask this table: both of retention, and what moves messages.
    const withoutRetention = new Proxy(env.DB, {
      get: (d1, name: keyof D1Database) => {
        if (name !== "prepare") return d1[name].bind(d1);
        return (query: string) => (query.includes("retention") ? hanging(d1.prepare(query)) : d1.prepare(query));
      },
    });
    await onSchedule(withoutRetention);
    expect(lines.map((line) => JSON.parse(line).work)).toEqual(["retention", "retention", "messages"]);
    expect(await rowsOf("SELECT seq = (SELECT max(seq) FROM events) AS isDone FROM aggregated")).toEqual([
      { isDone: 1 },
    ]);
  });

  it("is over before the next one begins, however much there is to do", () => {
    expect(Object.values(BUDGET_MS).reduce<number>((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(50_000);
  });
});
