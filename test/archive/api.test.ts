/** /v1/archive, on the real R2 of the runtime. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { recallFiled } from "../../src/archive/index.ts";
import { lookForLost } from "../../src/archive/lost.ts";
import { parsedFileKey } from "../../src/archive/messages/message-key.ts";
import { sweepMessageFiles } from "../../src/archive/messages/sweep.ts";
import { noteLost } from "../../src/archive/note-lost.ts";
import { recallEvents } from "../../src/archive/recall-seqs.ts";
import { deleteOldSegments, sweepObjects } from "../../src/archive/work.ts";
import worker from "../../src/index.ts";
import { ask, environment } from "../worker.ts";
import {
  archiveAll,
  momentOfD1,
  moveAllMessages,
  oldEvents,
  rewriteAll,
  rewriteAllFiles,
  withoutArchive,
} from "./whole-log.ts";

const DAY_MS = 86_400_000;
const KEY = { Authorization: "Bearer wxs_dev_test" };
const dayAgo = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString().slice(0, 10);

interface Finding {
  readonly finding: string;
  readonly key: string;
  readonly found?: unknown;
}

async function call<Answer = Record<string, unknown>>(path: string, body?: object, around: Env = env) {
  const init = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
  const answer = await ask(path, { ...init, headers: KEY }, around);
  return { status: answer.status, body: await answer.json<Answer>() };
}

const status = async () => (await call("/v1/archive")).body;
const run = async (body: object = {}, around: Env = env) => await call("/v1/archive/run", body, around);

/** All findings, page by page. */
async function check(deep = false): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (let cursor: string | undefined; ; ) {
    const { body } = await call<{ data: Finding[]; next?: string }>("/v1/archive/check", { deep, cursor });
    findings.push(...body.data);
    if (body.next === undefined) return findings;
    cursor = body.next;
  }
}

/** How many events a reader of the feed meets, page by page. */
async function eventsRead(): Promise<number> {
  const ids = new Set<string>();
  for (let [cursor, isMore] = ["", true]; isMore; ) {
    const { body } = await call<{ data: { id: string }[]; next: string; more: boolean }>(`/v1/events?limit=5${cursor}`);
    for (const { id } of body.data) ids.add(id);
    cursor = `&cursor=${body.next}`;
    isMore = body.more;
  }
  return ids.size;
}

/** Damages an object, and lets D1 note what it is then. */
async function notedAsIs(key: string, bytes: Uint8Array): Promise<void> {
  const etag = (await env.ARCHIVE.put(key, bytes.slice(0, 99)))?.etag;
  await env.DB.prepare("UPDATE segments SET etag = ?1, bytes = 99")
    .bind(etag ?? "")
    .run();
}

async function keys(): Promise<string[]> {
  return (await env.ARCHIVE.list()).objects.map(({ key }) => key);
}

beforeEach(withoutArchive);

describe("GET /v1/archive", () => {
  it("says how much of the log is where, from when, and what is to be rewritten", async () => {
    await oldEvents(10, { perDay: 4 });
    expect(await status()).toMatchObject({
      on: false,
      ...{ segments: 0, events: 0, bytes: 0, lastSeq: 0 },
      d1: { events: 10, more: false, bytes: expect.any(Number), oldestAt: `${dayAgo(10)}T00:00:00.000Z` },
      recalled: { events: 0 },
    });
    await archiveAll(4);
    await recallEvents(env, [2, 5]);
    const on = await call("/v1/archive", undefined, environment({ ARCHIVE_AFTER_DAYS: "30" }));
    expect(on.body).toMatchObject({
      ...{ on: true, afterDays: 30, segments: 3, events: 9, firstDay: dayAgo(10), lastDay: dayAgo(8), lastSeq: 9 },
      d1: { events: 3 },
      recalled: { events: 2, rewriteAt: expect.stringContaining(dayAgo(-1)) },
    });
  });
});

