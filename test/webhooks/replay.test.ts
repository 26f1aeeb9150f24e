import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { workOnRetention } from "../../src/privacy/retention.ts";
import { logRows } from "../marketo/marketo.ts";
import { get, post } from "../outcomes.ts";
import { aggregate } from "../privacy/people-world.ts";
import {
  accepted,
  addEndpoint,
  DAY_MS,
  deliveriesOf,
  type Endpoint,
  failing,
  HOUR_MS,
  PATH,
  pass,
  prepareEachTest,
  receiver,
  ring,
  seqsOf,
  withoutEndpoints,
} from "./world.ts";

prepareEachTest();

describe("a replay", () => {
  const replay = async (id: string, body: unknown) => await post(`${PATH}/${id}/replay`, body);
  const stop = async (id: string) => await post(`${PATH}/${id}/replay`, undefined, env, "DELETE");
  const cursorAfter = async (count: number) => (await get(`/v1/events?limit=${count}`)).body.next;

  it("posts a stretch of the log again, in order, under the same ids, while new events go on to come", async () => {
    const received = receiver(accepted);
    const endpoint = await addEndpoint({ events: ["email.sent"] });
    await logRows({}, {}, { type: 10 }, {}, {});
    await ring(endpoint);
    const before = new Map(received.map(({ id, events }) => [events[0]?.data.seq, id]));
    received.length = 0;
    const answer = await replay(endpoint.id, { from: await cursorAfter(1), to: await cursorAfter(4) });
    expect(answer).toMatchObject({ status: 202, body: { replays: [{ after: 1, to: 4 }] } });
    await logRows({}, {});
    await ring(endpoint);
    expect(seqsOf(received).filter((seq) => seq <= 5)).toEqual([2, 4]);
    expect(seqsOf(received).filter((seq) => seq > 5)).toEqual([6, 7]);
    for (const { id, events } of received) {
      const [
        {
          data: { seq },
        } = { data: { seq: 0 } },
      ] = events;
      if (seq <= 5) expect(id).toBe(before.get(seq));
    }
    expect((await get(`${PATH}/${endpoint.id}`)).body.progress).toMatchObject({ seq: 7, replays: [] });
    const { data } = (await get(`${PATH}/${endpoint.id}/deliveries`)).body;
    expect((data as { kind: string }[]).filter(({ kind }) => kind === "replay")).toHaveLength(2);
  });

  it("in other batches names each event by the id that it had", async () => {
    const received = receiver(accepted);
    const endpoint = await addEndpoint({ batch: 10 });
    for (let n = 0; n < 2; n++) {
      await logRows({}, {}, {});
      await ring(endpoint);
    }
    const idsOf = () => received.splice(0).flatMap(({ events }) => events.map(({ id }) => id));
    const before = idsOf();
    expect(new Set(before).size).toBe(6);
    await replay(endpoint.id, { from: "2020-01-01" });
    await ring(endpoint);
    expect(received).toHaveLength(1);
    expect(idsOf()).toEqual(before);
    await post(`${PATH}/${endpoint.id}`, { batch: 1 }, env, "PATCH");
    await replay(endpoint.id, { from: "2020-01-01" });
    await ring(endpoint);
    expect(received.map(({ id }) => id)).toEqual(before);
  });

  it("takes times of recording, and ends where the endpoint is, so that nothing is posted twice", async () => {
    const received = receiver(failing(500), accepted);
    const endpoint = await addEndpoint();
    await logRows({}, {}, {}, {});
    await env.DB.prepare("UPDATE events SET recorded_at = ?1 + seq * 86400000")
      .bind(Date.UTC(2026, 10, 20))
      .run();
    await ring(endpoint);
    const wrong = [
      [
        { from: "2026-11-20" },
        "from must be before where the endpoint is: what was recorded since then is posted anyway.",
      ],
      [{ from: "2026-11-24", to: "2026-11-22" }, "to must be behind from."],
      [{ from: "2026-11-22", to: "2026-11-22" }, "to must be behind from."],
      [
        { from: "2026-11-22T01:00Z", to: "2026-11-22T02:00Z" },
        "to leaves nothing: no event was recorded between from and to.",
      ],
    ] as const;
    for (const [fields, message] of wrong)
      expect(await replay(endpoint.id, fields)).toMatchObject({ status: 400, body: { error: { message } } });
    const { body: notATime } = await replay(endpoint.id, { from: "yesterday" });
    expect(notATime).toMatchObject({
      error: { field: "from", message: expect.stringMatching(/must be a time, like .* or the "next"/) },
    });
    pass(6_000);
    await ring(endpoint);
    const before = received.length;
    await logRows({});
    await replay(endpoint.id, { from: "2026-11-22", to: "2026-11-24T00:00:00Z" });
    await replay(endpoint.id, { from: "2026-11-24" });
    await ring(endpoint);
    expect(seqsOf(received.slice(before))).toEqual([2, 3, 5, 4]);
  });

  it("waits behind another one, of which ten may wait", async () => {
    const received = receiver(accepted);
    const endpoint = await addEndpoint();
    await logRows({}, {}, {});
    await ring(endpoint);
    received.length = 0;
    const from = await cursorAfter(1);
    const answers = await Promise.all([replay(endpoint.id, { from }), replay(endpoint.id, { from: "2026-01-01" })]);
    expect(answers.map(({ status }) => status)).toEqual([202, 202]);
    await ring(endpoint);
    expect(seqsOf(received).toSorted()).toEqual([1, 2, 2, 3, 3]);
    for (let n = 0; n < 10; n++) expect((await replay(endpoint.id, { from })).status).toBe(202);
    expect(await replay(endpoint.id, { from })).toMatchObject({ status: 409, body: { error: { code: "too_many" } } });
  });

  it("that fails waits by itself, and what is new goes on", async () => {
    const old = new Set([1, 2]);
    const received = receiver(({ events }) => {
      const isOld = events.some(({ data }) => old.has(data.seq));
      return new Response(null, { status: isOld && received.length > 2 ? 500 : 200 });
    });
    const endpoint = await addEndpoint();
    await logRows({}, {});
    await ring(endpoint);
    await replay(endpoint.id, { from: "2026-01-01" });
    await logRows({}, {});
    await ring(endpoint);
    expect(seqsOf(received)).toEqual([1, 2, 1, 3, 4]);
    old.clear();
    pass(6_000);
    await ring(endpoint);
    expect(seqsOf(received)).toEqual([1, 2, 1, 3, 4, 1, 2]);
  });

  it("that is accepted each day hides no event that the endpoint refuses for five", async () => {
    receiver(({ events }) => new Response(null, { status: events[0]?.data.seq === 2 ? 500 : 200 }));
    const endpoint = await addEndpoint();
    await logRows({}, {});
    const startMs = Date.now();
    await ring(endpoint);
    const shown = async () => (await get(`${PATH}/${endpoint.id}`)).body;
    for (let n = 0; n < 16 && (await shown()).enabled === true; n++) {
      expect((await shown()).progress).toMatchObject({ failingSince: new Date(startMs).toISOString() });
      pass(11 * HOUR_MS);
      await replay(endpoint.id, { from: "2026-01-01" });
      await ring(endpoint);
    }
    expect(await shown()).toMatchObject({ enabled: false, disabledReason: "failing" });
    expect(Date.now() - startMs).toBeGreaterThanOrEqual(5 * DAY_MS);
  });

  it.each([
    [200, true],
    [200, false],
    [500, true],
    [500, false],
  ])("that is stopped while a post is answered %d, ordered %s, posts nothing more", async (status, ordered) => {
    let isReplayed = false;
    const received = receiver(async ({ events }) => {
      if (!isReplayed || Number(events[0]?.data.seq) > 3) return new Response(null);
      const stopped = await stop(endpoint.id);
      expect(stopped).toMatchObject({ status: 200, body: { stopped: received.length === 4 ? 2 : 0 } });
      return new Response(null, { status });
    });
    const endpoint: Endpoint = await addEndpoint({ ordered, batch: ordered ? 1 : 2 });
    await logRows({}, {}, {});
    await ring(endpoint);
    received.length = 3;
    isReplayed = true;
    await replay(endpoint.id, { from: "2020-01-01" });
    await replay(endpoint.id, { from: "2020-01-02" });
    await ring(endpoint);
    const before = received.length;
    expect(before - 3).toBeLessThanOrEqual(ordered ? 1 : 2);
    await logRows({}, {});
    for (let n = 0; n < 3; n++) {
      pass(HOUR_MS);
      await ring(endpoint);
    }
    expect(seqsOf(received.slice(before))).toEqual([4, 5]);
    const { body } = await get(`${PATH}/${endpoint.id}`);
    expect(body.progress).toEqual({ seq: 5, behind: 0, retrying: 0, givenUp: 0, possibleGaps: [], replays: [] });
    const kinds = (await deliveriesOf(endpoint)).filter(({ kind }) => kind === "replay");
    expect(new Set(kinds.map(({ state }) => state))).toEqual(new Set([status === 200 ? "delivered" : "stopped"]));
  });

  it("that is stopped while it waits after a failure stays in the deliveries; without one there is none", async () => {
    for (const ordered of [true, false]) {
      await withoutEndpoints();
      let status = 200;
      const received = receiver(() => new Response(null, { status }));
      const endpoint = await addEndpoint({ ordered });
      await logRows({}, {});
      await ring(endpoint);
      expect(await stop(endpoint.id)).toMatchObject({ status: 200, body: { stopped: 0 } });
      status = 500;
      await logRows({});
      await ring(endpoint);
      await replay(endpoint.id, { from: "2020-01-01" });
      await ring(endpoint);
      expect((await stop(endpoint.id)).status).toBe(200);
      const { body } = await get(`${PATH}/${endpoint.id}/deliveries?state=stopped`);
      expect(body.data).toMatchObject(Array(ordered ? 1 : 3).fill({ kind: "replay", status: 500 }));
      status = 200;
      received.length = 0;
      pass(HOUR_MS);
      await ring(endpoint);
      expect(seqsOf(received)).toEqual([3]);
    }
    expect((await stop("nobody")).status).toBe(404);
  });

  it("and what is new say which events they may have missed, because retention deleted old ones", async () => {
    const received = receiver(accepted);
    const endpoint = await addEndpoint();
    const dayMs = Math.floor(Date.now() / DAY_MS) * DAY_MS;
    const log = async (count: number, at: number) => await logRows(...Array.from({ length: count }, () => ({ at })));
    const shown = async () => (await get(`${PATH}/${endpoint.id}`)).body.progress;
    await log(2, dayMs - 40 * DAY_MS);
    await ring(endpoint);
    expect(await shown()).toMatchObject({ seq: 2, possibleGaps: [] });
    await log(3, dayMs - 40 * DAY_MS);
    await log(1, dayMs);
    // Reported late: it is old, but was recorded behind one that is not.
    await log(1, dayMs - 40 * DAY_MS);
    await aggregate();
    await workOnRetention(env.DB, 30, Date.now() + 60_000);
    await log(1, dayMs);
    await ring(endpoint);
    expect(seqsOf(received)).toEqual([1, 2, 6, 8]);
    expect(await shown()).toMatchObject({ seq: 8, possibleGaps: [{ from: 3, to: 7 }] });
    await replay(endpoint.id, { from: "2020-01-01" });
    for (let n = 0; n < 2; n++) await ring(endpoint);
    expect(seqsOf(received).slice(4)).toEqual([6, 8]);
    const { data } = (await get(`${PATH}/${endpoint.id}/deliveries?state=deleted`)).body;
    expect(data).toMatchObject([
      { kind: "replay", type: "gap", possibleGap: { from: 1, to: 7 }, events: [], tries: 0 },
      { kind: "live", type: "gap", possibleGap: { from: 3, to: 7 }, error: expect.stringContaining("RETENTION_DAYS") },
    ]);
    expect(await shown()).toMatchObject({
      possibleGaps: [
        { from: 1, to: 7 },
        { from: 3, to: 7 },
      ],
    });
  });

  it.each([
    [{ from: "yesterday" }, "from"],
    [{ from: "2026-01-01", to: "x" }, "to"],
    [{ from: 17 }, "from"],
    [{}, "from"],
    [{ from: "2026-01-01", until: "2026-01-02" }, "until"],
  ])("is refused with %j, which names the field", async (body, field) => {
    const endpoint = await addEndpoint();
    expect(await replay(endpoint.id, body)).toMatchObject({ status: 400, body: { error: { field } } });
  });
});
