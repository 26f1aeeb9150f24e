/** D1 that is restored to an earlier time, and back again, while R2 stays as it is: whose objects are read and kept. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { recallFiled } from "../../src/archive/index.ts";
import { sweepMessageFiles } from "../../src/archive/messages/sweep.ts";
import { recallEvents } from "../../src/archive/recall-seqs.ts";
import { sweepObjects } from "../../src/archive/work.ts";
import { readFeedPage } from "../../src/feed/feed-page.ts";
import { ask } from "../worker.ts";
import {
  archiveAll,
  momentOfD1,
  moveAllMessages,
  oldEvents,
  rewriteAll,
  rewriteAllFiles,
  wholeLog,
  withoutArchive,
} from "./whole-log.ts";

const LATER_MS = 2 * 86_400_000;

/** What a check finds, by names without their random parts. */
async function found(): Promise<readonly string[]> {
  const headers = { Authorization: `Bearer ${env.API_KEYS}` };
  const findings: string[] = [];
  for (let cursor: string | undefined; ; ) {
    const init = { method: "POST", headers, body: JSON.stringify({ deep: true, cursor }) };
    const page = await (await ask("/v1/archive/check", init)).json<{ data: Finding[]; next?: string }>();
    findings.push(...page.data.map(({ finding, key }) => `${finding} ${key.replaceAll(/^.*\/|\.[0-9a-f-]{36}/g, "")}`));
    if (page.next === undefined) return findings;
    cursor = page.next;
  }
}

interface Finding {
  readonly finding: string;
  readonly key: string;
}

const change = (seq: number, userAgent: string) =>
  env.DB.prepare("UPDATE events SET user_agent = ?2 WHERE seq = ?1").bind(seq, userAgent).run();
/** The name of another object of the file. */
const named = (key: string, { version = 1, token = "00000000-0000-0000-0000-000000000000" }) =>
  key.replace(/\.v\d+\.[0-9a-f-]{36}/, `.v${version}.${token}`);
async function copyObject(from: string, to: string): Promise<void> {
  await env.ARCHIVE.put(to, (await (await env.ARCHIVE.get(from))?.bytes()) ?? "");
}
const secondEvent = async () => (await wholeLog("SELECT user_agent FROM events WHERE seq = 2")).at(0);

beforeEach(async () => {
  await withoutArchive();
  await oldEvents(10);
});

describe("a segment that was written after the moment to which D1 is restored", () => {
  it("is overwritten by none that D1 writes of the same seqs, and is there when D1 is restored back", async () => {
    const restore = await momentOfD1();
    await archiveAll(50);
    const undo = await momentOfD1();
    await restore();
    await change(2, "of the other time");
    await archiveAll(50);
    expect(await secondEvent()).toEqual({ user_agent: "of the other time" });
    await undo();
    expect(await found()).toEqual(["unnamed 1-9.v1.parquet"]);
    expect(await secondEvent()).toEqual({ user_agent: null });
  });

  it("is taken for none of the same seqs, and is swept", async () => {
    const restore = await momentOfD1();
    await archiveAll(50);
    await recallEvents(env, [2]);
    await change(2, "of the other time");
    await rewriteAll();
    await restore();
    const others = (await env.ARCHIVE.list()).objects.map(({ key }) => key);
    await archiveAll(50);
    expect(await sweepObjects(env, Date.now() + LATER_MS)).toBe(1);
    const [own] = (await env.ARCHIVE.list()).objects;
    expect(others).not.toContain(own?.key);
    await env.ARCHIVE.put(others[0] ?? "", (await (await env.ARCHIVE.get(own?.key ?? ""))?.bytes()) ?? "");
    await env.ARCHIVE.delete(own?.key ?? "");
    expect(await found()).toEqual(["missing 1-9.v1.parquet", "unnamed 1-9.v2.parquet"]);
  });
});

