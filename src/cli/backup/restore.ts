/**
 * `waxseal restore`: fills an empty database from a backup. Guarantees that files which differ from the manifest and a
 * database that holds anything are refused before anything is changed, and that rows and last seq are the backup's.
 */
import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { CommandError, usageError } from "../command-error.ts";
import { filesIn, putArchive, requireBucket } from "./archive.ts";
import {
  ARCHIVE_FOLDER,
  EMAILS_FOLDER,
  type FileFacts,
  factsOf,
  type Manifest,
  readManifest,
  SQL_FILE,
} from "./manifest.ts";
import { eachOf, putObject } from "./objects.ts";
import { type Row, type Target, type TargetOptions, withTarget } from "./target.ts";

/** Tables that have rows from the first migration, or the first minute, on. */
const NEVER_EMPTY = ["aggregated", "d1_migrations", "reserve"];
const TABLES =
  "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '_cf_*' AND name <> 'sqlite_stat1'";

export async function restore(from: string, options: TargetOptions): Promise<void> {
  const folder = resolve(from);
  const manifest = await readManifest(folder);
  await withTarget(options, "Restoring", (target) => restoreInto(target, folder, manifest));
}

async function restoreInto(target: Target, folder: string, manifest: Manifest): Promise<void> {
  requireBucket(target, manifest);
  target.say("Checking the files …");
  await checkFiles(folder, manifest);
  target.say("Looking whether the database is empty …");
  const tables = await emptyTables(target, manifest);
  target.say(`Filling it with ${total(manifest)} rows …`);
  await fill(target, join(folder, SQL_FILE), tables);
  target.say("Counting what it holds …");
  await compare(target, manifest);
  const emails = Object.entries(manifest.emails).flatMap(([name, facts]) => (facts === "missing" ? [] : [name]));
  await eachOf(target, emails, async (name, index) => {
    target.say(`Putting ${name}, ${index + 1} of ${emails.length} …`);
    const file = join(folder, EMAILS_FOLDER, name);
    await putObject(target, target.emails, name, { file, type: "text/html; charset=utf-8" });
  });
  const archived = await putArchive(target, manifest, folder);
  console.log(
    [
      `Restored as of ${manifest.at}: ${manifest.rows.events ?? 0} events, last seq ${manifest.lastSeq}, every table`,
      `with the backup's number of rows, the HTML of ${emails.length} emails, and ${archived} files of the archive.`,
      "",
      "Next:",
      "  1. Give the Worker the TOKEN_KEYS of the backup's: with others no link in sent emails works.",
      "  2. Migrate, if this version is newer: npx waxseal deploy does it.",
      "  3. npx waxseal webhooks list: each endpoint needs a new secret (webhooks rotate).",
      "  4. npx waxseal status",
      ...lastSteps(manifest),
    ].join("\n"),
  );
}

/** What is to do about the archive. */
function lastSteps({ archive }: Manifest): readonly string[] {
  const check = "npx waxseal archive check --deep";
  if (archive === "left_out")
    return [`  5. The archive was left out: copy the bucket's objects under their names, then ${check}`];
  return Object.keys(archive).length === 0 ? [] : [`  5. ${check}`];
}

async function checkFiles(folder: string, manifest: Manifest): Promise<void> {
  const { sql, emails } = manifest;
  await checkFile(join(folder, SQL_FILE), sql);
  for (const [key, facts] of filesIn(manifest)) await checkFile(join(folder, ARCHIVE_FOLDER, key), facts);
  for (const [name, facts] of Object.entries(emails))
    if (facts !== "missing") await checkFile(join(folder, EMAILS_FOLDER, name), facts);
}

async function checkFile(path: string, { bytes, sha256 }: FileFacts): Promise<void> {
  const found = await factsOf(path).catch(() => undefined);
  if (found?.bytes === bytes && found.sha256 === sha256) return;
  throw new CommandError(
    found === undefined ? `${path} is missing.` : `${path} was changed or cut off after the backup.`,
    "Nothing was done. Take another copy of the backup.",
  );
}

/** The tables to drop. @throws {CommandError} unless none has anything */
async function emptyTables(target: Target, { rows }: Manifest): Promise<readonly string[]> {
  const found = (await target.query("looking for tables", TABLES)).map(({ name }) => String(name));
  const tables = found.filter((name) => name !== "sqlite_sequence");
  const other = tables.find((name) => rows[name] === undefined);
  if (other !== undefined) throw notEmpty(`it has a table ${other}, which the backup has not`);
  if (tables.length === 0) return [];
  const { lastSeq, ...counts } = await countRows(target, tables);
  const filled = tables.find((name) => counts[name] !== 0 && !NEVER_EMPTY.includes(name));
  if (filled !== undefined) throw notEmpty(`${filled} has ${counts[filled]} rows`);
  if (lastSeq !== 0) throw notEmpty(`its log has given seqs up to ${lastSeq}, which programs may have read`);
  return tables;
}

function notEmpty(why: string): CommandError {
  return usageError(
    `The database is not empty: ${why}. Nothing was done.`,
    'Restore into a new one: "npx waxseal deploy --folder restored --name …", then --folder restored.',
  );
}

/** Rows by table, and the last seq that the log has given. */
async function countRows(target: Target, tables: readonly string[]): Promise<Row> {
  const columns = tables.map((name) => `(SELECT count(*) FROM "${name}") AS "${name}"`);
  const lastSeq = "coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'events'), 0) AS lastSeq";
  const [counts] = await target.query("counting rows", `SELECT ${[...columns, lastSeq].join(", ")}`);
  if (counts === undefined) throw new Error("a count answered no row");
  return counts;
}

/** One file for all, because wrangler executes a file whole or not at all. */
async function fill(target: Target, sqlFile: string, tables: readonly string[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "waxseal-restore-"));
  const file = join(folder, SQL_FILE);
  try {
    await writeFile(file, tables.map((name) => `DROP TABLE "${name}";\n`).join(""), { mode: 0o600 });
    await pipeline(createReadStream(sqlFile), createWriteStream(file, { flags: "a" }));
    await target.run("filling the database", ["d1", "execute", target.database, target.place, "--yes", "--file", file]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function compare(target: Target, { rows, lastSeq: wantedSeq }: Manifest): Promise<void> {
  const { lastSeq, ...counts } = await countRows(target, Object.keys(rows));
  const wrong = Object.entries(rows).find(([name, wanted]) => counts[name] !== wanted);
  if (wrong === undefined && lastSeq === wantedSeq) return;
  const [name = "", wanted] = wrong ?? [];
  throw new CommandError(
    wrong === undefined
      ? `The last seq is ${lastSeq}, but the backup's is ${wantedSeq}.`
      : `${name} has ${counts[name]} rows, but the backup has ${wanted}.`,
    "Does a Worker write to it already? Delete the database, and restore into a new one that nobody uses yet.",
  );
}

function total({ rows }: Manifest): string {
  return Object.values(rows)
    .reduce((sum, count) => sum + count, 0)
    .toLocaleString("en");
}
