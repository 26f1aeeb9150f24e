/** Messages to which nothing has happened for long are in files, and come back when somebody asks for them. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { decodedContent } from "../../src/archive/messages/message-file.ts";
import { messageFileKey, parsedFileKey } from "../../src/archive/messages/message-key.ts";
import { recallFiled, recallPeople } from "../../src/archive/messages/recall.ts";
import { sweepMessageFiles } from "../../src/archive/messages/sweep.ts";
import { sql } from "../../src/platform/sql.ts";
import { aggregateLog } from "../../src/reports/index.ts";
import { logRows, type Row, recordInTime } from "../marketo/marketo.ts";
import { post } from "../outcomes.ts";
import { emptyAll, erase, tablesWith } from "../privacy/people-world.ts";
import { UNASKED } from "../reports/policy.ts";
import { moveAllMessages, moveQuietMessages, rewriteAllFiles, rewriteFirstFile, withoutArchive } from "./whole-log.ts";

const AT = Date.UTC(2026, 5, 1, 23, 30);
const TABLES = {
  message_stats: "email, campaign, person",
  earlier_seqs: "email, campaign, person, last",
  message_files: "id",
  day_totals: "email, campaign, at, flags",
  link_totals: "email, campaign, at, link",
} as const;

async function rowsOf(table: keyof typeof TABLES): Promise<readonly Readonly<Record<string, unknown>>[]> {
  return (await env.DB.prepare(`SELECT * FROM ${table} ORDER BY ${TABLES[table]}`).all()).results;
}

/** All that D1 has of single messages. */
async function state() {
  return { stats: await rowsOf("message_stats"), earlier: await rowsOf("earlier_seqs") };
}

/** Of the objects in R2: each file's id and version. */
async function versions(): Promise<readonly (readonly (number | undefined)[])[]> {
  const { objects } = await env.ARCHIVE.list();
  return objects.map(({ key }) => parsedFileKey(key)).map((named) => [named?.id, named?.version]);
}

const SENT: Row = { type: 6, email: "1", campaign: "x", person: "p1", at: AT };

async function logged(...rows: readonly Row[]): Promise<void> {
  await logRows(...rows);
  await recordInTime();
  await aggregateLog(env, UNASKED, Number.POSITIVE_INFINITY);
}

beforeEach(async () => {
  await emptyAll();
  await withoutArchive();
});

/** Three people, two campaigns; the first clicks six hundred times. */
function someRows(): readonly Row[] {
  const clicks = Array.from({ length: 600 }, (_, index): Row => {
    return { ...SENT, type: 11, at: AT + index, link_id: `l${index % 2}`, link: `https://a.example/${index % 2}` };
  });
  const honeypot: Row = { ...SENT, person: "p2", type: 11, link_id: "honeypot", link: "https://a.example/", is_bot: 1 };
  const isBot = { is_bot: 1, bot_pattern: "user agent" };
  return [
    SENT,
    ...clicks,
    { ...SENT, person: "p2" },
    honeypot,
    { ...SENT, person: "p2", type: 11, link_id: "l1", link: "https://a.example/1", ...isBot },
    { ...SENT, person: "p3", campaign: "y", at: AT + 3_600_000 },
    { ...SENT, type: 7, person: "p3", campaign: "y", at: AT + 3_700_000 },
  ];
}

