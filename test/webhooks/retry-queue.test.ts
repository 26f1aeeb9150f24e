/** Posts of endpoints that are not ordered: what fails goes to the retry queue. */
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { crash } from "../faults/broken.ts";
import { logRows } from "../marketo/marketo.ts";
import { get, post } from "../outcomes.ts";
import { environment } from "../worker.ts";
import {
  accepted,
  addEndpoint,
  DAY_MS,
  deliveriesOf,
  type Endpoint,
  failing,
  HOUR_MS,
  holdTime,
  PATH,
  pass,
  prepareEachTest,
  receiver,
  ring,
  ringsIn,
  seqsOf,
} from "./world.ts";

prepareEachTest();

const shown = async ({ id }: Endpoint) => (await get(`${PATH}/${id}`)).body;
const change = async ({ id }: Endpoint, body: unknown) => await post(`${PATH}/${id}`, body, env, "PATCH");
/** A receiver that refuses these events, until they are taken out. */
const receiverWithout = (...seqs: readonly number[]) => {
  const refused = new Set(seqs);
  const received = receiver(({ events }) => {
    return new Response(null, { status: events.some(({ data }) => refused.has(data.seq)) ? 500 : 200 });
  });
  return { received, refused };
};

describe("an endpoint that is not ordered", () => {
  it("tries what fails again, under the same id, and goes on with the others", async () => {
    const poison = new Set([2, 5]);
    const received = receiver(({ events }) => {
      const isPoison = events.some(({ data }) => poison.has(data.seq));
      return new Response(null, { status: isPoison ? 500 : 200 });
    });
    const endpoint = await addEndpoint({ ordered: false });
    await logRows({}, {}, {}, {}, {}, {});
    await ring(endpoint);
    expect(seqsOf(received).toSorted()).toEqual([1, 2, 3, 4, 5, 6]);
    expect((await get(`${PATH}/${endpoint.id}`)).body.progress).toMatchObject({ seq: 6, retrying: 2 });
    const ids = received.filter(({ events }) => poison.has(events[0]?.data.seq ?? 0)).map(({ id }) => id);
    received.length = 0;
    pass(6_000);
    await ring(endpoint);
    expect(received.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
    poison.clear();
    received.length = 0;
    await ring(endpoint);
    expect(received).toEqual([]);
    pass(HOUR_MS);
    await ring(endpoint);
    await ring(endpoint);
    expect(received.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
    expect((await get(`${PATH}/${endpoint.id}`)).body.progress).toMatchObject({ retrying: 0 });
  });

  it("waits once its retry queue holds a thousand events", async () => {
    const received = receiver(failing(500));
    const endpoint = await addEndpoint({ ordered: false, batch: 100 });
    await logRows(...Array.from({ length: 1_300 }, () => ({})));
    await ring(endpoint);
    expect((await get(`${PATH}/${endpoint.id}`)).body.progress).toMatchObject({ seq: 1_000, retrying: 1_000 });
    expect(received).toHaveLength(11);
    received.length = 0;
    vi.restoreAllMocks();
    holdTime();
    const later = receiver(accepted);
    pass(HOUR_MS);
    await ring(endpoint);
    expect(new Set(seqsOf(later)).size).toBe(1_300);
    expect((await get(`${PATH}/${endpoint.id}`)).body.progress).toMatchObject({ seq: 1_300, retrying: 0 });
  });

  it("is posted all that waited once it is enabled again, after it has taken nothing for five days", async () => {
    let status = 500;
    const received = receiver(() => new Response(null, { status }));
    const endpoint = await addEndpoint({ ordered: false });
    await logRows({}, {}, {}, {}, {}, {});
    await ring(endpoint);
    for (let n = 0; n < 14 && (await shown(endpoint)).enabled === true; n++) {
      pass(11 * HOUR_MS);
      await ring(endpoint);
    }
    expect(await shown(endpoint)).toMatchObject({ disabledReason: "failing", progress: { retrying: 6, givenUp: 0 } });
    status = 200;
    received.length = 0;
    await change(endpoint, { enabled: true });
    await ring(endpoint);
    expect(seqsOf(received).toSorted()).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("is given up what it refuses for five days while it takes others; that is shown for 30 days more", async () => {
    const { received } = receiverWithout(1);
    const endpoint = await addEndpoint({ ordered: false });
    await logRows({});
    const startMs = Date.now();
    for (let n = 0; n < 14; n++) {
      await logRows({});
      await ring(endpoint);
      const { progress } = await shown(endpoint);
      const isOver = Date.now() - startMs >= 5 * DAY_MS;
      expect(progress).toMatchObject(isOver ? { retrying: 0, givenUp: 1 } : { retrying: 1, givenUp: 0 });
      pass(11.5 * HOUR_MS);
    }
    expect(seqsOf(received).filter((seq) => seq === 1)).toHaveLength(12);
    await runInDurableObject(endpoint.stub, (_instance, { storage }) => {
      storage.sql.exec("UPDATE deliveries SET id = 20000 WHERE id = (SELECT max(id) FROM deliveries)");
    });
    pass(27 * DAY_MS);
    await ring(endpoint);
    const { body } = await get(`${PATH}/${endpoint.id}/deliveries?state=given_up`);
    expect(body.data).toMatchObject([{ events: [{ seq: 1 }], state: "given_up" }]);
    expect((await shown(endpoint)).progress).toMatchObject({ givenUp: 1 });
    pass(4 * DAY_MS);
    expect((await shown(endpoint)).progress).toMatchObject({ givenUp: 0 });
  });

  it("gets what is in its retry queue and its filter does not pass, once the filter passes it again", async () => {
    const { received, refused } = receiverWithout(1, 2);
    const endpoint = await addEndpoint({ ordered: false, batch: 2 });
    await logRows({ type: 6 }, { type: 10 }, { type: 6 });
    await ring(endpoint);
    refused.clear();
    received.length = 0;
    await change(endpoint, { events: ["email.opened"] });
    await ring(endpoint);
    expect(seqsOf(received)).toEqual([2]);
    expect((await shown(endpoint)).progress).toMatchObject({ retrying: 0, givenUp: 0 });
    await change(endpoint, { events: null });
    await ring(endpoint);
    expect(seqsOf(received)).toEqual([2, 1]);
  });

  it("waits, once it is ordered, until its retry queue is empty", async () => {
    const { received, refused } = receiverWithout(1);
    const endpoint = await addEndpoint({ ordered: false });
    await logRows({}, {});
    await ring(endpoint);
    await change(endpoint, { ordered: true });
    await logRows({});
    await ring(endpoint);
    expect(seqsOf(received)).toEqual([1, 2, 1]);
    refused.clear();
    pass(HOUR_MS);
    await ring(endpoint);
    expect(seqsOf(received)).toEqual([1, 2, 1, 1, 3]);
  });
});

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
    expect(await ringsIn(endpoint)).toBe(0);
    await ring(endpoint);
    expect(await ringsIn(endpoint)).toBeGreaterThanOrEqual(5_000);
    pass(6_000);
    await ring(endpoint);
    expect(seqsOf(received).slice(3).toSorted()).toEqual([1, 2]);
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
