import { abortAllDurableObjects, evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { openedId } from "../../src/events/opened-id.ts";
import { aggregateLog } from "../../src/reports/index.ts";
import type { OpenGate } from "../../src/tracking/open-gate.ts";
import type { GateLoad } from "../../src/tracking/recordable.ts";
import {
  brokenDatabase,
  brokenQueue,
  faultyObjects,
  faultyQueue,
  inTurn,
  refuseWrites,
  unreachable,
} from "../faults/broken.ts";
import { logRows } from "../marketo/marketo.ts";
import { MARKING } from "../reports/policy.ts";
import { ask, environment, logOf, newMessage, settledLogOf, token } from "../worker.ts";

const AT_MS = 1_700_000_000_000;
const BY_PERSON = { atMs: AT_MS, isBot: false };
const BY_BOT = { atMs: AT_MS, isBot: true };
const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;
const by = (isBot: boolean, afterMs: number) => ({ atMs: AT_MS + afterMs, isBot });
const LATER = by(false, 10 * SECOND_MS);

function newGate() {
  const message = newMessage();
  // A fresh stub each time: one that saw its object fail stays broken.
  const gate = () => env.OPENS.getByName(openedId(message, "campaign"));
  const acquire = async (open: GateLoad = BY_PERSON) => await gate().acquire(open);
  return { gate, acquire, path: `/o/${token("open", message)}`, person: message.person, message };
}

type Acquired = Awaited<ReturnType<ReturnType<typeof newGate>["acquire"]>>;

/** Records as `recordOnce` does, and releases the lease. */
async function record(acquired: Acquired, open: GateLoad = BY_PERSON): Promise<void> {
  if (typeof acquired === "number") throw new Error("it is recorded already");
  using lease = acquired;
  await lease.record(open);
}

/** Releases the lease as the runtime does when its holder dies. */
function release(acquired: Acquired): void {
  if (typeof acquired === "number") throw new Error("it is recorded already");
  acquired[Symbol.dispose]();
}

/** Whether `work` has settled after 50 ms. */
async function isSettled(work: Promise<unknown>): Promise<boolean> {
  let settled = false;
  void work.then(() => {
    settled = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 50));
  return settled;
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe("the gate of a message", () => {
  it("gives the first open a lease, and none once that is recorded", async () => {
    const { acquire } = newGate();
    await record(await acquire());
    expect([await acquire(), await acquire()]).toEqual([LATER.atMs, LATER.atMs]);
  });

  it("gives one of fifty simultaneous opens a lease; the others wait until that is recorded", async () => {
    const { acquire } = newGate();
    const opens = Array.from({ length: 50 }, async () => {
      const lease = await acquire();
      if (typeof lease === "number") return false;
      await record(lease);
      return true;
    });
    expect((await Promise.all(opens)).filter((isFirst) => isFirst)).toHaveLength(1);
  });

  it("answers no waiting open before the first is recorded", async () => {
    const { acquire } = newGate();
    const lease = await acquire();
    const waiting = acquire();
    expect(await isSettled(waiting)).toBe(false);
    await record(lease);
    expect(await waiting).toBe(LATER.atMs);
  });

  it("gives the next open the lease when the first releases it without having recorded", async () => {
    const { acquire } = newGate();
    const lease = await acquire();
    const waiting = acquire();
    expect(await isSettled(waiting)).toBe(false);
    release(lease);
    await record(await waiting);
  });

  it("gives one waiting open the lease when the first lease expires", async () => {
    vi.spyOn(scheduler, "wait").mockResolvedValueOnce();
    const { acquire } = newGate();
    const expired = await acquire();
    const opens = [acquire(), acquire()];
    const lease = await Promise.race(opens);
    await record(lease);
    expect((await Promise.all(opens)).filter((each) => typeof each === "number")).toHaveLength(1);
    release(expired);
  });

  it("gives the next open the lease at once when the first client hangs up", async () => {
    const { acquire, path, gate } = newGate();
    await runInDurableObject(gate(), async (instance) => {
      // A client that hangs up leaves an answer that nobody received.
      const lease = await instance.acquire(BY_PERSON);
      if (typeof lease !== "number") lease[Symbol.dispose]();
    });
    await ask(path);
    expect(await acquire()).toBeTypeOf("number");
  });

  it("remembers the recorded open across evictions and crashes", async () => {
    const { gate, acquire } = newGate();
    await record(await acquire());
    await evictDurableObject(gate());
    expect(await acquire()).toBe(LATER.atMs);
    await abortAllDurableObjects();
    expect(await acquire()).toBe(LATER.atMs);
  });

  it("loses the lease in a crash, so that the next open is recorded", async () => {
    const { acquire } = newGate();
    await acquire();
    await abortAllDurableObjects();
    await record(await acquire());
    expect(await acquire()).toBe(LATER.atMs);
  });

  it("gives a person's open a lease after a bot's, and no second bot's", async () => {
    const { acquire } = newGate();
    await record(await acquire(BY_BOT), BY_BOT);
    expect(await acquire(BY_BOT)).toBe(0);
    await record(await acquire(BY_PERSON), BY_PERSON);
    expect([await acquire(BY_BOT), await acquire(BY_PERSON)]).toEqual([LATER.atMs, LATER.atMs]);
  });

  it("gives a person's open a lease again days later, after two or more that looked like a person's", async () => {
    for (const before of [2, 3, 10]) {
      const { acquire } = newGate();
      for (let open = 0; open < before; open++) {
        const load = by(false, open * 12 * SECOND_MS);
        const acquired = await acquire(load);
        if (typeof acquired !== "number") await record(acquired, load);
      }
      for (const later of [by(false, 3 * DAY_MS), by(false, 3 * DAY_MS + 5 * MINUTE_MS)]) {
        const acquired = await acquire(later);
        expect(acquired, `after ${before}`).not.toBeTypeOf("number");
        await record(acquired, later);
      }
    }
  });

  it("gives 23 leases at most within five years, however often the pixel is loaded", async () => {
    const { acquire } = newGate();
    let load = BY_PERSON;
    let leases = 0;
    while (load.atMs < AT_MS + 5 * 365 * DAY_MS) {
      const acquired = await acquire(load);
      if (typeof acquired !== "number") {
        await record(acquired, load);
        leases++;
      }
      const again = await acquire(load);
      if (typeof again !== "number") throw new Error("a second lease at the same time");
      expect(again).toBeGreaterThan(load.atMs);
      load = { atMs: again, isBot: false };
    }
    expect(leases).toBeGreaterThan(10);
    expect(leases).toBeLessThanOrEqual(23);
  });

  it("ignores a bot's open recorded late by an expired lease", async () => {
    vi.spyOn(scheduler, "wait").mockResolvedValueOnce();
    const { acquire } = newGate();
    const expired = await acquire(BY_BOT);
    await record(await acquire(BY_PERSON), BY_PERSON);
    await record(expired, BY_BOT);
    expect(await acquire(BY_PERSON)).toBe(LATER.atMs);
  });
});

describe("the gate of a message that nobody opens any more", () => {
  const DAYS_KEPT = 32;
  const held = async (gate: DurableObjectStub<OpenGate>) =>
    await runInDurableObject(gate, async (_, { storage }) => ({
      keys: [...storage.kv.list()].length,
      alarm: await storage.getAlarm(),
    }));

  it("keeps nothing 32 days after its latest open, and an open after that counts no more than before", async () => {
    const { gate, path, person } = newGate();
    await ask(path);
    const [before] = await settledLogOf(person);
    const { alarm } = await held(gate());
    expect(Math.round(((alarm ?? 0) - Date.now()) / DAY_MS)).toBe(DAYS_KEPT);
    vi.spyOn(Date, "now").mockReturnValue(Date.now() + DAYS_KEPT * DAY_MS);
    await runDurableObjectAlarm(gate());
    expect(await held(gate())).toEqual({ keys: 0, alarm: null });
    await ask(path, {}, environment());
    expect((await held(gate())).keys).toBe(1);
    const opens = async () => (await logOf(person)).filter(({ link_id }) => link_id === null);
    await expect.poll(async () => (await opens()).map(({ detail }) => detail)).not.toEqual([before?.detail]);
    expect((await opens()).map(({ id, at }) => [id, at])).toEqual([[before?.id, before?.at]]);
  });

  it("keeps what it holds until 32 days after its latest open", async () => {
    const { gate, acquire } = newGate();
    await record(await acquire());
    const now = { atMs: Date.now(), isBot: false };
    await record(await acquire(now), now);
    await runDurableObjectAlarm(gate());
    const { keys, alarm } = await held(gate());
    expect([keys, alarm]).toEqual([1, now.atMs + DAYS_KEPT * DAY_MS]);
    await evictDurableObject(gate());
    expect(await acquire(now)).toBeGreaterThan(now.atMs);
  });
});

describe("an open", () => {
  it("is recorded again when its gate died before storing it, and D1 keeps one row", async () => {
    const { gate, acquire, path, person } = newGate();
    await refuseWrites(gate());
    await ask(path, {}, environment());
    await abortAllDurableObjects();
    release(await acquire());
    await ask(path, {}, environment());
    expect(await acquire()).toBeTypeOf("number");
    expect(await settledLogOf(person)).toHaveLength(1);
  });

  it("leaves its gate unchanged when no sink took it, and is recorded by the next load", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const { acquire, path, person } = newGate();
    const { d1 } = brokenDatabase();
    await ask(path, {}, environment({ EVENTS: brokenQueue("refuses"), DB: d1, OUTBOX: unreachable() }));
    expect(await logOf(person)).toEqual([]);
    await ask(path);
    expect(await settledLogOf(person)).toHaveLength(1);
    expect(await acquire()).toBeTypeOf("number");
  });

  it("retries a gate after a transient error, so that a repeated open costs no row", async () => {
    const { path } = newGate();
    await ask(path, {}, environment());
    const sent: string[] = [];
    const around = environment({
      OPENS: faultyObjects(env.OPENS, inTurn(["answers nobody", undefined])),
      EVENTS: faultyQueue(
        () => undefined,
        async (body) => void sent.push(body),
      ),
    });
    await ask(path, {}, around);
    expect(sent).toEqual([]);
  });

  it("by a person days after two by a scanner is in the log as the person's, once those are reclassified", async () => {
    const { path, person, message } = newGate();
    const now = vi.spyOn(Date, "now");
    const times = [AT_MS, AT_MS + 12 * SECOND_MS, AT_MS + 3 * DAY_MS];
    for (const atMs of times) {
      now.mockReturnValue(atMs);
      await ask(path);
    }
    now.mockRestore();
    await settledLogOf(person);
    await logRows({ ...message, type: 7, at: AT_MS });
    await aggregateLog(env, { ...MARKING, deliverySeconds: 60 }, Number.POSITIVE_INFINITY);
    const opened = (await settledLogOf(person)).filter(({ type }) => type === 10);
    expect(opened).toMatchObject([{ at: times[2], is_bot: 0 }]);
  });

  it("is one for each person and email, whatever the campaign, with OPENS_PER = email", async () => {
    const message = newMessage();
    const around = environment({ OPENS_PER: "email" });
    for (const campaign of ["1", "2"]) await ask(`/o/${token("open", { ...message, campaign })}`, {}, around);
    expect(await settledLogOf(message.person)).toHaveLength(1);
  });
});
