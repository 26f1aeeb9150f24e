/** What asks D1 for segments reads few of them. A year has 240,000, at a billion events a month. */
import { env } from "cloudflare:workers";
import { beforeAll, expect, it } from "vitest";
import { archivedClicks } from "../../src/archive/known-clicks.ts";
import { lastSeqBefore } from "../../src/archive/recorded.ts";
import { archiveEnd, firstSeqSince, recordedBehind, segmentAfter, segmentBefore } from "../../src/archive/segments.ts";
import { deleteOldSegments } from "../../src/archive/work.ts";
import { sql } from "../../src/platform/sql.ts";
import { seqBefore } from "../../src/reports/seq-before.ts";
import { counted } from "../counted.ts";

const SEGMENTS = 3_000;
/** Of each, with one that is used up behind it. */
const SEQS = 10_000;
const LAST = SEGMENTS * SEQS;
const HOUR_MS = 3_600_000;
const NOW_MS = Date.UTC(2026, 10, 20);
/** When the segment before the last `ago` was recorded: one an hour. */
const hoursAgo = (ago: number) => NOW_MS - ago * HOUR_MS;

beforeAll(async () => {
  await env.DB.prepare(
    `WITH RECURSIVE each (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM each WHERE n < ${SEGMENTS})
INSERT INTO segments
(first, last, file_token, token, day, etag, rows, bytes, earliest, latest, recorded_from, recorded_to)
SELECT n * ${SEQS}, n * ${SEQS} + ${SEQS - 2}, '', '', '2026-11-01', '', 0, 0,
  at, at + ${HOUR_MS - 1}, at, at + ${HOUR_MS - 1}
FROM (SELECT n, ${NOW_MS} - (${SEGMENTS} + 1 - n) * ${HOUR_MS} AS at FROM each)`,
  ).run();
  await env.DB.prepare(
    "INSERT INTO seq_ranges (number, earliest, latest) SELECT first / 10000, earliest, latest FROM segments",
  ).run();
});

const CLICKS = Array.from({ length: 200 }, (_, index) => ({ id: `c${index}`, atMs: hoursAgo(49) + index * 60_000 }));

const QUESTIONS: Readonly<Record<string, (around: Env) => Promise<unknown>>> = {
  "where the archive ends": ({ DB }) => archiveEnd(DB),
  "the segment behind a seq": ({ DB }) => segmentAfter(DB, LAST - 1),
  "the segment of a seq": ({ DB }) => segmentAfter(DB, LAST - 5),
  "the segment before a seq": ({ DB }) => segmentBefore(DB, LAST),
  "when the event behind a seq was recorded": ({ DB }) =>
    sql`SELECT ${recordedBehind(sql`${LAST - SEQS - 1}`)} AS at`.prepare(DB).first("at"),
  "the seq at a time": (around) => lastSeqBefore(around, hoursAgo(3)),
  "the first seq of the last hours": ({ DB }) => sql`SELECT ${firstSeqSince(hoursAgo(3))} AS seq`.prepare(DB).first(),
  "where a report of the last hours begins": ({ DB }) => seqBefore(DB, hoursAgo(3)),
  "what retention deletes": (around) => deleteOldSegments(around, hoursAgo(SEGMENTS)),
  "in which segments clicks may be": (around) => archivedClicks(around, CLICKS, NOW_MS),
};

it.each(Object.entries(QUESTIONS))("reads under 300 rows to answer a question: %s", async (_what, ask) => {
  let read = 0;
  const DB = counted(({ rows_read }) => {
    read += rows_read;
  });
  await ask({ ...env, DB });
  expect(read).toBeLessThan(300);
});

it("answers what a search of all segments does", async () => {
  expect(await segmentAfter(env.DB, LAST - 2)).toMatchObject({ first: LAST });
  expect(await segmentAfter(env.DB, LAST + SEQS - 2)).toBeUndefined();
  expect(await segmentAfter(env.DB, 0)).toMatchObject({ first: SEQS });
  const at = (seq: number) => sql`SELECT ${recordedBehind(sql`${seq}`)} AS at`.prepare(env.DB).first("at");
  const recorded = [await at(LAST - 3), await at(LAST - 2), await at(LAST + SEQS - 3), await at(LAST + SEQS - 2)];
  expect(recorded).toEqual([hoursAgo(2), hoursAgo(1), hoursAgo(1), null]);
  const since = (ms: number) => sql`SELECT ${firstSeqSince(ms)} AS seq`.prepare(env.DB).first("seq");
  expect([await since(hoursAgo(3)), await since(NOW_MS)]).toEqual([LAST - 2 * SEQS, null]);
  expect(await lastSeqBefore(env, hoursAgo(3))).toBe(LAST - 2 * SEQS - 1);
});
