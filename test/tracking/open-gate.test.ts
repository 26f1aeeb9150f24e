import { abortAllDurableObjects, evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { openKey } from "../../src/events/open-id.ts";
import { type OpenMark, STANDS_BY_AFTER_MS } from "../../src/tracking/recordable.ts";
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
const PERSON = { atMs: AT_MS, isBot: false };
const MACHINE = { atMs: AT_MS, isBot: true };
const LATER = { atMs: AT_MS + STANDS_BY_AFTER_MS, isBot: false };
const NEVER = Number.POSITIVE_INFINITY;

function newGate() {
  const message = newMessage();
  // A fresh stub each time: one that saw its object fail stays broken.
  const gate = () => env.OPENS.getByName(openKey(message, "campaign"));
  const pass = async (open: OpenMark = PERSON) => await gate().pass(open);
  return { gate, pass, path: `/o/${token("open", message)}`, person: message.person };
}

type Passed = Awaited<ReturnType<ReturnType<typeof newGate>["pass"]>>;

/** Records as the client does, and lets go. */
async function record(passed: Passed, open: OpenMark = PERSON): Promise<void> {
  if (typeof passed === "number") throw new Error("it is recorded already");
  using held = passed;
  await held.recorded(open);
}

/** Lets go as somebody does who dies. */
function release(passed: Passed): void {
  if (typeof passed === "number") throw new Error("it is recorded already");
  passed[Symbol.dispose]();
}

/** Whether `work` has settled once everything else that can go on has. */
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
  it("lets the first through, and nobody once that is recorded", async () => {
    const { pass } = newGate();
    await record(await pass());
    expect([await pass(), await pass()]).toEqual([LATER.atMs, LATER.atMs]);
  });

  it("lets one of many at once through; the others wait until that is recorded", async () => {
    const { pass } = newGate();
    const passes = Array.from({ length: 50 }, async () => {
      const claim = await pass();
      if (typeof claim === "number") return false;
      await record(claim);
      return true;
    });
    expect((await Promise.all(passes)).filter((isFirst) => isFirst)).toHaveLength(1);
  });

  it("answers nobody who waits before it is recorded", async () => {
    const { pass } = newGate();
    const claim = await pass();
    const waiting = pass();
    expect(await isSettled(waiting)).toBe(false);
    await record(claim);
    expect(await waiting).toBe(LATER.atMs);
  });

  it("lets the next through when the first lets go without having recorded", async () => {
    const { pass } = newGate();
    const claim = await pass();
    const waiting = pass();
    expect(await isSettled(waiting)).toBe(false);
    release(claim);
    await record(await waiting);
  });

  it("lets one of those who wait through when the first is never heard of again", async () => {
    vi.spyOn(scheduler, "wait").mockResolvedValueOnce();
    const { pass } = newGate();
    const lost = await pass();
    const passes = [pass(), pass()];
    const claim = await Promise.race(passes);
    await record(claim);
    expect((await Promise.all(passes)).filter((each) => typeof each === "number")).toHaveLength(1);
    release(lost);
  });

  it("lets the next through at once when the first hangs up", async () => {
    const { pass, path, gate } = newGate();
    await runInDurableObject(gate(), async (instance) => {
      // What a caller that dies leaves behind: an answer that nobody got.
      const claim = await instance.pass(PERSON);
      if (typeof claim !== "number") claim[Symbol.dispose]();
    });
    await ask(path);
    expect(await pass()).toBeTypeOf("number");
  });

  it("remembers across evictions and crashes", async () => {
    const { gate, pass } = newGate();
    await record(await pass());
    await evictDurableObject(gate());
    expect(await pass()).toBe(LATER.atMs);
    await abortAllDurableObjects();
    expect(await pass()).toBe(LATER.atMs);
  });

  it("forgets with a crash who was recording, so that the next one does", async () => {
    const { pass } = newGate();
    await pass();
    await abortAllDurableObjects();
    await record(await pass());
    expect(await pass()).toBe(LATER.atMs);
  });

  it("lets a person through after a machine, and no machine", async () => {
    const { pass } = newGate();
    await record(await pass(MACHINE), MACHINE);
    expect(await pass(MACHINE)).toBe(0);
    await record(await pass(PERSON), PERSON);
    expect([await pass(MACHINE), await pass(PERSON)]).toEqual([LATER.atMs, LATER.atMs]);
  });

  it("lets one more open by a person through, once a burst is over", async () => {
    const { pass } = newGate();
    await record(await pass());
    expect(await pass({ ...LATER, isBot: true })).toBe(LATER.atMs);
    await record(await pass(LATER), LATER);
    expect([await pass(LATER), await pass(MACHINE)]).toEqual([NEVER, NEVER]);
  });

  it("takes no notice of what a machine whose claim was taken for lost says late", async () => {
    vi.spyOn(scheduler, "wait").mockResolvedValueOnce();
    const { pass } = newGate();
    const lost = await pass(MACHINE);
    await record(await pass(PERSON), PERSON);
    await record(lost, MACHINE);
    expect(await pass(PERSON)).toBe(LATER.atMs);
  });
});

describe("an open", () => {
  it("is recorded again when its gate died before it could be marked, and D1 keeps one", async () => {
    const { gate, pass, path, person } = newGate();
    await refuseWrites(gate());
    await ask(path, {}, environment());
    await abortAllDurableObjects();
    release(await pass());
    await ask(path, {}, environment());
    expect(await pass()).toBeTypeOf("number");
    expect(await settledLogOf(person)).toHaveLength(1);
  });

  it("leaves its gate open when no road took it, and is recorded by the next load", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const { pass, path, person } = newGate();
    const { d1 } = brokenDatabase();
    await ask(path, {}, environment({ EVENTS: brokenQueue("refuses"), DB: d1, OUTBOX: unreachable() }));
    expect(await logOf(person)).toEqual([]);
    await ask(path);
    expect(await settledLogOf(person)).toHaveLength(1);
    expect(await pass()).toBeTypeOf("number");
  });

  it("asks again a gate that fails in passing, so that a repeated open costs no row", async () => {
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