describe("a file that was rewritten after the moment to which D1 is restored", () => {
  it("is noted, and stays for a day when it is rewritten again, so that D1 can be restored back", async () => {
    await archiveAll(50);
    await recallEvents(env, [2]);
    await change(2, "first");
    const restore = await momentOfD1();
    await rewriteAll();
    const undo = await momentOfD1();
    await restore();
    expect(await found()).toEqual(["mended 1-9.v1.parquet"]);
    await change(2, "second");
    await rewriteAll();
    expect(await found()).toEqual(["unnamed 1-9.v2.parquet"]);
    await undo();
    expect(await found()).toEqual(["unnamed 1-9.v3.parquet"]);
    expect(await secondEvent()).toEqual({ user_agent: "first" });
  });

  it("has each message once, also when D1 is restored back", async () => {
    await moveAllMessages();
    await recallFiled(env, [{ person: "p1" }]);
    await env.DB.prepare("UPDATE message_stats SET flags = flags | 128 WHERE person = 'p1'").run();
    const restore = await momentOfD1();
    await rewriteAllFiles();
    const undo = await momentOfD1();
    await restore();
    expect(await found()).toEqual(["mended 1.v1.parquet"]);
    await rewriteAllFiles();
    await undo();
    expect(await found()).toEqual([]);
    await recallFiled(env, [{ person: "p1" }, { person: "p2" }]);
    const query = "SELECT person, flags & 128 AS flag FROM message_stats ORDER BY person";
    expect((await env.DB.prepare(query).raw()).flat()).toEqual(["p1", 128, "p2", 0]);
    expect(await env.DB.prepare("SELECT sum(messages) AS count FROM day_totals").first("count")).toBe(8);
  });

  it("is noted as it was written last, and not as somebody left it who died before an erasure", async () => {
    await archiveAll(50);
    await moveAllMessages();
    const restore = await momentOfD1();
    await recallEvents(env, [2]);
    await recallFiled(env, [{ person: "p1" }]);
    for (const { key } of (await env.ARCHIVE.list()).objects) await copyObject(key, named(key, { version: 2 }));
    await env.DB.prepare("DELETE FROM events WHERE seq = 2").run();
    await env.DB.prepare("DELETE FROM message_stats WHERE person = 'p1'").run();
    await rewriteAll();
    await rewriteAllFiles();
    await restore();
    expect(await found()).toEqual(["mended 1-9.v1.parquet", "mended 1.v1.parquet", "unnamed 1-9.v2.parquet"]);
    await recallFiled(env, [{ person: "p1" }]);
    expect(await wholeLog("SELECT seq FROM events WHERE seq = 2")).toEqual([]);
    expect(await env.DB.prepare("SELECT person FROM message_stats WHERE person = 'p1'").all()).toMatchObject({
      results: [],
    });
  });
});

it("a check forgets a file without messages whose object was swept, once nobody relies on the file", async () => {
  const people = (await env.DB.prepare("SELECT DISTINCT person FROM message_stats").all<{ person: string }>()).results;
  await moveAllMessages();
  await recallFiled(env, people);
  await env.DB.prepare("DELETE FROM message_stats").run();
  await rewriteAllFiles();
  const restore = await momentOfD1();
  expect(await sweepMessageFiles(env, Date.now() + 16 * LATER_MS)).toBe(1);
  await restore();
  const recalled =
    "INSERT INTO recalled_messages (email, campaign, person, file, used_at, due_at) VALUES (1, 1, 1, 1, ?1, 0)";
  await env.DB.prepare(recalled).bind(Date.now()).run();
  const noted = async () => {
    const tables = ["message_files", "recalled_messages", "lost_files"].map((name) => `(SELECT count(*) FROM ${name})`);
    return (await env.DB.prepare(`SELECT ${tables.join()}`).raw()).flat();
  };
  expect([await found(), await noted()]).toEqual([[], [1, 1, 0]]);
  await env.DB.prepare("UPDATE recalled_messages SET used_at = 0").run();
  expect([await found(), await noted()]).toEqual([[], [0, 0, 0]]);
});

it("a segment is not lost for a reader while D1 notes another object of its version with the same bytes", async () => {
  await archiveAll(50);
  const token = crypto.randomUUID();
  const [{ key } = { key: "" }] = (await env.ARCHIVE.list()).objects;
  const replace = async () => {
    await copyObject(key, named(key, { token }));
    await env.ARCHIVE.delete(key);
    await env.DB.prepare("UPDATE segments SET token = ?1").bind(token).run();
  };
  const ARCHIVE = new Proxy(env.ARCHIVE, {
    get: (bucket) => async (asked: string) => {
      if (asked === key) await replace();
      return await bucket.get(asked);
    },
  });
  const page = await readFeedPage({ ...env, ARCHIVE }, { after: 0, limit: 10 }, { bots: "include" });
  expect(page.rows).toHaveLength(9);
  expect(await env.DB.prepare("SELECT key FROM lost_files").all()).toMatchObject({ results: [] });
});
