/** An extract that is cancelled at any moment stays cancelled and leaves nothing in R2. */
import { runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { callsOf } from "../fuzz.ts";
import {
  alarmAt,
  cancel,
  created,
  enqueue,
  extractsObject,
  file,
  logClicks,
  statusOf,
  withoutExtracts,
  work,
  workOn,
} from "../marketo/extract/extract-world.ts";
import { newClient } from "../marketo/marketo.ts";
import { environment } from "../worker.ts";
import { surround } from "./broken.ts";
import { bucketWith, CLICKS, expectNothingLeft, mend, R2_CALLS, refuse } from "./extracts-world.ts";

let token = "";

beforeEach(async () => {
  await withoutExtracts();
  ({ token } = await newClient());
  vi.spyOn(console, "error").mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe("an extract that is cancelled while it runs", () => {
  it.each<["before" | "after", 0 | 1]>([
    ["before", 1],
    ["after", 0],
  ])("%s any of its calls of R2 leaves nothing and stays cancelled", async (when, first) => {
    await logClicks(CLICKS);
    for (const at of callsOf(R2_CALLS, first)) {
      let answered: unknown;
      let id = "";
      const { bucket, uploads } = bucketWith(async (go, call) => {
        if (call !== at) return await go();
        if (when === "after") {
          const answer = await go();
          answered = await cancel(token, id);
          return answer;
        }
        answered = await cancel(token, id);
        return await go();
      });
      id = await created(token);
      await surround(extractsObject(), environment({ EXTRACT_FILES: bucket }));
      await enqueue(token, id);
      await work();
      expect(answered).toMatchObject({ success: true, result: [{ status: "Cancelled" }] });
      await mend();
      const { status, startedAt, fileSize, errorMsg } = await statusOf(token, id);
      expect({ status, fileSize, errorMsg }).toEqual({ status: "Cancelled" });
      expect(startedAt).toMatch(/Z$/);
      await expectNothingLeft(id, uploads);
      expect((await file(token, id)).status).toBe(404);
    }
  });

  it("is cleaned up later when R2 fails during the clean-up", async () => {
    await logClicks(CLICKS);
    for (const failing of ["abort", "delete"]) {
      let id = "";
      const { bucket, uploads } = bucketWith(async (go, _call, name) => {
        if (name === "uploadPart") await cancel(token, id);
        return name === failing ? await refuse() : await go();
      });
      id = await created(token);
      await surround(extractsObject(), environment({ EXTRACT_FILES: bucket }));
      await enqueue(token, id);
      const workedAtMs = Date.now();
      await work();
      expect((await alarmAt()) ?? 0).toBeGreaterThan(workedAtMs + 50_000);
      await mend();
      expect(uploads.size).toBe(1);
      await expectNothingLeft(id, uploads);
      expect(await statusOf(token, id)).toMatchObject({ status: "Cancelled" });
    }
  });

  it("is cleaned up when its object dies right after the cancellation", async () => {
    await logClicks(CLICKS);
    const state = await runInDurableObject(extractsObject(), (_instance, state) => state);
    let id = "";
    const { bucket, uploads } = bucketWith(async (go, _call, name) => {
      if (name === "uploadPart") {
        await cancel(token, id);
        state.abort("crash");
      }
      return await go();
    });
    id = await created(token);
    await surround(extractsObject(), environment({ EXTRACT_FILES: bucket }));
    await enqueue(token, id);
    await work().catch(() => {});
    await workOn();
    expect(await statusOf(token, id)).toMatchObject({ status: "Cancelled" });
    await expectNothingLeft(id, uploads);
  });
});
