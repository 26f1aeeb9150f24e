/** Bulk extract as a client sees it: jobs from their creation to their end, and the list of them. */
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ask } from "../worker.ts";
import {
  cancel,
  codeOf,
  create,
  created,
  DAY,
  DAY_MS,
  EXTRACTS_PATH,
  enqueue,
  extractsObject,
  file,
  HEADER,
  idsIn,
  only,
  sha256,
  statusOf,
  withoutExtracts,
  work,
} from "./extract/extract-world.ts";
import { call, logInTime, newClient } from "./marketo.ts";

const SECONDS = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
const UUID = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);

let token = "";

beforeEach(async () => {
  await withoutExtracts();
  ({ token } = await newClient());
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe("a job", () => {
  it("is created, queued, processed and completed, each with its time", async () => {
    const [row] = await logInTime({ at: DAY_MS });
    const exportId = expect.any(String);
    const made = { exportId, format: "CSV", status: "Created", createdAt: SECONDS };
    const creation = await create(token, { filter: { createdAt: DAY } });
    expect(creation).toEqual({ requestId: expect.any(String), success: true, result: [made] });
    expect(only(creation).exportId).toEqual(UUID);
    const id = String(only(creation).exportId);
    expect(await statusOf(token, id)).toEqual(made);

    const queued = { ...made, status: "Queued", queuedAt: SECONDS };
    expect(only(await enqueue(token, id))).toEqual(queued);
    await work();
    const content = await (await file(token, id)).text();
    expect(idsIn(content)).toEqual([row]);
    expect(await statusOf(token, id)).toEqual({
      ...queued,
      status: "Completed",
      startedAt: SECONDS,
      finishedAt: SECONDS,
      numberOfRecords: 1,
      fileSize: content.length,
      fileChecksum: `sha256:${await sha256(content)}`,
    });
  });

  it("that was cancelled before or while it was queued never runs", async () => {
    const [fresh, waiting] = [await created(token), await created(token)];
    expect(only(await cancel(token, fresh))).toEqual({
      exportId: fresh,
      format: "CSV",
      status: "Cancelled",
      createdAt: SECONDS,
    });
    await runInDurableObject(extractsObject(), async (instance) => {
      const client = String((await clientOf(waiting))?.client);
      // Both in one turn of the object, so that no alarm runs in between.
      const both = [instance.enqueue(client, waiting), instance.cancel(client, waiting)];
      await Promise.all(both);
    });
    await work();
    expect(await statusOf(token, waiting)).toMatchObject({ status: "Cancelled", queuedAt: SECONDS });
    expect(await env.EXTRACT_FILES.head(waiting)).toBeNull();
  });

  it("cannot be queued twice, nor once it has ended", async () => {
    const id = await created(token);
    await runInDurableObject(extractsObject(), async (instance) => {
      const client = String((await clientOf(id))?.client);
      await instance.enqueue(client, id);
      expect(await instance.enqueue(client, id)).toEqual({ ok: false, reason: "queued" });
    });
    await work();
    const again = await enqueue(token, id);
    expect(again.errors).toEqual([{ code: "1003", message: expect.stringContaining("ended") }]);
    const cancelled = await created(token);
    await cancel(token, cancelled);
    expect(codeOf(await enqueue(token, cancelled))).toBe("1003");
  });

  it("cannot be cancelled once it has ended", async () => {
    const id = await created(token);
    await enqueue(token, id);
    await work();
    expect(codeOf(await cancel(token, id))).toBe("1003");
    expect(await statusOf(token, id)).toMatchObject({ status: "Completed" });
    const cancelled = await created(token);
    await cancel(token, cancelled);
    expect(codeOf(await cancel(token, cancelled))).toBe("1003");
  });

  it("belongs to its client: no other client sees, queues, cancels or reads it, not even an admin", async () => {
    const id = await created(token);
    await enqueue(token, id);
    await work();
    const waiting = await created(token);
    for (const other of [await newClient(), await newClient("admin")]) {
      for (const each of [id, waiting]) {
        expect(codeOf(await call(other.token, `${EXTRACTS_PATH}/${each}/status.json`))).toBe("702");
        expect(codeOf(await enqueue(other.token, each))).toBe("702");
        expect(codeOf(await cancel(other.token, each))).toBe("702");
        expect((await file(other.token, each)).status).toBe(404);
      }
      expect((await call(other.token, `${EXTRACTS_PATH}.json`)).result).toEqual([]);
    }
    expect(await statusOf(token, waiting)).toMatchObject({ status: "Created" });
  });

  it("that nobody created is not found", async () => {
    const id = crypto.randomUUID();
    expect(codeOf(await call(token, `${EXTRACTS_PATH}/${id}/status.json`))).toBe("702");
    expect(codeOf(await enqueue(token, id))).toBe("702");
    expect(codeOf(await cancel(token, "x"))).toBe("702");
    expect((await file(token, id)).status).toBe(404);
  });

  it("accepts the form bodies and the parameters that clients send along", async () => {
    const form = { "Content-Type": "application/x-www-form-urlencoded" };
    const id = await created(token);
    const queued = await call(token, `/rest/..${EXTRACTS_PATH}/${id}/enqueue.json`, {
      method: "POST",
      headers: form,
      body: "_method=POST",
    });
    expect(only(queued).status).toBe("Queued");
    await work();
    expect(only(await call(token, `${EXTRACTS_PATH}/${id}/status.json?_method=GET`)).status).toBe("Completed");
    const posted = { method: "POST", headers: form, body: "" };
    expect(only(await call(token, `${EXTRACTS_PATH}/${id}/status.json?_method=GET`, posted)).status).toBe("Completed");
    const headers = { ...form, Authorization: `Bearer ${token}` };
    const got = await ask(`${EXTRACTS_PATH}/${id}/file.json?_method=GET`, { method: "POST", headers, body: "" });
    expect(await got.text()).toContain(HEADER);
  });
});

describe("the list", () => {
  const list = (query = "", whose = token) => call(whose, `${EXTRACTS_PATH}.json${query}`);
  const idsOf = ({ result }: Awaited<ReturnType<typeof list>>) => result?.map(({ exportId }) => exportId);

  it("has a client's jobs, each with its status", async () => {
    const [one, two] = [await created(token), await created(token, { format: "TSV" })];
    await enqueue(token, one);
    await work();
    const { result, nextPageToken } = await list();
    expect(result).toEqual([await statusOf(token, one), await statusOf(token, two)]);
    expect(nextPageToken).toBeUndefined();
  });

  it("filters by states, separated by commas or repeated, in either spelling", async () => {
    const [made, cancelled, done] = [await created(token), await created(token), await created(token)];
    await cancel(token, cancelled);
    await enqueue(token, done);
    await work();
    expect(idsOf(await list("?status=Completed,Failed"))).toEqual([done]);
    expect(idsOf(await list("?status=created&status=Canceled"))).toEqual([made, cancelled]);
    expect(idsOf(await list("?status=Cancelled"))).toEqual([cancelled]);
    expect(idsOf(await list("?status=Queued,Processing"))).toEqual([]);
  });

  it("has pages, and a token while there is another one", async () => {
    const jobs = [await created(token), await created(token), await created(token), await created(token)];
    const first = await list("?batchSize=2");
    expect(idsOf(first)).toEqual(jobs.slice(0, 2));
    const second = await list(`?batchSize=2&nextPageToken=${first.nextPageToken}`);
    expect(idsOf(second)).toEqual(jobs.slice(2));
    expect(second.nextPageToken).toBeUndefined();
  });

  it("refuses a wrong parameter by its name", async () => {
    const refused = async (query: string) => (await list(query)).errors?.[0];
    expect(await refused("?status=Done")).toMatchObject({ code: "1001", message: /status/ });
    expect(await refused("?status=")).toMatchObject({ code: "701", message: /status/ });
    for (const size of ["0", "301", "x"])
      expect(await refused(`?batchSize=${size}`)).toMatchObject({ code: "1001", message: /batchSize/ });
    expect(await refused("?nextPageToken=x")).toMatchObject({ code: "1001", message: /nextPageToken/ });
  });

  it("refuses a token of another client, and of another list", async () => {
    await created(token);
    await created(token);
    const { nextPageToken } = await list("?batchSize=1");
    expect(nextPageToken).toMatch(/./);
    const other = await newClient();
    expect(codeOf(await list(`?nextPageToken=${nextPageToken}`, other.token))).toBe("1001");
    const activities = `/rest/v1/activities.json?activityTypeIds=6&nextPageToken=${nextPageToken}`;
    expect(codeOf(await call(token, activities))).toBe("1001");
    const since = "/rest/v1/activities/pagingtoken.json?sinceDatetime=2026-01-01";
    const paging = (await call(token, since)).nextPageToken;
    expect(codeOf(await list(`?nextPageToken=${paging}`))).toBe("1001");
  });

  it("has the jobs of seven days, and no older ones", async () => {
    const [old, young] = [await created(token), await created(token)];
    await runInDurableObject(extractsObject(), (_, { storage }) => {
      storage.sql.exec("UPDATE jobs SET created_at = created_at - 7 * 86400000 - 1000 WHERE id = ?", old);
    });
    expect(idsOf(await list())).toEqual([young]);
  });
});

async function clientOf(id: string) {
  return await runInDurableObject(extractsObject(), (_, { storage }) =>
    storage.sql.exec<{ client: string }>("SELECT client FROM jobs WHERE id = ?", id).one(),
  );
}
