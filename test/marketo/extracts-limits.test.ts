/** How many jobs there may be: queued ones, and what one client may have. */
import { runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  cancel,
  codeOf,
  create,
  created,
  DAY,
  EXTRACTS_PATH,
  enqueue,
  extractsObject,
  heldUp,
  statusOf,
  withoutExtracts,
  work,
} from "./extract/extract-world.ts";
import { call, newClient } from "./marketo.ts";

let token = "";

beforeEach(async () => {
  await withoutExtracts();
  ({ token } = await newClient());
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe("the queue", () => {
  it("takes ten jobs, running ones included, and refuses the next with 1029 until one has ended", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const jobs: string[] = [];
    for (let n = 0; n < 11; n++) jobs.push(await created(token));
    await heldUp(async () => {
      const codes: (string | undefined)[] = [];
      for (const id of jobs) codes.push(codeOf(await enqueue(token, id)));
      expect(codes).toEqual([...Array.from({ length: 10 }, () => undefined), "1029"]);
      const other = await newClient();
      expect(codeOf(await enqueue(other.token, await created(other.token)))).toBe("1029");
      expect(codeOf(await enqueue(token, jobs[0] ?? ""))).toBe("1029");
      expect(await statusOf(token, jobs[10] ?? "")).toMatchObject({ status: "Created" });
    });
    await work();
    expect(codeOf(await enqueue(token, jobs[10] ?? ""))).toBeUndefined();
    await work();
    for (const id of jobs) expect(await statusOf(token, id)).toMatchObject({ status: "Completed" });
  });
});

describe("the jobs of a client", () => {
  const HOUR_MS = 3_600_000;

  /** Copies a job as often, under other ids. */
  async function copy(id: string, times: number): Promise<void> {
    await runInDurableObject(extractsObject(), (_, { storage }) => {
      storage.sql.exec(
        `INSERT INTO jobs (id, client, status, created_at, due_at, job)
SELECT jobs.id || '.' || value, client, status, created_at, due_at, json_set(job, '$.id', jobs.id || '.' || value)
FROM jobs, json_each(?2) WHERE jobs.id = ?1`,
        id,
        JSON.stringify([...Array(times).keys()]),
      );
    });
  }

  async function makeOlder(ms: number, ...ids: readonly string[]): Promise<void> {
    await runInDurableObject(extractsObject(), (_, { storage }) => {
      storage.sql.exec(
        "UPDATE jobs SET created_at = created_at - ?1 WHERE id IN (SELECT value FROM json_each(?2))",
        ms,
        JSON.stringify(ids),
      );
    });
  }

  it("that have no file are at most 100: one more is refused with 1029, and another client's is not", async () => {
    const cancelled = await created(token);
    await cancel(token, cancelled);
    await copy(cancelled, 49);
    await copy(await created(token), 49);
    expect(codeOf(await create(token, { filter: { createdAt: DAY } }))).toBe("1029");
    const other = await newClient();
    expect(codeOf(await create(other.token, { filter: { createdAt: DAY } }))).toBeUndefined();
  });

  it("that have no file go, the oldest first, for a new one when they are an hour old", async () => {
    const [first, second] = [await created(token), await created(token)];
    await copy(second, 98);
    await makeOlder(HOUR_MS - 60_000, first, second);
    expect(codeOf(await create(token, { filter: { createdAt: DAY } }))).toBe("1029");
    await makeOlder(60_000, first, second);
    const third = await created(token);
    expect(codeOf(await call(token, `${EXTRACTS_PATH}/${first}/status.json`))).toBe("702");
    for (const id of [second, third]) expect(await statusOf(token, id)).toMatchObject({ status: "Created" });
  });

  it("stay when they are queued, run or have a file, whatever is created", async () => {
    const [done, waiting] = [await created(token), await created(token)];
    await enqueue(token, done);
    await work();
    await copy(waiting, 99);
    await makeOlder(2 * HOUR_MS, done, waiting);
    await created(token);
    expect(await statusOf(token, done)).toMatchObject({ status: "Completed" });
    expect(codeOf(await call(token, `${EXTRACTS_PATH}/${waiting}/status.json`))).toBe("702");
  });

  it("whose upload is still to be deleted from R2 stay until it is", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const broken = await created(token);
    await copy(broken, 99);
    await runInDurableObject(extractsObject(), (_, { storage }) => {
      storage.sql.exec(
        "UPDATE jobs SET job = json_set(job, '$.openUpload', 'u'), status = 'Failed', created_at = 0 WHERE id = ?",
        broken,
      );
    });
    expect(codeOf(await create(token, { filter: { createdAt: DAY } }))).toBe("1029");
  });

  it("with a file are at most 2,500: one more is not queued, by 1029", async () => {
    const [done, next] = [await created(token), await created(token)];
    await enqueue(token, done);
    await work();
    await copy(done, 2_499);
    expect((await enqueue(token, next)).errors).toMatchObject([{ code: "1029", message: /files/ }]);
  });
});
