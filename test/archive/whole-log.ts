/** The archive as tests drive and read it: small segments, at any moment, and the log whole. */
import { env } from "cloudflare:workers";
import { moveMessages } from "../../src/archive/messages/move.ts";
import { fileToRewrite, rewriteFile } from "../../src/archive/messages/rewrite.ts";
import { archivedRows, withArchived } from "../../src/archive/read.ts";
import { RELIED_ON_MS } from "../../src/archive/relied-on.ts";
import { rewriteSegment, segmentToRewrite } from "../../src/archive/rewrite.ts";
import { SEGMENT_COLUMNS } from "../../src/archive/segment-file.ts";
import { writeSegment } from "../../src/archive/write.ts";
import { rawSql, type Sql, sql } from "../../src/platform/sql.ts";
import { aggregateLog } from "../../src/reports/index.ts";
import { statementsForLeaving } from "../../src/retries/leaving.ts";
import { emptyLog, logInTime } from "../marketo/marketo.ts";
import { UNASKED } from "../reports/policy.ts";

const DAY_MS = 86_400_000;

/** A new log of so many events, aggregated, recorded on days of which the first is so many days ago. */
export async function oldEvents(count: number, { daysAgo = 10, perDay = count } = {}): Promise<void> {
  await emptyLog();
  const startMs = (Math.floor(Date.now() / DAY_MS) - daysAgo) * DAY_MS;
  const timeOf = (index: number) => startMs + Math.floor(index / perDay) * DAY_MS + (index % perDay);
  await logInTime(...Array.from({ length: count }, (_, index) => ({ person: `p${index}`, at: timeOf(index) })));
  await aggregateLog(env, UNASKED, Number.POSITIVE_INFINITY);
}

/** Moves all that may be moved, in segments of so many events. */
export async function archiveAll(size: number, around: Env = env): Promise<number> {
  for (let count = 0; ; count++) if (!(await writeSegment(around, Number.MAX_SAFE_INTEGER, size))) return count;
}

/** Rewrites each segment with a recalled event, whenever that was. */
export async function rewriteAll(around: Env = env): Promise<void> {
  const nowMs = Date.now() + 10 * 86_400_000 + RELIED_ON_MS;
  for (let after = 0; ; ) {
    const segment = await segmentToRewrite(env.DB, nowMs, after);
    if (segment === undefined) return;
    await rewriteSegment(around, segment, nowMs);
    after = segment.last;
  }
}

/** Moves the rows of messages whose last event was recorded before a time into files. */
export async function moveQuietMessages(quietSinceMs: number, around: Env = env): Promise<number> {
  return await moveMessages(around, quietSinceMs, Number.POSITIVE_INFINITY, statementsForLeaving);
}

/** Moves the rows of all messages into files, in a scan of its own. */
export async function moveAllMessages(around: Env = env): Promise<number> {
  await env.DB.prepare("DELETE FROM message_scan").run();
  return await moveQuietMessages(Number.MAX_SAFE_INTEGER, around);
}

/** Rewrites the first file that is due; undefined: none is. */
export async function rewriteFirstFile(nowMs: number): Promise<boolean | undefined> {
  const file = await fileToRewrite(env.DB, 0, nowMs);
  return file && (await rewriteFile(env, file, statementsForLeaving));
}

/** Rewrites each message file with a recalled message, whenever that was. */
export async function rewriteAllFiles(around: Env = env): Promise<number> {
  const nowMs = Date.now() + 10 * DAY_MS + RELIED_ON_MS;
  for (let after = 0, rewritten = 0; ; ) {
    const file = await fileToRewrite(env.DB, after, nowMs);
    if (file === undefined) return rewritten;
    if (await rewriteFile(around, file, statementsForLeaving)) rewritten++;
    after = file.id;
  }
}

/** Runs a query over the whole log, wherever its events are. */
export async function wholeLog<Row>(query: string): Promise<readonly Row[]> {
  const statement = withArchived(await everything(), rawSql(query));
  return (await statement.prepare(env.DB).all<Row>()).results;
}

async function everything() {
  const { results } = await sql`SELECT first, last FROM segments`
    .prepare(env.DB)
    .all<{ first: number; last: number }>();
  const seqs = results.flatMap(({ first, last }) =>
    Array.from({ length: last - first + 1 }, (_, index) => first + index),
  );
  const { rows } = await archivedRows(env, seqs);
  return { stretch: sql`true`, rows };
}

/** D1's tables of the log and the archive as they are, restored when called: Time Travel, while R2 stays as it is. */
export async function momentOfD1(): Promise<() => Promise<void>> {
  const was = `was_${crypto.randomUUID().slice(0, 8)}`;
  const tables = [...TABLES, "events", "message_stats", "earlier_seqs", "sqlite_sequence"];
  await env.DB.batch(tables.map((name) => env.DB.prepare(`CREATE TABLE ${was}_${name} AS SELECT * FROM ${name}`)));
  const columns = SEGMENT_COLUMNS.map(({ name }) => name).join(", ");
  return async () => {
    const restored = tables.flatMap((name) => {
      const of = name === "events" ? columns : "*";
      const into = name === "events" ? `${name} (${columns})` : name;
      return [`DELETE FROM ${name}`, `INSERT INTO ${into} SELECT ${of} FROM ${was}_${name}`];
    });
    await env.DB.batch(restored.map((text) => env.DB.prepare(text)));
  };
}

/** Those of the archive. */
const TABLES = [
  "segments",
  "recalled",
  "message_files",
  "message_filters",
  "recalled_messages",
  "message_scan",
  "lost_files",
  "day_totals",
  "link_totals",
];

/** Empties the archive. */
export async function withoutArchive(): Promise<void> {
  const statements: readonly Sql[] = TABLES.map((table) => sql`DELETE FROM ${rawSql(table)}`);
  const again = sql`DELETE FROM sqlite_sequence WHERE name = 'message_files'`;
  await env.DB.batch([...statements, again].map((statement) => statement.prepare(env.DB)));
  const { objects } = await env.ARCHIVE.list();
  if (objects.length > 0) await env.ARCHIVE.delete(objects.map(({ key }) => key));
}
