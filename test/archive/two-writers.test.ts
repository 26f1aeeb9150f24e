/** Two that write one segment at once, as the minute's work and a run on demand may. */
import { env } from "cloudflare:workers";
import { beforeEach, expect, it } from "vitest";
import { recallEvents } from "../../src/archive/recall-seqs.ts";
import { rewriteSegment, segmentToRewrite } from "../../src/archive/rewrite.ts";
import { writeSegment } from "../../src/archive/write.ts";
import { oldEvents, wholeLog, withoutArchive } from "./whole-log.ts";

/** Of whom another one does the same, between what was read and what is written. */
function overtakenBy(other: () => Promise<unknown>): Env {
  let isFirst = true;
  const ARCHIVE = new Proxy(env.ARCHIVE, {
    get: (bucket, name: "put" | "get" | "head" | "delete") => {
      if (name !== "put") return bucket[name].bind(bucket);
      return async (...given: Parameters<R2Bucket["put"]>) => {
        if (isFirst) {
          isFirst = false;
          await other();
        }
        return await bucket.put(...given);
      };
    },
  });
  return { ...env, ARCHIVE };
}

/** A row is changed under its seq. */
async function changeInPlace(seq: number): Promise<void> {
  await env.DB.batch([
    env.DB.prepare("UPDATE events SET user_agent = 'changed' WHERE seq = ?1").bind(seq),
    env.DB.prepare("UPDATE aggregated SET changes = changes + 1"),
  ]);
}

beforeEach(withoutArchive);

it("the slower one of two does not write over the segment that the other has noted", async () => {
  await oldEvents(10);
  const around = overtakenBy(async () => {
    await changeInPlace(2);
    expect(await writeSegment(env, Number.MAX_SAFE_INTEGER)).toMatchObject({ rows: 9 });
  });
  expect(await writeSegment(around, Number.MAX_SAFE_INTEGER)).toBe(false);
  expect(await wholeLog("SELECT seq FROM events WHERE user_agent = 'changed'")).toEqual([{ seq: 2 }]);
});

it("the slower one of two that rewrite a segment does not write over what the other has written", async () => {
  await oldEvents(10);
  await writeSegment(env, Number.MAX_SAFE_INTEGER);
  await recallEvents(env, [2]);
  await env.DB.prepare("UPDATE events SET user_agent = 'another' WHERE seq = 2").run();
  const nowMs = Date.now() + 10 * 86_400_000;
  const segment = await segmentToRewrite(env.DB, nowMs, 0);
  if (segment === undefined) throw new Error("nothing is to be rewritten");
  const around = overtakenBy(async () => {
    await changeInPlace(2);
    expect(await rewriteSegment(env, segment, nowMs)).toBe(true);
  });
  expect(await rewriteSegment(around, segment, nowMs)).toBe(false);
  expect(await wholeLog("SELECT seq FROM events WHERE user_agent = 'changed'")).toEqual([{ seq: 2 }]);
});
