/** What is left of erased people in the archive: nothing, in any byte of R2 and any row of D1. */
import { env } from "cloudflare:workers";
import { parquetRead } from "hyparquet";
import { beforeEach, describe, expect, it } from "vitest";
import { recallFiled } from "../../src/archive/index.ts";
import { openFile, readOptions } from "../../src/archive/parquet.ts";
import { recallEvents } from "../../src/archive/recall-seqs.ts";
import { RELIED_ON_MS } from "../../src/archive/relied-on.ts";
import { segmentToRewrite } from "../../src/archive/rewrite.ts";
import { deleteOldSegments, sweepObjects, workOnArchive } from "../../src/archive/work.ts";
import { writeSegment } from "../../src/archive/write.ts";
import { workOnErasures } from "../../src/privacy/erase.ts";
import { requestErasure } from "../../src/privacy/erasures.ts";
import { aggregateLog } from "../../src/reports/index.ts";
import { callsOf } from "../fuzz.ts";
import { logRows, type Row, recordInTime } from "../marketo/marketo.ts";
import { emptyAll, erase, POLICY, rowsOf, tablesWith } from "../privacy/people-world.ts";
import { interposedDatabase, interruptedAt } from "./moving.ts";
import {
  archiveAll,
  moveAllMessages,
  rewriteAll,
  rewriteAllFiles,
  rewriteFirstFile,
  withoutArchive,
} from "./whole-log.ts";

const DAY_MS = 86_400_000;
const AT = Date.UTC(2026, 9, 1);
const ADDRESS = "ann@mail.example";

/** All that an object holds: its bytes as they are, and all columns of all rows. */
async function archiveTexts(): Promise<readonly string[]> {
  const { objects } = await env.ARCHIVE.list();
  const texts = objects.map(async ({ key }) => {
    const bytes = (await (await env.ARCHIVE.get(key))?.arrayBuffer()) ?? new ArrayBuffer();
    const rows: unknown[] = [];
    await parquetRead({ ...readOptions(openFile(bytes)), onComplete: (some) => rows.push(...some) });
    return `${Buffer.from(bytes).toString("latin1")} ${JSON.stringify(rows, (_, value) => withoutBigInt(value))}`;
  });
  return await Promise.all(texts);
}

function withoutBigInt(value: unknown): unknown {
  return typeof value === "bigint" ? Number(value) : value;
}

async function expectNothingOf(...names: readonly string[]): Promise<void> {
  const texts = await archiveTexts();
  for (const name of names) {
    expect({ name, tables: await tablesWith(name) }).toEqual({ name, tables: [] });
    expect({ name, objects: texts.filter((text) => text.includes(name)).length }).toEqual({ name, objects: 0 });
  }
}

/** An event of each kind, of two people. */
function rowsOfPerson(person: string, address: string): Row[] {
  const named = { person, email: "1", campaign: "x", at: AT };
  const detail = JSON.stringify({ address });
  return [
    { ...named, type: 6, detail },
    { ...named, type: 7, detail },
    { ...named, type: 8, detail: JSON.stringify({ address, category: 2, details: `550 no ${address}` }) },
    { ...named, type: 9, detail: JSON.stringify({ cause: "form" }) },
    { ...named, type: 10, detail: JSON.stringify({ loads: [] }) },
    { ...named, type: 11, link_id: "l1", link: `https://a.example/?to=${person}` },
    { ...named, type: 11, link_id: "l1", link: "https://a.example/" },
  ];
}

/** No event moves because it is a bot's. */
const OFF = Object.fromEntries(Object.keys(POLICY.handling).map((method) => [method, "off"])) as typeof POLICY.handling;
const WITHOUT_BOTS = { ...POLICY, handling: OFF };

async function logged(...rows: readonly Row[]): Promise<void> {
  await logRows(...rows, { type: 6, person: "last", at: AT + DAY_MS });
  await recordInTime();
  await aggregateLog(env, WITHOUT_BOTS, Number.POSITIVE_INFINITY);
}

beforeEach(async () => {
  await emptyAll();
  await withoutArchive();
});

