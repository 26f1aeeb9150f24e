/**
 * Keeps the D1 of `wrangler dev` migrated. A marker beside the database names the migrations that it has had: while
 * they are the same, this takes a millisecond, not the seconds that wrangler's code takes to load.
 */
import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sha256Hex } from "../platform/sha256.ts";

const MARKER = "waxseal-migrations";

/**
 * Whether there was anything to do.
 * @param root the folder of wrangler.toml
 * @param state where `wrangler dev` keeps its state
 */
export async function migrateLocalDatabase(root: string, state: string): Promise<boolean> {
  const marker = join(state, MARKER);
  const wanted = await fingerprint(join(root, "migrations"));
  if (existsSync(marker) && (await readFile(marker, "utf8")) === wanted) return false;
  const { migrateStoredDatabase } = await import("./local-migrations.ts");
  try {
    await migrateStoredDatabase(root, state);
  } catch (error) {
    throw new Error("The local database could not be migrated.", { cause: error });
  }
  await writeFile(marker, wanted);
  return true;
}

async function fingerprint(folder: string): Promise<string> {
  const names = (await readdir(folder)).filter((each) => each.endsWith(".sql")).sort();
  const files = await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), "utf8")]));
  return sha256Hex(JSON.stringify(files));
}