describe("the work of each minute", () => {
  it("moves what is older than the setting, and deletes a file once retention takes all of its events", async () => {
    await oldEvents(10, { perDay: 2 });
    const minute = (settings: Partial<Env>) => worker.scheduled({} as ScheduledController, environment(settings));
    await minute({});
    expect(await keys()).toEqual([]);
    await minute({ ARCHIVE_AFTER_DAYS: "7" });
    expect(await keys()).toEqual([10, 9, 8].map((days) => expect.stringContaining(`day=${dayAgo(days)}/`)));
    expect(await eventsRead()).toBe(10);
    await minute({ RETENTION_DAYS: "8" });
    expect(await keys()).toEqual([expect.stringContaining(`day=${dayAgo(8)}/`)]);
    expect(await eventsRead()).toBe(6);
  });

  it("looks for lost files last, as many as there is time for, and one at least", async () => {
    await oldEvents(10, { perDay: 2 });
    await run({ olderThanDays: 8 });
    const lost = await keys();
    await noteLost(env.DB, lost);
    const calls: string[] = [];
    const ARCHIVE = new Proxy(env.ARCHIVE, {
      get: (bucket, name: "put" | "get" | "head" | "list") => {
        return (key: string, ...rest: never[]) => {
          if (name === "put" || lost.includes(key)) calls.push(name);
          return (bucket[name] as (...given: unknown[]) => unknown).call(bucket, key, ...rest);
        };
      },
    });
    await worker.scheduled({} as ScheduledController, environment({ ARCHIVE, ARCHIVE_AFTER_DAYS: "7" }));
    const looks = ["head", "get"];
    expect(calls).toEqual(["put", ...looks, ...looks]);
    await noteLost(env.DB, lost);
    await lookForLost({ ...env, ARCHIVE }, Date.now());
    expect(calls).toEqual(["put", ...looks, ...looks, ...looks]);
  });
});

describe("POST /v1/archive/run", () => {
  it("moves what is older than the setting, or sooner what is older than it is told", async () => {
    await oldEvents(10, { perDay: 2 });
    const around = environment({ ARCHIVE_AFTER_DAYS: "8" });
    const first = { firstSeq: 1, lastSeq: 2, day: dayAgo(10), version: 1, events: 2, bytes: expect.any(Number) };
    const moved = [first, { ...first, firstSeq: 3, lastSeq: 4, day: dayAgo(9) }];
    expect((await run({}, around)).body).toEqual({ written: moved, rewritten: 0, messages: 0, more: false });
    expect((await run({ olderThanDays: 7 }, around)).body).toMatchObject({ written: [{ firstSeq: 5, lastSeq: 6 }] });
    expect(await eventsRead()).toBe(10);
  });

  it("rewrites the segments that are due", async () => {
    await oldEvents(4);
    await archiveAll(10);
    await recallEvents(env, [2]);
    await env.DB.prepare("UPDATE events SET user_agent = 'another' WHERE seq = 2").run();
    await env.DB.prepare("UPDATE recalled SET used_at = 0, due_at = 1").run();
    expect((await run({ olderThanDays: 2 })).body).toEqual({ written: [], rewritten: 1, messages: 0, more: false });
    expect(await keys()).toEqual([expect.stringMatching(/1-3\.\S+\.v2\./)]);
  });

  it.each([
    ["nothing where ARCHIVE_AFTER_DAYS is not set", {}, "missing_field"],
    ["a day", { olderThanDays: 1 }, "invalid_field"],
    ["a text", { olderThanDays: "30" }, "invalid_field"],
    ["a part of a day", { olderThanDays: 2.5 }, "invalid_field"],
  ])("refuses %s, and moves nothing", async (_what, body, code) => {
    await oldEvents(4);
    expect(await run(body)).toMatchObject({ status: 400, body: { error: { code, field: "olderThanDays" } } });
    expect(await keys()).toEqual([]);
  });
});

it("POST /v1/archive/run does not guess what a wrong setting means", async () => {
  const around = environment({ ARCHIVE_AFTER_DAYS: "1" });
  expect(await run({}, around)).toMatchObject({ status: 503, body: { error: { code: "not_set_up" } } });
  expect((await run({ olderThanDays: 2 }, around)).status).toBe(200);
});

