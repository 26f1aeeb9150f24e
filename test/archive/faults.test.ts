/** An R2 that does not give what D1 notes: nothing is lost or wrong, and recipients wait for nothing. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { lookForLost } from "../../src/archive/lost.ts";
import { dueMessageFiles } from "../../src/archive/messages/rewrite.ts";
import { openFile } from "../../src/archive/parquet.ts";
import { rewriteDue } from "../../src/archive/rewrite-due.ts";
import { workOnArchive } from "../../src/archive/work.ts";
import { writeSegment } from "../../src/archive/write.ts";
import { rowOf } from "../../src/events/row.ts";
import { insertGroups } from "../../src/ingest/insert.ts";
import { bodyOf } from "../../src/ingest/queue-body.ts";
import { clickGroupOf, groupOf } from "../../src/ingest/row-group.ts";
import { workOnErasures } from "../../src/privacy/erase.ts";
import { requestErasure } from "../../src/privacy/erasures.ts";
import { aggregateLog } from "../../src/reports/index.ts";
import { statementsForLeaving } from "../../src/retries/leaving.ts";
import { deliver } from "../ingest/deliver.ts";
import { logRows, recordInTime } from "../marketo/marketo.ts";
import { emptyAll, POLICY, rowsOf } from "../privacy/people-world.ts";
import { ask, newMessage, PHONE, token } from "../worker.ts";
import { archiveAll, moveAllMessages, withoutArchive } from "./whole-log.ts";

const AT = Date.UTC(2026, 9, 1);
const SENT = { type: 6, email: "1", campaign: "x", at: AT };
const VISITOR = { userAgent: "x" };
type Get = R2Bucket["get"];

/** A bucket whose objects are read by `get` instead. */
function bucketWith(get: (real: Get, key: string) => Promise<unknown>): R2Bucket {
  return new Proxy(env.ARCHIVE, {
    get: (real, name: keyof R2Bucket) => {
      if (name === "get") return (key: string) => get(real.get.bind(real), key);
      return (real[name] as (...values: unknown[]) => unknown).bind(real);
    },
  });
}

type Fault = (real: Get, key: string) => Promise<unknown>;

/** An R2 that may answer as it should later. */
const SILENT = {
  refuses: async () => {
    throw new Error("get: We encountered an internal error. Please try again. (10001)");
  },
  "never answers": () => new Promise(() => undefined),
} satisfies Readonly<Record<string, Fault>>;

/** One that has not what D1 notes: somebody has to put it back. */
const LOST = {
  "has lost the object": async () => null,
  "answers an old version": async (real: Get, key: string) =>
    new Proxy((await real(key)) ?? {}, { get: (of, name) => (name === "etag" ? "old" : Reflect.get(of, name)) }),
  "answers other bytes": async (real: Get, key: string) => {
    const object = await real(key);
    return object && { etag: object.etag, arrayBuffer: async () => new Uint8Array(2_000).buffer };
  },
  "answers damaged rows": async (real: Get, key: string) => {
    const object = await real(key);
    return object && { etag: object.etag, arrayBuffer: async () => withDamagedIds(await object.arrayBuffer()) };
  },
} satisfies Readonly<Record<string, Fault>>;
const FAULTS = { ...SILENT, ...LOST };

/** A file of which all columns but one can be decoded. */
function withDamagedIds(bytes: ArrayBuffer): ArrayBuffer {
  for (const { columns } of openFile(bytes).metadata.row_groups) {
    const ids = columns.find(({ meta_data }) => meta_data?.path_in_schema[0] === "id")?.meta_data;
    new Uint8Array(bytes, Number(ids?.data_page_offset), Number(ids?.total_compressed_size)).fill(255);
  }
  return bytes;
}

const READ_MS = 10_000;
const WRITE_MS = 30_000;

/** The deadlines of so many ms pass at once; not those of the test's own runtime. */
function hurryR2(deadlineMs: typeof READ_MS | typeof WRITE_MS): void {
  const real = globalThis.setTimeout;
  const hurried = (callback: () => void, ms = 0) => real(callback, ms === deadlineMs ? 0 : ms);
  vi.spyOn(globalThis, "setTimeout").mockImplementation(hurried as typeof setTimeout);
}

async function logged(): Promise<string> {
  const { person } = newMessage();
  const rows = [6, 7, 10].map((type) => ({ type, person, email: "1", campaign: "x", at: AT }));
  await logRows(...rows, { type: 6, person: "last", at: AT });
  await recordInTime();
  await aggregateLog(env, POLICY, Number.POSITIVE_INFINITY);
  return person;
}

