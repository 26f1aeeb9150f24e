/** What operators are told of endpoints: by ALERT_WEBHOOK, by /healthz, and in the list. */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { unreachable } from "../faults/broken.ts";
import { logRows } from "../marketo/marketo.ts";
import { get, post } from "../outcomes.ts";
import { ask, environment } from "../worker.ts";
import {
  accepted,
  addEndpoint,
  alarmIsDueIn,
  DAY_MS,
  failing,
  MINUTE_MS,
  PATH,
  pass,
  prepareEachTest,
  receiver,
  ring,
} from "./world.ts";

prepareEachTest();

/** With those of its warnings that are of endpoints. */
async function health() {
  const checked = await (await ask("/healthz", {}, environment())).json<{
    ok: boolean;
    webhookEndpoints: unknown;
    warnings: readonly string[];
  }>();
  return { ...checked, warnings: checked.warnings.filter((warning) => warning.includes("webhook endpoint")) };
}

describe("an endpoint", () => {
  it("that Waxseal disables is told to ALERT_WEBHOOK, once it is taken never again, and to /healthz", async () => {
    const hook = "https://hooks.example/T1/secret";
    const alerting = environment({ ALERT_WEBHOOK: hook });
    const answers = [failing(500), () => Promise.reject(new TypeError("connection refused")), accepted];
    const received = receiver((each) => (each.url === hook ? (answers.shift() ?? accepted) : failing(410))(each));
    const [gone, off] = [await addEndpoint(), await addEndpoint()];
    await post(`${PATH}/${off.id}`, { enabled: false }, env, "PATCH");
    await logRows({});
    const alerts = () => received.filter(({ url }) => url === hook);
    for (const [index, delayMs] of [MINUTE_MS, 5 * MINUTE_MS].entries()) {
      await ring(gone, alerting);
      expect(alerts()).toHaveLength(index + 1);
      expect(await alarmIsDueIn(gone)).toBe(delayMs);
      // An alarm that comes early posts nothing.
      await ring(gone, alerting);
      pass(delayMs);
    }
    for (let count = 0; count < 3; count++) {
      for (const endpoint of [gone, off]) await ring(endpoint, alerting);
      pass(DAY_MS);
    }
    expect(alerts()).toHaveLength(3);
    const body = JSON.parse(alerts()[2]?.body ?? "");
    const data = { id: gone.id, origin: "https://sender.example", reason: "gone" };
    expect(body).toEqual({ type: "webhook_endpoint.disabled", timestamp: expect.any(String), text: body.text, data });
    expect(body.text).toContain(`endpoint ${gone.id} at https://sender.example: it answered 410 Gone`);
    expect(JSON.stringify(body)).not.toContain("secret");
    // Not of one that the sender has disabled.
    const checked = await health();
    expect(checked).toMatchObject({
      ok: true,
      warnings: [expect.stringContaining("1 webhook endpoint is disabled")],
      webhookEndpoints: { disabled: 1, failing: 0, lagging: 0 },
    });
    expect(JSON.stringify(checked)).not.toContain("sender.example");
  });

  it("that fails or lags for five minutes is counted by /healthz, and listed with its oldest event", async () => {
    const received = receiver(({ url, events: [event] }) => {
      const isRefused = url.includes("failing") || (url.includes("lagging") && event?.data.seq === 1);
      return new Response(null, { status: isRefused ? 500 : 200 });
    });
    const endpoints = {
      failing: await addEndpoint({ url: "https://failing.example/" }),
      lagging: await addEndpoint({ url: "https://lagging.example/", ordered: false }),
      disabled: await addEndpoint({ url: "https://disabled.example/" }),
      ok: await addEndpoint(),
    };
    await post(`${PATH}/${endpoints.disabled.id}`, { enabled: false }, env, "PATCH");
    const [one, two] = [Date.now() - 5 * MINUTE_MS, Date.now() - MINUTE_MS];
    await logRows({}, {});
    await env.DB.prepare("UPDATE events SET recorded_at = iif(seq = 1, ?1, ?2)").bind(one, two).run();
    for (const endpoint of Object.values(endpoints)) await ring(endpoint);
    expect(received.length).toBeGreaterThan(0);
    const listed = async () => {
      const { data } = (await get(PATH)).body;
      const byId = new Map((data as readonly Record<string, unknown>[]).map((each) => [each.id, each]));
      return Object.values(endpoints).map(({ id }) => {
        const { status, progress } = byId.get(id) ?? {};
        return [status, (progress as Record<string, unknown>).oldestUnpostedAt];
      });
    };
    const oldest = new Date(one).toISOString();
    // It was refused for the first time just now.
    expect(await listed()).toEqual([
      ["lagging", oldest],
      ["lagging", oldest],
      ["disabled", oldest],
      ["ok", undefined],
    ]);
    pass(5 * MINUTE_MS);
    expect(await listed()).toEqual([
      ["failing", oldest],
      ["lagging", oldest],
      ["disabled", oldest],
      ["ok", undefined],
    ]);
    const { webhookEndpoints, warnings } = await health();
    expect(webhookEndpoints).toEqual({ disabled: 0, failing: 1, lagging: 1, oldestUnpostedAt: oldest });
    expect(warnings).toEqual([expect.stringMatching(`1 webhook endpoint fails and 1 lags: .*${oldest}`)]);
    await logRows({});
    const third = Date.now() - 4 * MINUTE_MS;
    await env.DB.prepare("UPDATE events SET recorded_at = ? WHERE seq = 3").bind(third).run();
    expect((await listed())[3]).toEqual(["ok", new Date(third).toISOString()]);
    pass(MINUTE_MS);
    expect((await listed())[3]).toEqual(["lagging", new Date(third).toISOString()]);
    expect((await get(`${PATH}/${endpoints.ok.id}`)).body).toMatchObject({ status: "lagging" });
    // Where objects are out of reach, the rows are listed all the same.
    const { body } = await get(PATH, environment({ WEBHOOKS: unreachable() }));
    expect((body.data as readonly { status: string }[]).map(({ status }) => status).toSorted()).toEqual([
      ...["disabled", "unknown", "unknown", "unknown"],
    ]);
  });

  it("gives an alert up after four tries, and forgets it when the endpoint is enabled", async () => {
    const alerting = environment({ ALERT_WEBHOOK: "https://hooks.example/" });
    const received = receiver(failing(410), ...Array.from({ length: 4 }, () => failing(500)), failing(410));
    const endpoint = await addEndpoint();
    await logRows({});
    for (let count = 0; count < 6; count++) {
      await ring(endpoint, alerting);
      pass(DAY_MS);
    }
    expect(received).toHaveLength(5);
    await post(`${PATH}/${endpoint.id}`, { enabled: true }, env, "PATCH");
    await ring(endpoint);
    expect(received).toHaveLength(6);
    await post(`${PATH}/${endpoint.id}`, { enabled: true }, env, "PATCH");
    await post(`${PATH}/${endpoint.id}`, { enabled: false }, env, "PATCH");
    await ring(endpoint, alerting);
    expect(received).toHaveLength(6);
  });
});
