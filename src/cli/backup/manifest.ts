/**
 * manifest.json of a backup: what its files hold. Guarantees that what it says of waxseal.sql is counted in that file,
 * an INSERT a line, as `wrangler d1 export` writes it: line breaks in texts are written as char(10).
 */
import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { parsedFileKey } from "../../archive/messages/message-key.ts";
import { parsedKey } from "../../archive/segment-key.ts";
import { CommandError, usageError } from "../command-error.ts";

export const MANIFEST_FILE = "manifest.json";
export const SQL_FILE = "waxseal.sql";
export const EMAILS_FOLDER = "emails";
export const ARCHIVE_FOLDER = "archive";

const Count = v.pipe(v.number(), v.integer(), v.minValue(0));
const FileFacts = v.object({ bytes: Count, sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)) });
export type FileFacts = v.InferOutput<typeof FileFacts>;

const Manifest = v.object({
  /** The version of this form. */
  waxsealBackup: v.literal(1),
  /** When it was begun, ISO 8601. */
  at: v.string(),
  /** The last migration that the database has had. */
  migration: v.string(),
  /** The highest seq that the log has given, whether its event is still there or not. */
  lastSeq: Count,
  /** Rows by table. */
  rows: v.record(v.string(), Count),
  sql: FileFacts,
  /** The kept HTML of emails, by the object's name; `missing`: D1 names it, but R2 has none. */
  emails: v.record(v.pipe(v.string(), v.regex(/^[^/\\]+\.html$/)), v.union([FileFacts, v.literal("missing")])),
  /** The archive's files, by the object's name; `missing`: D1 names it, but R2 has none. `left_out`: all of them. */
  archive: v.optional(
    v.union([
      v.literal("left_out"),
      v.record(
        v.pipe(
          v.string(),
          v.check((key) => parsedKey(key) !== undefined || parsedFileKey(key) !== undefined),
        ),
        v.union([FileFacts, v.literal("missing")]),
      ),
    ]),
    {},
  ),
});
export type Manifest = v.InferOutput<typeof Manifest>;

/** @throws {CommandError} when the folder is no backup */
export async function readManifest(folder: string): Promise<Manifest> {
  const path = join(folder, MANIFEST_FILE);
  if (!existsSync(path))
    throw usageError(
      `${folder} is no backup: it has no ${MANIFEST_FILE}, which "waxseal backup" writes last.`,
      "Name the folder that it made.",
    );
  const read = v.safeParse(v.pipe(v.string(), v.parseJson(), Manifest), await readFile(path, "utf8"));
  if (read.success) return read.output;
  const field = v.getDotPath(read.issues[0]) ?? "it";
  throw new CommandError(`${path} is damaged: ${field} is not as it was written.`, "Take another backup.");
}

/** The size and hash of a file. */
export async function factsOf(path: string): Promise<FileFacts> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of createReadStream(path)) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, sha256: hash.digest("hex") };
}

const TABLE = /^CREATE TABLE (?:IF NOT EXISTS )?["'`]?(?<table>\w+)["'`]?\s*\(/;
const INSERT = /^INSERT INTO "(?<table>\w+)" \(/;
const LAST_SEQ = /VALUES\('events',(?<seq>\d+)\);$/;
const MIGRATION = /VALUES\(\d+,'(?<name>[^']+)',/;

/** What an export holds. @throws {CommandError} when it is not of Waxseal's tables */
export async function contentOfExport(path: string): Promise<Pick<Manifest, "migration" | "lastSeq" | "rows">> {
  const rows: Record<string, number> = {};
  let lastSeq = 0;
  let migration: string | undefined;
  for await (const line of linesOf(path)) {
    const created = TABLE.exec(line)?.groups?.table;
    if (created !== undefined) rows[created] = 0;
    const table = INSERT.exec(line)?.groups?.table;
    if (table === undefined) continue;
    if (table === "sqlite_sequence") lastSeq = Number(LAST_SEQ.exec(line)?.groups?.seq ?? lastSeq);
    else rows[table] = (rows[table] ?? 0) + 1;
    if (table === "d1_migrations") migration = MIGRATION.exec(line)?.groups?.name ?? migration;
  }
  if (migration === undefined || rows.events === undefined)
    throw new CommandError(
      "The database holds no log of Waxseal's: it was never migrated.",
      'For npm run dev, start it once. On Cloudflare, "npx waxseal deploy" migrates.',
    );
  return { migration, lastSeq, rows };
}

/** Split at line feeds alone: other line ends are in texts. */
async function* linesOf(path: string): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of createReadStream(path, "utf8")) {
    const lines = `${rest}${chunk}`.split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  yield rest;
}