beforeEach(async () => {
  await emptyAll();
  await withoutArchive();
  vi.restoreAllMocks();
});

describe.each(Object.entries(FAULTS))("an R2 that %s", (_name, get) => {
  it("loses nothing of what is to be archived", async () => {
    hurryR2(WRITE_MS);
    const person = await logged();
    await expect(writeSegment({ ...env, ARCHIVE: bucketWith(get) }, Number.MAX_SAFE_INTEGER)).rejects.toThrow();
    const { results } = await env.DB.prepare(
      `SELECT (SELECT count(*) FROM events WHERE person = ?1) AS events, (SELECT count(*) FROM segments) AS segments`,
    )
      .bind(person)
      .all();
    expect(results).toEqual([{ events: 3, segments: 0 }]);
  });

  it("has readers try again, and clicks, pixels and unsubscriptions go on", async () => {
    hurryR2(READ_MS);
    const person = await logged();
    await archiveAll(50);
    const around = { ...env, ARCHIVE: bucketWith(get) };
    const headers = { Authorization: `Bearer ${env.API_KEYS}` };
    for (const path of ["/v1/events", `/v1/messages/1/x/${person}`, `/v1/people/export?person=${person}`]) {
      const response = await ask(path, { headers }, around);
      expect({ path, status: response.status }).toEqual({ path, status: 503 });
      expect(await response.json()).toMatchObject({ error: { code: "storage_unavailable" } });
    }
    const message = { email: "1", campaign: "x", person };
    const browser = { headers: { "User-Agent": PHONE }, redirect: "manual" } as const;
    const link = { id: "l1", url: "https://a.example/" };
    const click = await ask(`/c/${token("click", { ...message, link })}`, browser, around);
    expect(click.status).toBe(302);
    const oneClick = { method: "POST", body: new URLSearchParams({ "List-Unsubscribe": "One-Click" }) };
    expect((await ask(`/u/${token("unsubscribe", message)}`, oneClick, around)).status).toBe(200);
    const pixel = await ask(`/o/${token("open", message)}`, browser, around);
    expect(pixel.headers.get("Content-Type")).toBe("image/gif");
  });
});

/** Puts a late report of an archived message, of which each event is in a file of its own; R2 has the first so. */
async function reportLate(get: Fault): Promise<Env> {
  const person = await logged();
  // Clicks of the tests before may still come out of the queue.
  const first = await env.DB.prepare("SELECT min(seq) AS seq FROM events WHERE person = ?1").bind(person).first("seq");
  await archiveAll(1);
  const row = JSON.stringify(["late", 7, AT, "1", person, "x", null, null, null, null, 0, null, null]);
  const ofFirst = bucketWith((real, key) => (key.includes(`/${first}-${first}.`) ? get(real, key) : real(key)));
  const around = { ...env, ARCHIVE: ofFirst };
  await insertGroups(around, [groupOf([row])]);
  return around;
}

it.each(Object.entries(SILENT))("a late report of an archived message waits for an R2 that %s", async (_name, get) => {
  hurryR2(READ_MS);
  await expect(reportLate(get)).rejects.toThrow();
  expect(await rowsOf("SELECT id FROM events WHERE id = 'late'")).toEqual([]);
});

