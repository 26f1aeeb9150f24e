/** Posts that a receiver does not take as they are: a large one is halved, and an event can be skipped on purpose. */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { logRows } from "../marketo/marketo.ts";
import { get, post } from "../outcomes.ts";
import {
  type Answer,
  accepted,
  addEndpoint,
  alarmIsDueIn,
  deliveriesOf,
  type Endpoint,
  failing,
  HOUR_MS,
  PATH,
  pass,
  prepareEachTest,
  type Received,
  receiver,
  ring,
  seqsOf,
} from "./world.ts";

prepareEachTest();

const sizesOf = (received: readonly Received[]) => received.map(({ events }) => events.length);
/** A receiver whose posts may hold so many events. */
const takes =
  (events: number, tooMany: Answer = failing(413)): Answer =>
  (post) =>
    (post.events.length > events ? tooMany : accepted)(post);

describe("a post that is answered 413", () => {
  it("is made again at once with half as many events, and the next ones with one more each", async () => {
    const received = receiver(takes(3));
    const endpoint = await addEndpoint({ batch: 8 });
    await logRows(...Array.from({ length: 11 }, () => ({})));
    await ring(endpoint);
    expect(sizesOf(received)).toEqual([8, 4, 2, 3, 4, 2, 3, 1]);
    const taken = received.filter(({ events }) => events.length <= 3);
    expect(seqsOf(taken)).toEqual(Array.from({ length: 11 }, (_, index) => index + 1));
    const states = (await deliveriesOf(endpoint)).map(({ state, status }) => `${state} ${status}`);
    expect(states.filter((state) => state === "replaced 413")).toHaveLength(3);
    expect(states.filter((state) => state === "delivered 204")).toHaveLength(5);
  });

  it("holds one event at last, which is tried again by the schedule", async () => {
    const received = receiver(failing(413));
    const endpoint = await addEndpoint({ batch: 5 });
    await logRows({}, {}, {}, {}, {});
    await ring(endpoint);
    expect(sizesOf(received)).toEqual([5, 2, 1]);
    expect(await alarmIsDueIn(endpoint)).toBeGreaterThanOrEqual(5_000);
    expect(await alarmIsDueIn(endpoint)).toBeLessThanOrEqual(5_500);
  });

  it("waits as long as Retry-After says, and is smaller then", async () => {
    const received = receiver(takes(2, failing(413, { "Retry-After": "60" })));
    const endpoint = await addEndpoint({ batch: 4 });
    await logRows({}, {}, {}, {});
    await ring(endpoint);
    expect(sizesOf(received)).toEqual([4]);
    expect(await alarmIsDueIn(endpoint)).toBeGreaterThanOrEqual(60_000);
    pass(67_000);
    await ring(endpoint);
    expect(sizesOf(received)).toEqual([4, 2, 2]);
  });

  it("of an endpoint that is not ordered is halved in the retry queue, and each event is accepted once", async () => {
    const received = receiver(takes(3));
    const endpoint = await addEndpoint({ batch: 8, ordered: false });
    await logRows(...Array.from({ length: 16 }, () => ({})));
    for (let n = 0; n < 3; n++) await ring(endpoint);
    const taken = received.filter(({ events }) => events.length <= 3);
    expect(seqsOf(taken).toSorted((one, other) => one - other)).toEqual(
      Array.from({ length: 16 }, (_, index) => index + 1),
    );
    expect((await get(`${PATH}/${endpoint.id}`)).body.progress).toMatchObject({ retrying: 0, behind: 0 });
  });
});

