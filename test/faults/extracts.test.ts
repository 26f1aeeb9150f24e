/**
 * An extract whose Worker dies halfway, or whose D1 or R2 fails at any call, ends in a true status: Completed with
 * exactly the file that it would have had, or Failed with no part of the file left.
 */
import { runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { callsOf } from "../fuzz.ts";
import {
  alarmAt,
  created,
  enqueue,
  extractsObject,
  file,
  logClicks,
  sha256,
  statusOf,
  withoutExtracts,
  work,
  workOn,
} from "../marketo/extract/extract-world.ts";
import { newClient } from "../marketo/marketo.ts";
import { environment } from "../worker.ts";
import { crash, type DatabaseFault, faultyDatabase, surround } from "./broken.ts";
import { begin, bucketWith, CLICKS, D1_CALLS, expectNothingLeft, mend, R2_CALLS, refuse } from "./extracts-world.ts";

let token = "";
let errors = vi.spyOn(console, "error");

beforeEach(async () => {
  await withoutExtracts();
  ({ token } = await newClient());
  errors = vi.spyOn(console, "error").mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

let firstFile: string | undefined;

/** The file that each of these jobs has to write: the same each time, so it is written once. */
async function wholeFile(): Promise<string> {
  firstFile ??= await (await file(token, await begin(token, {}))).text();
  return firstFile;
}

async function expectWhole(id: string, whole: string): Promise<void> {
  expect(await statusOf(token, id)).toMatchObject({
    status: "Completed",
    numberOfRecords: CLICKS,
    fileChecksum: `sha256:${await sha256(whole)}`,
  });
  expect(await (await file(token, id)).text()).toBe(whole);
}

describe("the file of an extract is exact", () => {
  it.each<[string, 0 | 1, (go: () => Promise<unknown>) => Promise<unknown>]>([
    ["fails at", 0, refuse],
    ["loses the answer of", 1, (go) => go().then(refuse)],
  ])("when R2 %s any of its calls", async (_, first, fault) => {
    await logClicks(CLICKS);
    const whole = await wholeFile();
    for (const failing of callsOf(R2_CALLS, first)) {
      const { bucket, calls } = bucketWith((go, call) => (call === failing ? fault(go) : go()));
      const id = await begin(token, { EXTRACT_FILES: bucket });
      expect(await statusOf(token, id)).toMatchObject({ status: "Processing" });
      await mend();
      expect(calls()).toBeGreaterThan(failing);
      await expectWhole(id, whole);
    }
  });

  it.each<[string, 0 | 1, (go: () => Promise<unknown>, die: () => void) => Promise<unknown>]>([
    [
      "before",
      1,
      async (_go, die) => {
        die();
        await refuse();
      },
    ],
    [
      "after",
      0,
      async (go, die) => {
        await go();
        die();
      },
    ],
  ])("when its object dies %s any of its calls of R2", async (_, first, around) => {
    await logClicks(CLICKS);
    const whole = await wholeFile();
    for (const dying of callsOf(R2_CALLS, first)) {
      const state = await runInDurableObject(extractsObject(), (_instance, state) => state);
      let died = false;
      const { bucket } = bucketWith((go, call) => {
        if (call !== dying) return go();
        return around(go, () => {
          died = true;
          state.abort("crash");
        });
      });
      const id = await begin(token, { EXTRACT_FILES: bucket });
      expect(died).toBe(true);
      await workOn();
      await expectWhole(id, whole);
      await crash(extractsObject());
    }
  });

  it.each<[DatabaseFault, 0 | 1]>([
    ["overloaded", 0],
    ["loses the connection", 1],
  ])("when D1 (%s) fails at any of its calls", async (fault, first) => {
    await logClicks(CLICKS);
    const whole = await wholeFile();
    for (const failing of callsOf(D1_CALLS, first)) {
      let calls = 0;
      const DB = faultyDatabase(() => (calls++ === failing ? fault : undefined));
      const id = await begin(token, { DB });
      expect(calls).toBe(failing + 1);
      await mend();
      await expectWhole(id, whole);
    }
  });

  it("continues after its last part and does not start again", async () => {
    await logClicks(CLICKS);
    const whole = await wholeFile();
    const { bucket } = bucketWith((go, _call, name) => (name === "head" ? refuse() : go()));
    const id = await begin(token, { EXTRACT_FILES: bucket });
    const after = bucketWith((go) => go());
    await surround(extractsObject(), environment({ EXTRACT_FILES: after.bucket }));
    await workOn();
    // Head, complete, get: no part is uploaded again.
    expect(after.calls()).toBe(3);
    await expectWhole(id, whole);
  });
});

describe("an extract that fails again and again", () => {
  it("waits longer each time, then is Failed, is logged, and leaves nothing", async () => {
    await logClicks(CLICKS);
    const { bucket, uploads } = bucketWith((go, _call, name) => (name === "uploadPart" ? refuse() : go()));
    // The clock stands still, and is ahead, so that no alarm comes by itself.
    vi.spyOn(Date, "now").mockReturnValue(Date.now() + 1_800_000);
    const id = await begin(token, { EXTRACT_FILES: bucket });
    const pauses: number[] = [];
    for (let tries = 0; tries < 10; tries++) {
      pauses.push((((await alarmAt()) ?? 0) - Date.now()) / 1_000);
      expect(await statusOf(token, id)).toMatchObject({ status: "Processing" });
      await hasten();
    }
    expect(pauses).toEqual([5, 5, 10, 20, 40, 80, 160, 320, 600, 600]);
    expect(await statusOf(token, id)).toMatchObject({
      status: "Failed",
      finishedAt: expect.stringMatching(/Z$/),
      errorMsg: expect.stringContaining("again"),
    });
    const lines = errors.mock.calls.map(([line]) => String(line));
    expect(lines.filter((line) => line.includes("extract attempt failed"))).toHaveLength(10);
    expect(lines.at(-1)).toContain("extract failed");
    expect(lines.at(-1)).toContain("(10001)");
    expect((await file(token, id)).status).toBe(404);
    await expectNothingLeft(id, uploads);
    expect((await alarmAt()) ?? 0).toBeGreaterThan(Date.now() + 6 * 86_400_000);
  });

  it("is Failed, too, when its object dies each time", async () => {
    const id = await created(token);
    for (let deaths = 0; deaths < 12; deaths++) {
      const state = await runInDurableObject(extractsObject(), (_instance, state) => state);
      const { bucket } = bucketWith((go, _call, name) => {
        if (name === "createMultipartUpload") state.abort("crash");
        return go();
      });
      await surround(extractsObject(), environment({ EXTRACT_FILES: bucket }));
      if (deaths === 0) await enqueue(token, id).catch(() => {});
      await hasten().catch(() => {});
    }
    expect(await statusOf(token, id)).toMatchObject({ status: "Failed" });
  });

  it("is Failed a day after it began, whatever progress it makes", async () => {
    await logClicks(CLICKS);
    const { bucket, uploads } = bucketWith((go, _call, name) => (name === "head" ? refuse() : go()));
    const id = await begin(token, { EXTRACT_FILES: bucket });
    expect(await statusOf(token, id)).toMatchObject({ status: "Processing" });
    const later = vi.spyOn(Date, "now").mockReturnValue(Date.now() + 86_400_000);
    await hasten();
    later.mockRestore();
    expect(await statusOf(token, id)).toMatchObject({ status: "Failed" });
    expect(errors.mock.lastCall?.[0]).toContain("it ran for more than a day");
    await expectNothingLeft(id, uploads);
  });

  it("does not wait for D1 when it never answers", async () => {
    const real = globalThis.setTimeout;
    const hurried = (callback: () => void, ms = 0) => real(callback, ms === 20_000 ? 50 : ms);
    vi.spyOn(globalThis, "setTimeout").mockImplementation(hurried as typeof setTimeout);
    await logClicks(CLICKS);
    const id = await begin(token, { DB: faultyDatabase(() => "hangs") });
    expect(await statusOf(token, id)).toMatchObject({ status: "Processing" });
    expect((await alarmAt()) ?? 0).toBeGreaterThan(Date.now());
    vi.restoreAllMocks();
    await mend();
    expect(await statusOf(token, id)).toMatchObject({ status: "Completed", numberOfRecords: CLICKS });
  });

  it("does not stop other extracts", async () => {
    await logClicks(10);
    const stuck = await created(token);
    const { bucket } = bucketWith((go) => go());
    const broken = new Proxy(bucket, {
      get: (real, name: keyof R2Bucket) =>
        name === "createMultipartUpload"
          ? (key: string, options: R2MultipartOptions) =>
              key === stuck ? refuse() : real.createMultipartUpload(key, options)
          : real[name],
    });
    await surround(extractsObject(), environment({ EXTRACT_FILES: broken }));
    await enqueue(token, stuck);
    const others = [await created(token), await created(token), await created(token)];
    for (const id of others) await enqueue(token, id);
    await work();
    for (const id of others) expect(await statusOf(token, id)).toMatchObject({ status: "Completed" });
    expect(await statusOf(token, stuck)).toMatchObject({ status: "Processing" });
  });
});

/** Ends the delays after failures and runs the alarm. */
async function hasten(): Promise<void> {
  await runInDurableObject(extractsObject(), async (_, { storage }) => {
    storage.sql.exec("UPDATE jobs SET due_at = 0 WHERE status = 'Processing'");
    await storage.setAlarm(Date.now());
  });
  await work();
}
