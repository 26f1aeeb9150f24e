/**
 * docs/analysts.md: a log is archived by the Worker, its files are taken out of R2 as they are, and DuckDB answers the
 * page's queries as the page says. What DuckDB and hyparquet read is the log that was in D1, row by row.
 */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openFile, rowCount } from "../../src/archive/parquet.ts";
import { decodeRows, SEGMENT_COLUMNS, type SegmentRow } from "../../src/archive/segment-file.ts";
import { ROW_COLUMNS } from "../../src/events/row.ts";
import { type InstrumentedWorker, startTestWorker } from "../dev/test-worker.ts";
import { type LogRow, OCTOBER, SEPTEMBER } from "./analysts-log.ts";
import { type Block, readPage } from "./markdown.ts";

const BUCKET = "r2://waxseal-archive/";
const COLUMNS = SEGMENT_COLUMNS.map(({ name }) => name);

const page = await readPage("docs/analysts.md");
const queries = page.blocks.filter(({ language, words }) => language === "sql" && !words.includes("r2"));
let folder: string;
let duckdb: DuckDBConnection;
/** The rows that D1 had before they were archived, in order. */
const log: SegmentRow[] = [];

beforeAll(async () => {
  const [worker, made] = await Promise.all([
    startTestWorker({ settings: { ARCHIVE_AFTER_DAYS: "2" } }),
    mkdtemp(join(tmpdir(), "waxseal-analysts-")),
  ]);
  folder = made;
  try {
    for (const rows of [SEPTEMBER, OCTOBER]) await recordAndArchive(worker, rows);
    await takeObjects(worker);
  } finally {
    await worker.stop();
  }
  duckdb = await (await DuckDBInstance.create(":memory:")).connect();
  for (const { text } of queries.filter((block) => answerOf(block) === undefined)) await duckdb.run(inFolder(text));
});
afterAll(async () => {
  duckdb?.closeSync();
  await rm(folder, { recursive: true, force: true });
});

const VALUES = ROW_COLUMNS.map((_, index) => `value->'row'->>${index}`);
const INSERT = `INSERT INTO events (recorded_at, ${ROW_COLUMNS.join(", ")})
SELECT value->>'recordedAtMs', ${VALUES.join(", ")} FROM json_each(?1)`;

/** Notes the rows of the log that are new, and lets the Worker's work of a minute archive all but the last. */
async function recordAndArchive(worker: InstrumentedWorker, rows: readonly LogRow[]): Promise<void> {
  const d1 = await worker.d1();
  const entries = rows.map(({ row, recordedAtMs }) => ({ recordedAtMs, row: JSON.parse(row) }));
  await d1.prepare(INSERT).bind(JSON.stringify(entries)).run();
  const query = `SELECT ${COLUMNS.join(", ")} FROM events WHERE seq > ?1 ORDER BY seq`;
  log.push(
    ...(await d1
      .prepare(query)
      .bind(log.at(-1)?.[0] ?? 0)
      .raw<[...SegmentRow]>()),
  );
  await (await worker.miniflare.getWorker()).scheduled({ cron: "* * * * *" });
}

/** Copies the objects of the archive into the folder, and beside the first of them one that it replaced. */
async function takeObjects(worker: InstrumentedWorker): Promise<void> {
  const bucket = await worker.miniflare.getR2Bucket("ARCHIVE");
  const { objects } = await bucket.list();
  expect(objects.length).toBeGreaterThan(2);
  for (const [index, { key }] of objects.entries()) {
    const bytes = new Uint8Array((await (await bucket.get(key))?.arrayBuffer()) ?? new ArrayBuffer());
    const keys = index === 0 ? [key, key.replace(".v1.", ".v10."), key.replace(".v1.", ".v9.")] : [key];
    for (const each of keys) {
      await mkdir(dirname(join(folder, each)), { recursive: true });
      await writeFile(join(folder, each), bytes);
    }
  }
}

const inFolder = (text: string) => text.replaceAll(BUCKET, `${folder}/`);

/** The block behind a query, when it says what that answers. */
function answerOf(block: Block): string | undefined {
  const next = page.blocks[page.blocks.indexOf(block) + 1];
  return next?.words.includes("answer") === true ? next.text.trim() : undefined;
}

async function answer(query: string): Promise<string> {
  const reader = await duckdb.runAndReadAll(inFolder(query));
  const lines = [reader.columnNames(), ...reader.getRowsJson()];
  return lines.map((cells) => cells.join(" | ")).join("\n");
}

describe("docs/analysts.md", () => {
  const asking = queries.filter((block) => answerOf(block) !== undefined);

  it.each(
    asking.map((block) => [block.line, block] as const),
  )("line %i answers what is written below", async (_, block) => {
    expect(await answer(block.text)).toBe(answerOf(block));
  });
});

describe("the files of the archive", () => {
  const archived = () => log.filter(([seq]) => seq < (log.at(-1)?.[0] ?? 0));

  it("are read by DuckDB as the log was in D1, each in the folder of the day of its recording", async () => {
    const columns = COLUMNS.map((name) => name.replace(/^at$/, "happened_at").replace(/^.*_at$/, "epoch_ms($&)"));
    const reader = await duckdb.runAndReadAll(`SELECT ${columns.join(", ")}, day::TEXT FROM log ORDER BY seq`);
    const rows = reader.getRows().map((cells) => cells.map((cell) => (typeof cell === "bigint" ? Number(cell) : cell)));
    const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10);
    expect(rows).toEqual(
      archived().map((row) => [
        ...row.map((cell, at) => (COLUMNS[at] === "is_bot" ? cell === 1 : cell)),
        dayOf(row[4]),
      ]),
    );
  });

  it("are read by hyparquet as the log was in D1", async () => {
    const names = await readdir(join(folder, "log"), { recursive: true });
    const rows: SegmentRow[] = [];
    for (const name of names.filter((each) => each.includes(".v1."))) {
      const { buffer } = new Uint8Array(await readFile(join(folder, "log", name)));
      const file = openFile(buffer);
      rows.push(...(await decodeRows(file, 0, rowCount(file))));
    }
    expect(rows.toSorted(([one], [other]) => one - other)).toEqual(archived());
  });
});
