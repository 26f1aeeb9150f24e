/** The last sink, and the dead letters: nothing kept is dropped, nothing is inserted twice. */
import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { openedId } from "../../src/events/opened-id.ts";
import { bodyOf } from "../../src/ingest/queue-body.ts";
import { OUTBOX_NAME } from "../../src/ingest/record.ts";
import { groupOf } from "../../src/ingest/row-group.ts";
import { clickRow } from "../ingest/click-row.ts";
import { ask, environment, logOf, newMessage, token } from "../worker.ts";
import { brokenDatabase, databaseAround, faultyDatabase, inTurn, surround } from "./broken.ts";

/** As in src/ingest/insert.ts. */
const D1_DEADLINE_MS = 30_000;

const outbox = () => env.OUTBOX.getByName(OUTBOX_NAME);
const counts = async () => await outbox().counts();

/** Bodies of one row each, of a new person. */
function newBodies(count: number) {
  const { person } = newMessage();
  const bodies = Array.from({ length: count }, (_, n) => bodyOf(groupOf([clickRow(`${person}.${n}`, person)])));
  return { person, bodies };
}

afterEach(async () => {
  // The next test finds it empty, with its own environment.
  await evictDurableObject(outbox());
  while (await runDurableObjectAlarm(outbox()));
});

describe("the outbox", () => {
  it("inserts more bodies than one alarm takes, alarm by alarm, and then sets none", async () => {
    const { person, bodies } = newBodies(250);
    await outbox().keep(bodies);
    while (await runDurableObjectAlarm(outbox()));
    expect(await logOf(person)).toHaveLength(250);
    expect((await counts()).waiting).toBe(0);
  });

  it.each([
    ["is overloaded", "D1_ERROR: D1 DB is overloaded. Requests queued for too long."],
    ["is full", "D1_ERROR: Exceeded maximum DB size"],
    ["is full, in SQLite's words", "D1_ERROR: database or disk is full: SQLITE_FULL"],
  ])("keeps its bodies and its alarm, also through an eviction, while D1 %s", async (_, error) => {
    const { person, bodies } = newBodies(3);
    await surround(outbox(), environment({ DB: databaseAround(() => Promise.reject(new Error(error))) }));
    await outbox().keep(bodies);
    await runDurableObjectAlarm(outbox());
    await evictDurableObject(outbox());
    expect((await counts()).waiting).toBe(3);
    expect(await runDurableObjectAlarm(outbox())).toBe(true);
    expect(await logOf(person)).toHaveLength(3);
  });

  it("inserts a body once when D1 committed it and the answer was lost twice", async () => {
    const { person, bodies } = newBodies(1);
    await surround(
      outbox(),
      environment({
        DB: faultyDatabase(inTurn([undefined, "commits and loses the connection", "overloaded", undefined, undefined])),
      }),
    );
    await outbox().keep(bodies);
    expect(await runDurableObjectAlarm(outbox())).toBe(true);
    expect((await counts()).waiting).toBe(1);
    expect(await runDurableObjectAlarm(outbox())).toBe(true);
    expect((await counts()).waiting).toBe(0);
    expect(await logOf(person)).toHaveLength(1);
  });

  it("dead-letters the bodies that D1 rejects, and inserts those behind them", async () => {
    const { person, bodies } = newBodies(2);
    const [first = "", second = ""] = bodies;
    const { deadLetters } = await counts();
    await outbox().keep([first, '1[null,11,0,"7","p","42",null,null,null,null,0,null,null]', "9[]", second]);
    await runDurableObjectAlarm(outbox());
    expect(await logOf(person)).toHaveLength(2);
    expect(await counts()).toEqual({ waiting: 0, deadLetters: deadLetters + 2 });
  });

  it("stores the error of a dead letter without what it quotes and without addresses", async () => {
    const rejects = () => {
      throw new Error('D1_ERROR: UNIQUE constraint failed: "p-1" of marie@example.com');
    };
    await surround(outbox(), environment({ DB: new Proxy(env.DB, { get: () => rejects }) }));
    await outbox().keep(newBodies(1).bodies);
    await runDurableObjectAlarm(outbox());
    const letter = (await outbox().deadLetters(0)).at(-1);
    const error = 'Error: D1_ERROR: UNIQUE constraint failed: "…" of …@…';
    expect(letter).toMatchObject({ error });
    expect(await outbox().replay([letter?.id ?? 0])).toEqual({ replayed: 0, failed: [{ id: letter?.id, error }] });
  });

  it("goes on when a call of D1 never settles: the bodies stay, and the alarm comes again", async () => {
    const { person, bodies } = newBodies(2);
    const realTimeout = globalThis.setTimeout;
    const atOnce = (callback: () => void, ms = 0) => realTimeout(callback, ms === D1_DEADLINE_MS ? 0 : ms);
    const timeouts = vi.spyOn(globalThis, "setTimeout").mockImplementation(atOnce as typeof setTimeout);
    await surround(outbox(), environment({ DB: faultyDatabase(() => "hangs") }));
    await outbox().keep(bodies);
    expect(await runDurableObjectAlarm(outbox())).toBe(true);
    expect((await counts()).waiting).toBe(2);
    await outbox().addDeadLetter(newBodies(1).bodies[0] ?? "", "once");
    const id = (await outbox().deadLetters(0)).at(-1)?.id ?? 0;
    const outOfReach = expect.stringContaining("D1 did not answer");
    expect(await outbox().replay([id])).toEqual({ replayed: 0, failed: [], outOfReach });
    timeouts.mockRestore();
    await evictDurableObject(outbox());
    expect(await runDurableObjectAlarm(outbox())).toBe(true);
    expect(await logOf(person)).toHaveLength(2);
    expect(await outbox().replay([id])).toEqual({ replayed: 1, failed: [] });
  });

  it("is shown by /healthz: waiting bodies and dead letters", async () => {
    const { deadLetters } = await counts();
    await surround(outbox(), environment({ DB: brokenDatabase().d1 }));
    await outbox().keep(newBodies(2).bodies);
    await outbox().addDeadLetter("9[]", "unreadable");
    // A new isolate: one that has answered before may do so again.
    const answer = await ask("/healthz", {}, environment());
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ waiting: 2, deadLetters: deadLetters + 1 });
  });
});