describe("messages that move", () => {
  it("leave D1, are counted by day and link, and come back as they were", async () => {
    await logged(...someRows());
    const before = await state();
    expect(await moveAllMessages()).toBe(3);
    expect(await state()).toEqual({ stats: [], earlier: [] });
    const noon = Date.UTC(2026, 5, 1, 12);
    const days = await rowsOf("day_totals");
    expect(days.map(({ campaign, at, messages, bot_clicks }) => [campaign, at, messages, bot_clicks])).toEqual([
      ["x", noon, 1, 0],
      ["x", noon, 1, 2],
      ["y", noon + 86_400_000, 1, 0],
    ]);
    const links = await rowsOf("link_totals");
    expect(
      links.map(({ link, clicks, bot_clicks, people, bot_people }) => [link, clicks, bot_clicks, people, bot_people]),
    ).toEqual([
      ["", 600, 1, 1, 1],
      ["honeypot", 0, 1, 0, 1],
      ["l0", 300, 0, 1, 0],
      ["l1", 300, 1, 1, 1],
    ]);
    expect(await recallFiled(env, [{ person: "p1" }, { email: "1", campaign: "x", person: "p2" }])).toBe(true);
    expect((await rowsOf("day_totals")).length).toBe(1);
    await recallPeople(env, sql`SELECT 'p3' AS person`);
    expect(await state()).toEqual(before);
    expect([await rowsOf("day_totals"), await rowsOf("link_totals")]).toEqual([[], []]);
  });

  it("come back once, however many ask for them at the same time", async () => {
    await logged(...someRows());
    const before = await state();
    await moveAllMessages();
    await Promise.all(
      Array.from({ length: 6 }, () => recallFiled(env, [{ person: "p1" }, { person: "p2" }, { person: "p3" }])),
    );
    expect(await state()).toEqual(before);
    expect([await rowsOf("day_totals"), await rowsOf("link_totals")]).toEqual([[], []]);
  });

  it("go back into their file when nothing has happened to them", async () => {
    await logged(...someRows());
    await moveAllMessages();
    const totals = [await rowsOf("day_totals"), await rowsOf("link_totals")];
    const { objects } = await env.ARCHIVE.list();
    await recallFiled(env, [{ person: "p1" }]);
    expect(await rewriteAllFiles()).toBe(1);
    expect(await state()).toEqual({ stats: [], earlier: [] });
    expect([await rowsOf("day_totals"), await rowsOf("link_totals")]).toEqual(totals);
    expect((await env.ARCHIVE.list()).objects.map(({ key, etag }) => [key, etag])).toEqual(
      objects.map(({ key, etag }) => [key, etag]),
    );
    expect(await recallFiled(env, [{ person: "p1" }])).toBe(true);
  });

  it("leave their file when something has happened to them", async () => {
    await logged(...someRows());
    await moveAllMessages();
    await logged({ ...SENT, type: 7, at: AT + 86_400_000 });
    expect((await rowsOf("message_stats")).map(({ person }) => person)).toEqual(["p1"]);
    expect(await rewriteAllFiles()).toBe(1);
    expect(await versions()).toEqual([[1, 2]]);
    expect((await rowsOf("message_stats")).map(({ person }) => person)).toEqual(["p1"]);
    expect(await moveAllMessages()).toBe(1);
    expect(await rowsOf("message_stats")).toEqual([]);
    await recallFiled(env, [{ person: "p1" }]);
    expect(await rowsOf("message_stats")).toHaveLength(1);
  });

  it("are those to which nothing has happened since, in one scan a week", async () => {
    const LATER = AT + 86_400_000;
    await logged(...someRows().filter(({ type }) => type === 6), { ...SENT, type: 7, person: "p2", at: LATER });
    expect(await moveQuietMessages(LATER)).toBe(2);
    expect((await rowsOf("message_stats")).map(({ person }) => person)).toEqual(["p2"]);
    expect(await moveQuietMessages(LATER + 1)).toBe(0);
    await env.DB.prepare("UPDATE message_scan SET started_at = started_at - 8 * 86400000").run();
    expect(await moveQuietMessages(LATER + 1)).toBe(1);
  });

  it("come back of everybody who shares an address, however many", async () => {
    const people = Array.from({ length: 1_001 }, (_, index) => `p${index}`);
    await logged(...people.map((person) => ({ ...SENT, person })));
    await moveAllMessages();
    await recallPeople(env, sql`SELECT value AS person FROM json_each(${JSON.stringify(people)})`);
    expect(await rowsOf("message_stats")).toHaveLength(1_001);
  });

  it("are not looked for in R2 when the sender mails somebody new", async () => {
    await logged(...Array.from({ length: 500 }, (_, index) => ({ ...SENT, person: `p${index}` })));
    await moveAllMessages();
    const chunks = await env.DB.prepare("SELECT count(*) AS count FROM message_filters").first<number>("count");
    expect(chunks).toBeGreaterThan(5);
    const ARCHIVE = new Proxy(env.ARCHIVE, {
      get: () => {
        throw new Error("R2 is asked");
      },
    });
    const people = Array.from({ length: 500 }, (_, index) => ({ email: "1", campaign: "x", person: `new${index}` }));
    await recallFiled({ ...env, ARCHIVE }, people);
    await recallFiled({ ...env, ARCHIVE }, [{ email: "1", campaign: "y", person: "p1" }]);
    await expect(recallFiled({ ...env, ARCHIVE }, [{ email: "1", campaign: "x", person: "p1" }])).rejects.toThrow(
      "R2 is asked",
    );
  });
});

describe("retention", () => {
  it("takes messages from files when the log begins behind their last event, and leaves the totals", async () => {
    await logged(...someRows());
    await moveAllMessages();
    const totals = [await rowsOf("day_totals"), await rowsOf("link_totals")];
    await env.DB.prepare("DELETE FROM events WHERE campaign = 'x'").run();
    expect(await rewriteAllFiles()).toBe(0);
    await env.DB.prepare(`INSERT INTO retention (before, stage, waited_seq, end_seq, end_at)
      VALUES (${AT + 10 * 86_400_000}, 'done', 0, 0, 0)`).run();
    expect(await rewriteAllFiles()).toBe(1);
    expect(await rowsOf("message_files")).toMatchObject([{ rows: 1, version: 2 }]);
    expect([await rowsOf("day_totals"), await rowsOf("link_totals")]).toEqual(totals);
    await recallPeople(env, sql`SELECT 'p1' AS person UNION SELECT 'p3'`);
    expect((await rowsOf("message_stats")).map(({ person }) => person)).toEqual(["p3"]);
  });
});

