import { abortAllDurableObjects, evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { openedId } from "../../src/events/opened-id.ts";
import { CANDIDATE_AFTER_MS, type GateLoad } from "../../src/tracking/recordable.ts";
import {
  brokenDatabase,
  brokenQueue,
  faultyObjects,
  faultyQueue,
  inTurn,
  refuseWrites,
  unreachable,
} from "../faults/broken.ts";
import { ask, environment, logOf, newMessage, settledLogOf, token } from "../worker.ts";

const AT_MS = 1_700_000_000_000;
const BY_PERSON = { atMs: AT_MS, isBot: false };
const BY_BOT = { atMs: AT_MS, isBot: true };
const LATER = { atMs: AT_MS + CANDIDATE_AFTER_MS, isBot: false };
const NEVER = Number.POSITIVE_INFINITY;

function newGate() {
  const message = newMessage();
  // A fresh stub each time: one that saw its object fail stays broken.
  const gate = () => env.OPENS.getByName(openedId(message, "campaign"));
  const acquire = async (open: GateLoad = BY_PERSON) => await gate().acquire(open);
  return { gate, acquire, path: `/o/${token("open", message)}`, person: message.person };
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

  it("gives one more open by a person a lease, once a burst is over", async () => {
    const { acquire } = newGate();
    await record(await acquire());
    expect(await acquire({ ...LATER, isBot: true })).toBe(LATER.atMs);
    await record(await acquire(LATER), LATER);
    expect([await acquire(LATER), await acquire(BY_BOT)]).toEqual([NEVER, NEVER]);
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

  it("is one for each person and email, whatever the campaign, with OPENS_PER = email", async () => {
    const message = newMessage();
    const around = environment({ OPENS_PER: "email" });
    for (const campaign of ["1", "2"]) await ask(`/o/${token("open", { ...message, campaign })}`, {}, around);
    expect(await settledLogOf(message.person)).toHaveLength(1);
  });
});
