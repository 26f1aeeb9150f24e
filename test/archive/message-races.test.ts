/** What happens to messages in files between any two calls of others, and when their file is lost. */
import { env } from "cloudflare:workers";
import { beforeEach, describe, expect, it } from "vitest";
import { recallFiled } from "../../src/archive/index.ts";
import { lookForLost } from "../../src/archive/lost.ts";
import { fileToRewrite } from "../../src/archive/messages/rewrite.ts";
import { RELIED_ON_MS } from "../../src/archive/relied-on.ts";
import { readFeedPage } from "../../src/feed/feed-page.ts";
import { workOnErasures } from "../../src/privacy/erase.ts";
import { requestErasure } from "../../src/privacy/erasures.ts";
import { workOnRetention } from "../../src/privacy/retention.ts";
import { aggregateLog, readStaleMailings } from "../../src/reports/index.ts";
import { logRows, type Row, recordInTime } from "../marketo/marketo.ts";
import { get } from "../outcomes.ts";
import { emptyAll, rowsOf, tablesWith } from "../privacy/people-world.ts";
import { UNASKED } from "../reports/policy.ts";
import { ask } from "../worker.ts";
import { beforeEachCall, interruptedAt } from "./moving.ts";
import {
  archiveAll,
  moveAllMessages,
  moveQuietMessages,
  rewriteAll,
  rewriteAllFiles,
  rewriteFirstFile,
  withoutArchive,
} from "./whole-log.ts";

const AT = Date.UTC(2026, 5, 1);
const SENT: Row = { type: 6, email: "1", campaign: "x", at: AT };

/** Two people's messages; and a last event, which is never archived. */
async function logged(...rows: readonly Row[]): Promise<void> {
  await emptyAll();
  await withoutArchive();
  await logRows(
    ...["p1", "p2"].flatMap((person) => [
      { ...SENT, person },
      { ...SENT, type: 7, person },
    ]),
    ...rows,
  );
  await recordInTime();
  await aggregateLog(env, UNASKED, Number.POSITIVE_INFINITY);
}

const messages = () => rowsOf("SELECT person, flags, seqs FROM message_stats ORDER BY email, campaign, person");

beforeEach(() => logged());

describe("between any two calls", () => {
  it("of a scan another one may move the same messages, and more: each is in one file that R2 has", async () => {
    await beforeEachCall(async (call, interrupted) => {
      await logged();
      const before = await messages();
      await env.DB.prepare("DELETE FROM message_scan").run();
      await moveQuietMessages(
        Number.MAX_SAFE_INTEGER,
        interrupted(async () => {
          await logRows({ ...SENT, person: "p3" });
          await aggregateLog(env, UNASKED, Number.POSITIVE_INFINITY);
          await moveAllMessages();
        }),
      );
      await recallFiled(env, [{ person: "p1" }, { person: "p2" }]);
      expect({ call, messages: (await messages()).slice(0, 2) }).toEqual({ call, messages: before });
    });
  });

  it("of aggregation a reader may bring the message back that it is about", async () => {
    await beforeEachCall(async (call, interrupted) => {
      await logged();
      await moveAllMessages();
      // So young a click is recorded without a look at its message.
      const click = { type: 11, person: "p1", at: Date.now(), link_id: "l1", link: "https://a.example/" };
      await logRows({ ...SENT, ...click });
      const around = interrupted(() => recallFiled(env, [{ person: "p1" }]));
      await aggregateLog(around, UNASKED, Number.POSITIVE_INFINITY);
      await aggregateLog(env, UNASKED, Number.POSITIVE_INFINITY);
      const [p1] = await messages();
      expect({ call, ...p1 }).toEqual({ call, person: "p1", flags: 1 + 2 + 128, seqs: "[1,2,5]" });
    });
  });

  it("of a reader a scan may move the messages that it has brought back, or not yet", async () => {
    for (const isFirstScan of [true, false])
      await beforeEachCall(async (call, interrupted) => {
        await logged({ ...SENT, person: "last" });
        if (!isFirstScan) await archiveAll(1);
        const around = interrupted(async () => {
          await env.DB.prepare("DELETE FROM recalled_messages").run();
          await moveAllMessages();
        });
        const page = await readFeedPage(around, { after: 0, limit: 10 }, { person: "p1", bots: "include" });
        const seqs = page.rows.map(({ seq }) => seq);
        expect({ call, isFirstScan, seqs }).toEqual({ call, isFirstScan, seqs: [1, 2] });
      });
  });
});