describe("a check", () => {
  const keyNow = async () => (await env.ARCHIVE.list()).objects[0]?.key ?? "";
  const findings = async () => {
    const found: { finding: string; key: string; messages?: number }[] = [];
    for (let cursor: unknown; ; ) {
      const { body } = await post("/v1/archive/check", { deep: true, ...(cursor === undefined ? {} : { cursor }) });
      const page = body as { readonly data: typeof found; readonly next?: unknown };
      found.push(...page.data);
      cursor = page.next;
      if (cursor === undefined) return found;
    }
  };

  it("notes the later version of a file when D1 was restored to an earlier time", async () => {
    await logged(...someRows());
    await moveAllMessages();
    await recallFiled(env, [{ person: "p1" }, { person: "p3" }]);
    const before = await state();
    await rewriteAllFiles();
    const noted = await env.DB.prepare("SELECT token, etag, rows, bytes FROM message_files").first();
    const first = await keyNow();
    expect(await findings()).toEqual([]);
    await logged({ ...SENT, type: 7, at: AT + 86_400_000 });
    await rewriteAllFiles();
    await env.DB.prepare("DELETE FROM message_stats").run();
    await env.DB.prepare("UPDATE message_files SET version = 1, token = ?1, etag = ?2, rows = ?3, bytes = ?4")
      .bind(noted?.token, noted?.etag, noted?.rows, noted?.bytes)
      .run();
    // The message that has left the file since is in it again.
    const found = { key: await keyNow(), version: 2, messages: 3 };
    expect(await findings()).toEqual([{ finding: "mended", key: first, messages: 3, found }]);
    expect(await findings()).toEqual([]);
    await recallFiled(env, [{ person: "p1" }, { person: "p3" }]);
    expect(await state()).toEqual(before);
  });

  it("names a file that is lost, and messages that are in it are as if retention had deleted them", async () => {
    // Of another time, so that no object of another test has its etag: an isolate keeps those in memory.
    await logged(...someRows().map((row) => ({ ...row, at: AT + 1 })));
    await moveAllMessages();
    const first = await keyNow();
    await env.ARCHIVE.delete(first);
    expect(await findings()).toEqual([{ finding: "missing", key: first, messages: 3 }]);
    await recallFiled(env, [{ person: "p1" }]);
    expect(await rowsOf("message_stats")).toEqual([]);
  });
});

describe("who has left a file", () => {
  const left = async () => {
    const [object] = (await env.ARCHIVE.list()).objects;
    const bytes = await (await env.ARCHIVE.get(object?.key ?? ""))?.arrayBuffer();
    const content = await decodedContent(bytes ?? new ArrayBuffer(0), { restoredTo: null });
    return content.left.map(({ person, leftIn }) => [person, leftIn]);
  };

  beforeEach(async () => {
    await logged(...someRows());
    await moveAllMessages();
    await logged({ ...SENT, type: 7, at: AT + 86_400_000 });
    await rewriteAllFiles();
    expect(await left()).toEqual([["p1", 2]]);
  });

  it("leaves its object when they are erased", async () => {
    await erase({ person: "p1" });
    await rewriteAllFiles();
    expect([await left(), await tablesWith("p1")]).toEqual([[], []]);
  });

  it("leaves its object when D1 cannot be restored to the time before any more", async () => {
    const later = (days: number) => rewriteFirstFile(Date.now() + days * 86_400_000);
    expect(await later(30)).toBeUndefined();
    expect(await later(32)).toBe(true);
    expect(await left()).toEqual([]);
    expect(await later(99)).toBeUndefined();
  });
});

describe("the sweep", () => {
  it("deletes files that D1 does not note, and no other, once they are a day old", async () => {
    await logged(...someRows());
    await moveAllMessages();
    const fileToken = parsedFileKey((await env.ARCHIVE.list()).objects[0]?.key ?? "")?.fileToken ?? "";
    const dead = (id: number, version: number) => messageFileKey({ id, fileToken, version, token: "0" });
    await Promise.all([dead(7, 1), dead(1, 2)].map((key) => env.ARCHIVE.put(key, "of a writer that died")));
    expect(await sweepMessageFiles(env, Date.now())).toBe(0);
    expect(await sweepMessageFiles(env, Date.now() + 2 * 86_400_000)).toBe(1);
    expect(await versions()).toEqual([
      [1, 1],
      [1, 2],
    ]);
  });

  it("deletes a file without messages once D1 cannot be restored to the time when it had some", async () => {
    await logged(SENT);
    await moveAllMessages();
    await erase({ person: "p1" });
    expect(await rewriteAllFiles()).toBe(1);
    const deleted = (days: number) => sweepMessageFiles(env, Date.now() + days * 86_400_000);
    expect([await deleted(30), await versions(), await deleted(32), await versions()]).toEqual([0, [[1, 2]], 1, []]);
    expect(await rowsOf("message_files")).toEqual([]);
  });
});
