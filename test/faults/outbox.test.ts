/** The last road, and the letter box of what no road takes: nothing kept is dropped, nothing brought in twice. */
import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it } from "vitest";
import { rowOf } from "../../src/events/row.ts";
import { bodyOf } from "../../src/ingest/queue-body.ts";
import { OUTBOX_NAME } from "../../src/ingest/record.ts";
import { ask, environment, logOf, newMessage } from "../worker.ts";
import { brokenDatabase, faultyDatabase, inTurn, surround } from "./broken.ts";

const outbox = () => env.OUTBOX.getByName(OUTBOX_NAME);
const counts = async () => await outbox().counts();

function clickRow(person: string, id: string): string {
  return rowOf({
    type: "clicked",
    id,
    atMs: Date.now(),
    message: { email: "7", person, campaign: "42" },
    link: { id: "l", url: "https://shop.example/" },
    visitor: { userAgent: "x" },
  });
}

/** Bodies of one row each, to a person of their own. */
function newBodies(count: number) {
  const { person } = newMessage();
  const bodies = Array.from({ length: count }, (_, n) => bodyOf([clickRow(person, `${person}.${n}`)]));
  return { person, bodies };
}

afterEach(async () => {
  // With its own environment again, and empty.
  await evictDurableObject(outbox());
  while (await runDurableObjectAlarm(outbox()));
});

describe("the outbox", () => {
  it("brings in more than one alarm takes, alarm by alarm, and then rests", async () => {
    const { person, bodies } = newBodies(250);
    await outbox().keep(bodies);
    while (await runDurableObjectAlarm(outbox()));
    expect(await logOf(person)).toHaveLength(250);
    expect((await counts()).waiting).toBe(0);
  });

  it("keeps everything through an eviction, and its alarm with it", async () => {
    const { person, bodies } = newBodies(3);
    await surround(outbox(), environment({ DB: brokenDatabase().d1 }));
    await outbox().keep(bodies);
    await runDurableObjectAlarm(outbox());
    await evictDurableObject(outbox());
    expect((await counts()).waiting).toBe(3);
    expect(await runDurableObjectAlarm(outbox())).toBe(true);
    expect(await logOf(person)).toHaveLength(3);
  });

  it("brings a body in once when D1 committed it and the answer was lost twice", async () => {
    const { person, bodies } = newBodies(1);
    await surround(
      outbox(),
      environment({
        DB: faultyDatabase(inTurn(["commits and loses the connection", "overloaded", undefined])),
      }),
    );
    await outbox().keep(bodies);
    expect(await runDurableObjectAlarm(outbox())).toBe(true);
    expect((await counts()).waiting).toBe(1);
    expect(await runDurableObjectAlarm(outbox())).toBe(true);
    expect((await counts()).waiting).toBe(0);
    expect(await logOf(person)).toHaveLength(1);
  });

  it("lays aside what D1 never takes, and brings in what stands behind it", async () => {
    const { person, bodies } = newBodies(2);
    const [first = "", second = ""] = bodies;
    const { dead } = await counts();
    await outbox().keep([first, '1[null,11,0,"7","p","42",null,null,null,null,0,null,null]', "9[]", second]);
    await runDurableObjectAlarm(outbox());
    expect(await logOf(person)).toHaveLength(2);
    expect(await counts()).toEqual({ waiting: 0, dead: dead + 2 });
  });

  it("is told of by /healthz: what waits and what is dead", async () => {
    const { dead } = await counts();
    await surround(outbox(), environment({ DB: brokenDatabase().d1 }));
    await outbox().keep(newBodies(2).bodies);
    await outbox().addDeadLetters(["9[]"], "unreadable");
    const answer = await ask("/healthz");
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ waiting: 2, deadLetters: dead + 1 });
  });
});
