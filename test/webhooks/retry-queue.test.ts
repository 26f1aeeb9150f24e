/** Posts of endpoints that are not ordered: what fails goes to the retry queue. */
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { logRows } from "../marketo/marketo.ts";
import { get, post } from "../outcomes.ts";
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

  it("says what retention deleted before it was accepted, and not of what has changed", async () => {
    const { received } = receiverWithout(1, 2);
    const endpoint = await addEndpoint({ ordered: false });
    await logRows({}, {}, {});
    await ring(endpoint);
    await change(endpoint, { enabled: false });
    await env.DB.prepare("DELETE FROM events WHERE seq = 1").run();
    const setBefore = (before: number) =>
      env.DB.prepare(
        `INSERT OR REPLACE INTO retention (before, stage, waited_seq, end_seq, end_at, deleted_seq)
        VALUES (?, 'done', 0, 0, 0, 1)`,
      )
        .bind(before)
        .run();
    await setBefore(Date.now() - DAY_MS * 3);
    await change(endpoint, { enabled: true });
    await ring(endpoint);
    const states = async () => (await deliveriesOf(endpoint)).map(({ state }) => state).toReversed();
    expect(await states()).toEqual(["replaced", "waiting", "delivered"]);
    await setBefore(Date.now());
    await env.DB.prepare("DELETE FROM events WHERE seq = 2").run();
    await env.DB.prepare("UPDATE retention SET deleted_seq = 2").run();
    pass(HOUR_MS);
    await ring(endpoint);
    expect(await states()).toEqual(["replaced", "deleted", "delivered"]);
    expect((await shown(endpoint)).progress).toMatchObject({ possibleGaps: [{ from: 2, to: 2 }] });
    expect(seqsOf(received).filter((seq) => seq === 1)).toHaveLength(1);
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
