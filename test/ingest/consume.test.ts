import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { rowOf } from "../../src/events/row.ts";
import { bodyOf } from "../../src/ingest/queue-body.ts";
import { OUTBOX_NAME, SINK_TIMEOUT_MS } from "../../src/ingest/record.ts";
import { groupOf } from "../../src/ingest/row-group.ts";
import { brokenDatabase, faultyDatabase, faultyObjects, inTurn, unreachable } from "../faults/broken.ts";
import { ask, environment, logOf, newMessage } from "../worker.ts";
import { clickRow } from "./click-row.ts";
import { deliver } from "./deliver.ts";

const KEY = { Authorization: "Bearer wxs_dev_test" };

afterEach(() => vi.restoreAllMocks());

describe("the consumer", () => {
  beforeEach(async () => {
    await env.OUTBOX.getByName(OUTBOX_NAME).replay();
  });

  it("inserts the rows of all messages into D1 and acknowledges them", async () => {
    const { person } = newMessage();
    const bodies = [
      bodyOf(groupOf([clickRow(`${person}.1`, person), clickRow(`${person}.2`, person)])),
      bodyOf(groupOf([clickRow(`${person}.3`, person)])),
    ];
    expect(await deliver(bodies)).toEqual({ acknowledged: ["m0", "m1"], retried: [] });
    const log = await logOf(person);
    expect(log.map(({ id }) => id)).toEqual([`${person}.1`, `${person}.2`, `${person}.3`]);
    expect(log[0]?.link).toBe("https://shop.example/é");
  });

  it("adds nothing for a message that is delivered twice, in another order and another batch", async () => {
    const { deadLetters } = await env.OUTBOX.getByName(OUTBOX_NAME).counts();
    const { person } = newMessage();
    const bodies = ["1", "2", "3"].map((n) => bodyOf(groupOf([clickRow(`${person}.${n}`, person)])));
    await deliver(bodies);
    await deliver([...bodies].reverse());
    await deliver([bodies[1], bodies[1]]);
    expect(await logOf(person)).toHaveLength(3);
    expect((await env.OUTBOX.getByName(OUTBOX_NAME).counts()).deadLetters).toBe(deadLetters);
  });

  it("gives an event that arrives later a higher seq, whenever it happened", async () => {
    const { person } = newMessage();
    await deliver([bodyOf(groupOf([clickRow(`${person}.b`, person)]))]);
    await deliver([bodyOf(groupOf([clickRow(`${person}.a`, person)]))]);
    const [first, second] = await logOf(person);
    expect(first?.id).toBe(`${person}.b`);
    expect(second?.seq).toBeGreaterThan(first?.seq ?? Number.NaN);
  });

  it("keeps all messages in the queue while D1 is down, and logs them when D1 is back", async () => {
    const { person } = newMessage();
    const { d1, mend } = brokenDatabase();
    const around = environment({ DB: d1 });
    const bodies = ["1", "2"].map((n) => bodyOf(groupOf([clickRow(`${person}.${n}`, person)])));
    expect(await deliver(bodies, around)).toEqual({ acknowledged: [], retried: ["m0", "m1"] });
    mend();
    expect(await deliver(bodies, around)).toEqual({ acknowledged: ["m0", "m1"], retried: [] });
    expect(await logOf(person)).toHaveLength(2);
  });

  it("logs each row once when D1 commits and the answer is lost, whether it or the queue retries", async () => {
    const { person } = newMessage();
    const bodies = ["1", "2"].map((n) => bodyOf(groupOf([clickRow(`${person}.${n}`, person)])));
    const losing = (...then: ("overloaded" | undefined)[]) =>
      environment({ DB: faultyDatabase(inTurn(["commits and loses the connection", ...then])) });
    expect(await deliver(bodies, losing("overloaded"))).toEqual({ acknowledged: [], retried: ["m0", "m1"] });
    expect(await deliver(bodies, losing(undefined))).toEqual({ acknowledged: ["m0", "m1"], retried: [] });
    expect(await logOf(person)).toHaveLength(2);
  });

  it("retries messages that D1 refuses for now, and dead-letters those that it rejects, in one batch", async () => {
    const { person } = newMessage();
    const bodies = ['1["x",', bodyOf(groupOf([clickRow(`${person}.1`, person)]))];
    // D1 rejects both together, then the bad one alone; then it is down. Before each it is asked for the edition.
    const works = [undefined, undefined, undefined, undefined];
    const around = environment({ DB: faultyDatabase(inTurn([...works, "overloaded"])) });
    expect(await deliver(bodies, around)).toEqual({ acknowledged: ["m0"], retried: ["m1"] });
    expect(await logOf(person)).toEqual([]);
    expect(await deliver(bodies.slice(1), env)).toEqual({ acknowledged: ["m0"], retried: [] });
    expect(await logOf(person)).toHaveLength(1);
  });

  it("inserts the new rows of a message that also holds old ones", async () => {
    const { person } = newMessage();
    const [one, two, three] = ["1", "2", "3"].map((n) => clickRow(`${person}.${n}`, person));
    await deliver([bodyOf(groupOf([one ?? "", two ?? ""]))]);
    await deliver([bodyOf(groupOf([two ?? "", three ?? ""]))]);
    expect((await logOf(person)).map(({ id }) => id)).toEqual([`${person}.1`, `${person}.2`, `${person}.3`]);
  });

  it("shows the earliest of the loads with the same id, however many messages bring them", async () => {
    const { person } = newMessage();
    const row = (userAgent: string, atMs: number) =>
      rowOf({
        type: "opened",
        id: `o${person}`,
        atMs,
        message: { email: "7", person, campaign: "42" },
        visitor: { userAgent },
      });
    await deliver([bodyOf(groupOf([row("first", 1_000)])), bodyOf(groupOf([row("second", 2_000)]))]);
    await deliver([bodyOf(groupOf([row("third", 500)]))]);
    expect(await logOf(person)).toMatchObject([{ user_agent: "third", at: 500 }]);
  });

  it("inserts more rows at once than one parameter holds", async () => {
    const { person } = newMessage();
    const rows = Array.from({ length: 3_000 }, (_, n) => clickRow(`${person}.${n}`, person));
    const bodies = Array.from({ length: 6 }, (_, n) => bodyOf(groupOf(rows.slice(n * 500, (n + 1) * 500))));
    await deliver(bodies);
    const count = await env.DB.prepare("SELECT count(*) AS n FROM events WHERE person = ?").bind(person).first();
    expect(count).toEqual({ n: 3_000 });
  });

  it("splits rows into parameters below D1's limit, in one transaction", async () => {
    const { person } = newMessage();
    const sizes: number[] = [];
    const batches: number[] = [];
    const prepare = (query: string) => ({
      bind: (...values: readonly unknown[]) => {
        for (const rows of values) if (typeof rows === "string") sizes.push(new TextEncoder().encode(rows).length);
        return env.DB.prepare(query).bind(...values);
      },
    });
    const batch = (statements: D1PreparedStatement[]) => {
      batches.push(statements.length);
      return env.DB.batch(statements);
    };
    const around = environment({ DB: { prepare, batch } as unknown as D1Database });
    const long = "日".repeat(5_000);
    const bodies = Array.from({ length: 40 }, (_, n) =>
      bodyOf(groupOf(Array.from({ length: 7 }, (_, m) => clickRow(`${person}.${n}.${m}`, person, long)))),
    );
    expect((await deliver(bodies, around)).acknowledged).toHaveLength(40);
    expect(await logOf(person)).toHaveLength(280);
    // Cloudflare D1, "Limits": a text has at most 2,000,000 bytes.
    expect(Math.max(...sizes)).toBeLessThan(2_000_000);
    // The first requires the edition of the archive.
    expect(batches).toEqual([1 + sizes.length]);
  });

  it.each([
    ["rows that are no JSON", '1["x",'],
    ["a row without an id", '1[null,11,0,"7","p","42",null,null,null,null,0,null,null]'],
    ["a body of another version", '9{"rows":[]}'],
    ["a body that is no text", { rows: [] }],
  ])("stores %s as a dead letter, and logs the other messages", async (_what, bad) => {
    const { person } = newMessage();
    const bodies = [
      bodyOf(groupOf([clickRow(`${person}.1`, person)])),
      bad,
      bodyOf(groupOf([clickRow(`${person}.2`, person)])),
    ];
    const { acknowledged, retried } = await deliver(bodies);
    expect([...acknowledged].sort()).toEqual(["m0", "m1", "m2"]);
    expect(retried).toEqual([]);
    expect(await logOf(person)).toHaveLength(2);
    const answer = await ask("/v1/dead-letters", { headers: KEY });
    const { data } = await answer.json<{ data: { body: string; error: string }[] }>();
    expect(data.at(-1)?.body).toBe(typeof bad === "string" ? bad : JSON.stringify(bad));
    expect(data.at(-1)?.error).not.toBe("");
  });

  it("leaves a bad message in the queue while the outbox is unreachable", async () => {
    const around = environment({ OUTBOX: unreachable() });
    const log = vi.spyOn(console, "error").mockReturnValue();
    expect(await deliver(["9[]"], around)).toEqual({ acknowledged: [], retried: ["m0"] });
    expect(log).toHaveBeenCalledExactlyOnceWith(expect.stringContaining("dead letter not confirmed"));
  });

  it("leaves a bad message in the queue when the outbox does not answer", async () => {
    const real = globalThis.setTimeout;
    const atOnce = (callback: () => void, ms = 0) => real(callback, ms === SINK_TIMEOUT_MS ? 0 : ms);
    vi.spyOn(globalThis, "setTimeout").mockImplementation(atOnce as typeof setTimeout);
    vi.spyOn(console, "error").mockReturnValue();
    const around = environment({ OUTBOX: faultyObjects(env.OUTBOX, () => "hangs") });
    expect(await deliver(["9[]"], around)).toEqual({ acknowledged: [], retried: ["m0"] });
  });
});
