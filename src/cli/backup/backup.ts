/**
 * `waxseal backup`: D1, the kept HTML of emails and the archive in a folder. Guarantees that nothing is overwritten,
 * that only the owner reads it, and that a folder with a manifest is whole. Gives up what Durable Objects and queues
 * hold.
 */
import { existsSync } from "node:fs";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { sourceKey } from "../../decorate/source-key.ts";
import { usageError } from "../command-error.ts";
import { copyArchive } from "./archive.ts";
import {
  ARCHIVE_FOLDER,
  contentOfExport,
  EMAILS_FOLDER,
  type FileFacts,
  factsOf,
  MANIFEST_FILE,
  type Manifest,
  SQL_FILE,
} from "./manifest.ts";
import { copyObject, eachOf } from "./objects.ts";
import { type Target, type TargetOptions, withTarget } from "./target.ts";

export interface BackupOptions extends TargetOptions {
  /** The folder to make. Default: named by the moment, in the current one */
  readonly out?: string;
  /** False: the archive's files are left out. Default: they are copied */
  readonly archive?: boolean;
}

const EMAILS_PER_QUERY = 1_000;

export async function backup(options: BackupOptions): Promise<void> {
  await withTarget(options, "Backing up", (target) => backUp(target, options));
}

async function backUp(target: Target, options: BackupOptions): Promise<void> {
  const at = new Date().toISOString();
  const folder = resolve(options.out ?? `waxseal-backup-${at.replace(/\.\d+/, "").replaceAll(":", "-")}`);
  if (existsSync(folder))
    throw usageError(`${folder} is there already, and nothing is overwritten.`, "Name another folder by --out.");
  await mkdir(join(folder, EMAILS_FOLDER), { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  target.say("Exporting the database, which answers nobody meanwhile; events wait …");
  const sqlFile = join(folder, SQL_FILE);
  await target.run("exporting the database", [
    ...["d1", "export", target.database, target.place, "--skip-confirmation", "--output", sqlFile],
  ]);
  await chmod(sqlFile, 0o600);
  const [content, sql] = await Promise.all([contentOfExport(sqlFile), factsOf(sqlFile)]);
  const emails = await copyEmails(target, join(folder, EMAILS_FOLDER));
  const archive = options.archive === false ? "left_out" : await copyArchive(target, join(folder, ARCHIVE_FOLDER));
  const manifest: Manifest = { waxsealBackup: 1, at, ...content, sql, emails, archive };
  await writeFile(join(folder, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600, flag: "wx" });
  const lost = archive === "left_out" ? [] : missingIn(archive);
  if (lost.length > 0)
    console.error(`R2 does not hold ${lost.join(", ")}, of the archive: "waxseal archive check" says what is lost.`);
  const missing = missingIn(emails);
  if (missing.length > 0)
    console.error(`R2 does not hold the HTML of ${missing.join(", ")}; the next decoration of the email keeps it.`);
  console.log(
    [
      `${folder} holds ${number(content.rows.events ?? 0)} events (last seq ${content.lastSeq}), ${megabytes(sql)},`,
      `the HTML of ${number(Object.keys(emails).length - missing.length)} emails, and ${archiveText(archive)}.`,
      "It is readable by you alone.",
      "Keep TOKEN_KEYS with it: without the same keys no link in sent emails works.",
      `Prove it: npx waxseal restore ${options.out ?? folder}, into another Worker's empty database.`,
    ].join("\n"),
  );
}

async function copyEmails(target: Target, folder: string): Promise<Manifest["emails"]> {
  const names = await keptEmails(target);
  const emails: Record<string, FileFacts | "missing"> = {};
  await eachOf(target, names, async (name, index) => {
    target.say(`Copying ${name}, ${index + 1} of ${names.length} …`);
    emails[name] = await copyObject(target, target.emails, name, join(folder, name));
  });
  return Object.fromEntries(names.map((name) => [name, emails[name] ?? "missing"]));
}

/** The names of the objects that D1 says are kept, in order. */
async function keptEmails(target: Target): Promise<readonly string[]> {
  const names: string[] = [];
  for (let after = ""; ; ) {
    const rows = await target.query(
      "listing the kept emails",
      `SELECT email FROM email_sources WHERE email > '${after.replaceAll("'", "''")}' AND hash IS NOT NULL
        ORDER BY email LIMIT ${EMAILS_PER_QUERY}`,
    );
    names.push(...rows.map(({ email }) => sourceKey(String(email))));
    if (rows.length < EMAILS_PER_QUERY) return names;
    after = String(rows.at(-1)?.email);
  }
}

/** The names of objects that are not there. */
function missingIn(objects: Manifest["emails"]): readonly string[] {
  return Object.entries(objects).flatMap(([name, facts]) => (facts === "missing" ? [name] : []));
}

/** "12 files of the archive" */
function archiveText(archive: Manifest["archive"]): string {
  if (archive === "left_out") return "no file of the archive";
  return `${number(Object.keys(archive).length - missingIn(archive).length)} files of the archive`;
}

function number(count: number): string {
  return count.toLocaleString("en");
}

function megabytes({ bytes }: FileFacts): string {
  return `${(bytes / 1e6).toFixed(1)} MB of SQL`;
}
