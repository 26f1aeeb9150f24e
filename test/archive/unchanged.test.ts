/** Recalled events that have not changed leave D1 again, and their segment's file stays as it is. */
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { recallEvents } from "../../src/archive/recall-seqs.ts";
import { emptyLog, logRows } from "../marketo/marketo.ts";
import { aggregate } from "../privacy/people-world.ts";
import { archiveAll, rewriteAll, withoutArchive } from "./whole-log.ts";

const countOf = async (table: string) =>
  await env.DB.prepare(`SELECT count(*) AS count FROM ${table}`).first<number>("count");

it("unchanged events leave D1, and nothing is written into R2", async () => {
  await emptyLog();
  await withoutArchive();
  await logRows({}, {}, {}, {});
  await aggregate();
  await archiveAll(10);
  const segments = async () => (await env.ARCHIVE.list({ prefix: "log/" })).objects;
  const [before] = await segments();
  await recallEvents(env, [1, 2]);
  expect(await countOf("events")).toBe(3);
  await rewriteAll();
  expect([await countOf("events"), await countOf("recalled")]).toEqual([1, 0]);
  expect(await segments()).toMatchObject([{ key: before?.key, etag: before?.etag }]);
});
