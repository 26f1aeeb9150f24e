/** Posts that are not accepted: when they are made again, what waits for them, and when an endpoint is given up. */
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { crash, hurry } from "../faults/broken.ts";
import { logRows } from "../marketo/marketo.ts";
import { get, post } from "../outcomes.ts";
import {
  type Answer,
  accepted,
  addEndpoint,
  alarmIsDueIn,
  DAY_MS,
  deliveriesOf,
  failing,
  HOUR_MS,
  MINUTE_MS,
  PATH,
  pass,
  prepareEachTest,
  receiver,
  ring,
  ringWhenSet,
  seqsOf,
} from "./world.ts";

prepareEachTest();

const endless: Answer = () => {
  const chunk = new TextEncoder().encode("flood ".repeat(2_000));
  const body = new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(chunk) });
  return new Response(body, { status: 500 });
};

describe("an ordered endpoint", () => {
  it.each<[string, Answer, tries?: number]>([
    ["fails", failing(500), 9],
    ["takes no more for now", failing(429)],
    ["does not know the path", failing(404)],
    ["redirects", failing(307, { Location: "https://elsewhere.example/" })],
    ["is not modified", failing(304)],
    ["floods", endless],
    ["breaks the connection", () => Promise.reject(new TypeError("connection refused"))],
  ])("that %s gets the same post again, by the schedule, and nothing else before", async (_how, answer, tries = 2) => {
    const received = receiver(...Array.from({ length: tries }, () => answer), accepted);
    const endpoint = await addEndpoint();
    await logRows({}, {});
    await ring(endpoint);
    const delays = [5_000, 5 * MINUTE_MS, ...[0.5, 2, 5, 10, 10, 10, 10].map((hours) => hours * HOUR_MS)];
    for (const [index, delayMs] of delays.slice(0, tries).entries()) {
      expect(received).toHaveLength(index + 1);
      const { body } = await get(`${PATH}/${endpoint.id}`);
      const { nextTryAt } = body.progress as { readonly nextTryAt: string };
      const inMs = Date.parse(nextTryAt) - Date.now();
      expect(inMs).toBeGreaterThanOrEqual(delayMs);
      expect(inMs).toBeLessThanOrEqual(delayMs * 1.1);
      // A wake-up, or an alarm that comes early, posts nothing.
      await env.WEBHOOKS.getByName(endpoint.id).wake();
      await ring(endpoint);
      expect(received).toHaveLength(index + 1);
      pass(inMs);
      await ring(endpoint);
    }
    expect(seqsOf(received)).toEqual([...Array(tries).fill(1), 1, 2]);
    expect(new Set(received.map(({ id }) => id)).size).toBe(2);
  });

  it("waits longer when Retry-After says so, for a day at most", async () => {
    const inAnHour = () => new Date(Date.now() + HOUR_MS).toUTCString();
    receiver(
      failing(503, { "Retry-After": "120" }),
      () => failing(503, { "Retry-After": inAnHour() })({} as never),
      failing(503, { "Retry-After": "99999999" }),
      failing(503, { "Retry-After": "soon" }),
    );
    const endpoint = await addEndpoint();
    await logRows({});
    await ring(endpoint);
    for (const seconds of [120, 3_600, 86_400, 7_200]) {
      const { body } = await get(`${PATH}/${endpoint.id}`);
      const inMs = Date.parse((body.progress as { readonly nextTryAt: string }).nextTryAt) - Date.now();
      expect(inMs / 1_000).toBeGreaterThanOrEqual(seconds - 1);
      expect(inMs / 1_000).toBeLessThanOrEqual(seconds * 1.1);
      pass(inMs);
      await ring(endpoint);
    }
  });

  it("that answers 410 is disabled at once, and goes on from where it was when it is enabled", async () => {
    const received = receiver(accepted, failing(410), accepted);
    const endpoint = await addEndpoint();
    await logRows({}, {}, {});
    await ring(endpoint);
    expect(seqsOf(received)).toEqual([1, 2]);
    const gone = (await get(`${PATH}/${endpoint.id}`)).body;
    expect(gone).toMatchObject({ enabled: false, disabledReason: "gone" });
    expect(gone.progress).not.toHaveProperty("nextTryAt");
    await logRows({});
    pass(DAY_MS);
    await ring(endpoint);
    expect(received).toHaveLength(2);
    const { body } = await post(`${PATH}/${endpoint.id}`, { enabled: true }, env, "PATCH");
    expect(body).toMatchObject({ enabled: true });
    expect(body.disabledReason).toBeUndefined();
    await ring(endpoint);
    expect(seqsOf(received)).toEqual([1, 2, 2, 3, 4]);
  });

  it("that takes nothing for five days is disabled, and not before", async () => {
    const received = receiver(failing(500));
    const endpoint = await addEndpoint();
    await logRows({}, {});
    const startMs = Date.now();
    const isEnabled = async () => (await get(`${PATH}/${endpoint.id}`)).body.enabled;
    await ring(endpoint);
    while ((await isEnabled()) === true) {
      expect(Date.now() - startMs).toBeLessThan(6 * DAY_MS);
      await ringWhenSet(endpoint);
    }
    expect(Date.now() - startMs).toBeGreaterThanOrEqual(5 * DAY_MS);
    expect((await get(`${PATH}/${endpoint.id}`)).body.disabledReason).toBe("failing");
    const before = received.length;
    await post(`${PATH}/${endpoint.id}`, { enabled: true }, env, "PATCH");
    await ring(endpoint);
    expect(received).toHaveLength(before + 1);
    expect(await isEnabled()).toBe(true);
    expect(await alarmIsDueIn(endpoint)).toBeLessThan(6_000);
  });

  it("that takes something each four days is not disabled", async () => {
    const received = receiver((each) => (received.length % 10 === 0 ? accepted : failing(500))(each));
    const endpoint = await addEndpoint();
    await logRows({}, {}, {});
    for (let n = 0; n < 28; n++) {
      await ring(endpoint);
      pass(10.9 * HOUR_MS + 100 * MINUTE_MS);
    }
    expect((await get(`${PATH}/${endpoint.id}`)).body).toMatchObject({ enabled: true });
    expect(received.length).toBeGreaterThan(20);
  });
});

