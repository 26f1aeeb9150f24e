/**
 * `waxseal backup`: D1 and the kept HTML of emails in a folder. Guarantees that nothing is overwritten, that only the
 * owner reads it, and that a folder with a manifest is whole. Gives up what Durable Objects and queues hold.
 */
import { existsSync } from "node:fs";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { sourceKey } from "../../decorate/source-key.ts";
import { CommandError, usageError } from "../command-error.ts";
import { allEnded } from "../wrangler/all-ended.ts";
import {
  contentOfExport,
  EMAILS_FOLDER,
  type FileFacts,
  factsOf,
  MANIFEST_FILE,
  type Manifest,
  SQL_FILE,
} from "./manifest.ts";
import { findTarget, type Target, type TargetOptions } from "./target.ts";

export interface BackupOptions extends TargetOptions {
  /** The folder to make. Default: named by the moment, in the current one */
  readonly out?: string;
}

/** Processes of wrangler at the same time. */
export const PARALLEL = 4;
const EMAILS_PER_QUERY = 1_000;

export async function backup(options: BackupOptions): Promise<void> {
  const target = await findTarget(options, "Backing up");
  const at = new Date().toISOString();
  const folder = resolve(options.out ?? `waxseal-backup-${at.replace(/\.\d+/, "").replaceAll(":", "-")}`);
  if (existsSync(folder))
    throw usageError(`${folder} is there already, and nothing is overwritten.`, "Name another folder by --out.");
  await mkdir(join(folder, EMAILS_FOLDER), { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  target.say("Exporting the database, which answers nobody meanwhile; events wait …");
  const sqlFile = join(folder, SQL_FILE);
  await target.run("exporting the database", [
    ...["d1", "export", "DB", target.place, "--skip-confirmation", "--output", sqlFile],
  ]);
  await chmod(sqlFile, 0o600);
  const [content, sql] = await Promise.all([contentOfExport(sqlFile), factsOf(sqlFile)]);
  const emails = await copyEmails(target, join(folder, EMAILS_FOLDER));
  const manifest: Manifest = { waxsealBackup: 1, at, ...content, sql, emails };
  await writeFile(join(folder, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600, flag: "wx" });
  const missing = Object.entries(emails).flatMap(([name, facts]) => (facts === "missing" ? [name] : []));
  if (missing.length > 0)
    console.error(`R2 does not hold the HTML of ${missing.join(", ")}; the next decoration of the email keeps it.`);
  console.log(
    [
      `${folder} holds ${number(content.rows.events ?? 0)} events (last seq ${content.lastSeq}), ${megabytes(sql)},`,
      `and the HTML of ${number(Object.keys(emails).length - missing.length)} emails, readable by you alone.`,
      "Keep TOKEN_KEYS with it: without the same keys no link in sent emails works.",
      `Prove it: npx waxseal restore ${options.out ?? folder}, into another Worker's empty database.`,
    ].join("\n"),
  );
}

async function copyEmails(target: Target, folder: string): Promise<Manifest["emails"]> {
  const names = await keptEmails(target);
  const emails: Record<string, FileFacts | "missing"> = {};
  await eachOf(names, async (name, index) => {
    target.say(`Copying ${name}, ${index + 1} of ${names.length} …`);
    const file = join(folder, name);
    try {
      const from = `${target.bucket}/${name}`;
      await target.run(`copied ${name}`, ["r2", "object", "get", from, "--file", file, ...target.bucketOptions]);
    } catch (error) {
      if (!(error instanceof CommandError && /key does not exist/.test(error.message))) throw error;
      emails[name] = "missing";
      return;
    }
    await chmod(file, 0o600);
    emails[name] = await factsOf(file);
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

/** Does `work` for each, some at a time, and begins no other after one has failed. */
export async function eachOf<Item>(
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<void>,
): Promise<void> {
  const left = items.entries();
  let hasFailed = false;
  const worker = async () => {
    for (const [index, item] of left) {
      if (hasFailed) return;
      try {
        await work(item, index);
      } catch (error) {
        hasFailed = true;
        throw error;
      }
    }
  };
  await allEnded(Array.from({ length: PARALLEL }, worker));
}

function number(count: number): string {
  return count.toLocaleString("en");
}

function megabytes({ bytes }: FileFacts): string {
  return `${(bytes / 1e6).toFixed(1)} MB of SQL`;
}
