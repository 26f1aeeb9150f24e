import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { decorate } from "../../src/decorate/index.ts";
import { sampleEmail } from "../../src/preview/sample-email.ts";
import { parseTokenKeys } from "../../src/tokens/keys.ts";
import { childrenNamed } from "./processes.ts";
import { type InstrumentedWorker, startTestWorker, type TestWorkerOptions } from "./test-worker.ts";

async function started(options?: TestWorkerOptions) {
  const worker = await startTestWorker(options);
  onTestFinished(() => worker.stop());
  return worker;
}

const CONTROL = `
  import { DurableObject } from "cloudflare:workers";
  export class Count extends DurableObject {
    next() { const n = (this.ctx.storage.kv.get("n") ?? 0) + 1; this.ctx.storage.kv.put("n", n); return n; }
  }
  export default { async fetch(request, env) { return new Response(await env.COUNT.getByName("one").next()); } };`;

describe("the local Worker", () => {
  let persistTo: string;
  let worker: InstrumentedWorker;
  beforeAll(async () => {
    persistTo = await mkdtemp(join(tmpdir(), "waxseal-local-worker-"));
    worker = await startTestWorker({ persistTo });
  });
  afterAll(async () => {
    await worker.stop();
    await rm(persistTo, { recursive: true, force: true });
  });

  it("answers with a migrated database and keys of its own", async () => {
    expect((await fetch(`${worker.origin}/healthz`)).status).toBe(200);
    const letters = await fetch(`${worker.origin}/v1/dead-letters`, {
      headers: { Authorization: `Bearer ${worker.apiKey}` },
    });
    expect(letters.status).toBe(200);
    const { results } = await (await worker.d1()).prepare("SELECT count(*) AS events FROM events").all();
    expect(results).toEqual([{ events: 0 }]);
  });

  it("decorates, as it is deployed, as the library does with all of parse5", async () => {
    const keys = parseTokenKeys(worker.tokenKeys);
    if (!keys.ok) throw new Error(keys.reason);
    const html = `${sampleEmail.html}<svg><title><a href="https://example.com/a&amp;b&copy">…</a></title></svg>`;
    const [email, person, campaign] = ["1", "2", "3"];
    const answer = await fetch(`${worker.origin}/v1/decorate`, {
      method: "POST",
      headers: { Authorization: `Bearer ${worker.apiKey}` },
      body: JSON.stringify({
        email: { id: email },
        person: { id: person },
        campaign: { id: campaign },
        html,
      }),
    });
    const decorated = decorate(html, { keys: keys.value, origin: worker.origin }, { email, person, campaign });
    expect(await answer.json()).toMatchObject({ html: decorated.html, links: decorated.links });
  });

  it("comes back at the same address with what was on the disk after SIGKILL", async () => {
    const { workerdPid } = worker;
    await (await worker.d1())
      .prepare("INSERT INTO names (kind, id, name, folded) VALUES ('email', '1', 'kept', 'kept')")
      .run();
    await worker.kill();
    expect(worker.workerdPid).not.toBe(workerdPid);
    expect((await fetch(`${worker.origin}/healthz`)).status).toBe(200);
  });

  it("stops whole, and begins with what was on the disk", async () => {
    expect(await childrenNamed("workerd")).toContain(worker.workerdPid);
    await worker.stop();
    expect(await childrenNamed("workerd")).not.toContain(worker.workerdPid);
    await expect(fetch(worker.origin)).rejects.toThrow();
    expect(existsSync(persistTo)).toBe(true);
    worker = await startTestWorker({ persistTo });
    const { results } = await (await worker.d1()).prepare("SELECT name FROM names").all();
    expect(results).toEqual([{ name: "kept" }]);
  });

  it("takes settings, and other Workers beside it in the same process", async () => {
    const before = (await childrenNamed("workerd")).length;
    const worker = await started({
      settings: { API_KEYS: "wxs_dev_mine", OPENS_PER: "never" },
      beside: [{ name: "control", script: CONTROL, durableObjects: { COUNT: "Count" } }],
    });
    expect(worker.apiKey).toBe("wxs_dev_mine");
    expect(await (await fetch(`${worker.origin}/healthz`)).text()).toContain("OPENS_PER must be");
    const control = worker.besideOrigins.control ?? "";
    expect(await (await fetch(control)).text()).toBe("1");
    expect(await (await fetch(control)).text()).toBe("2");
    expect(await childrenNamed("workerd")).toHaveLength(before + 1);
  });

  it("refuses options for a consumer that wrangler.toml does not have", async () => {
    await expect(startTestWorker({ consumers: { other: { maxBatchSize: 1 } } })).rejects.toThrow('"other"');
  });
});