describe("after an erasure", () => {
  it("of a person, whose events of all types are archived, nothing is left in rewritten segments", async () => {
    await logged(...rowsOfPerson("ann-1", ADDRESS), ...rowsOfPerson("bob-1", "bob@mail.example"));
    await archiveAll(3);
    await erase({ person: "ann-1" });
    await rewriteAll();
    await expectNothingOf("ann-1", ADDRESS);
    expect((await archiveTexts()).some((text) => text.includes("bob-1"))).toBe(true);
  });

  it("of a person, whose messages are in files, nothing is left in rewritten files", async () => {
    await logged(...rowsOfPerson("ann-1", ADDRESS), ...rowsOfPerson("bob-1", "bob@mail.example"));
    await archiveAll(3);
    expect(await moveAllMessages()).toBe(3);
    await erase({ person: "ann-1" });
    await rewriteAll();
    await rewriteAllFiles();
    await expectNothingOf("ann-1", ADDRESS);
    expect((await archiveTexts()).filter((text) => text.includes("bob-1")).length).toBeGreaterThan(1);
  });

  it("of a person who opens an old email before the files are rewritten, no file has what was before", async () => {
    await logged(...rowsOfPerson("ann-1", ADDRESS), ...rowsOfPerson("bob-1", "bob@mail.example"));
    await archiveAll(3);
    await moveAllMessages();
    await erase({ person: "ann-1" });
    await env.DB.prepare("UPDATE recalled_messages SET used_at = 0").run();
    await logged({ person: "ann-1", email: "1", campaign: "x", type: 10, at: Date.now() });
    await rewriteAll();
    // Opens put it off no longer than the ten minutes.
    expect(await rewriteFirstFile(Date.now())).toBe(true);
    expect((await archiveTexts()).filter((text) => text.includes("ann-1")).length).toBe(0);
    // What has happened since is theirs again.
    expect(await rowsOf("SELECT json_array_length(seqs) AS events FROM message_stats WHERE person = 'ann-1'")).toEqual([
      { events: 1 },
    ]);
  });

  it("of an address whose person stays, the address is in no event of theirs", async () => {
    await env.DB.prepare("INSERT INTO people (person, address) VALUES ('ann-1', 'new@mail.example')").run();
    await env.DB.prepare("INSERT INTO other_addresses (person, address) VALUES ('ann-1', ?1)").bind(ADDRESS).run();
    await logged(...rowsOfPerson("ann-1", ADDRESS));
    await archiveAll(3);
    await erase({ address: ADDRESS });
    await rewriteAll();
    await expectNothingOf(ADDRESS);
    expect((await archiveTexts()).some((text) => text.includes("ann-1"))).toBe(true);
  });

  it("nothing is left of a bounce that retention had deleted from D1 before its segment is old", async () => {
    await logged(...rowsOfPerson("ann-1", ADDRESS));
    await archiveAll(1);
    await env.DB.prepare("DELETE FROM events WHERE type = 8").run();
    await erase({ person: "ann-1" });
    await rewriteAll();
    await expectNothingOf("ann-1", ADDRESS);
  });

  it("nothing is left when the archive takes or rewrites something before any statement of the erasure", async () => {
    for (const offset of [0, 8, 16]) {
      await emptyAll();
      await withoutArchive();
      await logged(...rowsOfPerson("ann-1", ADDRESS), ...rowsOfPerson("bob-1", "bob@mail.example"));
      let calls = 0;
      const DB = interposedDatabase(async () => {
        if (++calls % 23 !== offset) return;
        await writeSegment(env, Number.MAX_SAFE_INTEGER, 3);
        await rewriteAll();
        await moveAllMessages();
        await rewriteAllFiles();
      });
      await requestErasure(env.DB, { person: "ann-1" }, Date.now());
      await workOnErasures({ ...env, DB }, WITHOUT_BOTS, Number.POSITIVE_INFINITY, async () => {
        if (calls > 400) throw new Error("the erasure does not end");
      });
      await archiveAll(3);
      await rewriteAll();
      await rewriteAllFiles();
      await expectNothingOf("ann-1", ADDRESS);
    }
  });

  it("nothing is left when it comes in the middle of a segment that is rewritten or written", async () => {
    for (const call of callsOf(16, 1)) {
      await emptyAll();
      await withoutArchive();
      await logged(...rowsOfPerson("ann-1", ADDRESS), ...rowsOfPerson("bob-1", "bob@mail.example"));
      await writeSegment(env, Number.MAX_SAFE_INTEGER, 8);
      await recallEvents(env, [1]);
      await env.DB.prepare("UPDATE events SET user_agent = 'another' WHERE seq = 1").run();
      let isErased = false;
      const around = interruptedAt(call, async () => {
        isErased = true;
        await erase({ person: "ann-1" });
      });
      await rewriteAll(around);
      await archiveAll(50, around);
      expect({ call, isErased }).toEqual({ call, isErased: true });
      await rewriteAll();
      await archiveAll(50);
      await expectNothingOf("ann-1", ADDRESS);
    }
  });

  it("nothing is left when it comes in the middle of a message file that is rewritten or written", async () => {
    for (const call of callsOf(16, 0)) {
      await emptyAll();
      await withoutArchive();
      await logged(...rowsOfPerson("ann-1", ADDRESS), ...rowsOfPerson("bob-1", "bob@mail.example"));
      await archiveAll(50);
      await moveAllMessages();
      await recallFiled(env, [{ person: "ann-1" }, { person: "bob-1" }]);
      await env.DB.prepare("UPDATE message_stats SET bot_clicks = 9 WHERE person = 'bob-1'").run();
      let isErased = false;
      const around = interruptedAt(call, async () => {
        isErased = true;
        await erase({ person: "ann-1" });
      });
      await rewriteAllFiles(around);
      await moveAllMessages(around);
      expect({ call, isErased }).toEqual({ call, isErased: true });
      await rewriteAll();
      await rewriteAllFiles();
      await expectNothingOf("ann-1", ADDRESS);
    }
  });

  it("nothing is left of a dead run's object once it is swept, also when nothing remains of its segment", async () => {
    await logged(...rowsOfPerson("ann-1", ADDRESS));
    await archiveAll(50);
    const [object] = (await env.ARCHIVE.list()).objects;
    const [key = ""] = [object?.key];
    const bytes = await (await env.ARCHIVE.get(key))?.arrayBuffer();
    await env.ARCHIVE.put(key.replace(".v1.", ".v2."), bytes ?? "");
    await env.DB.batch([
      env.DB.prepare("DELETE FROM events WHERE seq < 8"),
      env.DB.prepare(
        "INSERT OR REPLACE INTO recalled (seq, used_at, due_at) SELECT value, 0, 0 FROM json_each('[1,2,3,4,5,6,7]')",
      ),
    ]);
    await rewriteAll();
    expect(await rowsOf("SELECT version, rows FROM segments")).toEqual([{ version: 2, rows: 0 }]);
    expect(await sweepObjects(env, Date.now() + 2 * DAY_MS)).toBe(1);
    const texts = await archiveTexts();
    expect(texts).toHaveLength(1);
    expect(texts[0]).not.toContain("ann-1");
  });
});