describe("an event that is skipped", () => {
  const skip = async ({ id }: Endpoint, event: unknown) => await post(`${PATH}/${id}/skip`, { event });
  /** A receiver that refuses an event. */
  const without =
    (seq: number): Answer =>
    (post) =>
      (post.events.some(({ data }) => data.seq === seq) ? failing(422) : accepted)(post);
  const idOf = (received: readonly Received[], seq: number) =>
    received.flatMap(({ events }) => events).find(({ data }) => data.seq === seq)?.id;

  it("holds up nothing any more, and stays in the deliveries as skipped", async () => {
    const received = receiver(without(2));
    const endpoint = await addEndpoint();
    await logRows({}, {}, {});
    await ring(endpoint);
    expect(seqsOf(received)).toEqual([1, 2]);
    const event = idOf(received, 2);
    expect(await skip(endpoint, event)).toMatchObject({ status: 200, body: { seq: 1 } });
    expect(await alarmIsDueIn(endpoint)).toBe(0);
    await ring(endpoint);
    expect(seqsOf(received)).toEqual([1, 2, 3]);
    expect((await get(`${PATH}/${endpoint.id}`)).body.progress).toEqual({
      seq: 3,
      behind: 0,
      retrying: 0,
      givenUp: 0,
      possibleGaps: [],
      replays: [],
    });
    const { body } = await get(`${PATH}/${endpoint.id}/deliveries?state=skipped`);
    expect(body.data).toMatchObject([{ webhookId: event, events: [{ id: event, seq: 2 }], status: 422, tries: 1 }]);
  });

  it("leaves the others of its batch, also in a replay, which posts it again", async () => {
    const received = receiver(without(2));
    const endpoint = await addEndpoint({ batch: 10 });
    await logRows({}, {}, {});
    await ring(endpoint);
    await skip(endpoint, idOf(received, 2));
    await ring(endpoint);
    expect(received.map((each) => seqsOf([each]))).toEqual([
      [1, 2, 3],
      [1, 3],
    ]);
    expect(await deliveriesOf(endpoint)).toMatchObject([
      { state: "skipped", events: [{ seq: 2 }], webhookId: idOf(received, 2), type: "email.sent" },
      { state: "delivered", events: [{ seq: 1 }, { seq: 3 }], webhookId: received[1]?.id, tries: 2 },
    ]);
    received.length = 0;
    await post(`${PATH}/${endpoint.id}/replay`, { from: "2020-01-01" });
    await ring(endpoint);
    await skip(endpoint, idOf(received, 2));
    await ring(endpoint);
    expect(received.map((each) => seqsOf([each]))).toEqual([
      [1, 2, 3],
      [1, 3],
    ]);
  });

  it("leaves the retry queue, too", async () => {
    const received = receiver(without(2));
    const endpoint = await addEndpoint({ batch: 2, ordered: false });
    await logRows({}, {}, {});
    await ring(endpoint);
    await post(`${PATH}/${endpoint.id}`, { ordered: true }, env, "PATCH");
    received.length = 0;
    await ring(endpoint);
    await skip(endpoint, idOf(received, 2));
    await ring(endpoint);
    expect(received.map((each) => seqsOf([each]))).toEqual([[1, 2], [1]]);
    expect((await get(`${PATH}/${endpoint.id}`)).body.progress).toMatchObject({ retrying: 0 });
    pass(HOUR_MS);
    await ring(endpoint);
    expect(received).toHaveLength(2);
    const { body } = await get(`${PATH}/${endpoint.id}/deliveries?state=skipped`);
    expect(body.data).toMatchObject([{ events: [{ seq: 2 }] }]);
  });

  it("is one that waits after a failure: no other is skipped", async () => {
    const received = receiver(without(2));
    const endpoint = await addEndpoint();
    await logRows({}, {}, {});
    await ring(endpoint);
    for (const event of [idOf(received, 1), `evt_3_${"0".repeat(16)}`, `evt_2_${"0".repeat(16)}`]) {
      expect(await skip(endpoint, event)).toMatchObject({ status: 400, body: { error: { field: "event" } } });
    }
    expect(await skip(endpoint, 2)).toMatchObject({ status: 400, body: { error: { field: "event" } } });
    expect(await skip({ ...endpoint, id: "nobody" }, idOf(received, 2))).toMatchObject({ status: 404 });
    pass(HOUR_MS);
    await ring(endpoint);
    expect(seqsOf(received)).toEqual([1, 2, 2]);
  });

  it.each([
    [422, true, "skipped"],
    [422, false, "skipped"],
    [204, true, "delivered"],
    [204, false, "delivered"],
  ])("while it is posted, and answered %d, ordered %s, is %s then", async (status, ordered, state) => {
    const received = receiver(async ({ id, events: [event] }) => {
      if (event?.data.seq !== 2) return new Response(null, { status: 204 });
      if (received.filter((each) => each.id === id).length === 1) return new Response(null, { status: 422 });
      await skip(endpoint, id);
      return new Response(null, { status });
    });
    const endpoint: Endpoint = await addEndpoint({ ordered });
    await logRows({}, {}, {});
    for (const ms of [0, 6_000, HOUR_MS, HOUR_MS]) {
      pass(ms);
      await ring(endpoint);
    }
    expect(seqsOf(received).filter((seq) => seq === 2)).toHaveLength(2);
    expect(seqsOf(received)).toContain(3);
    const deliveries = await deliveriesOf(endpoint);
    const states = deliveries
      .filter(({ events }) => JSON.stringify(events).includes('"seq":2'))
      .map((each) => each.state);
    expect(states).toContain(state);
    expect(states).not.toContain("waiting");
  });
});
