import { abortAllDurableObjects, evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { rowOf } from "../../src/events/row.ts";
import { openKey } from "../../src/opens/key.ts";
import { brokenDatabase, brokenQueue, dieWhileSending, refuseWrites, surround } from "../faults/broken.ts";
import { ask, environment, logOf, newMessage, settledLogOf, token } from "../worker.ts";

function newGate() {
  const message = newMessage();
  const id = openKey(message, "campaign");
  const mark = { atMs: 1_700_000_000_000, isBot: false };
  const row = rowOf({
    type: "opened",
    id,
    atMs: mark.atMs,
    message,
    visitor: { userAgent: "", isBot: false },
  });
  // A fresh stub each time: one that saw its object fail stays broken.
  const gate = () => env.OPENS.getByName(id);
  return { message, gate, open: async () => await gate().open(row, mark), person: message.person };
}

describe("the gate of a message", () => {
  it("lets the first open through and no other", async () => {
    const { open, person } = newGate();
    expect([await open(), await open(), await open()]).toEqual(["first", "repeat", "repeat"]);
    expect(await settledLogOf(person)).toHaveLength(1);
  });

  it("lets one of many at once through", async () => {
    const { open, person } = newGate();
    const passages = await Promise.all(Array.from({ length: 50 }, open));
    expect(passages.filter((passage) => passage === "first")).toHaveLength(1);
    expect(await settledLogOf(person)).toHaveLength(1);
  });

  it("remembers across evictions and crashes", async () => {
    const { gate, open, person } = newGate();
    await open();
    await evictDurableObject(gate());
    expect(await open()).toBe("repeat");
    await abortAllDurableObjects();
    expect(await open()).toBe("repeat");
    expect(await settledLogOf(person)).toHaveLength(1);
  });

  it("records the open again when it died between the log's taking it and its own mark, and D1 keeps one", async () => {
    const { gate, open, person } = newGate();
    await refuseWrites(gate());
    await expect(open()).rejects.toThrow("the object is gone");
    await abortAllDurableObjects();
    expect(await open()).toBe("first");
    expect(await settledLogOf(person)).toHaveLength(1);
  });

  it("lets the next one through when it died before the log had taken the first", async () => {
    const { gate, open, person } = newGate();
    await dieWhileSending(gate());
    await expect(open()).rejects.toThrow("crash");
    expect(await open()).toBe("first");
    expect(await settledLogOf(person)).toHaveLength(1);
  });

  it("goes straight into D1 when the queue refuses", async () => {
    const { gate, open, person } = newGate();
    await surround(gate(), environment({ EVENTS: brokenQueue("refuses") }));
    expect(await open()).toBe("first");
    expect(await logOf(person)).toHaveLength(1);
    expect(await open()).toBe("repeat");
    expect(await runDurableObjectAlarm(gate())).toBe(false);
  });

  it("keeps the row itself when queue and D1 refuse, also through an eviction, and brings it in by alarm", async () => {
    const { gate, open, person } = newGate();
    await surround(gate(), environment({ EVENTS: brokenQueue("refuses"), DB: brokenDatabase().d1 }));
    expect(await open()).toBe("first");
    expect(await logOf(person)).toEqual([]);
    await evictDurableObject(gate());
    expect(await open()).toBe("repeat");
    expect(await runDurableObjectAlarm(gate())).toBe(true);
    expect(await settledLogOf(person)).toHaveLength(1);
    expect(await runDurableObjectAlarm(gate())).toBe(false);
  });

  it("tries again, alarm by alarm, while everything stays down", async () => {
    const { gate, open, person } = newGate();
    const { d1, mend } = brokenDatabase();
    await surround(gate(), environment({ EVENTS: brokenQueue("refuses"), DB: d1 }));
    await open();
    expect(await runDurableObjectAlarm(gate())).toBe(true);
    expect(await runDurableObjectAlarm(gate())).toBe(true);
    expect(await logOf(person)).toEqual([]);
    mend();
    expect(await runDurableObjectAlarm(gate())).toBe(true);
    expect(await logOf(person)).toHaveLength(1);
  });

  it("is one for each person and email, whatever the campaign, with OPENS_PER = email", async () => {
    const message = newMessage();
    const around = environment({ OPENS_PER: "email" });
    for (const campaign of ["1", "2"]) await ask(`/o/${token("open", { ...message, campaign })}`, {}, around);
    expect(await settledLogOf(message.person)).toHaveLength(1);
  });
});