describe("opens while OPENS_PER is misspelt", () => {
  const misspelt = () => environment({ OPENS_PER: "emial" });
  const waiting = async () => (await counts()).waiting;

  async function openedTwice() {
    const message = newMessage();
    const atMs = Date.now();
    for (const campaign of ["1", "2", "1"]) {
      const answer = await ask(`/o/${token("open", { ...message, campaign })}.gif`, {}, misspelt());
      expect(answer.headers.get("Content-Type")).toBe("image/gif");
    }
    await vi.waitFor(async () => expect(await waiting()).toBeGreaterThanOrEqual(2));
    return { message, atMs };
  }

  it.each([
    ["campaign", 2],
    ["email", 1],
  ])("are parked, and counted per %s once it says so, at the time at which they happened", async (per, count) => {
    const { message, atMs } = await openedTwice();
    await surround(outbox(), misspelt());
    expect(await runDurableObjectAlarm(outbox())).toBe(true);
    expect(await logOf(message.person)).toEqual([]);
    const rightAtMs = Date.now();
    await surround(outbox(), environment({ OPENS_PER: per }));
    expect(await runDurableObjectAlarm(outbox())).toBe(true);
    const log = await logOf(message.person);
    expect(log).toHaveLength(count);
    for (const { type, at, id } of log) {
      expect([type, at >= atMs, at <= rightAtMs]).toEqual([10, true, true]);
      if (per === "email") expect(id).toBe(openedId(message, "email"));
    }
    expect(await waiting()).toBe(0);
    // The same messages, opened again: nothing is counted twice.
    const right = environment({ OPENS_PER: per });
    for (const campaign of ["1", "2"]) await ask(`/o/${token("open", { ...message, campaign })}.gif`, {}, right);
    expect(await logOf(message.person)).toHaveLength(count);
  });

  it("are erased where they are parked, and never counted by a wrong rule", async () => {
    const { message } = await openedTwice();
    await surround(outbox(), misspelt());
    await outbox().erase({ person: message.person, pseudonym: "~erased" }, 0);
    expect(await waiting()).toBeGreaterThanOrEqual(2);
    expect(await logOf(message.person)).toEqual([]);
    await surround(outbox(), environment({ OPENS_PER: "email" }));
    await runDurableObjectAlarm(outbox());
    expect([await logOf(message.person), await waiting()]).toEqual([[], 0]);
  });
});
