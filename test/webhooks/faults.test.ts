/** Endpoints, receivers and storage that fail at any moment: nothing is missed, and nothing is posted that must not. */
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { brokenDatabase, crash, type DatabaseFault, faultyDatabase, unreachable } from "../faults/broken.ts";
import { callsOf } from "../fuzz.ts";
import { logRows } from "../marketo/marketo.ts";
import { get, post } from "../outcomes.ts";
import { erase } from "../privacy/people-world.ts";
import { environment } from "../worker.ts";
import {
  accepted,
  addEndpoint,
  alarmIsDueIn,
  alarmTwice,
  deliveriesOf,
  type Endpoint,
  failing,
  MINUTE_MS,
  PATH,
  pass,
  personsOf,
  prepareEachTest,
  receiver,
  refuseToRecord,
  ring,
  seqsOf,
  withoutEndpoints,
} from "./world.ts";

prepareEachTest();

const remove = async ({ id }: Endpoint) => await post(`${PATH}/${id}`, undefined, env, "DELETE");
const storedBy = async ({ stub }: Endpoint) =>
  await runInDurableObject(stub, (_instance, { storage }) => [...storage.kv.list()].length);

describe("an event that changes between two tries", () => {
  it("is posted as it is then: reclassified under another id, erased under the same", async () => {
    const received = receiver(failing(500), failing(500), accepted);
    const endpoint = await addEndpoint();
    const [id] = await logRows(
      { type: 10, person: "marie" },
      { type: 10, person: "robert" },
      { type: 10, person: "evelyn" },
    );
    await ring(endpoint);
    await env.DB.prepare(
      `REPLACE INTO events (id, type, at, recorded_at, email, person, campaign, is_bot, bot_pattern)
      SELECT id, type, at, recorded_at, email, person, campaign, 1, 'a scanner' FROM events WHERE id = ?`,
    )
      .bind(id)
      .run();
    pass(6_000);
    await ring(endpoint);
    expect(personsOf(received)).toEqual(["marie", "robert"]);
    await erase({ person: "robert" });
    pass(6 * MINUTE_MS);
    await ring(endpoint);
    expect(seqsOf(received)).toEqual([1, 2, 2, 3, 4]);
    expect(personsOf(received)).toEqual(["marie", "robert", expect.stringContaining("erased"), "evelyn", "marie"]);
    expect(received[1]?.id).toBe(received[2]?.id);
    expect(received[0]?.id).not.toBe(received[4]?.id);
    expect(received[4]?.events).toMatchObject([{ data: { id, visitor: { isBot: true } } }]);
    // What is kept of posts names nobody.
    expect(JSON.stringify(await deliveriesOf(endpoint))).not.toMatch(/marie|robert|evelyn/);
  });

  it("is not posted any more when it is gone, or was in the retry queue and is gone", async () => {
    for (const ordered of [true, false]) {
      await withoutEndpoints();
      const received = receiver(failing(500), accepted);
      const endpoint = await addEndpoint({ ordered });
      await logRows({}, {});
      await env.DB.prepare("DELETE FROM events WHERE seq = 2").run();
      await ring(endpoint);
      await env.DB.prepare("DELETE FROM events WHERE seq = 1").run();
      await logRows({});
      pass(6_000);
      await ring(endpoint);
      expect(seqsOf(received)).toEqual([1, 3]);
      expect((await get(`${PATH}/${endpoint.id}`)).body.progress).toEqual({
        seq: 3,
        behind: 0,
        retrying: 0,
        givenUp: 0,
        possibleGaps: [],
        replays: [],
      });
    }
  });
});

describe("an endpoint that is deleted", () => {
  it("while it posts is posted nothing more, and keeps nothing", async () => {
    const received = receiver(async () => {
      if (received.length === 2) await remove(endpoint);
      return new Response(null, { status: 200 });
    });
    const endpoint: Endpoint = await addEndpoint();
    await logRows({}, {}, {}, {});
    await ring(endpoint);
    expect(await storedBy(endpoint)).toBe(0);
    expect(await alarmIsDueIn(endpoint)).toBeNull();
    await ring(endpoint);
    expect(seqsOf(received)).toEqual([1, 2]);
  });

  it("while its object is out of reach deletes itself before the next post", async () => {
    const received = receiver(accepted);
    const endpoint = await addEndpoint();
    await logRows({});
    const around = environment({ WEBHOOKS: unreachable() });
    expect((await post(`${PATH}/${endpoint.id}`, undefined, around, "DELETE")).status).toBe(200);
    await ring(endpoint);
    expect(received).toEqual([]);
    expect(await storedBy(endpoint)).toBe(0);
    expect(await alarmIsDueIn(endpoint)).toBeNull();
  });
});

