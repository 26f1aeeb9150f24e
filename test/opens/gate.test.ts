import { abortAllDurableObjects, evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { openKey } from "../../src/opens/key.ts";
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

const MARK = { atMs: 1_700_000_000_000, isBot: false };

function newGate() {
  const message = newMessage();
  // A fresh stub each time: one that saw its object fail stays broken.
  const gate = () => env.OPENS.getByName(openKey(message, "campaign"));
  const pass = async (visit = crypto.randomUUID()) => await gate().pass(visit);
  const path = `/o/${token("open", message)}`;
  return { gate, pass, path, person: message.person };
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
    const { gate, pass } = newGate();
    expect(await pass()).toBe("first");
    await gate().recorded(MARK);
    expect([await pass(), await pass()]).toEqual(["repeat", "repeat"]);
  });

  it("lets one of many at once through; the others wait until that is recorded", async () => {
    const { gate, pass } = newGate();
    const passes = Array.from({ length: 50 }, async () => {
      const passage = await pass();
      if (passage === "first") await gate().recorded(MARK);
      return passage;
    });
    const passages = await Promise.all(passes);
    expect(passages.filter((passage) => passage === "first")).toHaveLength(1);
  });

  it("answers nobody who waits before it is recorded", async () => {
    const { gate, pass } = newGate();
    await pass();
    const waiting = pass();
    expect(await isSettled(waiting)).toBe(false);
    await gate().recorded(MARK);
    expect(await waiting).toBe("repeat");
  });

  it("lets the next through when the first could not be recorded", async () => {
    const { gate, pass } = newGate();
    await pass();
    const waiting = pass();
    await gate().failed();
    expect(await waiting).toBe("first");
  });

  it("lets one of those who wait through when the first is never heard of again", async () => {
    vi.spyOn(scheduler, "wait").mockResolvedValueOnce();
    const { gate, pass } = newGate();
    await pass();
    const passes = [pass(), pass()];
    expect(await Promise.race(passes)).toBe("first");
    await gate().recorded(MARK);
    expect((await Promise.all(passes)).sort()).toEqual(["first", "repeat"]);
  });

  it("tells whoever was told to record and asks again the same", async () => {
    const { gate, pass } = newGate();
    expect(await pass("lost answer")).toBe("first");
    expect(await pass("lost answer")).toBe("first");
    await gate().recorded(MARK);
    expect(await pass("lost answer")).toBe("repeat");
  });

  it("remembers across evictions and crashes", async () => {
    const { gate, pass } = newGate();
    await pass();
    await gate().recorded(MARK);
    await evictDurableObject(gate());
    expect(await pass()).toBe("repeat");
    await abortAllDurableObjects();
    expect(await pass()).toBe("repeat");
  });

  it("forgets with a crash who was recording, so that the next one does", async () => {
    const { pass } = newGate();
    await pass();
    await abortAllDurableObjects();
    expect(await pass()).toBe("first");
  });
});

describe("an open", () => {
  it("is recorded again when its gate died before it could be marked, and D1 keeps one", async () => {
    const { gate, pass, path, person } = newGate();
    await refuseWrites(gate());
    await ask(path, {}, environment());
    await abortAllDurableObjects();
    expect(await pass()).toBe("first");
    await gate().failed();
    await ask(path, {}, environment());
    expect(await pass()).toBe("repeat");
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
    expect(await pass()).toBe("repeat");
  });

  it("is marked at the second try when its gate fails in passing", async () => {
    const { pass, path } = newGate();
    const OPENS = faultyObjects(env.OPENS, inTurn([undefined, "out of reach", undefined]));
    await ask(path, {}, environment({ OPENS }));
    expect(await pass()).toBe("repeat");
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
