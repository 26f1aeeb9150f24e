/** The work on jobs: two at a time, in order, of any size, and the clean-up after seven days. */
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { PART_BYTES } from "../../../src/marketo/extract/part.ts";
import { call, logInTime, logRows, newClient } from "../marketo.ts";
import {
  alarmAt,
  BATCH,
  beforeEachQuery,
  cancel,
  codeOf,
  created,
  DAY_MS,
  EXTRACTS_PATH,
  enqueue,
  extracted,
  extractsObject,
  file,
  heldUp,
  idsIn,
  logClicks,
  readDelimited,
  sha256,
  statusOf,
  withoutExtracts,
  work,
  workOn,
} from "./extract-world.ts";

const WEEK_MS = 7 * 86_400_000;

let token = "";

beforeEach(async () => {
  await withoutExtracts();
  ({ token } = await newClient());
  vi.spyOn(console, "error").mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** Lets time pass and runs the alarm. */
async function pass(ms: number): Promise<void> {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + ms });
  await runDurableObjectAlarm(extractsObject());
}

describe("a file of several parts", () => {
  it("has every activity once, in order, and the checksum of its bytes", async () => {
    await logClicks(5_000);
    const id = await created(token);
    await enqueue(token, id);
    await work();
    const { fileSize, fileChecksum, numberOfRecords } = await statusOf(token, id);
    const bytes = await (await file(token, id)).arrayBuffer();
    expect(bytes.byteLength).toBe(fileSize);
    expect(bytes.byteLength).toBeGreaterThan(2 * PART_BYTES);
    expect(fileChecksum).toBe(`sha256:${await sha256(bytes)}`);
    const [, ...lines] = readDelimited(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
    expect(numberOfRecords).toBe(5_000);
    expect(lines).toHaveLength(5_000);
    expect(lines.every(([id, person], n) => id === `click.${n}` && person === `é${n}`)).toBe(true);
    expect(lines.every(({ length }) => length === 8)).toBe(true);
  });
});

describe("jobs", () => {
  it("run two at a time, in the order in which they were queued", async () => {
    const jobs = [await created(token), await created(token), await created(token), await created(token)];
    const [first, second, third, fourth] = jobs.toReversed();
    await heldUp(async () => {
      for (const id of [first, second, third, fourth]) await enqueue(token, id ?? "");
      await runInDurableObject(extractsObject(), async (instance) => {
        void instance.alarm();
        await scheduler.wait(20);
      });
      const states = await Promise.all([first, second, third, fourth].map((id) => statusOf(token, id ?? "")));
      expect(states.map(({ status }) => status)).toEqual(["Processing", "Processing", "Queued", "Queued"]);
    });
    await workOn();
    for (const id of jobs) expect(await statusOf(token, id)).toMatchObject({ status: "Completed" });
  });

  it("run while others are queried, created and listed", async () => {
    await logClicks(2_500);
    const id = await created(token);
    await enqueue(token, id);
    const working = work();
    const asked = Promise.all([statusOf(token, id), call(token, `${EXTRACTS_PATH}.json`), created(token)]);
    expect((await asked)[1].result).toHaveLength(1);
    await working;
    expect(await statusOf(token, id)).toMatchObject({ status: "Completed", numberOfRecords: 2_500 });
  });

  it.each<[string, number, string]>([
    ["at once when their window's end comes within seconds", 4_000, "Completed"],
    ["when it has come, while clients' clocks may be ahead by as much", 20_000, "Queued"],
    ["when it has come, in five minutes at most", 290_000, "Queued"],
    ["at once when it is later", 310_000, "Completed"],
  ])("begin %s", async (_, aheadMs, status) => {
    const endMs = Math.floor((Date.now() + aheadMs) / 1_000) * 1_000;
    const createdAt = { startAt: new Date(endMs - 86_400_000).toISOString(), endAt: new Date(endMs).toISOString() };
    const id = await created(token, { filter: { createdAt } });
    await enqueue(token, id);
    await work();
    expect(await statusOf(token, id)).toMatchObject({ status });
    const [guid] = await logRows({});
    await pass(aheadMs + 1_000);
    await work();
    vi.useRealTimers();
    expect(idsIn(await (await file(token, id)).text())).toEqual(status === "Queued" ? [guid] : []);
  });

  it("report how many records are written so far", async () => {
    await logClicks(5_000);
    const id = await created(token);
    const seen: unknown[] = [];
    await beforeEachQuery(async () => {
      const { status, numberOfRecords } = await statusOf(token, id);
      expect(status).toBe("Processing");
      seen.push(numberOfRecords);
    });
    await enqueue(token, id);
    await work();
    // For the highest seq, the period's two ends, three stretches of 2,000 seqs, and what was recorded meanwhile.
    expect(seen).toEqual([0, 0, 0, 0, 2_000, 4_000, 5_000]);
    expect(await statusOf(token, id)).toMatchObject({ status: "Completed", numberOfRecords: 5_000 });
  });

  it("include what was recorded while they ran, and end even when that never stops", async () => {
    await logRows({});
    const today = {
      startAt: new Date(Date.now() - 3_600_000).toISOString(),
      endAt: new Date(Date.now() + 3_600_000).toISOString(),
    };
    const id = await created(token, { filter: { createdAt: today } });
    let recorded = 1;
    await beforeEachQuery(async (query) => {
      if (query.includes("AS more")) return;
      await logRows({});
      recorded++;
    });
    await enqueue(token, id);
    await work();
    const { status, numberOfRecords } = await statusOf(token, id);
    expect(status).toBe("Completed");
    expect(numberOfRecords).toBeGreaterThan(1);
    expect(numberOfRecords).toBeLessThan(recorded);
  });

  it("do not wait for events of other times", async () => {
    await logInTime({ at: DAY_MS });
    const id = await created(token);
    let queries = 0;
    await beforeEachQuery(async () => {
      queries++;
      await logRows({ at: DAY_MS });
    });
    await enqueue(token, id);
    await work();
    expect(await statusOf(token, id)).toMatchObject({ status: "Completed", numberOfRecords: 1 });
    // One for the highest seq, one for the period, one for its stretch, one for what is left.
    expect(queries).toBeLessThan(8);
  });

  it("leave an event that is marked as a bot's just before it is read to the period of the mark", async () => {
    const click = { at: DAY_MS, type: 11, link_id: "l", link: "https://shop.example/" };
    const logged = await logInTime(...Array.from({ length: 4_500 }, () => click));
    const marked = [logged[10], logged[2_500], logged[4_400]];
    const mark = `REPLACE INTO events SELECT NULL, id, type, at, unixepoch('subsec') * 1000, email, person, campaign,
  send, link_id, link, user_agent, 1, 'Match with time of delivery', detail
FROM events WHERE id IN (SELECT value FROM json_each(?1))`;
    const id = await created(token);
    let read = 0;
    await beforeEachQuery(async (query) => {
      if (query === BATCH && ++read === 2) await env.DB.prepare(mark).bind(JSON.stringify(marked)).run();
    });
    await enqueue(token, id);
    await work();
    const nowMs = Date.now();
    const now = { startAt: new Date(nowMs - 60_000).toISOString(), endAt: new Date(nowMs).toISOString() };
    const [, ...first] = readDelimited(await (await file(token, id)).text());
    const [, ...second] = readDelimited(await extracted(token, { filter: { createdAt: now } }));
    // The first had been read already.
    expect(first.map(([guid]) => guid)).toEqual(logged.filter((guid) => !marked.slice(1).includes(guid)));
    expect(second.map(([guid]) => guid).toSorted()).toEqual(marked.toSorted());
    for (const line of second) expect(line.at(-1)).toContain('"Is Bot Activity":true');
  });
});

describe("after seven days", () => {
  it("a finished job and its file are deleted, and no alarm is set", async () => {
    const id = await created(token);
    await enqueue(token, id);
    await work();
    await pass(WEEK_MS - 60_000);
    expect(await env.EXTRACT_FILES.head(id)).not.toBeNull();
    await pass(61_000);
    expect(await env.EXTRACT_FILES.head(id)).toBeNull();
    vi.useRealTimers();
    expect(codeOf(await call(token, `${EXTRACTS_PATH}/${id}/status.json`))).toBe("702");
    expect(await alarmAt()).toBeNull();
  });

  it("a job that was never queued is deleted, and so is a cancelled one", async () => {
    const [made, cancelled] = [await created(token), await created(token)];
    await cancel(token, cancelled);
    await pass(WEEK_MS + 1_000);
    vi.useRealTimers();
    for (const id of [made, cancelled])
      expect(codeOf(await call(token, `${EXTRACTS_PATH}/${id}/status.json`))).toBe("702");
  });

  it("a file that R2 fails to delete is tried again, and its job stays until then", async () => {
    const id = await created(token);
    await enqueue(token, id);
    await work();
    const refusing = { delete: () => Promise.reject(new Error("R2 is down")) } as unknown as R2Bucket;
    await runInDurableObject(extractsObject(), (instance) => {
      Object.assign(instance, { env: { ...env, EXTRACT_FILES: refusing } });
    });
    await pass(WEEK_MS + 1_000);
    const alarmAtMs = (await alarmAt()) ?? 0;
    expect(alarmAtMs - Date.now()).toBeGreaterThan(50_000);
    expect(alarmAtMs - Date.now()).toBeLessThan(70_000);
    await runInDurableObject(extractsObject(), (instance) => {
      Object.assign(instance, { env });
    });
    expect(await env.EXTRACT_FILES.head(id)).not.toBeNull();
    await pass(61_000);
    expect(await env.EXTRACT_FILES.head(id)).toBeNull();
  });
});
