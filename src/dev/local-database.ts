/**
 * Keeps the D1 of `wrangler dev` migrated. A marker beside the database has the digest of each migration that it has
 * had: while they are the same, this takes a millisecond, not the seconds that wrangler's code takes to load.
 */
import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sha256Hex } from "../platform/sha256.ts";

const MARKER = "waxseal-migrations";

/** SHA-256 of each file, in hexadecimal, by the file's name. */
type Digests = Readonly<Record<string, string>>;

/**
 * Whether there was anything to do.
 * @param root the folder of wrangler.toml
 * @param state where `wrangler dev` keeps its state
 * @throws {Error} when a migration fails; and when one that the database has had is another one now
 */
export async function migrateLocalDatabase(root: string, state: string): Promise<boolean> {
  const marker = join(state, MARKER);
  const wanted = await digestsOf(join(root, "migrations"));
  const text = JSON.stringify(wanted);
  if (existsSync(marker)) {
    const noted = await readFile(marker, "utf8");
    if (noted === text) return false;
    requireSame(noted, wanted, state);
  }
  const { migrateStoredDatabase } = await import("./local-migrations.ts");
  try {
    await migrateStoredDatabase(root, state);
  } catch (error) {
    throw new Error("The local database could not be migrated.", { cause: error });
  }
  await writeFile(marker, text);
  return true;
}

/** Until the first release migrations may change, and D1 applies none again whose name it knows. */
function requireSame(noted: string, wanted: Digests, state: string): void {
  const had: Digests | undefined = noted.startsWith("{") ? JSON.parse(noted) : undefined;
  if (had !== undefined && Object.entries(had).every(([name, digest]) => wanted[name] === digest)) return;
  throw new Error(
    `The local database was made by other migrations than there are now. Delete ${state}, which holds local data ` +
      "alone, and start again.",
  );
}

async function digestsOf(folder: string): Promise<Digests> {
  const names = (await readdir(folder)).filter((each) => each.endsWith(".sql")).sort();
  const digests = names.map(async (name) => [name, sha256Hex(await readFile(join(folder, name), "utf8"))] as const);
  return Object.fromEntries(await Promise.all(digests));
}
