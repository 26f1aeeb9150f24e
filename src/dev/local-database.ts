/**
 * Migrates the local D1 with wrangler, so that it is the database that `wrangler dev` opens. A marker beside the
 * database names the migrations that it has had: while they are the same, this takes a millisecond, not the seconds
 * of a start of wrangler.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { sha256Hex } from "../platform/sha256.ts";

const MARKER = "waxseal-migrations";

export interface MigrationOptions {
  /** The folder of wrangler.toml. */
  readonly root: string;
  /** Where `wrangler dev` keeps its state. Default: `.wrangler/state` */
  readonly persistTo?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Whether there was anything to do. Throws with wrangler's output when the migration fails. */
export async function migrateLocalDatabase({ root, persistTo, signal }: MigrationOptions): Promise<boolean> {
  const state = persistTo ?? join(root, ".wrangler", "state");
  const marker = join(state, MARKER);
  const wanted = await fingerprint(join(root, "migrations"));
  if (existsSync(marker) && (await readFile(marker, "utf8")) === wanted) return false;
  await migrateWithWrangler(root, state, signal);
  await mkdir(state, { recursive: true });
  await writeFile(marker, wanted);
  return true;
}

async function fingerprint(folder: string): Promise<string> {
  const names = (await readdir(folder)).filter((each) => each.endsWith(".sql")).sort();
  const files = await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), "utf8")]));
  return sha256Hex(JSON.stringify(files));
}

async function migrateWithWrangler(root: string, persistTo: string, signal?: AbortSignal): Promise<void> {
  const wrangler = join(root, "node_modules", "wrangler", "bin", "wrangler.js");
  const command = ["d1", "migrations", "apply", "DB", "--local", "--persist-to", persistTo];
  try {
    // CI: wrangler asks no questions. Without its banner it does not look for updates either.
    const env = { ...process.env, CI: "true", WRANGLER_HIDE_BANNER: "true" };
    await promisify(execFile)(process.execPath, [wrangler, ...command], { cwd: root, env, signal });
  } catch (error) {
    const output = error instanceof Error && "stderr" in error ? `\n${error.stderr}` : "";
    throw new Error(`The local database could not be migrated (npx wrangler ${command.join(" ")}).${output}`, {
      cause: error,
    });
  }
}
