/** When the object's alarm fires next, and how old what it posts may be. */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { nextTryAtMs } from "../../src/webhooks/schedule.ts";
import { logRows } from "../marketo/marketo.ts";
import { post } from "../outcomes.ts";
import {
  accepted,
  addEndpoint,
  alarmIsDueIn,
  type Endpoint,
  failing,
  HOUR_MS,
  MINUTE_MS,
  PATH,
  pass,
  prepareEachTest,
  receiver,
  ring,
  seqsOf,
} from "./world.ts";

prepareEachTest();

describe("the alarm", () => {
  it("is set for when the object dies while it posts", async () => {
    const during: unknown[] = [];
    receiver(async () => {
      during.push(await alarmIsDueIn(endpoint));
      return new Response(null);
    });
    const endpoint: Endpoint = await addEndpoint();
    await logRows({});
    await ring(endpoint);
    expect(during).toEqual([MINUTE_MS]);
  });

  it.each<[string, Record<string, unknown>, boolean]>([
    ["the live queue", {}, false],
    ["a replay", {}, true],
    ["the retry queue", { ordered: false }, false],
  ])("fires at the next try of %s, and at once when the endpoint is changed", async (_which, options, isReplayed) => {
    receiver(isReplayed ? accepted : failing(500), failing(500));
    const endpoint = await addEndpoint(options);
    await logRows({});
    await ring(endpoint);
    if (isReplayed) {
      await ring(endpoint);
      await post(`${PATH}/${endpoint.id}/replay`, { from: "2020-01-01" });
      expect(await alarmIsDueIn(endpoint)).toBe(0);
      await ring(endpoint);
    }
    // It is not due: the log is only looked at again.
    await ring(endpoint);
    const inMs = await alarmIsDueIn(endpoint);
    expect(inMs).toBeGreaterThanOrEqual(5_000);
    expect(inMs).toBeLessThanOrEqual(5_500);
    await post(`${PATH}/${endpoint.id}`, {}, env, "PATCH");
    expect(await alarmIsDueIn(endpoint)).toBe(0);
  });

  it("of a disabled endpoint fires in an hour, and at once when it is enabled", async () => {
    receiver(accepted);
    const endpoint = await addEndpoint();
    await post(`${PATH}/${endpoint.id}`, { enabled: false }, env, "PATCH");
    await ring(endpoint);
    expect(await alarmIsDueIn(endpoint)).toBe(HOUR_MS);
    await post(`${PATH}/${endpoint.id}`, { enabled: true }, env, "PATCH");
    expect(await alarmIsDueIn(endpoint)).toBe(0);
  });
});

describe("a page of the log", () => {
  it.each([
    [2_000, [1, 2, 3]],
    [2_001, [1, 3]],
  ])("that is %d ms old is posted as %j after an event was deleted", async (ms, seqs) => {
    const received = receiver(async () => {
      if (received.length > 1) return new Response(null);
      await env.DB.prepare("DELETE FROM events WHERE seq = 2").run();
      pass(ms);
      return new Response(null);
    });
    const endpoint = await addEndpoint();
    await logRows({}, {}, {});
    await ring(endpoint);
    expect(seqsOf(received)).toEqual(seqs);
  });
});

describe("a try that failed", () => {
  it.each([
    [1, 0, 0, 5_000],
    [1, 0, 1, 5_500],
    [2, 0, 0.5, 5 * MINUTE_MS * 1.05],
    [7, 0, 1, 11 * HOUR_MS],
    [99, 0, 0, 10 * HOUR_MS],
    [1, 4_000, 1, 5_500],
    [1, 60_000, 1, 66_000],
    [1, 25 * HOUR_MS, 0, 24 * HOUR_MS],
  ])("is the %dth, with %d ms demanded and %d drawn: again after %d ms", (tries, demandedMs, drawn, afterMs) => {
    expect(nextTryAtMs(tries, 1_000, demandedMs, () => drawn)).toBe(1_000 + afterMs);
  });
});