describe("a receiver that", () => {
  it.each<[string, Answer]>([
    ["never answers", () => new Promise(() => {})],
    ["answers with headers alone, of an error", () => new Response(new ReadableStream(), { status: 500 })],
  ])("%s is waited for 15 s, and gets the post again", async (_how, answer) => {
    const received = receiver(answer, accepted);
    const endpoint = await addEndpoint();
    await logRows({});
    hurry();
    await ring(endpoint);
    expect(vi.mocked(globalThis.setTimeout).mock.calls.map(([, ms]) => ms)).toContain(15_000);
    expect(await deliveriesOf(endpoint)).toMatchObject([{ state: "waiting", tries: 1 }]);
    pass(6_000);
    await ring(endpoint);
    expect(seqsOf(received)).toEqual([1, 1]);
  });

  it("takes the event, and then hangs in the middle of its answer, gets it once", async () => {
    const begun = new TextEncoder().encode("thanks");
    const received = receiver(
      () => new Response(new ReadableStream({ start: (controller) => controller.enqueue(begun) })),
      accepted,
    );
    const endpoint = await addEndpoint();
    await logRows({}, {});
    hurry();
    await ring(endpoint);
    expect(seqsOf(received)).toEqual([1, 2]);
    expect(await deliveriesOf(endpoint)).toMatchObject([{ status: 204 }, { status: 200, answer: "thanks" }]);
  });

  it("floods is read for 64 KB, of which the first is kept without control characters and addresses", async () => {
    let pulled = 0;
    const chunk = new TextEncoder().encode(`\u0000\u001b[31m <marie@example.com>\r\n${"é".repeat(8_000)}`);
    receiver(() => {
      const pull = (controller: ReadableStreamDefaultController) => {
        pulled += chunk.byteLength;
        controller.enqueue(chunk);
      };
      return new Response(new ReadableStream({ pull }, { highWaterMark: 0 }), { status: 500 });
    });
    const endpoint = await addEndpoint();
    await logRows({});
    await ring(endpoint);
    expect(pulled).toBeLessThan(64 * 1024 + 3 * chunk.byteLength);
    const [delivery] = await deliveriesOf(endpoint);
    const text = String(delivery?.answer);
    expect(text).toMatch(/^\[31m <…@…> é+.?$/u);
    expect(new TextEncoder().encode(text).byteLength).toBeLessThanOrEqual(1_030);
  });

  it("hangs, fails or floods holds up no other endpoint", async () => {
    const received = receiver(({ url }) => (url.includes("dead") ? new Promise(() => {}) : new Response(null)));
    const dead = await addEndpoint({ url: "https://dead.example/" });
    const alive = await addEndpoint();
    await logRows({}, {});
    const ringing = ring(dead).catch(() => undefined);
    await ring(alive);
    expect(seqsOf(received.filter(({ url }) => !url.includes("dead")))).toEqual([1, 2]);
    await crash(dead.stub);
    await ringing;
  });
});
