import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { crash } from "../faults/broken.ts";
import { logRows } from "../marketo/marketo.ts";
import { get, post } from "../outcomes.ts";
import { environment } from "../worker.ts";
import {
  addEndpoint,
  alarmIsDueIn,
  deliveriesOf,
  type Endpoint,
  HOUR_MS,
  PATH,
  pass,
  prepareEachTest,
  receiver,
  ring,
  seqsOf,
} from "./world.ts";

prepareEachTest();

const shown = async ({ id }: Endpoint) => (await get(`${PATH}/${id}`)).body;
const change = async ({ id }: Endpoint, body: unknown) => await post(`${PATH}/${id}`, body, env, "PATCH");
describe("the posts in flight of an endpoint that is not ordered", () => {
  /** Posts that hang until they are answered by the function that is returned; none of them is waited for. */
  const hanging = (hangs: (seq: number) => boolean, statusOf: (seq: number) => number = () => 200) => {
    const real = globalThis.setTimeout;
    const hurried = (callback: () => void, ms = 0) => real(callback, ms === 1_000 ? 1 : ms);
    vi.spyOn(globalThis, "setTimeout").mockImplementation(hurried as typeof setTimeout);
    const { promise, resolve } = Promise.withResolvers<number>();
    let inFlight = 0;
    const most = { inFlight: 0 };
    const received = receiver(async ({ events: [event] }) => {
      most.inFlight = Math.max(most.inFlight, ++inFlight);
      const seq = event?.data.seq ?? 0;
      const status = hangs(seq) ? await promise : statusOf(seq);
      inFlight--;
      return new Response(null, { status });
    });
    return { received, most, answer: resolve };
  };

  it("are four at most", async () => {
    const { received, most, answer } = hanging(() => true);
    const endpoint = await addEndpoint({ ordered: false });
    await logRows(...Array.from({ length: 10 }, () => ({})));
    const ringing = ring(endpoint);
    await vi.waitFor(() => expect(received).toHaveLength(4));
    answer(200);
    await ringing;
    expect(seqsOf(received)).toHaveLength(10);
    expect(most.inFlight).toBe(4);
  });

  it("hold up none of the others, nor what comes later, when one hangs", async () => {
    const { received, answer } = hanging((seq) => seq === 1);
    const endpoint = await addEndpoint({ ordered: false });
    await logRows(...Array.from({ length: 10 }, () => ({})));
    await ring(endpoint);
    expect(seqsOf(received)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect((await shown(endpoint)).progress).toMatchObject({ seq: 10, retrying: 1 });
    await logRows({});
    // A change tries again what waits, but not what is in flight.
    await change(endpoint, { description: "slow" });
    await ring(endpoint);
    expect(seqsOf(received).slice(10)).toEqual([11]);
    answer(200);
    await vi.waitFor(async () => expect((await shown(endpoint)).progress).toMatchObject({ retrying: 0 }));
    const { body } = await get(`${PATH}/${endpoint.id}/deliveries?state=delivered`);
    expect(body.data).toHaveLength(11);
    pass(HOUR_MS);
    await ring(endpoint);
    expect(received).toHaveLength(11);
  });

  it("that fail after a while are tried again by the schedule", async () => {
    const { received, answer } = hanging((seq) => seq < 3);
    const endpoint = await addEndpoint({ ordered: false });
    await logRows({}, {}, {});
    await ring(endpoint);
    answer(500);
    const waiting = Array(2).fill({ state: "waiting", status: 500, tries: 1 });
    const states = async () => (await deliveriesOf(endpoint)).filter(({ status }) => status !== 200);
    await vi.waitFor(async () => expect(await states()).toMatchObject(waiting));
    expect(await alarmIsDueIn(endpoint)).toBe(0);
    await ring(endpoint);
    expect(await alarmIsDueIn(endpoint)).toBeGreaterThanOrEqual(5_000);
    pass(6_000);
    await ring(endpoint);
    expect(seqsOf(received).slice(3).toSorted()).toEqual([1, 2]);
  });

  it.each([
    ["after it was ordered", 1],
    ["after its retry queue was full", 1_001],
  ])("leave no other delivery of theirs behind, %s", async (_when, first) => {
    let isHanging = false;
    const { answer } = hanging(
      (seq) => isHanging && seq === first,
      (seq) => (seq <= first ? 500 : 200),
    );
    const batch = first === 1 ? 1 : 100;
    const endpoint = await addEndpoint({ ordered: first === 1, batch });
    await logRows(...Array.from({ length: first }, () => ({})));
    await ring(endpoint);
    await runInDurableObject(endpoint.stub, (_instance, { storage }) => {
      storage.sql.exec("UPDATE deliveries SET state = 'delivered', next_at = NULL, retrying = 0 WHERE retrying > 0");
    });
    isHanging = true;
    await change(endpoint, { ordered: false });
    await ring(endpoint);
    expect((await shown(endpoint)).progress).toMatchObject({ seq: first, retrying: 1 });
    answer(200);
    await vi.waitFor(async () => expect((await shown(endpoint)).progress).toMatchObject({ retrying: 0 }));
    const { body } = await get(`${PATH}/${endpoint.id}/deliveries?state=waiting`);
    expect(body.data).toEqual([]);
    expect((await deliveriesOf(endpoint))[0]).toMatchObject({ state: "delivered", tries: 2, events: [{ seq: first }] });
  });

  it.each([
    [413, 2],
    [200, 5],
  ])("make the next one smaller or larger when they are answered after a while: %d", async (late, size) => {
    const { received, answer } = hanging(
      (seq) => seq === 9,
      () => (received.length === 1 ? 413 : 200),
    );
    const endpoint = await addEndpoint({ ordered: false, batch: 8 });
    for (const events of [8, 4]) {
      await logRows(...Array.from({ length: events }, () => ({})));
      await ring(endpoint);
    }
    expect(received.map(({ events }) => events.length)).toEqual([8, 4, 4, 4]);
    answer(late);
    const errors = async () => (await deliveriesOf(endpoint)).map(({ error }) => error);
    await vi.waitFor(async () => expect(await errors()).not.toContain("no answer yet"));
    received.length = 0;
    await logRows(...Array.from({ length: 9 }, () => ({})));
    await ring(endpoint);
    const next = received.find(({ events: [event] }) => event?.data.seq === 13);
    expect(next?.events).toHaveLength(size);
  });

  it("are made again when the object has died meanwhile", async () => {
    const { received } = hanging((seq) => seq === 2 && received.length < 4);
    const endpoint = await addEndpoint({ ordered: false });
    await logRows({}, {}, {});
    await ring(endpoint);
    await crash(endpoint.stub);
    pass(HOUR_MS);
    await ring(endpoint);
    expect(seqsOf(received)).toEqual([1, 2, 3, 2]);
    expect((await shown(endpoint)).progress).toMatchObject({ retrying: 0 });
  });

  it("leave room for new events while retries hang", async () => {
    let isHanging = false;
    const { received } = hanging(
      (seq) => isHanging && seq <= 5,
      (seq) => (seq <= 5 ? 500 : 200),
    );
    const endpoint = await addEndpoint({ ordered: false });
    await logRows({}, {}, {}, {}, {});
    await ring(endpoint);
    expect((await shown(endpoint)).progress).toMatchObject({ retrying: 5 });
    isHanging = true;
    received.length = 0;
    pass(6_000);
    await logRows({});
    await ring(endpoint);
    expect(seqsOf(received).filter((seq) => seq <= 5)).toHaveLength(2);
    expect(seqsOf(received)).toContain(6);
  });

  it.each([true, false])("and no more: what is not posted in time is not read, ordered %s", async (ordered) => {
    const received = receiver(() => {
      pass(400);
      return new Response(null);
    });
    const endpoint = await addEndpoint({ ordered });
    await logRows(...Array.from({ length: 120 }, () => ({})));
    let rows = 0;
    const prepare = (text: string) => {
      const statement = env.DB.prepare(text);
      const counted = (bound: D1PreparedStatement): D1PreparedStatement =>
        new Proxy(bound, {
          get: (target, name) => {
            if (name === "bind") return (...values: unknown[]) => counted(target.bind(...values));
            if (name !== "raw") return Reflect.get(target, name).bind(target);
            return async () => {
              const found = await target.raw();
              rows += found.length - 1;
              return found;
            };
          },
        });
      return counted(statement);
    };
    await ring(endpoint, environment({ DB: { prepare } as unknown as D1Database }));
    expect(received.length).toBeGreaterThanOrEqual(20);
    expect(rows).toBeLessThan(received.length * 1.5);
  });
});