describe("an alarm", () => {
  it("that runs twice at once posts each event once", async () => {
    const received = receiver(async () => {
      await scheduler.wait(5);
      return new Response(null);
    });
    const endpoint = await addEndpoint();
    await logRows({}, {}, {});
    await alarmTwice(endpoint);
    expect(seqsOf(received)).toEqual([1, 2, 3]);
  });

  it("whose object dies before it writes repeats the post under the same id, also a batch that has grown", async () => {
    for (const batch of [1, 10]) {
      await withoutEndpoints();
      const received = receiver(async () => {
        if (received.length === 1) {
          await logRows({});
          await refuseToRecord(endpoint);
        }
        return new Response(null);
      });
      const endpoint: Endpoint = await addEndpoint({ batch });
      await logRows({}, {});
      await ring(endpoint);
      await crash(endpoint.stub);
      expect(received).toHaveLength(1);
      await ring(endpoint);
      const [one, two] = received;
      expect([two?.id, two?.body]).toEqual([one?.id, one?.body]);
      expect(seqsOf(received.slice(1))).toEqual([1, 2, 3]);
    }
  });

  it("is set again with growing pauses while D1 fails, and goes on", async () => {
    const received = receiver(accepted);
    const endpoint = await addEndpoint();
    await logRows({});
    const { d1, mend } = brokenDatabase();
    for (const seconds of [5, 10, 20, 40, 80, 160, 300, 300]) {
      await ring(endpoint, environment({ DB: d1 }));
      const pause = ((await alarmIsDueIn(endpoint)) ?? 0) / 1_000;
      expect(pause).toBeGreaterThanOrEqual(seconds / 2);
      expect(pause).toBeLessThanOrEqual(seconds);
    }
    mend();
    await ring(endpoint);
    expect(seqsOf(received)).toEqual([1]);
    await ring(endpoint);
    expect(await alarmIsDueIn(endpoint)).toBe(MINUTE_MS);
  });

  it.each<[string, DatabaseFault]>([
    ["is overloaded", "overloaded"],
    ["loses the connection", "loses the connection"],
  ])("misses nothing and keeps the order when D1 %s at any call", async (_how, fault) => {
    let failures = 0;
    for (const ordered of [true, false]) {
      for (const call of callsOf(8, 0)) {
        await withoutEndpoints();
        let posts = 0;
        const received = receiver(() => new Response(null, { status: posts++ === 1 ? 500 : 200 }));
        const endpoint = await addEndpoint({ ordered });
        await logRows({}, {}, {});
        let calls = 0;
        const DB = faultyDatabase(() => (calls++ >= call && calls <= call + 2 ? fault : undefined));
        await ring(endpoint, environment({ DB }));
        if (calls > call) failures++;
        for (let n = 0; n < 3; n++) {
          pass(6 * MINUTE_MS);
          await ring(endpoint);
        }
        const seqs = seqsOf(received);
        expect([...new Set(seqs)].toSorted()).toEqual([1, 2, 3]);
        expect(seqs).toHaveLength(4);
        if (ordered) expect(seqs).toEqual(seqs.toSorted());
      }
    }
    expect(failures).toBeGreaterThan(0);
  });

  it("does not wait for a D1 that hangs for ever", async () => {
    const received = receiver(accepted);
    const endpoint = await addEndpoint();
    await logRows({});
    const real = globalThis.setTimeout;
    const hurried = (callback: () => void, ms = 0) => real(callback, ms === 20_000 ? 10 : ms);
    const timers = vi.spyOn(globalThis, "setTimeout").mockImplementation(hurried as typeof setTimeout);
    await ring(endpoint, environment({ DB: faultyDatabase(() => "hangs") }));
    timers.mockRestore();
    expect(await alarmIsDueIn(endpoint)).toBeLessThanOrEqual(5_000);
    await ring(endpoint);
    expect(seqsOf(received)).toEqual([1]);
  });

  it("is set to now when something was written while it posted", async () => {
    const received = receiver(async () => {
      if (received.length === 1) {
        await logRows({});
        await env.WEBHOOKS.getByName(endpoint.id).wake();
      }
      return new Response(null);
    });
    const endpoint: Endpoint = await addEndpoint();
    await logRows({});
    await ring(endpoint);
    expect(await alarmIsDueIn(endpoint)).toBe(0);
    await ring(endpoint);
    expect(seqsOf(received)).toEqual([1, 2]);
  });

  it("of a Worker that is not set up posts nothing, and goes on when it is", async () => {
    const received = receiver(accepted);
    const endpoint = await addEndpoint();
    await logRows({});
    await ring(endpoint, environment({ TOKEN_KEYS: "" }));
    expect(received).toEqual([]);
    await ring(endpoint);
    expect(seqsOf(received)).toEqual([1]);
  });

  it("goes back to the end of a log that was restored to an earlier time", async () => {
    const received = receiver(accepted);
    const endpoint = await addEndpoint();
    await logRows({}, {}, {}, {});
    await ring(endpoint);
    const ids = received.map(({ id }) => id);
    await env.DB.batch([
      env.DB.prepare("DELETE FROM events WHERE seq > 2"),
      env.DB.prepare("UPDATE sqlite_sequence SET seq = 2 WHERE name = 'events'"),
    ]);
    await ring(endpoint);
    pass(1);
    await logRows({}, {});
    await ring(endpoint);
    expect(seqsOf(received)).toEqual([1, 2, 3, 4, 3, 4]);
    expect(new Set([...ids, ...received.map(({ id }) => id)]).size).toBe(6);
  });
});

describe("a log line", () => {
  it("holds nothing of the URL, the secret, and the answer", async () => {
    const lines: string[] = [];
    for (const level of ["log", "warn", "error"] as const) {
      vi.spyOn(console, level).mockImplementation((line) => void lines.push(String(line)));
    }
    receiver(() => new Response("the answer", { status: 500 }), failing(410));
    const endpoint = await addEndpoint();
    await logRows({});
    await ring(endpoint);
    await ring(endpoint, environment({ DB: faultyDatabase(() => "overloaded") }));
    pass(6_000);
    await ring(endpoint);
    expect(lines.length).toBeGreaterThanOrEqual(3);
    for (const line of lines) {
      expect(line).toContain(endpoint.id);
      expect(line).not.toMatch(/sender\.example|key=|whsec_|the answer/);
    }
  });
});