describe("the work of each minute", () => {
  const LATER_MS = Date.now() + RELIED_ON_MS + DAY_MS;

  it("passes over what was recalled of a segment that is deleted", async () => {
    await logged(...rowsOfPerson("ann-1", ADDRESS));
    await archiveAll(3);
    await env.DB.prepare("DELETE FROM segments WHERE first = 4").run();
    await env.DB.prepare("INSERT OR REPLACE INTO recalled (seq, used_at, due_at) VALUES (5, 0, 0)").run();
    expect(await segmentToRewrite(env.DB, LATER_MS, 0)).toBeUndefined();
  });

  it("rewrites and archives the others when an object is lost", async () => {
    await logged(...rowsOfPerson("ann-1", ADDRESS));
    await archiveAll(3);
    const [lost] = (await env.ARCHIVE.list()).objects;
    await env.ARCHIVE.delete(lost?.key ?? "");
    await env.DB.prepare("INSERT OR REPLACE INTO recalled (seq, used_at, due_at) VALUES (1, 0, 0), (5, 0, 0)").run();
    await logged({ type: 6, person: "new", at: AT + DAY_MS });
    const { written, rewritten } = await workOnArchive(env, LATER_MS, Number.POSITIVE_INFINITY);
    expect({ written: written.length, rewritten }).toEqual({ written: 1, rewritten: 1 });
  });

  it("deletes what was recalled of a segment with it", async () => {
    await logged(...rowsOfPerson("ann-1", ADDRESS));
    await archiveAll(50);
    await env.DB.prepare(
      "INSERT INTO retention (before, stage, waited_seq, end_seq, end_at) VALUES (0, 'done', 0, 0, 0)",
    ).run();
    await erase({ person: "ann-1" });
    await deleteOldSegments(env, AT + 1);
    expect(await rowsOf("SELECT seq FROM recalled")).toEqual([]);
    expect(await rowsOf("SELECT type FROM events WHERE seq < 8 AND type IN (6, 7, 10, 11)")).toEqual([]);
    expect((await env.ARCHIVE.list()).objects).toEqual([]);
    expect(await rowsOf("SELECT deleted_seq FROM retention")).toEqual([{ deleted_seq: 7 }]);
  });
});
