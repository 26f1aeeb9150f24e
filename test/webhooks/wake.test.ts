/** Who is woken when the log was written, how often, and what that costs where there are no endpoints. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { unreachable } from "../faults/broken.ts";
import { post } from "../outcomes.ts";
import { ask, environment, newMessage, token } from "../worker.ts";
import {
  accepted,
  addEndpoint,
  alarmIsDueIn,
  HOUR_MS,
  MINUTE_MS,
  PATH,
  pass,
  prepareEachTest,
  receiver,
  ring,
} from "./world.ts";

prepareEachTest();

describe("a write to the log", () => {
  const click = () => ask(`/c/${token("click", { ...newMessage(), link: { id: "a", url: "https://shop.example/" } })}`);
  const report = () => {
    const { email, person, campaign } = newMessage();
    return post("/v1/events", { events: [{ type: "delivered", email, person, campaign }] }, around);
  };
  let around: Env = env;
  let woken: string[] = [];
  beforeEach(() => {
    woken = [];
    const getByName = (name: string) => ({ wake: async () => void woken.push(name) });
    around = environment({ WEBHOOKS: { ...env.WEBHOOKS, getByName } as unknown as typeof env.WEBHOOKS });
  });

  it("wakes the endpoints that are not disabled, once a second at most", async () => {
    const [one, two, disabled] = [await addEndpoint(), await addEndpoint(), await addEndpoint()];
    await post(`${PATH}/${disabled.id}`, { enabled: false }, env, "PATCH");
    await report();
    const both = [one.id, two.id].toSorted();
    expect(woken.toSorted()).toEqual(both);
    pass(999);
    await Promise.all(Array.from({ length: 20 }, report));
    expect(woken).toHaveLength(2);
    pass(1);
    await Promise.all(Array.from({ length: 20 }, report));
    expect(woken.slice(2).toSorted()).toEqual(both);
    pass(-HOUR_MS);
    await report();
    expect(woken.slice(4).toSorted()).toEqual(both);
  });

  it("is also what adds a suppression, and what removes one", async () => {
    const { id } = await addEndpoint();
    const address = `${newMessage().person}@mail.example`;
    await post("/v1/suppressions", { address, reason: "invalid" }, around);
    expect(woken).toEqual([id]);
    pass(1_000);
    const removal = { address, reason: "invalid", who: "support", why: "it works again" };
    expect(await post("/v1/suppressions", removal, around, "DELETE")).toMatchObject({ status: 200 });
    expect(woken).toEqual([id, id]);
  });

  it("asks D1 once a minute which endpoints there are, and at once where one is added or enabled", async () => {
    const asked = { times: 0 };
    const prepare = (text: string) => {
      if (/FROM\s+"webhook_endpoints"\s+WHERE\s+"webhook_endpoints"\."disabled_at"/.test(text)) asked.times++;
      return env.DB.prepare(text);
    };
    const DB = { prepare, batch: (all: D1PreparedStatement[]) => env.DB.batch(all) } as unknown as D1Database;
    const getByName = (name: string) => {
      const { start } = env.WEBHOOKS.getByName(name);
      return {
        start,
        resume: async () => undefined,
        remove: async () => undefined,
        wake: async () => void woken.push(name),
      };
    };
    around = environment({ DB, WEBHOOKS: { ...env.WEBHOOKS, getByName } as unknown as typeof env.WEBHOOKS });
    for (let second = 0; second < 60; second += 20) {
      await report();
      pass(20_000);
    }
    expect(asked.times).toBe(1);
    // Of one that another isolate has added it hears within a minute.
    const other = await addEndpoint();
    await report();
    expect([asked.times, woken]).toEqual([2, [other.id]]);
    const { body } = await post(PATH, { url: "https://sender.example/" }, around);
    pass(1_000);
    await report();
    expect([asked.times, woken.slice(1).toSorted()]).toEqual([3, [other.id, String(body.id)].toSorted()]);
    for (const [enabled, count] of [
      [false, 1],
      [true, 2],
    ] as const) {
      await post(`${PATH}/${other.id}`, { enabled }, around, "PATCH");
      woken = [];
      pass(1_000);
      await report();
      expect(woken).toHaveLength(count);
    }
    await post(`${PATH}/${other.id}`, undefined, around, "DELETE");
    woken = [];
    pass(1_000);
    await report();
    expect(woken).toEqual([body.id]);
  });

  it("lets an endpoint post at once, a click, too, which comes by the queue", async () => {
    const received = receiver(accepted);
    const endpoint = await addEndpoint();
    expect(await alarmIsDueIn(endpoint)).toBe(MINUTE_MS);
    await click();
    await vi.waitFor(async () => expect(await alarmIsDueIn(endpoint)).toBe(0), { timeout: 20_000 });
    await ring(endpoint);
    expect(received.map(({ events }) => events[0]?.type)).toEqual(["email.clicked"]);
    // What was written within the same second woke nobody.
    expect(await alarmIsDueIn(endpoint)).toBe(2_000);
    await ring(endpoint);
    expect(await alarmIsDueIn(endpoint)).toBe(MINUTE_MS);
    await env.WEBHOOKS.getByName(endpoint.id).wake();
    await ring(endpoint);
    expect(await alarmIsDueIn(endpoint)).toBe(2_000);
  });

  it("is answered all the same while endpoints are out of reach, or D1 does not say which there are", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    await addEndpoint();
    around = environment({ WEBHOOKS: unreachable() });
    expect(await report()).toMatchObject({ status: 200 });
    const prepare = (text: string) => {
      if (text.includes("webhook_endpoints")) throw new Error("D1 is down");
      return env.DB.prepare(text);
    };
    around = environment({
      DB: { prepare, batch: (all: D1PreparedStatement[]) => env.DB.batch(all) } as unknown as D1Database,
    });
    expect(await report()).toMatchObject({ status: 200 });
  });
});