describe("a file that is lost", () => {
  /** The call of D1 and R2 by which aggregation writes messages, one of which it found in a lost file. */
  const WRITE_CALL = 8;
  const erase = () => workOnErasures(env, UNASKED, Number.POSITIVE_INFINITY, async () => undefined);

  /** Loses the only file, under a name of which this isolate keeps nothing in memory; the answer puts it back. */
  async function lose(): Promise<() => Promise<unknown>> {
    const [object] = (await env.ARCHIVE.list({ prefix: "messages/" })).objects;
    const key = object?.key ?? "";
    const bytes = await (await env.ARCHIVE.get(key))?.arrayBuffer();
    await env.ARCHIVE.delete(key);
    await env.DB.prepare("UPDATE message_files SET version = 2").run();
    return async () => await env.ARCHIVE.put(key.replace(".v1.", ".v2."), bytes ?? "");
  }

  const lostFiles = () => rowsOf("SELECT key FROM lost_files");
  const warnings = async () => (await (await ask("/healthz")).json<{ warnings: string[] }>()).warnings;

  it("holds up the erasure of its people alone, until it is back, and is said", async () => {
    await archiveAll(3);
    await moveAllMessages();
    const putBack = await lose();
    await logRows({ ...SENT, person: "p3" });
    await aggregateLog(env, UNASKED, Number.POSITIVE_INFINITY);
    await requestErasure(env.DB, { person: "p1" }, Date.now() - 1);
    await requestErasure(env.DB, { person: "p3" }, Date.now());
    await erase();
    const undone = "SELECT person FROM erasures WHERE done_at IS NULL";
    expect(await rowsOf(undone)).toEqual([{ person: "p1" }]);
    expect(await warnings()).toContainEqual(
      expect.stringMatching(/A file of the archive is lost, messages\/v1\/1\.[\da-f-]+\.v2\./),
    );
    expect((await get("/v1/archive")).body).toMatchObject({ lostFiles: 1 });
    await lookForLost(env, Number.POSITIVE_INFINITY);
    expect(await lostFiles()).toHaveLength(1);
    await putBack();
    await lookForLost(env, Number.POSITIVE_INFINITY);
    expect(await lostFiles()).toEqual([]);
    await erase();
    expect(await rowsOf(undone)).toEqual([]);
    await archiveAll(3);
    await rewriteAll();
    await rewriteAllFiles();
    expect(await tablesWith("p1")).toEqual([]);
  });

  it("holds up nothing else, and once it is back what was made anew meanwhile is one with its own", async () => {
    await moveAllMessages();
    const putBack = await lose();
    await logRows({ ...SENT, type: 11, person: "p1", link_id: "l1", link: "https://a.example/" });
    await aggregateLog(env, UNASKED, Number.POSITIVE_INFINITY);
    // It is in no second file.
    expect(await moveAllMessages()).toBe(0);
    expect(await messages()).toEqual([{ person: "p1", flags: 128, seqs: "[5]" }]);
    await putBack();
    await lookForLost(env, Number.POSITIVE_INFINITY);
    expect(await messages()).toEqual([{ person: "p1", flags: 1 + 2 + 128, seqs: "[1,2,5]" }]);
    expect(await rowsOf("SELECT sum(messages) AS messages FROM day_totals")).toEqual([{ messages: 1 }]);
    expect(await rewriteAllFiles()).toBe(1);
    await readStaleMailings(env.DB, Number.POSITIVE_INFINITY);
    expect(await moveAllMessages()).toBe(1);
    expect(await rowsOf("SELECT sum(messages) AS messages FROM day_totals")).toEqual([{ messages: 2 }]);
  });

  it("and is back between any two calls of aggregation makes no message anew that a reader brought back", async () => {
    await beforeEachCall(async (call, interrupted) => {
      await logged();
      await moveAllMessages();
      const putBack = await lose();
      await logRows({ ...SENT, type: 11, person: "p1", link_id: "l1", link: "https://a.example/" });
      const around = interrupted(async () => {
        await putBack();
        await recallFiled(env, [{ person: "p1" }]);
      });
      await aggregateLog(around, UNASKED, Number.POSITIVE_INFINITY);
      // It may have had fewer calls.
      await putBack();
      await lookForLost(env, Number.POSITIVE_INFINITY);
      expect({ call, messages: await messages() }).toEqual({
        call,
        messages: [{ person: "p1", flags: 1 + 2 + 128, seqs: "[1,2,5]" }],
      });
    });
  });

  it("is one with a message that is made anew between any two calls of the search that finds it", async () => {
    await beforeEachCall(async (call, interrupted) => {
      await logged();
      await moveAllMessages();
      const putBack = await lose();
      await logRows({ ...SENT, type: 11, person: "p1", link_id: "l1", link: "https://a.example/" });
      const [found, isLooked] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      // Before it writes: it has found the file lost.
      const around = interruptedAt(WRITE_CALL, async () => {
        found.resolve();
        await isLooked.promise;
      });
      const aggregation = aggregateLog(around, UNASKED, Number.POSITIVE_INFINITY);
      await Promise.race([found.promise, aggregation]);
      expect([await lostFiles(), await messages()]).toEqual([[expect.anything()], []]);
      await putBack();
      await lookForLost(
        interrupted(async () => {
          isLooked.resolve();
          await aggregation;
        }),
        Number.POSITIVE_INFINITY,
      );
      isLooked.resolve();
      await aggregation;
      await lookForLost(env, Number.POSITIVE_INFINITY);
      expect({ call, messages: await messages(), lost: await lostFiles() }).toEqual({
        call,
        messages: [{ person: "p1", flags: 1 + 2 + 128, seqs: "[1,2,5]" }],
        lost: [],
      });
    });
  });

  it("of events holds up the erasure of their people alone", async () => {
    await archiveAll(2);
    const [p1] = (await env.ARCHIVE.list({ prefix: "log/" })).objects;
    const bytes = await (await env.ARCHIVE.get(p1?.key ?? ""))?.arrayBuffer();
    await env.ARCHIVE.delete(p1?.key ?? "");
    await requestErasure(env.DB, { person: "p1" }, Date.now() - 1);
    await requestErasure(env.DB, { person: "p2" }, Date.now());
    await erase();
    expect(await rowsOf("SELECT person FROM erasures WHERE done_at IS NULL")).toEqual([{ person: "p1" }]);
    expect(await lostFiles()).toEqual([{ key: p1?.key }]);
    await env.ARCHIVE.put(p1?.key ?? "", bytes ?? "");
    await lookForLost(env, Number.POSITIVE_INFINITY);
    await erase();
    await archiveAll(2);
    await rewriteAll();
    expect([await lostFiles(), await tablesWith("p1")]).toEqual([[], []]);
  });
});

