/** An R2 that does not give what D1 notes: nothing is lost or wrong, and recipients wait for nothing. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { writeSegment } from "../../src/archive/write.ts";
import { rowOf } from "../../src/events/row.ts";
import { insertGroups } from "../../src/ingest/insert.ts";
import { bodyOf } from "../../src/ingest/queue-body.ts";
import { clickGroupOf, groupOf } from "../../src/ingest/row-group.ts";
import { aggregateLog } from "../../src/reports/index.ts";
import { deliver } from "../ingest/deliver.ts";
import { emptyLog, logRows, recordInTime } from "../marketo/marketo.ts";
import { POLICY } from "../privacy/people-world.ts";
import { ask, newMessage, PHONE, token } from "../worker.ts";
import { archiveAll, withoutArchive } from "./whole-log.ts";

const AT = Date.UTC(2026, 9, 1);
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

const FAULTS = {
  refuses: async () => {
    throw new Error("get: We encountered an internal error. Please try again. (10001)");
  },
  "never answers": () => new Promise(() => undefined),
  "has lost the object": async () => null,
  "answers an old version": async (real: Get, key: string) =>
    new Proxy((await real(key)) ?? {}, { get: (of, name) => (name === "etag" ? "old" : Reflect.get(of, name)) }),
  "answers other bytes": async (real: Get, key: string) => {
    const object = await real(key);
    return object && { etag: object.etag, arrayBuffer: async () => new Uint8Array(2_000).buffer };
  },
} satisfies Readonly<Record<string, Fault>>;

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
  await emptyLog();
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

/** Puts a late report of an archived message. */
async function reportLate(get: Fault): Promise<void> {
  const person = await logged();
  await archiveAll(50);
  const row = JSON.stringify(["late", 7, AT, "1", person, "x", null, null, null, null, 0, null, null]);
  await insertGroups({ ...env, ARCHIVE: bucketWith(get) }, [groupOf([row])]);
}

const lateReports = async () => (await env.DB.prepare("SELECT id FROM events WHERE id = 'late'").all()).results;

const { "has lost the object": lost, ...passing } = FAULTS;

it.each(Object.entries(passing))("a late report of an archived message waits for an R2 that %s", async (_name, get) => {
  hurryR2(READ_MS);
  await expect(reportLate(get)).rejects.toThrow();
  expect(await lateReports()).toEqual([]);
});

it("old clicks that may be in a lost object become dead letters, and hold up nothing", async () => {
  await logged();
  await archiveAll(50);
  const click = (atMs: number, person: string) => {
    const link = { id: "l", url: "https://shop.example/" };
    const message = { email: "7", person, campaign: "42" };
    return bodyOf(clickGroupOf([rowOf({ type: "clicked", id: "", atMs, message, link, visitor: VISITOR })], person));
  };
  const bodies = [click(AT, "old"), click(Date.now(), "young")];
  const result = await deliver(bodies, { ...env, ARCHIVE: bucketWith(lost) });
  expect(result).toEqual({ acknowledged: ["m0", "m1"], retried: [] });
  const people = (await env.DB.prepare("SELECT person FROM events WHERE type = 11").all()).results;
  expect(people).toEqual([{ person: "young" }]);
  const headers = { Authorization: `Bearer ${env.API_KEYS}` };
  const dead = async () => await (await ask("/v1/dead-letters", { headers })).json<{ data: { id: string }[] }>();
  expect(await dead()).toMatchObject({ data: [{ error: expect.stringContaining("is lost") }] });
  await ask("/v1/dead-letters/replay", { method: "POST", body: "{}", headers });
  expect(await dead()).toEqual({ data: [] });
});

it("a late report of a message whose object is lost is recorded: it would wait for ever", async () => {
  await reportLate(lost);
  expect(await lateReports()).toHaveLength(1);
});