describe("POST /v1/archive/check", () => {
  it("finds nothing wrong with what was written and rewritten", async () => {
    await oldEvents(10, { perDay: 4 });
    await archiveAll(4);
    await recallEvents(env, [2]);
    await rewriteAll();
    expect([await check(), await check(true)]).toEqual([[], []]);
  });

  it("mends what D1 notes as it was at an earlier time, and says which segments are newer than D1", async () => {
    await oldEvents(10, { perDay: 4 });
    await run({ olderThanDays: 10 - 1 });
    const restore = await momentOfD1();
    await recallEvents(env, [2]);
    await env.DB.prepare("UPDATE events SET user_agent = 'another' WHERE seq = 2").run();
    await rewriteAll();
    await run({ olderThanDays: 2 });
    await restore();
    const [gone, there] = [/1-4\.\S+\.v1\./, /1-4\.\S+\.v2\./].map((key) => expect.stringMatching(key));
    expect(await check()).toEqual([
      expect.objectContaining({
        finding: "mended",
        key: gone,
        events: 4,
        found: { key: there, version: 2, events: 4 },
      }),
      expect.objectContaining({ finding: "newer", key: expect.stringMatching(/5-8\.\S+\.v1\./) }),
      expect.objectContaining({ finding: "newer", key: expect.stringMatching(/9-9\.\S+\.v1\./) }),
    ]);
    expect(await eventsRead()).toBe(10);
    expect(await sweepObjects(env, Date.now() + 2 * DAY_MS)).toBe(2);
    expect(await check(true)).toEqual([]);
  });

  it("mends a segment whose events were all erased after that time", async () => {
    await oldEvents(4);
    await archiveAll(10);
    const restore = await momentOfD1();
    await recallEvents(env, [1, 2, 3]);
    await env.DB.prepare("DELETE FROM events WHERE seq < 4").run();
    await rewriteAll();
    expect(await check(true)).toEqual([]);
    await restore();
    expect(await check()).toEqual([
      expect.objectContaining({ finding: "mended", found: expect.objectContaining({ version: 2, events: 0 }) }),
    ]);
    expect(await eventsRead()).toBe(1);
  });

  it.each<[what: string, finding: string, deep: boolean, damage: (key: string, bytes: Uint8Array) => Promise<unknown>]>(
    [
      ["an object that is gone", "missing", false, (key) => env.ARCHIVE.delete(key)],
      ["one that is cut", "changed", false, (key, bytes) => env.ARCHIVE.put(key, bytes.slice(1))],
      [
        "one that holds fewer events than D1 notes",
        "damaged",
        true,
        () => env.DB.prepare("UPDATE segments SET rows = 8").run(),
      ],
      ["no Parquet file, though D1 notes it", "damaged", true, notedAsIs],
    ],
  )("names what cannot be mended: %s", async (_what, finding, deep, damage) => {
    await oldEvents(10);
    await archiveAll(10);
    const [key = ""] = await keys();
    await damage(key, (await (await env.ARCHIVE.get(key))?.bytes()) ?? new Uint8Array());
    expect(await check(deep)).toEqual([expect.objectContaining({ finding, firstSeq: 1, day: dayAgo(10) })]);
    await lookForLost(env, Number.POSITIVE_INFINITY);
    expect(await status()).toMatchObject({ lostFiles: 1 });
  });

  it("takes the same object under another etag, as a copy in parts has, and no damaged later version", async () => {
    await oldEvents(10);
    await archiveAll(10);
    const [key = ""] = await keys();
    const bytes = (await (await env.ARCHIVE.get(key))?.bytes()) ?? new Uint8Array();
    const upload = await env.ARCHIVE.createMultipartUpload(key);
    await upload.complete([await upload.uploadPart(1, bytes)]);
    await env.ARCHIVE.put(key.replace(".v1.", ".v3."), bytes.slice(9));
    const [mended, unnamed] = await check();
    expect(mended).toMatchObject({ finding: "mended", key, found: { key, version: 1, events: 9 } });
    expect(unnamed).toMatchObject({ finding: "unnamed", key: key.replace(".v1.", ".v3.") });
    expect(await eventsRead()).toBe(10);
  });

  it("is not confused by retention that deletes segments meanwhile", async () => {
    await oldEvents(10);
    await archiveAll(10);
    await env.ARCHIVE.put("log/v1/notes.txt", "");
    await deleteOldSegments(env, Date.now());
    expect(await check(true)).toEqual([expect.objectContaining({ finding: "unnamed", key: "log/v1/notes.txt" })]);
  });

  it("takes no object of a message file that had the id before D1 was restored; the sweep deletes it", async () => {
    await oldEvents(3);
    await moveAllMessages();
    await recallFiled(env, [{ person: "p1" }]);
    await env.DB.prepare("UPDATE message_stats SET flags = flags | 128").run();
    await rewriteAllFiles();
    const others = await keys();
    const tables = ["message_files", "message_filters", "recalled_messages", "day_totals", "link_totals"];
    const restored = [...tables, "sqlite_sequence"].map((table) => env.DB.prepare(`DELETE FROM ${table}`));
    await env.DB.batch(restored);
    await moveAllMessages();
    const [key = ""] = (await keys()).filter((each) => !others.includes(each));
    expect([others[0], key].map((each = "") => parsedFileKey(each))).toMatchObject([
      { id: 1, version: 2 },
      { id: 1, version: 1 },
    ]);
    await env.ARCHIVE.delete(key);
    expect(await check()).toEqual([{ finding: "missing", key, messages: 1 }]);
    expect(await sweepMessageFiles(env, Date.now() + 2 * DAY_MS)).toBe(1);
    expect(await keys()).toEqual([]);
  });
});