describe("a file that is rewritten", () => {
  it("loses who was erased while others of it are read", async () => {
    await moveAllMessages();
    await recallFiled(env, [{ person: "p1" }], true);
    await env.DB.prepare("UPDATE message_stats SET person = '~erased-1' WHERE person = 'p1'").run();
    await env.DB.prepare("UPDATE recalled_messages SET used_at = 0").run();
    await recallFiled(env, [{ person: "p2" }]);
    expect(await rewriteFirstFile(Date.now())).toBe(true);
    expect(await rowsOf("SELECT person FROM recalled_messages")).toEqual([{ person: "p2" }]);
    expect(await rowsOf("SELECT rows FROM message_files")).toEqual([{ rows: 1 }]);
    expect(await fileToRewrite(env.DB, 0, Date.now() + RELIED_ON_MS / 2)).toBeUndefined();
    expect(await rewriteAllFiles()).toBe(1);
    expect((await messages()).map(({ person }) => person)).toEqual(["~erased-1"]);
  });

  it("keeps an empty object when all of its messages have left it", async () => {
    await moveAllMessages();
    await recallFiled(env, [{ person: "p1" }, { person: "p2" }], true);
    await env.DB.prepare("UPDATE message_stats SET flags = flags | 128").run();
    expect(await rewriteAllFiles()).toBe(1);
    expect(await rowsOf("SELECT id, version, rows FROM message_files")).toEqual([{ id: 1, version: 2, rows: 0 }]);
    expect((await env.ARCHIVE.list({ prefix: "messages/" })).objects).toHaveLength(1);
    await moveAllMessages();
    expect(await rowsOf("SELECT id, rows FROM message_files")).toEqual([
      { id: 1, rows: 0 },
      { id: 2, rows: 2 },
    ]);
  });
});

it("an erasure has the files rewritten at once, also when somebody has just read the person", async () => {
  await moveAllMessages();
  await recallFiled(env, [{ person: "p1" }]);
  await recallFiled(env, [{ person: "p1" }], true);
  const [due] = await rowsOf<{ due_at: number }>("SELECT due_at FROM recalled_messages");
  expect(due?.due_at).toBeLessThanOrEqual(Date.now());
});

it("who is being erased is not moved under the pseudonym before the erasure is done", async () => {
  await requestErasure(env.DB, { person: "p1" }, Date.now());
  const pseudonym = await env.DB.prepare("SELECT pseudonym FROM erasures").first<string>("pseudonym");
  await env.DB.prepare("UPDATE message_stats SET person = ?1 WHERE person = 'p1'").bind(pseudonym).run();
  expect(await moveAllMessages()).toBe(1);
  await env.DB.prepare("UPDATE erasures SET done_at = 1").run();
  expect(await moveAllMessages()).toBe(1);
});

it("a message that was sent lately stays, and one that no event names until retention renames it", async () => {
  await env.DB.prepare("UPDATE message_stats SET seqs = NULL WHERE person = 'p1'").run();
  expect(await moveQuietMessages(AT)).toBe(0);
  await env.DB.prepare("DELETE FROM message_scan").run();
  expect(await moveQuietMessages(AT + 1)).toBe(1);
  await workOnRetention(env.DB, 1, Number.POSITIVE_INFINITY);
  expect(await messages()).toEqual([{ person: expect.stringMatching(/^~/), flags: 1 + 2, seqs: null }]);
  await env.DB.prepare("DELETE FROM retention").run();
  expect(await moveAllMessages()).toBe(1);
});