describe.each(Object.entries(LOST))("when R2 %s, nobody else waits until it is put back:", (_name, get) => {
  it("a late report is recorded, with all of its message that is not lost in D1, and the loss is noted", async () => {
    const around = await reportLate(get);
    expect(await rowsOf("SELECT id = 'late' AS isLate FROM events WHERE type = 7 ORDER BY seq")).toEqual([
      { isLate: 0 },
      { isLate: 1 },
    ]);
    const noted = () => rowsOf("SELECT key FROM lost_files");
    const lost = [{ key: expect.stringMatching(/\/(\d+)-\1\.\S+\.v1\./) }];
    expect(await noted()).toEqual(lost);
    await lookForLost(around, Number.POSITIVE_INFINITY);
    expect(await noted()).toEqual(lost);
    await lookForLost(env, Number.POSITIVE_INFINITY);
    expect(await noted()).toEqual([]);
  });

  it("others are rewritten, and the file is noted as lost", async () => {
    await logged();
    await archiveAll(1);
    await env.DB.prepare("INSERT INTO recalled (seq, used_at, due_at) VALUES (1, 0, 0), (2, 0, 0)").run();
    const ofFirst = bucketWith((real, key) => (key.includes("/1-1.") ? get(real, key) : real(key)));
    const { rewritten } = await workOnArchive({ ...env, ARCHIVE: ofFirst }, undefined, Number.POSITIVE_INFINITY);
    const lostFiles = await rowsOf("SELECT key FROM lost_files");
    expect({ rewritten, lostFiles }).toEqual({ rewritten: 1, lostFiles: [{ key: expect.stringContaining("/1-1.") }] });
  });

  it("old clicks that may be in it become dead letters", async () => {
    const click = (atMs: number, person: string) => {
      const link = { id: "l", url: "https://shop.example/" };
      const message = { email: "7", person, campaign: "42" };
      return bodyOf(clickGroupOf([rowOf({ type: "clicked", id: "", atMs, message, link, visitor: VISITOR })], person));
    };
    const old = click(AT, "old");
    await deliver([old]);
    await logged();
    await archiveAll(50);
    await env.DB.prepare("DELETE FROM events WHERE person = 'old'").run();
    const result = await deliver([old, click(Date.now(), "young")], { ...env, ARCHIVE: bucketWith(get) });
    expect(result).toEqual({ acknowledged: ["m0", "m1"], retried: [] });
    const clicks = () => rowsOf("SELECT person FROM events WHERE type = 11");
    expect(await clicks()).toEqual([{ person: "young" }]);
    const headers = { Authorization: `Bearer ${env.API_KEYS}` };
    const dead = async () => await (await ask("/v1/dead-letters", { headers })).json<{ data: { id: string }[] }>();
    expect(await dead()).toMatchObject({ data: [{ error: expect.stringContaining("is lost") }] });
    await ask("/v1/dead-letters/replay", { method: "POST", body: "{}", headers });
    expect([await dead(), await clicks()]).toEqual([{ data: [] }, [{ person: "young" }]]);
  });

  it("erasures, but for those of people in it and of those who have clicked what others in it had first", async () => {
    const clicked = { type: 11, email: "1", campaign: "x", link_id: "l1", link: "https://a.example/?to=all" };
    const clicks = ["bob", "ann"].map((person, index) => ({ ...clicked, person, at: AT + index }));
    await logRows(...clicks, { ...SENT, person: "eve" }, { ...SENT, person: "last" });
    await recordInTime();
    await aggregateLog(env, POLICY, Number.POSITIVE_INFINITY);
    await archiveAll(1);
    // As a day after their messages have moved.
    await env.DB.batch(["events", "recalled"].map((of) => env.DB.prepare(`DELETE FROM ${of} WHERE seq <= 3`)));
    for (const [index, person] of ["bob", "ann", "eve"].entries())
      await requestErasure(env.DB, { person }, Date.now() + index);
    const work = (around: Env) => workOnErasures(around, POLICY, Number.POSITIVE_INFINITY, async () => undefined);
    const ofFirst = bucketWith((real, key) => (key.includes("/1-1.") ? get(real, key) : real(key)));
    await work({ ...env, ARCHIVE: ofFirst });
    const waiting = "SELECT person FROM erasures WHERE done_at IS NULL ORDER BY requested_at";
    expect(await rowsOf(waiting)).toEqual([{ person: "bob" }, { person: "ann" }]);
    await work(env);
    expect(await rowsOf(waiting)).toEqual([]);
  });
});

it("what another run has rewritten meanwhile, and has deleted, is not lost", async () => {
  await logged();
  await moveAllMessages();
  await archiveAll(50);
  await env.DB.prepare("INSERT INTO recalled (seq, used_at, due_at) VALUES (1, 0, 0)").run();
  await env.DB.prepare("INSERT INTO recalled_messages VALUES ('1', 'x', 'last', 1, 0, 0, 0, 0)").run();
  const asked: string[] = [];
  const ARCHIVE = bucketWith(async (_real, key) => {
    asked.push(key);
    const tables = ["segments", "message_files"];
    await env.DB.batch(
      tables.map((table) => env.DB.prepare(`UPDATE ${table} SET version = version + 1, token = token || '2'`)),
    );
    return null;
  });
  await workOnArchive({ ...env, ARCHIVE }, undefined, Number.POSITIVE_INFINITY);
  await rewriteDue(
    env.DB,
    dueMessageFiles({ ...env, ARCHIVE }, Date.now(), statementsForLeaving),
    Number.POSITIVE_INFINITY,
  );
  expect(asked).toEqual([expect.stringMatching(/^log\//), expect.stringMatching(/^messages\//)]);
  expect(await rowsOf("SELECT key FROM lost_files")).toEqual([]);
});
